//! The outside checks one by one: what passes, what does not, what cannot be told, and what is kept of it.

use crate::outside::Outside;
use crate::stage::Stage;
use serde_json::{Value, json};
use sluice_app::connectors::{Connected, Fixed};
use sluice_app::runs::{self, Wanted};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_connect::model::Says;
use sluice_model::evidence::{CheckKind, Finding};
use sluice_model::run::GenerateRequest;
use sluice_model::{Actor, Company, Decision, EntityKind, Person, Stage as At, Verdict};
use std::sync::Arc;
use uuid::Uuid;

const SITE: &str = "https://acme.example/";

/// Ann at a company.
fn ann_at(company: Option<Company>) -> Arc<ReferenceCatalog> {
    let catalog = ReferenceCatalog::new();
    let person = Person {
        id: Uuid::from_u128(1),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        company_id: company.as_ref().map(|company| company.id),
        ..Person::default()
    };
    catalog.put_person(person);
    company.into_iter().for_each(|company| catalog.put_company(company));
    Arc::new(catalog)
}

fn acme() -> Company {
    Company {
        id: Uuid::from_u128(2),
        name: Some("Acme".to_owned()),
        domain: Some("acme.example".to_owned()),
        industry: Some("Software".to_owned()),
        ..Company::default()
    }
}

fn people(filters: &Value) -> Value {
    json!({
        "name": "Checked",
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": filters,
    })
}

/// The decision on the only candidate there is.
async fn decide(catalog: Arc<ReferenceCatalog>, connected: Connected, icp: &Value) -> Decision {
    let mut stage = Stage::on(catalog).await;
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(connected)));
    let actor: Actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, icp).await;
    let run = stage.generate(&actor, &icp, true).await;
    stage.work(&|| false).await;
    let mut decisions = stage.decisions(&actor, run.id).await;
    assert_eq!(decisions.len(), 1);
    decisions.remove(0)
}

async fn on_acme(outside: &Arc<Outside>, filter: Value) -> Decision {
    decide(ann_at(Some(acme())), outside.connected(), &people(&json!([filter]))).await
}

fn told(decision: &Decision) -> (Verdict, Option<&str>, &str) {
    (decision.verdict, decision.reason.as_deref(), &decision.sentence)
}

