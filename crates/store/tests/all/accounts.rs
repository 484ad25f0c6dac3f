//! Accounts, prospects and their logs.

use crate::harness::{ACME, Check, assert_fails, on_each, read, write};
use crate::samples::{account_id, at, content, log_id, prospect, prospect_id};
use sluice_model::accounts::Identifiers;
use sluice_store::ops::account::{
    AccountCounts, StoredAccount, account_count_log, account_get, account_get_many, account_insert,
    account_of_domain, account_recount, account_save,
};
use sluice_store::ops::activity::{
    LogSlice, Logs, StoredLog, Subject, activity_anchor, activity_delete, activity_get, activity_hide,
    activity_insert, activity_move, activity_newer, activity_page, activity_set_domain, activity_told,
};
use sluice_store::ops::listing::{
    Begin, Listing, ListingFilter, Place, listing_anchor, listing_page, listing_total,
};
use sluice_store::ops::prospect::{
    IdentifierKind, StoredProspect, identifier_add, identifier_move, identifier_remove, prospect_count_log,
    prospect_find, prospect_get, prospect_get_many, prospect_insert, prospect_linked, prospect_recount,
    prospect_repoint, prospect_save, slug_next,
};
use sluice_store::{Store, StoreError, Tx};

const DOMAIN: &str = "acme.example";

fn email(number: u64) -> Identifiers {
    Identifiers { email: Some(format!("p{number}@acme.example")), ..Identifiers::default() }
}

fn of_prospect(number: u64) -> Subject {
    Subject::Prospect { id: prospect_id(number), created: true }
}

/// A log as it is written: row and counters.
async fn log(tx: &mut Tx<'_>, number: u64, of: u64) -> Result<(), StoreError> {
    let id = log_id(number);
    activity_insert(tx, &id, &of_prospect(of), Some(DOMAIN), &content(Some(&format!("k{number}")))).await?;
    prospect_count_log(tx, &prospect_id(of), &id).await?;
    account_count_log(tx, DOMAIN, &id, false).await
}

/// An account and two prospects; logs 11 and 13 of the first, 12 of the second, 14 of the account.
async fn fill(store: &Store) -> Check {
    write!(store, ACME, [], |tx| async move {
        account_insert(tx, &account_id(1), DOMAIN, Some("Acme"), at(1)).await?;
        for number in [2, 3] {
            assert!(prospect_insert(tx, &prospect(number)).await?);
        }
        log(tx, 11, 2).await?;
        log(tx, 12, 3).await?;
        log(tx, 13, 2).await?;
        activity_insert(tx, &log_id(14), &Subject::Account(account_id(1)), Some(DOMAIN), &content(None))
            .await?;
        account_count_log(tx, DOMAIN, &log_id(14), true).await
    })
}

fn numbers(logs: &[StoredLog]) -> Vec<u64> {
    logs.iter()
        .map(|log| log.id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().expect("digits"))
        .collect()
}

async fn stored(store: &Store) -> Result<StoredAccount, StoreError> {
    Ok(read!(store, ACME, |tx| account_of_domain(tx, DOMAIN))?.expect("the account"))
}

