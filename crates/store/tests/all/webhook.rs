use crate::harness::{ACME, Check, OTHER, assert_fails, on_each, read, write, write_system};
use crate::samples::{at, id};
use sluice_model::JobState;
use sluice_model::webhook::{
    DeliveryStatus, Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent, WebhookReplay,
};
use sluice_store::ops::job::{Lease, job_claim, job_finish, job_hasten, job_insert};
use sluice_store::ops::job_record::job_get;
use sluice_store::ops::webhook::{
    StoredWebhook, Subscriber, SubscriberJob, webhook_delete, webhook_get, webhook_insert, webhook_list,
    webhook_save, webhook_set_job, webhook_subscribers,
};
use sluice_store::ops::webhook_delivery::{
    DeliveryFilter, DueDelivery, NewWebhookEvent, Next, webhook_attempt_list, webhook_delivery_due,
    webhook_delivery_get, webhook_delivery_give_up, webhook_delivery_insert, webhook_delivery_list,
    webhook_delivery_next, webhook_delivery_note, webhook_delivery_replay, webhook_delivery_replay_all,
    webhook_event_expire, webhook_event_insert,
};
use sluice_store::{Store, StoreError};
use uuid::Uuid;

pub const EVERYTHING: WebhookReplay = WebhookReplay { since: at_start(), until: None, only_failed: false };

const fn at_start() -> sluice_model::Time {
    sluice_model::Time::from_millis(0)
}

pub fn webhook(number: u64) -> StoredWebhook {
    let made = at(number.cast_signed());
    StoredWebhook {
        webhook: Webhook {
            id: id(number),
            url: format!("https://hooks.example/{number}"),
            events: Some(vec![WebhookEvent::LogCreated, WebhookEvent::RunFailed]),
            description: Some("Zoë's".to_owned()),
            enabled: true,
            disabled_reason: None,
            previous_secret_until: None,
            created_at: made,
            updated_at: made,
            created_by: "user_ann".to_owned(),
        },
        version: 1,
        secret: vec![1, 2, 3],
        previous_secret: None,
        job: None,
    }
}

pub fn event(number: u64, kind: WebhookEvent) -> NewWebhookEvent {
    let payload = format!("{{\"n\": {number}}}");
    NewWebhookEvent { id: id(number), kind, payload, created_at: at(number.cast_signed()) }
}

pub fn attempt(seconds: i64, status: Option<u16>) -> WebhookAttempt {
    WebhookAttempt {
        at: at(seconds),
        duration_ms: 1_000,
        response_status: status,
        error: status.is_none_or(|status| status >= 300).then(|| "broken".to_owned()),
        response_body: status.map(|_| "told\0".to_owned()),
    }
}

/// Tells an event to a webhook; the message has the number of the event and 100 more.
async fn deliver(store: &Store, webhook: u64, number: u64, kind: WebhookEvent) -> Check {
    let event = event(number, kind);
    write!(store, ACME, [event], |tx| webhook_event_insert(tx, &event))?;
    write!(store, ACME, [], |tx| webhook_delivery_insert(
        tx,
        id(number + 100),
        id(webhook),
        id(number),
        at(9_999)
    ))
}

fn pending(webhook: u64, number: u64, kind: WebhookEvent) -> WebhookDelivery {
    let made = at(number.cast_signed());
    WebhookDelivery {
        id: id(number + 100),
        webhook_id: id(webhook),
        event_id: id(number),
        event: kind,
        status: DeliveryStatus::Pending,
        attempt_count: 0,
        response_status: None,
        error: None,
        created_at: made,
        next_attempt_at: Some(made),
        finished_at: None,
    }
}

async fn listed(store: &Store, webhook: u64) -> Result<Vec<WebhookDelivery>, StoreError> {
    read!(store, ACME, |tx| webhook_delivery_list(tx, id(webhook), DeliveryFilter::default(), 99))
}