#[tokio::test]
async fn search_strings_stand_in_the_home_page_or_in_likely_ones() {
    const ACCEPTED: (Verdict, Option<&str>, &str) = (Verdict::Accepted, None, "Accepted as lead 1 of 10.");
    let unreadable = |sentence| (Verdict::Unknown, Some("site not readable"), sentence);
    let absent = |sentence| (Verdict::Dropped, Some("search string not found"), sentence);
    let excluded = |sentence| (Verdict::Dropped, Some("excluded string found"), sentence);
    let down = "The site acme.example could not be read: acme.example answered 503.";
    let part = "The whole site acme.example could not be read: acme.example answered 503.";
    // Home page, /jobs, then what is asked and what comes of it, and how many pages were looked at.
    for (home, jobs, filter, expected, calls) in [
        ((200, "We are HIRING"), (200, ""), json!({"includeSearchStrings": ["hiring"]}), ACCEPTED, 1),
        (
            (200, "Home"),
            (200, "Wir  suchén\nSie"),
            json!({"includeSearchStrings": ["x", "wir suchen sie"]}),
            ACCEPTED,
            2,
        ),
        (
            (200, "Home"),
            (200, "Jobs"),
            json!({"includeSearchStrings": ["hiring"]}),
            absent("No page of acme.example mentions \"hiring\" (looked at 2 pages)."),
            2,
        ),
        (
            (200, "Home"),
            (404, "hiring"),
            json!({"includeSearchStrings": ["hiring", "jobs"]}),
            absent("No page of acme.example mentions any of the 2 strings (looked at 1 page)."),
            2,
        ),
        // What was not seen is no reason for a no, and none for a yes.
        ((200, "Home"), (503, ""), json!({"includeSearchStrings": ["hiring"]}), unreadable(part), 2),
        (
            (200, "Hiring"),
            (503, ""),
            json!({"includeSearchStrings": ["hiring"], "excludeSearchStrings": ["casino"]}),
            unreadable(part),
            2,
        ),
        ((200, "Hiring"), (503, ""), json!({"includeSearchStrings": ["hiring"]}), ACCEPTED, 1),
        ((503, ""), (200, ""), json!({"includeSearchStrings": ["hiring"]}), unreadable(down), 1),
        (
            (404, "hiring"),
            (200, ""),
            json!({"includeSearchStrings": ["hiring"]}),
            unreadable("The site acme.example could not be read: acme.example answered 404."),
            1,
        ),
        (
            (0, "no such host"),
            (200, ""),
            json!({"excludeSearchStrings": ["casino"]}),
            unreadable("The site acme.example could not be read: unavailable: no such host."),
            1,
        ),
        (
            (1, "/"),
            (200, ""),
            json!({"excludeSearchStrings": ["casino"]}),
            unreadable("The site acme.example could not be read: robots.txt does not allow it: /."),
            1,
        ),
        // What robots.txt keeps from us is no part of the site; what lets nobody in may hold the string.
        ((200, "Home"), (1, "/jobs"), json!({"excludeSearchStrings": ["casino"]}), ACCEPTED, 2),
        (
            (200, "Home"),
            (2, "acme.example answered 403"),
            json!({"excludeSearchStrings": ["casino"]}),
            unreadable(
                "The whole site acme.example could not be read: not allowed: acme.example answered 403.",
            ),
            2,
        ),
        ((200, "Home"), (200, "Jobs"), json!({"excludeSearchStrings": ["casino"]}), ACCEPTED, 2),
        (
            (200, "Home"),
            (200, "Our Casino"),
            json!({"includeSearchStrings": ["home"], "excludeSearchStrings": ["x", "casino"]}),
            excluded("A page of acme.example mentions \"casino\": https://acme.example/jobs."),
            2,
        ),
        (
            (200, "A casino that is hiring"),
            (200, ""),
            json!({"includeSearchStrings": ["hiring"], "excludeSearchStrings": ["casino"]}),
            excluded("A page of acme.example mentions \"casino\": https://acme.example/."),
            1,
        ),
        ((200, "Home"), (200, "Jobs"), json!({"includeSearchStrings": []}), ACCEPTED, 0),
        (
            (200, "Home"),
            (200, "Jobs"),
            json!({"includeSearchStrings": [" "], "excludeSearchStrings": null}),
            ACCEPTED,
            0,
        ),
    ] {
        let outside = Outside::chance(1, 0);
        outside.put_page(SITE, home.0, home.1, &["/jobs", "https://elsewhere.example/hiring"]);
        outside.put_page("https://acme.example/jobs", jobs.0, jobs.1, &[]);
        let mut filter = filter;
        filter["type"] = json!("webscraping");
        let decision = on_acme(&outside, filter.clone()).await;
        assert_eq!(told(&decision), expected, "{home:?} {jobs:?} {filter}");
        assert_eq!((outside.calls(), decision.cost.calls), (calls, calls), "{home:?} {jobs:?} {filter}");
        let looked_at = decision.evidence.iter().filter(|seen| seen.url.is_some()).count();
        assert_eq!(looked_at as u64, calls, "{:?}", decision.evidence);
    }
}

#[tokio::test]
async fn the_pages_of_a_site_that_has_moved_are_those_of_its_new_domain() {
    let outside = Outside::chance(1, 0);
    outside.move_page(SITE, "https://acme.io/");
    outside.put_page("https://acme.io/", 200, "Home", &["/jobs", "https://acme.example/hiring"]);
    outside.put_page("https://acme.io/jobs", 200, "We are hiring", &[]);
    let decision =
        on_acme(&outside, json!({"type": "webscraping", "includeSearchStrings": ["hiring"]})).await;
    assert_eq!(decision.verdict, Verdict::Accepted, "{decision:?}");
    let urls: Vec<_> = decision.evidence.iter().filter_map(|seen| seen.url.as_deref()).collect();
    assert_eq!(urls, ["https://acme.io/", "https://acme.io/jobs"]);
}