#[tokio::test]
async fn an_account_comes_back_with_what_is_counted() {
    on_each(async |db| {
        fill(&db.store).await?;
        let account = stored(&db.store).await?;
        let expected = StoredAccount {
            id: account_id(1),
            domain: DOMAIN.to_owned(),
            name: Some("Acme".to_owned()),
            updated_at: at(1),
            deleted_at: None,
            latest_log: log_id(14),
            counts: AccountCounts { own: 1, prospect: 3, ..AccountCounts::default() },
        };
        assert_eq!(account, expected);
        assert_eq!(read!(db.store, ACME, |tx| account_get(tx, &account_id(1)))?, Some(expected.clone()));
        assert_eq!(read!(db.store, ACME, |tx| account_get(tx, &account_id(9)))?, None);
        let many = [account_id(9), account_id(1)];
        assert_eq!(
            read!(db.store, ACME, [many], |tx| account_get_many(tx, &many))?,
            std::slice::from_ref(&expected)
        );
        let taken = write!(db.store, ACME, [], |tx| account_insert(tx, &account_id(8), DOMAIN, None, at(2)));
        assert_fails!(taken, StoreError::Duplicate(_));
        let saved = StoredAccount { name: None, updated_at: at(5), deleted_at: Some(at(6)), ..expected };
        write!(db.store, ACME, [saved], |tx| account_save(tx, &saved))?;
        assert_eq!(stored(&db.store).await?, saved);
        let absent = StoredAccount { id: account_id(9), ..saved };
        let missing = write!(db.store, ACME, [absent], |tx| account_save(tx, &absent));
        assert_fails!(missing, StoreError::RowCount { operation: "account_save", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_account_made_late_counts_the_logs_of_its_prospects() {
    on_each(async |db| {
        let made = write!(db.store, ACME, [], |tx| async move {
            for number in [2, 3] {
                let logs = i64::try_from(number).unwrap_or_default();
                let counted =
                    StoredProspect { logs, logs_deleted: 1, latest_log: log_id(number), ..prospect(number) };
                prospect_insert(tx, &counted).await?;
            }
            let hidden = StoredProspect { deleted_at: Some(at(4)), ..prospect(3) };
            prospect_save(tx, &hidden).await?;
            account_insert(tx, &account_id(1), DOMAIN, None, at(1)).await
        })?;
        let counts = AccountCounts { prospect: 2, prospect_deleted: 5, ..AccountCounts::default() };
        assert_eq!((made.counts, made.latest_log), (counts, log_id(2)));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_log_comes_back_and_its_key_is_known() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let of = Logs::OfProspect(prospect_id(2));
        let log = read!(store, ACME, [of], |tx| activity_get(tx, &of, &log_id(11)))?.expect("the log");
        assert_eq!((log.prospect, log.account), (Some(prospect_id(2)), None));
        assert_eq!((log.source.as_str(), log.kind.as_str()), ("crm", "webhook"));
        assert_eq!(log.payload.as_str(), content(None).payload.as_str());
        assert_eq!(
            (log.linked_account, log.prospect_name.as_deref()),
            (Some(account_id(1)), Some("Prospect 2"))
        );
        let other = Logs::OfProspect(prospect_id(3));
        assert_eq!(read!(store, ACME, [other], |tx| activity_get(tx, &other, &log_id(11)))?, None);
        let told = read!(store, ACME, |tx| activity_told(tx, true, "k11"))?.expect("the answer");
        assert_eq!(
            (told.log, told.subject, told.created_prospect),
            (log_id(11), prospect_id(2).bare().to_owned(), true)
        );
        assert_eq!(told.request_hash, [7; 32]);
        assert_eq!(read!(store, ACME, |tx| activity_told(tx, false, "k11"))?, None, "the other kind");
        let taken = write!(store, ACME, [], |tx| async move {
            activity_insert(tx, &log_id(15), &of_prospect(2), None, &content(Some("k11"))).await
        });
        assert_fails!(taken, StoreError::Duplicate(_));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn logs_are_read_in_pages_from_either_end() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let all = Logs::OfDomain(DOMAIN.to_owned());
        let anchor = read!(store, ACME, [all], |tx| activity_anchor(tx, &all))?;
        assert_eq!(anchor, log_id(14));
        for (logs, rows) in [
            (all.clone(), vec![14, 13, 12, 11]),
            (Logs::OfAccount(account_id(1)), vec![14]),
            (Logs::OfProspect(prospect_id(2)), vec![13, 11]),
            (Logs::OfProspect(prospect_id(9)), vec![]),
        ] {
            for offset in 0..5 {
                let total = rows.len() as u64;
                let slice = LogSlice::Offset { offset, total };
                let page = read!(store, ACME, [logs, anchor, slice], |tx| async move {
                    activity_page(tx, &logs, false, &anchor, &slice, 2).await
                })?;
                let expected: Vec<u64> = rows.iter().skip(offset as usize).take(2).copied().collect();
                assert_eq!(numbers(&page), expected, "{logs:?} from {offset}");
            }
        }
        let behind = LogSlice::Behind(log_id(13));
        let page = read!(store, ACME, [all, behind], |tx| async move {
            activity_page(tx, &all, false, &log_id(14), &behind, 5).await
        })?;
        assert_eq!(numbers(&page), [12, 11]);
        let newer =
            read!(
                store,
                ACME,
                [all],
                |tx| async move { activity_newer(tx, &all, false, &log_id(12)).await }
            )?;
        assert_eq!(newer, 2);
        // Deleted, and hidden with its prospect.
        let first = Logs::OfProspect(prospect_id(2));
        assert!(write!(store, ACME, [first], |tx| async move {
            activity_delete(tx, &first, &log_id(13), at(9)).await
        })?);
        assert!(!write!(store, ACME, [first], |tx| async move {
            activity_delete(tx, &first, &log_id(13), at(9)).await
        })?);
        write!(store, ACME, [], |tx| async move { activity_hide(tx, &prospect_id(3), true).await })?;
        for (include, rows) in [(false, vec![14, 11]), (true, vec![14, 13, 12, 11])] {
            let slice = LogSlice::Offset { offset: 0, total: 9 };
            let page = read!(store, ACME, [all, slice], |tx| async move {
                activity_page(tx, &all, include, &log_id(99), &slice, 9).await
            })?;
            assert_eq!(numbers(&page), rows);
        }
        write!(store, ACME, [], |tx| async move {
            account_recount(
                tx,
                DOMAIN,
                AccountCounts { prospect: -2, prospect_deleted: 2, ..AccountCounts::default() },
            )
            .await?;
            prospect_recount(tx, &prospect_id(2), -1, 1).await
        })?;
        let account = stored(store).await?;
        let counts = AccountCounts { own: 1, prospect: 1, prospect_deleted: 2, ..AccountCounts::default() };
        assert_eq!((account.counts, account.latest_log), (counts, log_id(14)));
        let ann = read!(store, ACME, |tx| async move { prospect_get(tx, &prospect_id(2)).await })?
            .expect("the prospect");
        assert_eq!((ann.logs, ann.logs_deleted, ann.latest_log), (1, 1, log_id(11)));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn logs_and_identifiers_move() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let found = write!(store, ACME, [], |tx| async move {
            activity_set_domain(tx, &prospect_id(2), Some("other.example")).await?;
            activity_move(tx, &prospect_id(2), &prospect_id(3), None).await?;
            identifier_move(tx, &prospect_id(2), &prospect_id(3)).await?;
            let merged = StoredProspect { merged_into: Some(prospect_id(3)), ..prospect(2) };
            prospect_save(tx, &merged).await?;
            prospect_repoint(tx, &prospect_id(3), &prospect_id(4)).await?;
            let slice = LogSlice::Offset { offset: 0, total: 9 };
            let logs =
                activity_page(tx, &Logs::OfProspect(prospect_id(3)), false, &log_id(99), &slice, 9).await?;
            let owners = prospect_find(tx, &email(2)).await?;
            let merged = prospect_get(tx, &prospect_id(2)).await?.and_then(|found| found.merged_into);
            Ok::<_, StoreError>((numbers(&logs), owners[0].1.id.clone(), merged))
        })?;
        assert_eq!(found, (vec![13, 12, 11], prospect_id(3), Some(prospect_id(4))));
        let told = read!(store, ACME, |tx| activity_told(tx, true, "k11"))?.expect("the answer");
        assert_eq!(told.subject, prospect_id(2).bare(), "as it was told then");
        let domain = Logs::OfDomain("other.example".to_owned());
        assert_eq!(read!(store, ACME, [domain], |tx| activity_anchor(tx, &domain))?, "");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_prospect_is_found_by_each_identifier() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let profile = Identifiers { linkedin: Some("li".to_owned()), ..Identifiers::default() };
        let phone = Identifiers { phone: Some("+49301".to_owned()), ..Identifiers::default() };
        write!(store, ACME, [profile, phone], |tx| async move {
            identifier_add(tx, &prospect_id(2), &profile).await?;
            identifier_add(tx, &prospect_id(2), &Identifiers::default()).await?;
            identifier_add(tx, &prospect_id(3), &phone).await
        })?;
        let all = Identifiers {
            linkedin: Some("li".to_owned()),
            email: email(3).email,
            phone: Some("+49301".to_owned()),
        };
        let found = read!(store, ACME, [all], |tx| prospect_find(tx, &all))?;
        let found: Vec<_> = found.into_iter().map(|(kind, prospect)| (kind, prospect.id)).collect();
        let (two, three) = (prospect_id(2), prospect_id(3));
        let expected = [
            (IdentifierKind::Linkedin, two.clone()),
            (IdentifierKind::Email, three.clone()),
            (IdentifierKind::Phone, three.clone()),
        ];
        assert_eq!(found, expected);
        assert_eq!(
            read!(store, ACME, |tx| async move { prospect_find(tx, &Identifiers::default()).await })?,
            []
        );
        let taken = write!(store, ACME, [profile, three], |tx| identifier_add(tx, &three, &profile));
        assert_fails!(taken, StoreError::Duplicate(_));
        // Only its owner lets go of it.
        write!(store, ACME, [profile, three], |tx| identifier_remove(tx, &three, &profile))?;
        assert_eq!(read!(store, ACME, [profile], |tx| prospect_find(tx, &profile))?.len(), 1);
        write!(store, ACME, [profile, two], |tx| identifier_remove(tx, &two, &profile))?;
        assert_eq!(read!(store, ACME, [profile], |tx| prospect_find(tx, &profile))?, []);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_prospect_comes_back_and_its_slug_is_its_own() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let two = prospect(2);
        let counted = StoredProspect { logs: 2, latest_log: log_id(13), ..two.clone() };
        assert_eq!(
            read!(store, ACME, |tx| async move { prospect_get(tx, &prospect_id(2)).await })?,
            Some(counted.clone())
        );
        let many = [prospect_id(2), prospect_id(9)];
        assert_eq!(read!(store, ACME, [many], |tx| prospect_get_many(tx, &many))?, [counted]);
        let clash = StoredProspect { id: prospect_id(5), identifiers: email(5), ..two.clone() };
        assert!(!write!(store, ACME, [clash], |tx| prospect_insert(tx, &clash))?, "the slug is taken");
        assert_eq!(read!(store, ACME, |tx| async move { prospect_find(tx, &email(5)).await })?, []);
        let taken = StoredProspect { slug: "new".to_owned(), id: prospect_id(5), ..two.clone() };
        assert_fails!(
            write!(store, ACME, [taken], |tx| prospect_insert(tx, &taken)),
            StoreError::Duplicate(_)
        );
        for (base, number) in [("ann", 1), ("ann", 2), ("bob", 1), ("ann", 3)] {
            assert_eq!(write!(store, ACME, [], |tx| slug_next(tx, base))?, number, "{base}");
        }
        let domains = [DOMAIN.to_owned(), "none.example".to_owned()];
        let linked = async |most| read!(store, ACME, [domains], |tx| prospect_linked(tx, &domains, most));
        assert_eq!(linked(9).await?.len(), 2);
        assert_eq!(linked(1).await?.into_iter().map(|found| found.id).collect::<Vec<_>>(), [prospect_id(2)]);
        let hidden = StoredProspect { deleted_at: Some(at(5)), ..two };
        write!(store, ACME, [hidden], |tx| prospect_save(tx, &hidden))?;
        assert_eq!(linked(9).await?.into_iter().map(|found| found.id).collect::<Vec<_>>(), [prospect_id(3)]);
        for (operation, failed) in
            [
                (
                    "prospect_save",
                    write!(store, ACME, [], |tx| async move { prospect_save(tx, &prospect(9)).await }),
                ),
                (
                    "prospect_count_log",
                    write!(store, ACME, [], |tx| async move {
                        prospect_count_log(tx, &prospect_id(9), "x").await
                    }),
                ),
                (
                    "prospect_recount",
                    write!(
                        store,
                        ACME,
                        [],
                        |tx| async move { prospect_recount(tx, &prospect_id(9), 1, 1).await }
                    ),
                ),
            ]
        {
            let Err(StoreError::RowCount { operation: failed, rows: 0 }) = failed else {
                panic!("{failed:?}")
            };
            assert_eq!(failed, operation);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_listing_is_as_it_was_at_its_anchor() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let anchor = read!(store, ACME, |tx| listing_anchor(tx, Listing::Prospects))?;
        assert_eq!(anchor, log_id(13));
        assert_eq!(read!(store, ACME, |tx| listing_anchor(tx, Listing::Accounts))?, log_id(14));
        // The second comes up, and a third is made.
        write!(store, ACME, [], |tx| async move {
            log(tx, 20, 3).await?;
            prospect_insert(tx, &StoredProspect { latest_log: log_id(22), ..prospect(21) }).await
        })?;
        let place =
            |latest: u64, id: u64| Place { latest: log_id(latest), id: prospect_id(id).bare().to_owned() };
        let none = ListingFilter::default();
        let named =
            |search: &str| ListingFilter { search: Some(search.to_owned()), ..ListingFilter::default() };
        for (filter, anchor, begin, expected) in [
            (none.clone(), anchor.clone(), Begin::Offset(0), vec![place(13, 2), place(12, 3)]),
            (none.clone(), anchor.clone(), Begin::Offset(1), vec![place(12, 3)]),
            (none.clone(), anchor.clone(), Begin::Offset(2), vec![]),
            (none.clone(), anchor.clone(), Begin::Behind(place(13, 2)), vec![place(12, 3)]),
            (none.clone(), anchor.clone(), Begin::Behind(place(12, 3)), vec![]),
            (none, log_id(99), Begin::Offset(0), vec![place(22, 21), place(20, 3), place(13, 2)]),
            (named("pröspect 3"), anchor.clone(), Begin::Offset(0), vec![]),
            (named("prospect 3"), anchor.clone(), Begin::Offset(0), vec![place(12, 3)]),
            (
                ListingFilter { id: Some(prospect_id(2).bare().to_owned()), ..named("p2@") },
                anchor.clone(),
                Begin::Offset(0),
                vec![place(13, 2)],
            ),
            (
                ListingFilter { domain: Some("x.example".to_owned()), ..named("") },
                anchor.clone(),
                Begin::Offset(0),
                vec![],
            ),
            (
                ListingFilter { updated_since: Some(at(3)), ..ListingFilter::default() },
                anchor,
                Begin::Offset(0),
                vec![place(12, 3)],
            ),
        ] {
            let behind = begin == Begin::Offset(0);
            let found = read!(store, ACME, [filter, anchor, begin], |tx| async move {
                let page = listing_page(tx, Listing::Prospects, &filter, &anchor, &begin, 9).await?;
                Ok::<_, StoreError>((page, listing_total(tx, Listing::Prospects, &filter, &anchor).await?))
            })?;
            assert_eq!(found.0, expected, "{filter:?} {begin:?}");
            assert!(!behind || found.1 == expected.len() as u64, "{filter:?}");
        }
        Ok(())
    })
    .await;
}
