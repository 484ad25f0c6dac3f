//! Whether all that is counted is what is there.

use sluice_app::Context;
use sluice_model::accounts::{AccountId, ProspectId};
use sluice_store::ops::account::{AccountCounts, account_get};
use sluice_store::ops::activity::{LogSlice, Logs, StoredLog, activity_page};
use sluice_store::ops::listing::{Begin, Listing, ListingFilter, listing_page};
use sluice_store::ops::prospect::prospect_get;
use sluice_store::{StoreError, Tx};

/// Behind all ids.
const END: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzz";

/// What there is in all.
#[derive(Debug, PartialEq, Eq)]
pub struct Sums {
    pub accounts: usize,
    pub prospects: usize,
    /// Logs of live prospects that are to be seen.
    pub prospect_logs: usize,
}

/// Holds the counters and the latest log of each live account and prospect against an aggregate over the rows.
pub async fn check(context: &Context, organisation: &str) -> Sums {
    let sums = context.store.read_long::<_, StoreError, _>(organisation, |tx| {
        Box::pin(async move {
            let accounts = check_accounts(tx).await?;
            let (prospects, prospect_logs) = check_prospects(tx).await?;
            Ok(Sums { accounts, prospects, prospect_logs })
        })
    });
    sums.await.expect("the rows")
}

async fn ids(tx: &mut Tx<'_>, listing: Listing) -> Result<Vec<String>, StoreError> {
    let places =
        listing_page(tx, listing, &ListingFilter::default(), END, &Begin::Offset(0), 1_000_000).await?;
    Ok(places.into_iter().map(|place| place.id).collect())
}

async fn rows(tx: &mut Tx<'_>, logs: &Logs) -> Result<Vec<StoredLog>, StoreError> {
    let all = LogSlice::Offset { offset: 0, total: u64::MAX };
    activity_page(tx, logs, true, END, &all, 1_000_000).await
}

fn is_seen(log: &StoredLog) -> bool {
    log.deleted_at.is_none() && log.prospect_deleted_at.is_none()
}

fn latest<'l>(logs: impl Iterator<Item = &'l StoredLog>) -> String {
    logs.filter(|log| is_seen(log)).map(|log| log.id.clone()).max().unwrap_or_default()
}

fn count<'l>(logs: impl Iterator<Item = &'l StoredLog>) -> i64 {
    i64::try_from(logs.count()).expect("not so many")
}

async fn check_accounts(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let ids = ids(tx, Listing::Accounts).await?;
    for id in &ids {
        let account = account_get(tx, &AccountId::from_bare(id.as_str())).await?.expect("a listed account");
        let rows = rows(tx, &Logs::OfDomain(account.domain.clone())).await?;
        let own = || rows.iter().filter(|log| log.account.is_some());
        let theirs = || rows.iter().filter(|log| log.prospect.is_some());
        let counts = AccountCounts {
            own: count(own().filter(|log| is_seen(log))),
            own_deleted: count(own().filter(|log| !is_seen(log))),
            prospect: count(theirs().filter(|log| is_seen(log))),
            prospect_deleted: count(theirs().filter(|log| !is_seen(log))),
        };
        assert_eq!((account.counts, account.latest_log), (counts, latest(rows.iter())), "{}", account.domain);
        for log in theirs() {
            let prospect =
                prospect_get(tx, log.prospect.as_ref().expect("theirs")).await?.expect("its prospect");
            assert_eq!(prospect.domain.as_deref(), Some(account.domain.as_str()), "{}", log.id);
        }
    }
    Ok(ids.len())
}

async fn check_prospects(tx: &mut Tx<'_>) -> Result<(usize, usize), StoreError> {
    let ids = ids(tx, Listing::Prospects).await?;
    let mut seen = 0;
    for id in &ids {
        let id = ProspectId::from_bare(id.as_str());
        let prospect = prospect_get(tx, &id).await?.expect("a listed prospect");
        let rows = rows(tx, &Logs::OfProspect(id)).await?;
        let logs = count(rows.iter().filter(|log| is_seen(log)));
        let deleted = count(rows.iter().filter(|log| !is_seen(log)));
        let counted = (prospect.logs, prospect.logs_deleted, prospect.latest_log);
        assert_eq!(counted, (logs, deleted, latest(rows.iter())), "{}", prospect.slug);
        seen += usize::try_from(logs).expect("a count");
    }
    Ok((ids.len(), seen))
}
