//! One look-up: from what is kept, else by a call that is paid for.

use super::budget::{Allotment, Stop};
use super::inspector::Inspector;
use super::kept::{self, Key};
use super::purse::Charge;
use crate::error::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sluice_connect::ConnectError;
use sluice_connect::model::Failure;
use sluice_model::Time;
use sluice_model::run::Cost;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a service is waited for that takes no further calls, at most.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long it is waited for when it does not say: at first, and at last.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// A call to be made when nothing is kept.
pub struct Asked<'a> {
    pub key: Key,
    /// The type of the filter.
    pub operation: &'static str,
    /// Who is called.
    pub source: &'a str,
    /// How many calls it is at most, repairs among them.
    pub calls: u64,
    /// What it costs at most.
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
    /// Whether the site's robots.txt forbids the look.
    pub disallowed: bool,
}

impl From<ConnectError> for Miss {
    fn from(error: ConnectError) -> Self {
        let disallowed = matches!(error, ConnectError::Disallowed(_));
        Self { text: error.to_string(), status: None, disallowed }
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
    /// The call could not be paid for, or the service takes none of ours.
    Stopped(Stop),
}

impl Inspector {
    /// Looks something up. `good` says what came of a call, or why its answer is none that may be kept; a failure is
    /// not asked for again in the same run.
    pub(super) async fn look_up<T, E, F>(
        &self,
        allotment: &mut Allotment,
        asked: Asked<'_>,
        call: impl Fn() -> F,
        good: impl Fn(&T) -> std::result::Result<Made, Miss>,
    ) -> Result<Looked<T>>
    where
        T: Serialize + DeserializeOwned,
        E: Into<Failure>,
        F: Future<Output = std::result::Result<T, E>>,
    {
        let (context, organisation, key) = (&self.context, self.organisation.as_str(), asked.key);
        let _turn = context.flights.turn(organisation, key).await;
        if let Some((value, at)) = kept::get(context, organisation, key).await? {
            return Ok(Looked::Found { value, at, cached: true, cost: Cost::default() });
        }
        if let Some(miss) = self.misses().get(&key.place()).cloned() {
            return Ok(Looked::Missed { miss, cost: Cost::default() });
        }
        let before = allotment.spent();
        if !allotment.begin(Cost { calls: asked.calls, credits: asked.credits }) {
            return Ok(Looked::Stopped(Stop::Budget));
        }
        let charge = Charge {
            id: key.purchase(self.reference, context.now()),
            operation: asked.operation,
            source: asked.source.to_owned(),
            reference: self.reference,
            credits: asked.credits,
        };
        let mut payment = None;
        if asked.credits > 0 {
            payment = context.purse.take(context, organisation, &charge).await?;
            if payment.is_none() {
                allotment.take_back(asked.credits);
                return Ok(Looked::Stopped(Stop::Credits));
            }
        }
        let answer = self.call_out(&asked, call).await;
        let refused = answer.as_ref().err().and_then(|failure| refusal(asked.source, &failure.error));
        let made_in_vain = answer.as_ref().err().map_or(1, |failure| failure.calls);
        let answer = answer
            .map_err(|failure| Miss::from(failure.error))
            .and_then(|value| good(&value).map(|made| (value, made)));
        let (calls, credits) =
            answer.as_ref().map_or((made_in_vain, 0), |(_, made)| (made.calls, made.credits));
        let unused = asked.credits.saturating_sub(credits);
        allotment.settle(calls, unused);
        if let Some(payment) = payment.filter(|_| unused > 0) {
            // Before the answer is kept: who is killed in between asks again, and has paid for it.
            context.purse.give_back(context, organisation, &charge, payment, unused).await?;
        }
        if let Some(stop) = refused {
            return Ok(Looked::Stopped(stop));
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
                self.misses().insert(key.place(), miss.clone());
                Ok(Looked::Missed { miss, cost })
            }
        }
    }

    /// Makes the call; while the service takes no further ones, once more after a pause, as long as there is time. A
    /// call that it did not take does not count.
    async fn call_out<T, E, F>(
        &self,
        asked: &Asked<'_>,
        call: impl Fn() -> F,
    ) -> std::result::Result<T, Failure>
    where
        E: Into<Failure>,
        F: Future<Output = std::result::Result<T, E>>,
    {
        let begun = Instant::now();
        let (deadline, patience) = (begun + asked.timeout, begun + asked.timeout.min(PATIENCE));
        let mut own_pause = FIRST_PAUSE;
        loop {
            let Ok(answer) = timeout_at(deadline, call()).await else {
                let text = format!("no answer within {} s", asked.timeout.as_secs());
                return Err(Failure { error: ConnectError::Unavailable(text), calls: asked.calls });
            };
            let failure: Failure = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error.into(),
            };
            let ConnectError::RateLimited { after } = failure.error else { return Err(failure) };
            let wait = after.unwrap_or_default().max(own_pause);
            let left = patience.saturating_duration_since(Instant::now());
            // What was asked before a repair was taken: to begin anew would go beyond what was set aside.
            if wait >= left || failure.calls > 1 {
                return Err(failure);
            }
            sleep(wait + self.apart(wait)).await;
            own_pause = own_pause.saturating_mul(2).min(LAST_PAUSE);
        }
    }

    /// Up to a quarter of a pause, at random, so that those who wait equally long do not come back together.
    fn apart(&self, wait: Duration) -> Duration {
        let mut byte = [0_u8];
        self.context.random.fill(&mut byte);
        let [share] = byte;
        (wait / 1024).saturating_mul(share.into())
    }
}

/// Whether a failure says that no call of ours will be taken: by services only, for a site that lets nobody in is a
/// [`ConnectError::Forbidden`].
fn refusal(source: &str, error: &ConnectError) -> Option<Stop> {
    let is_refusal = matches!(error, ConnectError::Unauthorized(_) | ConnectError::PaymentRequired(_));
    is_refusal.then(|| Stop::Refused(format!("{source}: {error}").into()))
}
