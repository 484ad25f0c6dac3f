//! Logging in to Bullhorn.

use super::{bullhorn, bullhorn_settings, client, reference};
use futures_util::future::join_all;
use sluice_connect::crm::{Bullhorn, Crm as _};
use sluice_connect::{ConnectError, SecretString};
use sluice_fakes::Fault;
use sluice_fakes::bullhorn::BullhornFake;
use std::time::Duration;
use url::Url;

fn steps(fake: &BullhornFake) -> [u64; 4] {
    ["loginInfo", "authorize", "token", "login"].map(|step| fake.calls(step))
}

#[tokio::test]
async fn one_log_in_serves_many_calls() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    for _ in 0..3 {
        assert_eq!(crm.test().await, Ok(()));
    }
    assert_eq!((steps(&fake), fake.calls("ping")), ([1, 1, 1, 1], 3));
}

#[tokio::test]
async fn callers_at_once_share_one_log_in() {
    let fake = BullhornFake::start().await.unwrap();
    fake.hold_logins(Duration::from_millis(50));
    let crm = bullhorn(&fake);
    let outcomes = join_all((0..20).map(|_| crm.test())).await;
    assert_eq!(outcomes, vec![Ok(()); 20]);
    assert_eq!((steps(&fake), fake.calls("ping")), ([1, 1, 1, 1], 20));
    // So do those whose session has ended meanwhile.
    fake.expire_sessions();
    let outcomes = join_all((0..20).map(|_| crm.test())).await;
    assert_eq!(outcomes, vec![Ok(()); 20]);
    assert_eq!(steps(&fake), [1, 1, 2, 2]);
}

#[tokio::test]
async fn an_expired_session_is_renewed_with_the_refresh_token() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    crm.test().await.unwrap();
    fake.expire_sessions();
    assert_eq!(crm.test().await, Ok(()));
    assert_eq!((steps(&fake), fake.logins()), ([1, 1, 2, 2], 2), "no further code was needed");
}

#[tokio::test]
async fn a_spent_refresh_token_leads_to_a_whole_log_in() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    crm.test().await.unwrap();
    fake.revoke();
    assert_eq!(crm.test().await, Ok(()));
    assert_eq!((steps(&fake), fake.logins()), ([1, 2, 3, 2], 2));
}

#[tokio::test]
async fn without_refresh_tokens_every_log_in_is_whole() {
    let fake = BullhornFake::start().await.unwrap();
    fake.set_no_refresh(true);
    let crm = bullhorn(&fake);
    crm.test().await.unwrap();
    fake.expire_sessions();
    assert_eq!(crm.test().await, Ok(()));
    assert_eq!(steps(&fake), [1, 2, 2, 2]);
}

#[tokio::test]
async fn a_missing_token_is_as_an_expired_one() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    crm.test().await.unwrap();
    fake.lose_tokens(1);
    assert_eq!(crm.test().await, Ok(()));
    assert_eq!(fake.logins(), 2);
    // Once: who is refused after a new log-in is refused.
    fake.lose_tokens(2);
    assert_eq!(
        crm.test().await,
        Err(ConnectError::Unauthorized("Bullhorn: the session is not accepted".to_owned()))
    );
    assert_eq!(fake.logins(), 3);
}

#[tokio::test]
async fn another_data_centre_is_followed_and_remembered() {
    let fake = BullhornFake::start().await.unwrap();
    let id = fake.add("Candidate", serde_json::json!({"firstName": "Ann", "lastName": "Lee"}));
    let crm = bullhorn(&fake);
    crm.test().await.unwrap();
    fake.move_away();
    let before = fake.faults().requests();
    assert!(crm.person(&reference("Candidate", id)).await.unwrap().is_some());
    assert_eq!(fake.faults().requests() - before, 2, "asked at both");
    assert!(crm.person(&reference("Candidate", id)).await.unwrap().is_some());
    assert_eq!(fake.faults().requests() - before, 3, "asked at the right one");
    assert_eq!(fake.logins(), 1, "the session is the same");
    // A write is not carried out at the wrong one, and so made once.
    fake.move_away();
    let changes = serde_json::json!({"occupation": "CTO"}).as_object().cloned().unwrap();
    crm.update_person(&reference("Candidate", id), &changes).await.unwrap();
    assert_eq!(fake.writes().len(), 1);
}

