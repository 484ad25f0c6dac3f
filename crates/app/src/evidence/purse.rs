//! The organisation's credits, as far as checks need them.

use crate::context::Context;
use crate::error::Result;
use async_trait::async_trait;
use uuid::Uuid;

/// A call that is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Tells it from every other.
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

/// Pays for calls. Never used within a unit of work.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Takes the credits of a call that is about to be made. `false`, and nothing taken, when there are not as many.
    ///
    /// # Errors
    /// The store's.
    async fn take(&self, context: &Context, organisation: &str, charge: &Charge) -> Result<bool>;

    /// Gives back so many of the credits that were taken for this call: it failed, or needed less.
    ///
    /// # Errors
    /// The store's.
    async fn give_back(
        &self,
        context: &Context,
        organisation: &str,
        charge: &Charge,
        credits: u64,
    ) -> Result<()>;
}
