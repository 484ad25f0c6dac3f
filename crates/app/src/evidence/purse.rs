//! The organisation's credits, as far as checks need them.

use crate::context::Context;
use crate::error::Result;
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A call that is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Tells what is bought from everything else. The same call, made again after a kill, has the same.
    pub id: Uuid,
    /// The type of the filter: `webscraping`, `ai`, `website`.
    pub operation: &'static str,
    /// Who is called: a provider, or the name of a model.
    pub source: String,
    /// The run that it is for, or the ICP that is previewed.
    pub reference: Uuid,
    /// Never 0.
    pub credits: u64,
}

impl Charge {
    /// The id under which it is paid for the first time (0), or after so many times that all of it was given back.
    #[must_use]
    pub fn payment(&self, given_back: u32) -> Uuid {
        let mut digest = Sha256::new();
        digest.update(self.id.as_bytes());
        // At another price it is another thing, so that no more is given back than was taken.
        digest.update(self.credits.to_be_bytes());
        digest.update(given_back.to_be_bytes());
        let mut bytes = [0_u8; 16];
        bytes.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

/// Pays for calls. Never used within a unit of work.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Takes the credits of a call that is about to be made. What was taken for it before and was not given back, as
    /// whoever made the call was killed, is not taken again. Returns the id of the payment; none, and nothing is taken,
    /// when there are not as many credits.
    ///
    /// # Errors
    /// The store's.
    async fn take(&self, context: &Context, organisation: &str, charge: &Charge) -> Result<Option<Uuid>>;

    /// Sees to it that so many of the credits of this payment are given back: the call failed, or needed less.
    ///
    /// # Errors
    /// The store's.
    async fn give_back(
        &self,
        context: &Context,
        organisation: &str,
        charge: &Charge,
        payment: Uuid,
        credits: u64,
    ) -> Result<()>;
}