#[tokio::test]
async fn what_is_not_accepted_says_so_and_not_what_it_was() {
    let fake = BullhornFake::start().await.unwrap();
    type Change = fn(&mut sluice_connect::crm::BullhornSettings);
    let cases: [(Change, &str); 4] = [
        (|key| key.username = "nobody.secret".to_owned(), "the user name is not known"),
        (
            |key| key.password = SecretString::from("secret"),
            "user name, password or client id are not accepted",
        ),
        (|key| key.client_id = "secret".to_owned(), "user name, password or client id are not accepted"),
        (
            |key| key.client_secret = SecretString::from("secret"),
            "client id or client secret are not accepted",
        ),
    ];
    for (change, text) in cases {
        let mut settings = bullhorn_settings(&fake);
        change(&mut settings);
        let error = Bullhorn::new(client(), settings).test().await.unwrap_err();
        assert_eq!(error, ConnectError::Unauthorized(["Bullhorn: ", text].concat()));
        assert!(
            !error.to_string().contains("secret\"") && !format!("{error:?}").contains("nobody"),
            "{error:?}"
        );
    }
    fake.set_terms_open(true);
    let error = bullhorn(&fake).test().await.unwrap_err();
    assert!(matches!(error, ConnectError::Unauthorized(_)), "{error:?}");
}

#[tokio::test]
async fn a_refused_log_in_is_not_tried_at_once_again() {
    let fake = BullhornFake::start().await.unwrap();
    let settings = sluice_connect::crm::BullhornSettings {
        password: SecretString::from("wrong"),
        ..bullhorn_settings(&fake)
    };
    let crm = Bullhorn::new(client(), settings);
    let outcomes = join_all((0..10).map(|_| crm.test())).await;
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Err(ConnectError::Unauthorized(_)))),
        "{outcomes:?}"
    );
    assert_eq!(fake.calls("authorize"), 1, "an account is locked after a few");
}

#[tokio::test]
async fn credentials_go_to_no_other_domain() {
    // The port is another, the host as well: what it would answer does not matter.
    let fake = BullhornFake::start().await.unwrap();
    let mut elsewhere = Url::parse("http://localhost").unwrap();
    elsewhere.set_port(fake.login_base().port()).unwrap();
    let settings = bullhorn_settings(&fake).with_login_base(elsewhere);
    assert_eq!(
        Bullhorn::new(client(), settings).test().await,
        Err(ConnectError::Forbidden("127.0.0.1 is no data centre of the log-in's domain".to_owned()))
    );
    assert_eq!((fake.calls("loginInfo"), fake.calls("authorize")), (1, 0));
}

#[tokio::test]
async fn each_step_may_fail_for_a_time() {
    for step in 0..5 {
        for (fault, passing) in [
            (Fault::Status(503, None), true),
            (Fault::Status(500, None), true),
            (Fault::Status(429, Some(7)), true),
            (Fault::LostAnswer, true),
        ] {
            let fake = BullhornFake::start().await.unwrap();
            let crm = bullhorn(&fake);
            (0..step).for_each(|_| fake.faults().then_answer());
            fake.faults().next(fault.clone());
            let error = crm.test().await.unwrap_err();
            assert_eq!(error.is_passing(), passing, "{step} {fault:?} {error:?}");
            if matches!(fault, Fault::Status(429, _)) {
                assert_eq!(error, ConnectError::RateLimited { after: Some(Duration::from_secs(7)) });
            }
            assert_eq!(crm.test().await, Ok(()), "{step} {fault:?}: the next try succeeds");
        }
    }
}

#[tokio::test]
async fn the_monthly_quota_is_a_limit_of_at_least_a_second() {
    let fake = BullhornFake::start().await.unwrap();
    fake.set_over_quota(true);
    let crm = bullhorn(&fake);
    let limited = Err(ConnectError::RateLimited { after: Some(Duration::from_secs(1)) });
    assert_eq!(crm.test().await, limited);
    fake.set_over_quota(false);
    assert_eq!(crm.test().await, Ok(()));
    assert_eq!(fake.logins(), 1);
}