#[tokio::test]
async fn a_quote_stands_on_a_page_and_says_which() {
    let extraction =
        json!({"type": "webscraping", "extractionPrompt": "Q", "includeSearchStrings": ["sell"]});
    let nowhere = "By acme.example (2 page(s) read) the answer to \"Q\" cannot be told: \
                   What the model quotes stands on none of the pages.";
    for (quote, expected, url) in [
        // Our own headings are no page.
        ("https://acme.example/", (Verdict::Unknown, Some("answer unknown"), nowhere), None),
        // Marks of Markdown are no text.
        ("We sell machines", (Verdict::Accepted, None, "Accepted as lead 1 of 10."), Some(SITE)),
        (
            "Jobs for welders",
            (Verdict::Accepted, None, "Accepted as lead 1 of 10."),
            Some("https://acme.example/jobs"),
        ),
    ] {
        let outside = Outside::chance(1, 0);
        outside.put_page(SITE, 200, "We sell **machines**", &["/jobs"]);
        outside.put_page("https://acme.example/jobs", 200, "**Jobs** for welders", &[]);
        outside.says("Q", Says::Yes);
        *outside.quotes.lock().expect("not poisoned") = Some(quote.to_owned());
        let decision = on_acme(&outside, extraction.clone()).await;
        assert_eq!(told(&decision), expected);
        let answer = decision.evidence.iter().find(|seen| seen.model.is_some()).expect("an answer");
        assert_eq!(answer.url.as_deref(), url, "{quote}");
        assert_eq!(answer.quote.as_deref(), url.map(|_| quote));
    }
}

#[tokio::test]
async fn what_was_seen_is_kept() {
    let outside = Outside::chance(1, 0);
    outside.put_page(SITE, 200, "Home", &["/jobs"]);
    outside.put_page("https://acme.example/jobs", 200, "At Acme we are\n\nhiring engineers.", &[]);
    let filter = json!({"type": "webscraping", "includeSearchStrings": ["we are hiring"], "excludeSearchStrings": ["engineers"]});
    let decision = on_acme(&outside, filter).await;
    let seen = serde_json::to_value(&decision).expect("JSON");
    let at = "2025-10-09T08:53:20.000Z";
    assert_eq!(
        seen["evidence"],
        json!([
            {
                "check": "strings", "filterIndex": 0, "finding": "neutral", "url": SITE, "status": 200, "fetchedAt": at,
                "contentHash": "3a78695388b38b5cceefaf6796b0137877514593543b91af2752d5a17e3d736c",
                "cached": false, "cost": {"credits": 0, "calls": 1}
            },
            {
                "check": "strings", "filterIndex": 0, "finding": "no", "url": "https://acme.example/jobs", "status": 200,
                "fetchedAt": at, "contentHash": "5a6abb5be4432871a68e5467a1be171fd00f38d2d35ee0e6c075b83a6b543b72", "excerpt": "At Acme we are hiring engineers.",
                "cached": false, "cost": {"credits": 0, "calls": 1}
            }
        ])
    );
    let rest = ["verdict", "stage", "filterIndex", "filterType", "observed", "threshold", "cost"]
        .map(|key| &seen[key]);
    assert_eq!(
        json!(rest),
        json!([
            "dropped", "evidence", 0, "webscraping",
            {"string": "engineers", "url": "https://acme.example/jobs"}, {"exclude": ["engineers"]},
            {"credits": 0, "calls": 2}
        ])
    );
}

