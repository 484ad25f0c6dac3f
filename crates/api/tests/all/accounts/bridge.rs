//! From a lead list of the targeting API to what this one knows.

use super::support::{ACCOUNTS, whole_page};
use crate::runs::{finished, operations};
use serde_json::{Value, json};
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, TestApp};

/// When the run is.
const THEN: &str = "2024-01-26T09:15:00.000Z";

#[tokio::test]
async fn leads_of_a_run_are_prospects_of_their_accounts() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let icp = operations(&app.member(), json!({})).await;
    app.clock.advance_days(1);
    let run = finished(&app, &icp, json!({"leads": 2, "syncAccounts": true})).await;
    for (number, first, last, domain, company, place) in [
        (1, "Ada", "Lee", "acme.example", "Acme GmbH", 1),
        (3, "Cid", "Marsh", "globex.example", "Globex", 2),
    ] {
        let page = machine.get(&format!("{ACCOUNTS}?domain={domain}")).await.expect(200);
        let found = page.json();
        let (account, prospect) = (&found["items"][0], &found["items"][0]["linkedProspects"][0]);
        let slug = format!("{first}-{last}").to_lowercase();
        let whole = json!({
            "accountId": account["accountId"], "tenantId": account["tenantId"], "domain": domain, "name": company,
            "createdAt": THEN, "updatedAt": THEN, "latestActivityAt": THEN,
            "linkedProspects": [{
                "prospectId": prospect["prospectId"], "tenantId": account["tenantId"], "name": format!("{first} {last}"),
                "email": format!("{slug}@mail.example"), "domain": domain, "slug": slug, "phoneNumber": null,
                "linkedinProfileUrl": format!("https://www.linkedin.com/in/{slug}"), "createdAt": THEN, "updatedAt": THEN
            }]
        });
        assert_eq!(found, whole_page(&[whole]));
        let id = account["accountId"].as_str().expect("an id");
        let own = machine.get(&format!("{ACCOUNTS}/{id}/activity")).await.expect(200);
        assert_eq!(own.json(), whole_page(&[]), "the account itself has no log");
        let all =
            machine.get(&format!("{ACCOUNTS}/{id}/activity?includeProspectActivity=true")).await.expect(200);
        let log = all.text_at("/items/0/prospectLogId");
        let entry = json!({
            "activityId": log.replace("prospectlog_", "activity_"), "activityType": "prospect-log-entry",
            "accountId": id, "accountLogId": null, "prospectId": prospect["prospectId"], "prospectLogId": log,
            "prospectName": format!("{first} {last}"), "source": "lead-list", "type": "lead-added",
            "payload": {
                "leadListId": run.at("/leadListId"), "runId": run.id(), "icpId": run.at("/icpId"),
                "reasons": [format!("Accepted as lead {place} of 2.")]
            },
            "idempotencyKey": format!("lead-list:{}:{}", run.text_at("/leadListId"), person_id(number)),
            "createdAt": THEN, "updatedAt": null, "deletedAt": null
        });
        assert_eq!(all.json(), whole_page(&[entry]));
    }
    assert_eq!(machine.get(ACCOUNTS).await.at("/totalCount"), json!(2));
    assert_eq!(app.other_machine().get(ACCOUNTS).await.expect(200).json(), whole_page(&[]));
}

#[tokio::test]
async fn without_the_flag_and_on_trial_nothing_is_written() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({})).await;
    for body in
        [json!({"leads": 2}), json!({"syncAccounts": false}), json!({"syncAccounts": true, "dryRun": true})]
    {
        let run = finished(&app, &icp, body).await;
        assert_eq!(run.at("/status"), json!("succeeded"));
        for path in [ACCOUNTS, "/v0/prospects"] {
            assert_eq!(app.machine().get(path).await.expect(200).json(), whole_page(&[]));
        }
    }
    let wrong: Value = json!({"syncAccounts": "true"});
    let reply = app.member().post(&format!("{icp}/generate"), &wrong).await.details();
    let expected = crate::support::fault(json!(["syncAccounts"]), "Expected boolean, received string");
    assert_eq!(reply, expected);
}
