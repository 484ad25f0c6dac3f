//! Who a log is about: the identity table, over the wire. Each case is a story in a tenant of its own, told as steps.

use super::support::{PROSPECT_LOGS, PROSPECTS, error, invalid, log};
use crate::support::merged;
use serde_json::{Value, json};
use sluice_testkit::{Caller, Machine, TestApp};

/// What a log with these identifiers does. People are numbered as they are made.
enum Then {
    /// Makes the next person.
    Made,
    /// Finds this person.
    Found(usize),
    /// Is refused: the one meant, by which identifier, and whose the other identifier is.
    Conflict(usize, &'static str, usize, &'static str),
    /// Is refused as a fault of this field.
    Invalid(&'static str, &'static str),
    /// Nobody has this id.
    Missing,
}

use Then::{Conflict, Found, Invalid, Made, Missing};

/// Steps of a story: whom a log names, and what comes of it. `"prospectId": 1` stands for the id of person 1.
type Story = (&'static str, Vec<(Value, Then)>);

const EMAIL: &str = "Invalid email";
const PHONE: &str = "Invalid phone number: expected ^\\+[1-9]\\d{1,14}$";
const PROFILE: &str = "Invalid LinkedIn profile URL: expected https://www.linkedin.com/in/…";
const NOBODY: &str = "Expected at least one of prospectId, email, phoneNumber, linkedinProfileUrl";

fn e(email: &str) -> Value {
    json!({"email": email})
}

fn p(phone: &str) -> Value {
    json!({"phoneNumber": phone})
}

fn l(url: &str) -> Value {
    json!({"linkedinProfileUrl": url})
}

fn id(number: usize) -> Value {
    json!({"prospectId": number})
}

fn and(one: Value, other: Value) -> Value {
    merged(one, other)
}

const ANN: &str = "https://www.linkedin.com/in/ann";

fn precedence() -> Vec<Story> {
    let all = || and(and(e("ann@acme.io"), p("+442079460018")), l(ANN));
    vec![
        (
            "each identifier alone finds",
            vec![
                (all(), Made),
                (e("ann@acme.io"), Found(0)),
                (p("+442079460018"), Found(0)),
                (l(ANN), Found(0)),
                (id(0), Found(0)),
                (all(), Found(0)),
            ],
        ),
        (
            "profile before e-mail",
            vec![
                (l(ANN), Made),
                (e("bob@acme.io"), Made),
                (and(l(ANN), e("bob@acme.io")), Conflict(0, "linkedinProfileUrl", 1, "email")),
            ],
        ),
        (
            "profile before phone",
            vec![
                (l(ANN), Made),
                (p("+442079460018"), Made),
                (and(l(ANN), p("+442079460018")), Conflict(0, "linkedinProfileUrl", 1, "phoneNumber")),
            ],
        ),
        (
            "e-mail before phone",
            vec![
                (e("ann@acme.io"), Made),
                (p("+442079460018"), Made),
                (and(p("+442079460018"), e("ann@acme.io")), Conflict(0, "email", 1, "phoneNumber")),
            ],
        ),
        (
            "id before all",
            vec![
                (l(ANN), Made),
                (e("bob@acme.io"), Made),
                (and(id(0), e("bob@acme.io")), Conflict(0, "prospectId", 1, "email")),
                (and(id(1), l(ANN)), Conflict(1, "prospectId", 0, "linkedinProfileUrl")),
            ],
        ),
        ("id with its own identifiers", vec![(all(), Made), (and(id(0), all()), Found(0))]),
        (
            "three people at once",
            vec![
                (l(ANN), Made),
                (e("bob@acme.io"), Made),
                (p("+442079460018"), Made),
                (
                    and(and(l(ANN), e("bob@acme.io")), p("+442079460018")),
                    Conflict(0, "linkedinProfileUrl", 1, "email"),
                ),
            ],
        ),
        (
            "an unknown id is missing, whatever else is known",
            vec![
                (e("ann@acme.io"), Made),
                (json!({"prospectId": super::support::NO_PROSPECT, "email": "ann@acme.io"}), Missing),
            ],
        ),
        (
            "an id that is none",
            vec![(json!({"prospectId": "x"}), Invalid("prospectId", "Invalid prospect id"))],
        ),
        (
            "a conflict with somebody new besides",
            vec![
                (l(ANN), Made),
                (e("bob@acme.io"), Made),
                (
                    and(and(l(ANN), e("bob@acme.io")), p("+12125550100")),
                    Conflict(0, "linkedinProfileUrl", 1, "email"),
                ),
                // Nothing of it was written.
                (p("+12125550100"), Made),
            ],
        ),
        (
            "nobody is named",
            vec![(json!({}), Invalid("body", NOBODY)), (json!({"name": "Ann"}), Invalid("body", NOBODY))],
        ),
        (
            "the same name is not the same person",
            vec![
                (and(e("ann@acme.io"), json!({"name": "Ann Lee"})), Made),
                (and(e("ann@globex.io"), json!({"name": "Ann Lee"})), Made),
            ],
        ),
    ]
}

fn filling_in() -> Vec<Story> {
    vec![
        (
            "what was missing finds from then on",
            vec![
                (e("ann@acme.io"), Made),
                (and(e("ann@acme.io"), l(ANN)), Found(0)),
                (l(ANN), Found(0)),
                (and(l(ANN), p("+442079460018")), Found(0)),
                (p("+442079460018"), Found(0)),
            ],
        ),
        (
            "by id",
            vec![
                (e("ann@acme.io"), Made),
                (and(id(0), p("+442079460018")), Found(0)),
                (p("+442079460018"), Found(0)),
            ],
        ),
        (
            "a second address finds, too",
            vec![
                (and(e("ann@acme.io"), l(ANN)), Made),
                (and(l(ANN), e("ann@globex.io")), Found(0)),
                (e("ann@globex.io"), Found(0)),
                (e("ann@acme.io"), Found(0)),
            ],
        ),
        (
            "a second phone finds, too",
            vec![
                (and(e("ann@acme.io"), p("+442079460018")), Made),
                (and(e("ann@acme.io"), p("+12125550100")), Found(0)),
                (p("+12125550100"), Found(0)),
            ],
        ),
        (
            "a second profile of somebody found by e-mail",
            vec![
                (and(e("ann@acme.io"), l(ANN)), Made),
                (and(e("ann@acme.io"), l("linkedin.com/in/ann-lee")), Found(0)),
                (l("linkedin.com/in/ann-lee"), Found(0)),
            ],
        ),
        (
            "a chain of new identifiers",
            vec![
                (e("a@acme.io"), Made),
                (and(e("a@acme.io"), p("+442079460018")), Found(0)),
                (and(p("+442079460018"), l(ANN)), Found(0)),
                (and(l(ANN), e("b@acme.io")), Found(0)),
                (e("b@acme.io"), Found(0)),
            ],
        ),
    ]
}

fn addresses() -> Vec<Story> {
    let refused = |email: &str| (e(email), Invalid("email", EMAIL));
    vec![
        (
            "case and space",
            vec![(e("Ann@ACME.io"), Made), (e(" ann@acme.io "), Found(0)), (e("ANN@Acme.IO"), Found(0))],
        ),
        (
            "plus-addresses are their own",
            vec![(e("ann@acme.io"), Made), (e("ann+crm@acme.io"), Made), (e("ANN+CRM@acme.io"), Found(1))],
        ),
        ("dots are their own, even at Gmail", vec![(e("a.nn@gmail.com"), Made), (e("ann@gmail.com"), Made)]),
        (
            "Gmail and Googlemail are two hosts",
            vec![(e("ann@gmail.com"), Made), (e("ann@googlemail.com"), Made)],
        ),
        (
            "free-mail finds as any other",
            vec![(e("ann@gmail.com"), Made), (e("ann@GMAIL.com"), Found(0)), (e("bob@gmail.com"), Made)],
        ),
        (
            "international hosts",
            vec![
                (e("ann@bücher.de"), Made),
                (e("ann@xn--bcher-kva.de"), Found(0)),
                (e("ann@BÜCHER.de"), Found(0)),
            ],
        ),
        (
            "international local parts",
            vec![(e("änn@acme.io"), Made), (e("ÄNN@acme.io"), Found(0)), (e("ann@acme.io"), Made)],
        ),
        ("sub-domains are other hosts", vec![(e("ann@acme.io"), Made), (e("ann@mail.acme.io"), Made)]),
        (
            "co.uk",
            vec![
                (e("ann@acme.co.uk"), Made),
                (e("ann@shop.acme.co.uk"), Made),
                (e("ann@acme.co.uk"), Found(0)),
            ],
        ),
        ("a host with a final dot", vec![(e("ann@acme.io"), Made), (e("ann@acme.io."), Found(0))]),
        ("an IP address is no host of mail", vec![refused("ann@192.168.0.1"), refused("ann@[::1]")]),
        ("no host", vec![refused("ann"), refused("ann@"), refused("ann@localhost")]),
        (
            "no local part",
            vec![
                refused("@acme.io"),
                (e(""), Invalid("email", "String must contain at least 1 character(s)")),
            ],
        ),
        (
            "several",
            vec![refused("ann@acme.io,bob@acme.io"), refused("Ann <ann@acme.io>"), refused("a@b@acme.io")],
        ),
        ("space inside", vec![refused("an n@acme.io"), refused("ann@ac me.io")]),
        (
            "wrong type",
            vec![
                (json!({"email": null}), Invalid("email", "Expected string, received null")),
                (json!({"email": 1}), Invalid("email", "Expected string, received number")),
            ],
        ),
        (
            "too long",
            vec![
                (e(&format!("{}@acme.io", "a".repeat(65))), Invalid("email", EMAIL)),
                (e(&format!("{}@acme.io", "a".repeat(64))), Made),
            ],
        ),
    ]
}

fn phones() -> Vec<Story> {
    let refused = |phone: &str| (p(phone), Invalid("phoneNumber", PHONE));
    vec![
        ("the same number", vec![(p("+442079460018"), Made), (p("+442079460018"), Found(0))]),
        ("a trunk zero inside", vec![(p("+442079460018"), Made), (p("+4402079460018"), Found(0))]),
        ("another number", vec![(p("+442079460018"), Made), (p("+442079460019"), Made)]),
        (
            "spaces and signs",
            vec![refused("+44 20 7946 0018"), refused("+44-20-7946-0018"), refused("(020) 7946 0018")],
        ),
        ("no country", vec![refused("02079460018"), refused("442079460018"), refused("00442079460018")]),
        ("zero first", vec![refused("+0442079460018")]),
        ("too long and too short", vec![refused("+1234567890123456"), refused("+1"), refused("+")]),
        (
            "numbers that nobody has stay as they are",
            vec![(p("+12"), Made), (p("+12"), Found(0)), (p("+999999999999999"), Made)],
        ),
        ("letters", vec![refused("+1800FLOWERS"), refused("+٤٤٢٠٧٩٤٦٠٠١٨")]),
    ]
}

fn profiles() -> Vec<Story> {
    let refused = |url: &str| (l(url), Invalid("linkedinProfileUrl", PROFILE));
    vec![
        (
            "spellings",
            vec![
                (l(ANN), Made),
                (l("linkedin.com/in/ann"), Found(0)),
                (l("http://LinkedIn.com/in/Ann/"), Found(0)),
                (l("https://de.linkedin.com/in/ann?trk=x#y"), Found(0)),
                (l("www.linkedin.com/in/ann/en"), Found(0)),
            ],
        ),
        ("the old form", vec![(l("https://www.linkedin.com/pub/ann"), Made), (l(ANN), Found(0))]),
        ("another profile", vec![(l(ANN), Made), (l("linkedin.com/in/ann-2"), Made)]),
        (
            "another site",
            vec![
                refused("https://evil.com/in/ann"),
                refused("https://linkedin.com.evil.com/in/ann"),
                refused("https://notlinkedin.com/in/ann"),
            ],
        ),
        (
            "no person",
            vec![
                refused("https://linkedin.com/company/acme"),
                refused("https://linkedin.com/in/"),
                refused("https://linkedin.com"),
            ],
        ),
        ("an IP address", vec![refused("https://127.0.0.1/in/ann")]),
        ("no URL", vec![refused("ann"), refused("in/ann")]),
    ]
}

/// The prospect that a log was about.
async fn step(machine: &Machine, people: &mut Vec<String>, name: &str, named: &Value, then: &Then) {
    let mut body = log(named.clone());
    if let Some(number) = named["prospectId"].as_u64() {
        body["prospectId"] = json!(people[usize::try_from(number).expect("small")]);
    }
    let before = machine.get(PROSPECTS).await.expect(200).json();
    let reply = machine.post(PROSPECT_LOGS, &body).await;
    let expected = match then {
        Made | Found(_) => 201,
        Conflict(..) => 409,
        Invalid(..) => 400,
        Missing => 404,
    };
    assert_eq!(reply.status.as_u16(), expected, "{name}: {named}: {}", reply.text());
    match then {
        Made => {
            let id = reply.text_at("/prospectId");
            assert_eq!(reply.at("/createdProspect"), json!(true), "{name}: {named}");
            assert!(!people.contains(&id), "{name}: {named}");
            people.push(id);
            return;
        }
        Found(number) => {
            assert_eq!(reply.at("/createdProspect"), json!(false), "{name}: {named}");
            assert_eq!(reply.text_at("/prospectId"), people[*number], "{name}: {named}");
            return;
        }
        Conflict(meant, by, other, identifier) => {
            let text =
                format!("{by} names {}, but {identifier} belongs to {}", people[*meant], people[*other]);
            assert_eq!(reply.json(), error("CONFLICT", &text), "{name}: {named}");
        }
        Invalid(field, reason) => assert_eq!(reply.json(), invalid(&[(field, reason)]), "{name}: {named}"),
        Missing => {
            let text = format!("Prospect not found: {}", super::support::NO_PROSPECT);
            assert_eq!(reply.json(), error("NOT_FOUND", &text), "{name}: {named}");
        }
    }
    assert_eq!(machine.get(PROSPECTS).await.expect(200).json(), before, "{name}: {named} wrote something");
}

async fn tell(stories: Vec<Story>) -> usize {
    let mut steps = 0;
    for (name, story) in stories {
        let app = TestApp::start_empty().await;
        let machine = app.machine();
        let mut people = Vec::new();
        for (named, then) in &story {
            step(&machine, &mut people, name, named, then).await;
            steps += 1;
        }
        let listed = machine.get(PROSPECTS).await.expect(200).at("/totalCount");
        assert_eq!(listed, json!(people.len()), "{name}");
    }
    steps
}

#[tokio::test]
async fn the_strongest_identifier_wins_and_conflicts_write_nothing() {
    assert!(tell(precedence()).await >= 30);
}

#[tokio::test]
async fn what_a_prospect_lacks_is_filled_in() {
    assert!(tell(filling_in()).await >= 20);
}

#[tokio::test]
async fn addresses_are_compared_in_canonical_spelling() {
    assert!(tell(addresses()).await >= 40);
}

#[tokio::test]
async fn phone_numbers_are_compared_in_canonical_spelling() {
    assert!(tell(phones()).await >= 20);
}

#[tokio::test]
async fn profiles_are_compared_in_canonical_spelling() {
    assert!(tell(profiles()).await >= 15);
}

/// Which domain a prospect has, by their address and by what was set.
#[tokio::test]
async fn a_prospects_domain_is_that_of_the_address_unless_anybody_can_have_one_there() {
    let app = TestApp::start_empty().await;
    let machine = app.machine();
    for (email, domain) in [
        ("ann@acme.io", json!("acme.io")),
        ("ann@mail.acme.io", json!("acme.io")),
        ("ann@shop.acme.co.uk", json!("acme.co.uk")),
        ("ann@bücher.de", json!("xn--bcher-kva.de")),
        ("ann@acme.example", json!("acme.example")),
        ("ann@gmail.com", Value::Null),
        ("ann@GoogleMail.com", Value::Null),
        ("ann@outlook.com", Value::Null),
        ("ann@yahoo.co.uk", Value::Null),
        ("ann@gmx.de", Value::Null),
        ("ann@web.de", Value::Null),
        ("ann@icloud.com", Value::Null),
        ("ann@proton.me", Value::Null),
        ("ann@qq.com", Value::Null),
    ] {
        let reply = machine.post(PROSPECTS, &e(email)).await.expect(201);
        assert_eq!(reply.at("/domain"), domain, "{email}");
    }
    let body = and(e("cid@gmail.com"), json!({"domain": "https://www.Acme.io/about"}));
    let reply = machine.post(PROSPECTS, &body).await.expect(201);
    assert_eq!(reply.at("/domain"), json!("acme.io"), "what was set counts");
    for domain in ["192.168.0.1", "http://[::1]/", "co.uk", "com", "localhost", "not a host", "0x7f.1"] {
        let reply =
            machine.post(PROSPECTS, &and(e("dee@gmail.com"), json!({"domain": domain}))).await.expect(400);
        let reason = "Invalid domain: expected a registrable domain";
        assert_eq!(reply.json(), invalid(&[("domain", reason)]), "{domain}");
    }
}

#[tokio::test]
async fn a_deleted_prospect_comes_back_when_named_again() {
    let app = TestApp::start_empty().await;
    let machine = app.machine();
    let body = log(and(e("ann@acme.io"), json!({"name": "Ann Lee"})));
    let ann = machine.post(PROSPECT_LOGS, &body).await.expect(201).text_at("/prospectId");
    let path = format!("{PROSPECTS}/{ann}");
    let whole = machine.get(&path).await.expect(200).json();
    let _ = machine.delete(&path).await.expect(204);
    let missing = error("NOT_FOUND", &format!("Prospect not found: {ann}"));
    assert_eq!(machine.get(&path).await.expect(404).json(), missing);
    let by_id = machine.post(PROSPECT_LOGS, &log(json!({"prospectId": ann}))).await.expect(404);
    assert_eq!(by_id.json(), missing, "an id does not bring back");
    let again = machine.post(PROSPECT_LOGS, &log(e("ANN@acme.io"))).await.expect(201);
    assert_eq!((again.text_at("/prospectId"), again.at("/createdProspect")), (ann.clone(), json!(false)));
    assert_eq!(machine.get(&path).await.expect(200).json(), whole);
    let logs = machine.get(&format!("{path}/logs")).await.expect(200);
    assert_eq!(logs.at("/totalCount"), json!(2), "with their history");
    let _ = machine.delete(&path).await.expect(204);
    let revived = machine.post(PROSPECTS, &e("ann@acme.io")).await;
    assert_eq!((revived.status.as_u16(), revived.text_at("/prospectId")), (201, ann));
}

#[tokio::test]
async fn a_merged_prospect_is_the_survivor_under_every_identifier() {
    let app = TestApp::start_empty().await;
    let machine = app.machine();
    let mut people = Vec::new();
    for body in [and(e("a@acme.io"), p("+442079460018")), and(e("b@acme.io"), l(ANN)), e("c@acme.io")] {
        people.push(machine.post(PROSPECTS, &body).await.expect(201).text_at("/prospectId"));
    }
    for (from, into) in [(0, 1), (1, 2)] {
        let merge = json!({"into": people[into]});
        let reply = machine.post(&format!("{PROSPECTS}/{}/merge", people[from]), &merge).await.expect(200);
        assert_eq!(reply.text_at("/prospectId"), people[into]);
    }
    let whole = machine.get(&format!("{PROSPECTS}/{}", people[2])).await.expect(200).json();
    assert_eq!(
        (&whole["email"], &whole["phoneNumber"], &whole["linkedinProfileUrl"]),
        (&json!("c@acme.io"), &json!("+442079460018"), &json!(ANN))
    );
    for named in [
        e("a@acme.io"),
        e("b@acme.io"),
        e("c@acme.io"),
        p("+442079460018"),
        l(ANN),
        json!({"prospectId": people[0]}),
        json!({"prospectId": people[1]}),
        and(p("+442079460018"), e("c@acme.io")),
    ] {
        let reply = machine.post(PROSPECT_LOGS, &log(named.clone())).await.expect(201);
        assert_eq!(reply.text_at("/prospectId"), people[2], "{named}");
        assert_eq!(reply.at("/createdProspect"), json!(false));
    }
    for id in &people {
        assert_eq!(machine.get(&format!("{PROSPECTS}/{id}")).await.expect(200).json(), whole);
    }
}
