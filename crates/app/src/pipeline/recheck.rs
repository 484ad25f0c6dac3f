//! Facts are as old as the fetch. Before those who were accepted are kept, it is looked whether they would be still.

use super::candidate::Candidate;
use super::facts::{Facts, add_own, employer_keys, own_ids, probes_of, record_keys, suppress};
use super::plan::Rules;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::suppressions::find::Probe;
use sluice_model::icp::CustomFilter;
use sluice_model::time::DAY_MS;
use sluice_model::{Actor, EntityKind, Time};
use sluice_store::Tx;
use sluice_store::ops::record::record_last_listed;
use sluice_store::ops::suppression::suppression_any;
use std::collections::HashMap;
use uuid::Uuid;

/// Those who were accepted, with what they are looked up by. Made before the transaction, which it would hold up.
#[derive(Clone, Debug)]
pub(crate) struct Recheck {
    organisation: String,
    kind: EntityKind,
    /// The most days of `minDaysUntilReuse`; none without such a rule.
    days: Option<i64>,
    as_of: Time,
    is_empty: bool,
    /// The keys of each.
    keys: Vec<Vec<String>>,
    /// What suppresses each, and the keys of its employer. None when nothing suppressed anybody as this was made.
    suppressible: Option<Vec<(Vec<Probe>, Vec<String>)>>,
}

impl Recheck {
    /// Of nobody yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn new(context: &Context, actor: &Actor, rules: &Rules) -> Result<Self> {
        let now = context.now();
        let read = context
            .read(actor, move |tx| Box::pin(async move { Ok::<_, Error>(suppression_any(tx, now).await?) }));
        // Canonical spellings cost more than the look-up: only an organisation with entries pays for them.
        let suppressible = read.await?.then(Vec::new);
        let days = rules.filters.iter().filter_map(|filter| match filter {
            CustomFilter::MinDaysUntilReuse { value } => Some(*value),
            _ => None,
        });
        Ok(Self {
            organisation: actor.organisation.clone(),
            kind: rules.kind,
            days: days.max(),
            as_of: rules.as_of,
            is_empty: true,
            keys: Vec::new(),
            suppressible,
        })
    }

    /// Of this candidate as well.
    pub fn add(&mut self, accepted: &Candidate) {
        self.is_empty = false;
        if self.days.is_some() || self.suppressible.is_some() {
            self.keys.push(record_keys(accepted));
        }
        if let Some(suppressible) = &mut self.suppressible {
            suppressible.push((probes_of(accepted), employer_keys(accepted)));
        }
    }

    /// Whether somebody of them would be dropped by now. `list` is the run's own, which does not count as an earlier
    /// one.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_stale(self, tx: &mut Tx<'_>, list: Option<Uuid>, now: Time) -> Result<bool> {
        if self.is_empty {
            return Ok(false);
        }
        let suppressing = suppression_any(tx, now).await?;
        if suppressing && self.suppressible.is_none() {
            // The first entry came just now.
            return Ok(true);
        }
        if !suppressing && self.days.is_none() {
            return Ok(false);
        }
        let own = own_ids(tx, self.kind, &self.keys).await?;
        if let Some(days) = self.days
            && reused(tx, &own, list, self.as_of, days).await?
        {
            return Ok(true);
        }
        let Some(suppressible) = self.suppressible.filter(|_| suppressing) else { return Ok(false) };
        let (mut probes, employers): (Vec<Vec<Probe>>, Vec<Vec<String>>) = suppressible.into_iter().unzip();
        let employers = own_ids(tx, EntityKind::Company, &employers).await?;
        for ((probes, own), employers) in probes.iter_mut().zip(&own).zip(&employers) {
            add_own(probes, self.kind, own);
            add_own(probes, EntityKind::Company, employers);
        }
        let mut facts = vec![Facts::default(); probes.len()];
        suppress(tx, &self.organisation, &probes, now, &mut facts).await?;
        Ok(facts.iter().any(|facts| facts.suppressed_by.is_some()))
    }
}

/// Whether any of these records was put on another list too few days ago.
async fn reused(
    tx: &mut Tx<'_>,
    own: &[Vec<Uuid>],
    list: Option<Uuid>,
    as_of: Time,
    days: i64,
) -> Result<bool> {
    let ids: Vec<Uuid> = own.iter().flatten().copied().collect();
    let listed: HashMap<Uuid, Time> = record_last_listed(tx, &ids, list).await?;
    Ok(listed.values().any(|at| (as_of.millis() - at.millis()).max(0) / DAY_MS < days))
}