#[tokio::test]
async fn a_webhook_comes_back_changes_and_goes() {
    on_each(async |db| {
        let (first, mut second) = (webhook(1), webhook(2));
        second.webhook.events = None;
        second.webhook.description = None;
        for stored in [&second, &first] {
            write!(db.store, ACME, [stored], |tx| webhook_insert(tx, &stored))?;
        }
        assert_fails!(
            write!(db.store, ACME, [first], |tx| webhook_insert(tx, &first)),
            StoreError::Duplicate(_)
        );
        assert_eq!(read!(db.store, ACME, |tx| webhook_get(tx, id(1)))?, Some(first.clone()));
        assert_eq!(read!(db.store, ACME, |tx| webhook_get(tx, id(3)))?, None);
        assert_eq!(read!(db.store, ACME, |tx| webhook_list(tx))?, [first.clone(), second.clone()]);
        let mut changed = first.clone();
        changed.webhook = Webhook {
            url: "http://x.example/".to_owned(),
            events: None,
            description: None,
            enabled: false,
            disabled_reason: Some("gone".to_owned()),
            previous_secret_until: Some(at(60)),
            updated_at: at(50),
            ..first.webhook.clone()
        };
        changed.version = 2;
        changed.secret = vec![9];
        changed.previous_secret = Some(vec![1, 2, 3]);
        write!(db.store, ACME, [changed], |tx| webhook_save(tx, &changed))?;
        assert_eq!(read!(db.store, ACME, |tx| webhook_list(tx))?, [changed, second]);
        let nobody = webhook(7);
        let saved = write!(db.store, ACME, [nobody], |tx| webhook_save(tx, &nobody));
        assert_fails!(saved, StoreError::RowCount { operation: "webhook_save", rows: 0 });
        assert!(write!(db.store, ACME, [], |tx| webhook_delete(tx, id(1)))?);
        assert!(!write!(db.store, ACME, [], |tx| webhook_delete(tx, id(1)))?);
        assert_eq!(read!(db.store, ACME, |tx| webhook_list(tx))?.len(), 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn subscribers_are_those_enabled_with_their_last_job() {
    on_each(async |db| {
        assert_eq!(read!(db.store, ACME, |tx| webhook_subscribers(tx))?, []);
        let (some, mut all, mut off) = (webhook(1), webhook(2), webhook(3));
        all.webhook.events = None;
        off.webhook.enabled = false;
        for stored in [&some, &all, &off] {
            write!(db.store, ACME, [stored], |tx| webhook_insert(tx, &stored))?;
        }
        write!(db.store, ACME, [], |tx| job_insert(tx, id(9), "webhook", "{}", at(30)))?;
        write!(db.store, ACME, [], |tx| webhook_set_job(tx, id(1), id(9)))?;
        // A job that was removed when it was done.
        write!(db.store, ACME, [], |tx| webhook_set_job(tx, id(2), id(8)))?;
        let job = SubscriberJob { id: id(9), state: JobState::Ready, run_at: at(30) };
        let expected = [
            Subscriber { webhook: id(1), events: some.webhook.events.clone(), job: Some(job) },
            Subscriber { webhook: id(2), events: None, job: None },
        ];
        let found = read!(db.store, ACME, |tx| webhook_subscribers(tx))?;
        assert_eq!(found, expected);
        let hears = |event| found.iter().map(|one| one.hears(event)).collect::<Vec<_>>();
        assert_eq!(hears(WebhookEvent::RunFailed), [true, true]);
        assert_eq!(hears(WebhookEvent::RunSucceeded), [false, true]);

        for (run_at, expected) in [(40, 30), (20, 20)] {
            write!(db.store, ACME, [], |tx| job_hasten(tx, id(9), at(run_at)))?;
            let job = read!(db.store, ACME, |tx| job_get(tx, id(9)))?.expect("the job");
            assert_eq!(job.run_at, at(expected));
        }
        let lease = Lease { owner: id(5), until: at(90) };
        write_system!(db.store, [], |tx| job_claim(tx, lease, at(50), None))?.expect("a job");
        write!(db.store, ACME, [], |tx| job_hasten(tx, id(9), at(1)))?;
        let found = read!(db.store, ACME, |tx| webhook_subscribers(tx))?;
        let running = SubscriberJob { id: id(9), state: JobState::Running, run_at: at(20) };
        assert_eq!(found[0].job, Some(running), "a job that is worked on stays as it is");
        let nobody = write!(db.store, ACME, [], |tx| webhook_set_job(tx, id(7), id(9)));
        assert_fails!(nobody, StoreError::RowCount { operation: "webhook_set_job", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_message_is_due_is_tried_and_ends() {
    on_each(async |db| {
        let store = &db.store;
        let hook = webhook(1);
        write!(store, ACME, [hook], |tx| webhook_insert(tx, &hook))?;
        let log = WebhookEvent::LogCreated;
        for number in [12, 11, 13] {
            deliver(store, 1, number, log).await?;
        }
        let due = async |now: i64, limit: usize| {
            let due = read!(store, ACME, |tx| webhook_delivery_due(tx, id(1), at(now), limit))?;
            Ok::<_, StoreError>(due.into_iter().map(|due| due.id).collect::<Vec<_>>())
        };
        assert_eq!(due(10, 9).await?, Vec::<Uuid>::new());
        assert_eq!(due(12, 9).await?, [id(111), id(112)], "in the order of their times");
        assert_eq!(due(12, 1).await?, [id(111)]);
        let first = read!(store, ACME, |tx| webhook_delivery_due(tx, id(1), at(11), 9))?;
        let payload = "{\"n\": 11}".to_owned();
        let expected = DueDelivery { id: id(111), event: id(11), payload, attempts: 0, until: at(9_999) };
        assert_eq!(first, [expected]);
        let next = async || read!(store, ACME, |tx| webhook_delivery_next(tx, id(1)));
        assert_eq!(next().await?, Some(at(11)));

        let note = async |number: u64, attempt: WebhookAttempt, next: Next| {
            write!(store, ACME, [attempt], |tx| webhook_delivery_note(tx, id(number), &attempt, next))
        };
        assert!(note(111, attempt(20, None), Next::Retry(at(40))).await?);
        assert!(note(112, attempt(21, Some(200)), Next::Delivered).await?);
        assert!(note(113, attempt(22, Some(410)), Next::Failed).await?);
        assert_eq!(next().await?, Some(at(40)));
        assert_eq!((due(39, 9).await?, due(40, 9).await?), (vec![], vec![id(111)]));
        let failure = WebhookDelivery {
            attempt_count: 1,
            error: Some("broken".to_owned()),
            next_attempt_at: Some(at(40)),
            ..pending(1, 11, log)
        };
        let delivered = WebhookDelivery {
            status: DeliveryStatus::Delivered,
            attempt_count: 1,
            response_status: Some(200),
            next_attempt_at: None,
            finished_at: Some(at(22)),
            ..pending(1, 12, log)
        };
        let failed = WebhookDelivery {
            status: DeliveryStatus::Failed,
            attempt_count: 1,
            response_status: Some(410),
            error: Some("broken".to_owned()),
            next_attempt_at: None,
            finished_at: Some(at(23)),
            ..pending(1, 13, log)
        };
        assert_eq!(listed(store, 1).await?, [failed, delivered, failure.clone()]);
        assert!(note(111, attempt(40, Some(204)), Next::Delivered).await?);
        assert!(!note(111, attempt(41, None), Next::Failed).await?, "it was delivered");
        let (found, payload) =
            read!(store, ACME, |tx| webhook_delivery_get(tx, id(1), id(111)))?.expect("a message");
        assert_eq!(payload.as_str(), "{\"n\": 11}");
        assert_eq!((found.status, found.attempt_count), (DeliveryStatus::Delivered, 2));
        let attempts = read!(store, ACME, |tx| webhook_attempt_list(tx, id(111)))?;
        assert_eq!(attempts, [attempt(20, None), attempt(40, Some(204)), attempt(41, None)]);
        assert_eq!(next().await?, None);
        assert_fails!(
            note(199, attempt(1, None), Next::Failed).await,
            StoreError::RowCount { operation: "webhook_delivery_note", rows: 0 }
        );
        assert!(read!(store, ACME, |tx| webhook_delivery_get(tx, id(2), id(111)))?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_log_is_filtered_and_comes_in_pages() {
    on_each(async |db| {
        let store = &db.store;
        for hook in [webhook(1), webhook(2)] {
            write!(store, ACME, [hook], |tx| webhook_insert(tx, &hook))?;
        }
        for (number, kind) in [(11, WebhookEvent::LogCreated), (12, WebhookEvent::RunFailed)] {
            deliver(store, 1, number, kind).await?;
        }
        deliver(store, 1, 13, WebhookEvent::LogCreated).await?;
        deliver(store, 2, 14, WebhookEvent::LogCreated).await?;
        assert_eq!(write!(store, ACME, [], |tx| webhook_delivery_give_up(tx, id(2), "disabled", at(50)))?, 1);
        let given_up = WebhookDelivery {
            status: DeliveryStatus::Failed,
            error: Some("disabled".to_owned()),
            next_attempt_at: None,
            finished_at: Some(at(50)),
            ..pending(2, 14, WebhookEvent::LogCreated)
        };
        assert_eq!(listed(store, 2).await?, [given_up]);
        let all = DeliveryFilter::default();
        let (pending, failed) = (Some(DeliveryStatus::Pending), Some(DeliveryStatus::Failed));
        let (logs, runs) = (Some(WebhookEvent::LogCreated), Some(WebhookEvent::RunFailed));
        for (filter, limit, expected) in [
            (all, 9, vec![113, 112, 111]),
            (all, 2, vec![113, 112]),
            (DeliveryFilter { below: Some(id(112)), ..all }, 9, vec![111]),
            (DeliveryFilter { status: pending, ..all }, 9, vec![113, 112, 111]),
            (DeliveryFilter { status: failed, ..all }, 9, vec![]),
            (DeliveryFilter { event: logs, ..all }, 9, vec![113, 111]),
            (DeliveryFilter { event: runs, status: pending, below: Some(id(113)) }, 9, vec![112]),
        ] {
            let found = read!(store, ACME, |tx| webhook_delivery_list(tx, id(1), filter, limit))?;
            let expected: Vec<_> = expected.into_iter().map(id).collect();
            assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), expected, "{filter:?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_was_told_is_told_again_on_demand_and_goes_after_its_time() {
    on_each(async |db| {
        let store = &db.store;
        let hook = webhook(1);
        write!(store, ACME, [hook], |tx| webhook_insert(tx, &hook))?;
        for number in 11..=15 {
            deliver(store, 1, number, WebhookEvent::LogCreated).await?;
        }
        for (number, next) in
            [(111, Next::Delivered), (112, Next::Failed), (113, Next::Failed), (114, Next::Delivered)]
        {
            let attempt = attempt(20, Some(500));
            write!(store, ACME, [attempt], |tx| webhook_delivery_note(tx, id(number), &attempt, next))?;
        }
        let replay = |which: WebhookReplay, after: u64, limit: usize| async move {
            write!(store, ACME, [], |tx| webhook_delivery_replay_all(
                tx,
                id(1),
                which,
                id(after),
                at(60),
                at(70),
                limit
            ))
        };
        let failed = WebhookReplay { only_failed: true, until: Some(at(12)), ..EVERYTHING };
        assert_eq!(replay(failed, 0, 9).await?, [id(112)]);
        assert_eq!(replay(WebhookReplay { since: at(14), ..EVERYTHING }, 0, 9).await?, [id(114)]);
        assert_eq!(replay(EVERYTHING, 111, 9).await?, [id(113)], "after one, and not those that wait");
        assert_eq!(replay(EVERYTHING, 0, 9).await?, [id(111)]);
        let found = listed(store, 1).await?;
        let again = WebhookDelivery {
            response_status: Some(500),
            error: Some("broken".to_owned()),
            next_attempt_at: Some(at(60)),
            ..pending(1, 11, WebhookEvent::LogCreated)
        };
        assert_eq!(found[4], again);
        let attempts = read!(store, ACME, |tx| webhook_attempt_list(tx, id(111)))?;
        assert_eq!(attempts.len(), 1, "the log of attempts goes on");

        let expire = async |before: i64, limit: usize| {
            write_system!(store, [], |tx| webhook_event_expire(tx, at(before), limit))
        };
        assert_eq!(expire(99, 9).await?, 0, "all wait");
        write!(store, ACME, [], |tx| webhook_delivery_give_up(tx, id(1), "disabled", at(80)))?;
        assert!(write!(store, ACME, [], |tx| webhook_delivery_replay(tx, id(1), id(115), at(90), at(99)))?);
        assert!(!write!(store, ACME, [], |tx| webhook_delivery_replay(tx, id(2), id(115), at(90), at(99)))?);
        assert_eq!(expire(10, 9).await?, 0);
        assert_eq!(expire(13, 2).await?, 2);
        assert_eq!(expire(99, 9).await?, 2);
        let left: Vec<_> = listed(store, 1).await?.iter().map(|one| one.id).collect();
        assert_eq!(left, [id(115)]);
        assert_eq!(read!(store, ACME, |tx| webhook_attempt_list(tx, id(111)))?, [], "with its attempts");
        assert!(write!(store, ACME, [], |tx| webhook_delete(tx, id(1)))?);
        assert_eq!(listed(store, 1).await?, [], "the log goes with the webhook");
        // Told to nobody any more.
        assert_eq!(expire(99, 9).await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_message_is_only_made_of_what_is_the_organisations() {
    on_each(async |db| {
        let (ours, theirs, log) = (webhook(1), webhook(2), event(11, WebhookEvent::LogCreated));
        write!(db.store, ACME, [ours], |tx| webhook_insert(tx, &ours))?;
        write!(db.store, OTHER, [theirs], |tx| webhook_insert(tx, &theirs))?;
        write!(db.store, ACME, [log], |tx| webhook_event_insert(tx, &log))?;
        for (number, organisation, webhook) in [(111, OTHER, 1), (112, OTHER, 2), (113, ACME, 2)] {
            write!(db.store, organisation, [], |tx| webhook_delivery_insert(
                tx,
                id(number),
                id(webhook),
                id(11),
                at(99)
            ))?;
        }
        assert_eq!(listed(&db.store, 1).await?, []);
        let all = DeliveryFilter::default();
        assert_eq!(read!(db.store, OTHER, |tx| webhook_delivery_list(tx, id(2), all, 9))?, []);
        Ok(())
    })
    .await;
}

/// Whether anything of a webhook waits, and the state of its last job.
async fn waiting(store: &Store) -> Result<(bool, Option<JobState>), StoreError> {
    store
        .read(ACME, |tx| {
            Box::pin(async move {
                let next = webhook_delivery_next(tx, id(1)).await?;
                let last = webhook_subscribers(tx).await?.first().and_then(|one| one.job);
                Ok((next.is_some(), last.map(|job| job.state)))
            })
        })
        .await
}

/// As those who tell do: a message, and a job unless there is one that will find it.
async fn tell(store: &Store, number: u64) -> Check {
    let log = event(number, WebhookEvent::LogCreated);
    write!(store, ACME, [log], |tx| async move {
        let job = webhook_subscribers(tx).await?.first().and_then(|one| one.job);
        webhook_event_insert(tx, &log).await?;
        webhook_delivery_insert(tx, id(number + 10_000), id(1), log.id, at(99_999)).await?;
        if !job.is_some_and(|job| matches!(job.state, JobState::Ready | JobState::Running)) {
            job_insert(tx, id(number + 20_000), "webhook", "{}", at(0)).await?;
            webhook_set_job(tx, id(1), id(number + 20_000)).await?;
        }
        Ok(())
    })
}

/// As those who send do: what waits, then the end of the job when nothing waits any more.
async fn send(store: &Store, owner: u64) -> Result<bool, StoreError> {
    let lease = Lease { owner: id(owner), until: at(99_999) };
    let Some(job) = write_system!(store, [], |tx| job_claim(tx, lease, at(99_998), None))? else {
        return Ok(false);
    };
    loop {
        let due = read!(store, ACME, |tx| webhook_delivery_due(tx, id(1), at(99_998), 9))?;
        for one in due {
            let attempt = attempt(1, Some(200));
            write!(store, ACME, [attempt], |tx| webhook_delivery_note(
                tx,
                one.id,
                &attempt,
                Next::Delivered
            ))?;
        }
        let (job, owner) = (job.id, id(owner));
        let ended = write!(store, ACME, [], |tx| async move {
            let waits = webhook_delivery_next(tx, id(1)).await?.is_some();
            Ok(!waits && job_finish(tx, job, owner, at(5)).await?)
        })?;
        if ended {
            return Ok(true);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_is_forgotten_by_a_job_that_ends_as_it_is_added() {
    on_each(async |db| {
        let hook = webhook(1);
        write!(db.store, ACME, [hook], |tx| webhook_insert(tx, &hook))?;
        let tellers: Vec<_> = (0..4_u64)
            .map(|teller| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    for number in 0..60 {
                        tell(&store, 1_000 * (teller + 1) + number).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .collect();
        let store = db.store.clone();
        let sender = tokio::spawn(async move {
            let mut jobs = 0_u64;
            while !tellers.iter().all(tokio::task::JoinHandle::is_finished) {
                jobs += u64::from(send(&store, 90_000 + jobs).await?);
                let (waits, state) = waiting(&store).await?;
                assert!(!waits || matches!(state, Some(JobState::Ready | JobState::Running)), "{state:?}");
            }
            for teller in tellers {
                teller.await.expect("no panic")?;
            }
            while send(&store, 90_000 + jobs).await? {
                jobs += 1;
            }
            Ok::<_, StoreError>(jobs)
        });
        assert!(sender.await.expect("no panic")? > 0);
        assert_eq!(waiting(&db.store).await?, (false, Some(JobState::Done)));
        let told = DeliveryFilter { status: Some(DeliveryStatus::Delivered), ..DeliveryFilter::default() };
        assert_eq!(read!(db.store, ACME, |tx| webhook_delivery_list(tx, id(1), told, 999))?.len(), 240);
        Ok(())
    })
    .await;
}