#[tokio::test]
async fn a_model_judges_chosen_pages_records_and_an_agent_sites() {
    let extraction = json!({"type": "webscraping", "extractionPrompt": "Q"});
    let person = json!({"type": "ai", "entityType": "person", "prompt": "Q"});
    let company = json!({"type": "ai", "entityType": "company", "prompt": "Q"});
    let site = json!({"type": "website", "prompt": "Q"});
    for (filter, kind, by, quote) in [
        (&extraction, CheckKind::Extraction, "By acme.example (1 page(s) read)", "We sell machines"),
        (&person, CheckKind::Ai, "By the record of this person", "{ \"firstName\": \"Ann\","),
        (&company, CheckKind::Ai, "By the record of Acme", "{ \"name\": \"Acme\","),
        (&site, CheckKind::Website, "By a visit of acme.example", "Home of machines"),
    ] {
        for says in [Says::Yes, Says::No, Says::Unknown] {
            let outside = Outside::chance(1, 0);
            outside.put_page(SITE, 200, "We sell machines", &[]);
            outside.says("Q", says);
            let decision = on_acme(&outside, filter.clone()).await;
            let expected = match says {
                Says::Yes => (Verdict::Accepted, None, "Accepted as lead 1 of 10.".to_owned()),
                Says::No => {
                    let sentence = format!("{by} the answer to \"Q\" is no: It says {quote}.");
                    (Verdict::Dropped, Some("answered no"), sentence)
                }
                Says::Unknown => {
                    let sentence = format!("{by} the answer to \"Q\" cannot be told: It says {quote}.");
                    (Verdict::Unknown, Some("answer unknown"), sentence)
                }
            };
            assert_eq!(told(&decision), (expected.0, expected.1, expected.2.as_str()), "{filter}");
            let answer = decision.evidence.last().expect("evidence");
            let finding = match says {
                Says::Yes => Finding::Yes,
                Says::No => Finding::No,
                Says::Unknown => Finding::Unknown,
            };
            assert_eq!((answer.check, answer.finding), (kind, finding), "{filter}");
            assert_eq!(answer.quote.as_deref(), Some(quote), "{filter}");
            assert_eq!(answer.prompt_hash.as_deref(), Some("hash of Q"), "{filter}");
            let raw = format!("{says:?}");
            assert_eq!(answer.raw_answer.as_deref(), Some(raw.as_str()), "{filter}");
            assert_eq!(answer.reason, Some(format!("It says {quote}.")), "{filter}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_unknown() {
    let nobody = Outside::chance(1, 0);
    let company = |website: &str| Company { domain: None, website_url: Some(website.to_owned()), ..acme() };
    let strings = json!({"type": "webscraping", "includeSearchStrings": ["x"]});
    let extraction = json!({"type": "webscraping", "extractionPrompt": "Q"});
    let site = json!({"type": "website", "prompt": "Q"});
    let record = json!({"type": "ai", "entityType": "company", "prompt": "Q"});
    for (company, filter, reason, sentence) in [
        (Some(company("")), &strings, "no website", "No website of Acme is known."),
        (Some(company("ftp://acme.example")), &extraction, "no website", "No website of Acme is known."),
        (None, &site, "no website", "No website of Ann Lee is known."),
        (None, &record, "no record", "There is no record of a company to judge."),
    ] {
        let decision = decide(ann_at(company), nobody.connected(), &people(&json!([filter]))).await;
        assert_eq!(told(&decision), (Verdict::Unknown, Some(reason), sentence));
        assert_eq!((decision.stage, decision.evidence.len()), (At::Evidence, 0));
    }
    assert_eq!(nobody.calls(), 0);
    let chosen =
        json!({"type": "webscraping", "pageFindingPrompt": "none of all", "includeSearchStrings": ["x"]});
    for seed in 0..200 {
        // Until chance chooses no page.
        let outside = Outside::chance(seed, 0);
        let decision = on_acme(&outside, chosen.clone()).await;
        if decision.reason.as_deref() == Some("no page fits") {
            assert_eq!(decision.verdict, Verdict::Unknown);
            assert_eq!(
                decision.sentence,
                "None of the 13 pages of acme.example that are known fits \"none of all\"."
            );
            return;
        }
    }
    panic!("some page was chosen each time");
}

#[tokio::test]
async fn what_is_not_connected_makes_a_check_unknown_in_a_preview() {
    let outside = Outside::chance(1, 0);
    outside.put_page(SITE, 200, "Home", &[]);
    let all = outside.connected();
    let without_model = Connected { model: None, ..all.clone() };
    for (filter, left, sentence) in [
        (
            json!({"type": "ai", "entityType": "person", "prompt": "Q"}),
            &without_model,
            "No model is connected that could answer.",
        ),
        (
            json!({"type": "webscraping", "extractionPrompt": "Q"}),
            &without_model,
            "No model is connected that could answer.",
        ),
        (
            json!({"type": "webscraping", "pageFindingPrompt": "Q", "includeSearchStrings": ["x"]}),
            &without_model,
            "No model is connected that could choose pages.",
        ),
        (
            json!({"type": "website", "prompt": "Q"}),
            &Connected { agents: Default::default(), ..all.clone() },
            "browserUse is not connected, so the site was not visited.",
        ),
        (
            json!({"type": "webscraping", "includeSearchStrings": ["x"], "provider": "builtin"}),
            &Connected { scrapers: Default::default(), ..all.clone() },
            "builtin is not connected, so no page was read.",
        ),
    ] {
        let mut stage = Stage::on(ann_at(Some(acme()))).await;
        stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(left.clone())));
        let actor = stage.organisation("org_acme").await;
        let icp = stage.icp(&actor, &people(&json!([filter]))).await;
        let plan = runs::plan(icp.clone(), 1, &GenerateRequest::default(), stage.context.now());
        let (plan, mut decisions) = (plan.expect("a plan"), Vec::new());
        let wanted = Wanted { shown: 10, sample: Some(10), bounds: None };
        let each = |decision| decisions.push(decision);
        let preview = runs::preview_with(&stage.context, &actor, &plan, left.clone(), wanted, each).await;
        assert_eq!(preview.expect("a preview").missing_connectors.len(), 1, "{filter}");
        assert_eq!(told(&decisions[0]), (Verdict::Unknown, Some("not connected"), sentence), "{filter}");
        let refused = runs::generate(&stage.context, &actor, None, icp.id, Default::default()).await;
        assert!(matches!(refused, Err(sluice_app::Error::Conflict(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn the_first_no_ends_the_checks() {
    let outside = Outside::chance(1, 0);
    outside.put_page(SITE, 200, "Home", &[]);
    outside.says("A", Says::No);
    let filters = json!([
        {"type": "website", "prompt": "W"},
        {"type": "ai", "entityType": "person", "prompt": "A"},
        {"type": "ai", "entityType": "person", "prompt": "B"},
        {"type": "webscraping", "includeSearchStrings": ["home"]}
    ]);
    let decision = decide(ann_at(Some(acme())), outside.connected(), &people(&filters)).await;
    assert_eq!((decision.filter_index, decision.filter_type.as_deref()), (Some(1), Some("ai")));
    let made: Vec<_> = decision.evidence.iter().map(|seen| (seen.check, seen.finding)).collect();
    assert_eq!(made, [(CheckKind::Strings, Finding::Yes), (CheckKind::Ai, Finding::No)]);
    assert_eq!(outside.calls(), 2);
}

#[tokio::test]
async fn companies_are_judged_themselves() {
    let outside = Outside::chance(1, 0);
    outside.put_page(SITE, 200, "We sell machines", &[]);
    outside.says("Q", Says::Yes);
    let icp = json!({
        "name": "Companies",
        "leadProviderCriteria": [{"provider": "baseProvider", "type": "company", "filters": {}}],
        "customFilterCriteria": [
            {"type": "ai", "entityType": "company", "prompt": "Q"},
            {"type": "webscraping", "includeSearchStrings": ["machines"]}
        ],
    });
    let decision = decide(ann_at(Some(acme())), outside.connected(), &icp).await;
    assert_eq!((decision.verdict, decision.candidate.kind), (Verdict::Accepted, EntityKind::Company));
    let (prompt, subject) = outside.questions().remove(0);
    assert_eq!(
        (prompt.as_str(), subject.as_str()),
        ("Q", "{\n  \"name\": \"Acme\",\n  \"industry\": \"Software\",\n  \"domain\": \"acme.example\"\n}")
    );
}
