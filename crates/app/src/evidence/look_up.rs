//! One look-up: from what is kept, else by a call that is paid for.

use super::budget::{Allotment, Stop};
use super::inspector::Inspector;
use super::kept::{self, Key};
use super::purse::Charge;
use crate::error::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sluice_connect::ConnectError;
use sluice_model::Time;
use sluice_model::run::Cost;
use std::time::Duration;

/// A call to be made when nothing is kept.
pub struct Asked<'a> {
    pub key: Key,
    /// The type of the filter.
    pub operation: &'static str,
    /// Who is called.
    pub source: &'a str,
    /// What the call costs at most.
    pub credits: u64,
    /// How long it may take.
    pub timeout: Duration,
}

/// What came of a call that was made.
pub struct Made {
    pub calls: u64,
    pub credits: u64,
}

/// Why something could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    pub text: String,
    /// HTTP status of the page, when there was one.
    pub status: Option<u16>,
    /// Whether our own rules forbid the look, robots.txt among them.
    pub forbidden: bool,
}

impl From<ConnectError> for Miss {
    fn from(error: ConnectError) -> Self {
        let forbidden = matches!(error, ConnectError::Forbidden(_));
        Self { text: error.to_string(), status: None, forbidden }
    }
}

/// What came of a look-up.
pub enum Looked<T> {
    Found {
        value: T,
        at: Time,
        cached: bool,
        cost: Cost,
    },
    Missed {
        miss: Miss,
        cost: Cost,
    },
    /// The call could not be paid for.
    Stopped(Stop),
}

impl Inspector {
    /// Looks something up. `good` says what came of a call, or why its answer is none that may be kept; a failure is
    /// not asked for again in the same run.
    pub(super) async fn look_up<T: Serialize + DeserializeOwned>(
        &self,
        allotment: &mut Allotment,
        asked: Asked<'_>,
        call: impl Future<Output = sluice_connect::Result<T>>,
        good: impl Fn(&T) -> std::result::Result<Made, Miss>,
    ) -> Result<Looked<T>> {
        let (context, organisation, key) = (&self.context, self.organisation.as_str(), asked.key);
        let _turn = context.flights.turn(organisation, key).await;
        if let Some((value, at)) = kept::get(context, organisation, key).await? {
            return Ok(Looked::Found { value, at, cached: true, cost: Cost::default() });
        }
        if let Some(miss) = self.misses().get(&key).cloned() {
            return Ok(Looked::Missed { miss, cost: Cost::default() });
        }
        let before = allotment.spent();
        if !allotment.begin(asked.credits) {
            return Ok(Looked::Stopped(Stop::Budget));
        }
        let charge = Charge {
            id: context.new_id(),
            operation: asked.operation,
            source: asked.source.to_owned(),
            reference: self.reference,
            credits: asked.credits,
        };
        if asked.credits > 0 && !context.purse.take(context, organisation, &charge).await? {
            allotment.take_back(asked.credits);
            return Ok(Looked::Stopped(Stop::Credits));
        }
        let answer = tokio::time::timeout(asked.timeout, call).await.unwrap_or_else(|_| {
            Err(ConnectError::Unavailable(format!("no answer within {} s", asked.timeout.as_secs())))
        });
        let answer = answer.map_err(Miss::from).and_then(|value| good(&value).map(|made| (value, made)));
        let (calls, credits) = answer.as_ref().map_or((1, 0), |(_, made)| (made.calls, made.credits));
        let unused = asked.credits.saturating_sub(credits);
        allotment.settle(calls, unused);
        if unused > 0 {
            context.purse.give_back(context, organisation, &charge, unused).await?;
        }
        let now = allotment.spent();
        let cost =
            Cost { calls: now.calls - before.calls, credits: now.credits.saturating_sub(before.credits) };
        match answer {
            Ok((value, _)) => {
                let at = context.now();
                kept::put(context, organisation, key, &value, at).await?;
                Ok(Looked::Found { value, at, cached: false, cost })
            }
            Err(miss) => {
                self.misses().insert(key, miss.clone());
                Ok(Looked::Missed { miss, cost })
            }
        }
    }
}
