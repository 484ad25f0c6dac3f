//! The built-in agent, on pages that are handed in and a fake model.

use crate::setup::{Desk, Shelf, url};
use sluice_connect::ConnectError;
use sluice_connect::agent::{Agent, Builtin, Visited};
use sluice_connect::model::{ModelDialect, Says};
use sluice_fakes::Fault;
use sluice_fakes::model::Conduct;
use std::sync::Arc;

const HOME: &str = "Acme makes pumps in Kiel.";
const JOBS: &str = "Open positions. We are hiring engineers.";

fn site() -> Shelf {
    Shelf::new(&[
        ("https://acme.example/", 200, HOME),
        ("https://acme.example/about", 200, "Founded in 1974."),
        ("https://acme.example/jobs", 200, JOBS),
        ("https://acme.example/gone", 404, "Not found: hiring"),
    ])
    .linking(&[
        ("https://acme.example/about", "About"),
        ("https://acme.example/", "Home"),
        ("https://elsewhere.example/jobs", "Hiring at our friends"),
        ("https://acme.example/jobs", "Careers"),
        ("https://acme.example/news", "News"),
    ])
}

async fn visit(shelf: Shelf, conduct: Conduct) -> (Result<Visited, ConnectError>, Arc<Shelf>, Desk) {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    desk.fake.conduct(conduct);
    let shelf = Arc::new(shelf);
    let agent = Builtin::new(shelf.clone(), desk.model.clone()).pages(1);
    assert_eq!((agent.name(), agent.credits()), ("builtin", 3 + 4 * 3));
    assert_eq!(agent.version(), "1/shelf/1/test-model");
    let visited = agent.visit(&url("https://acme.example/"), "Is the company hiring?").await;
    (visited, shelf, desk)
}

#[tokio::test]
async fn the_home_page_and_the_chosen_one_are_judged() {
    let (visited, shelf, desk) = visit(site(), Conduct::Honest).await;
    let visited = visited.unwrap();
    assert_eq!((visited.answer.says, visited.answer.quote.as_str()), (Says::Yes, "We are hiring engineers."));
    assert_eq!(visited.answer.calls, 2);
    assert_eq!(shelf.read(), ["https://acme.example/", "https://acme.example/jobs"]);
    let pages: Vec<&str> = visited.pages.iter().map(|page| page.url.as_str()).collect();
    assert_eq!(
        pages,
        ["https://acme.example/jobs", "https://acme.example/"],
        "the one with the quote is first"
    );
    // Two pages and a look for links, a choice and a verdict.
    assert_eq!(visited.credits, 3 + 2 * 3);
    let asked = desk.fake.asked();
    assert!(asked[0].user.contains("\n1. About — /about\n2. Careers — /jobs\n3. News — /news\nSOURCE-"));
    assert!(asked[1].user.contains(&format!("# Page 2: https://acme.example/jobs\n\n\n{JOBS}")));
}

#[tokio::test]
async fn the_repair_of_a_choice_is_paid_for_as_well() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    desk.fake.say("the second");
    desk.fake.say(r#"{"pages":[2]}"#);
    let agent = Builtin::new(Arc::new(site()), desk.model.clone()).pages(1);
    let visited = agent.visit(&url("https://acme.example/"), "Is the company hiring?").await.unwrap();
    assert_eq!((visited.answer.says, visited.answer.calls, desk.fake.calls()), (Says::Yes, 3, 3));
    // Two pages and a look for links, a choice that took two calls and a verdict.
    assert_eq!(visited.credits, 3 + 3 * 3);
}

#[tokio::test]
async fn a_page_that_is_down_or_missing_is_left_out() {
    let mut shelf = site();
    shelf.pages.remove("https://acme.example/jobs");
    let (visited, _, _) = visit(shelf, Conduct::Honest).await;
    let visited = visited.unwrap();
    assert_eq!((visited.answer.says, visited.answer.quote.as_str()), (Says::No, HOME));
    assert_eq!(visited.pages.len(), 1);
    let shelf = site().linking(&[("https://acme.example/gone", "Hiring")]);
    let (visited, _, desk) = visit(shelf, Conduct::Honest).await;
    assert_eq!(visited.unwrap().answer.says, Says::No);
    assert_eq!(desk.fake.calls(), 1, "there was nothing to choose from");
}

#[tokio::test]
async fn a_home_page_that_answers_an_error_is_unknown() {
    let shelf = Shelf::new(&[("https://acme.example/", 404, "Not found")]);
    let (visited, _, desk) = visit(shelf, Conduct::Honest).await;
    let visited = visited.unwrap();
    assert_eq!(
        (visited.answer.says, visited.answer.reason.as_str(), visited.credits),
        (Says::Unknown, "https://acme.example/ answered 404.", 1)
    );
    assert_eq!(desk.fake.calls(), 0);
    let shelf = Shelf::new(&[("https://acme.example/", 503, "")]);
    let (visited, _, _) = visit(shelf, Conduct::Honest).await;
    let down = ConnectError::Unavailable("https://acme.example/ answered 503".into());
    assert_eq!(visited.unwrap_err(), down);
    let (visited, _, _) = visit(Shelf::default(), Conduct::Honest).await;
    assert_eq!(visited.unwrap_err(), ConnectError::Unavailable("https://acme.example/ is down".into()));
}

#[tokio::test]
async fn our_own_headings_bear_no_quote() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    desk.fake.say(r#"{"verdict":"yes","reason":"r","quote":"Page 1: https://acme.example/"}"#);
    let shelf = Shelf::new(&[("https://acme.example/", 200, HOME)]);
    let agent = Builtin::new(Arc::new(shelf), desk.model.clone());
    let visited = agent.visit(&url("https://acme.example/"), "Hiring?").await.unwrap();
    assert_eq!(
        (visited.answer.says, visited.answer.reason.as_str(), visited.answer.quote.as_str()),
        (Says::Unknown, "What the model quotes stands on none of the pages.", "")
    );
}

#[tokio::test]
async fn what_a_model_cannot_do_is_an_error_or_unknown() {
    let (visited, _, _) = visit(site(), Conduct::Refusing).await;
    assert_eq!(visited.unwrap_err(), ConnectError::BadRequest("the model declined to choose pages".into()));
    let (visited, _, _) = visit(site(), Conduct::Inventive).await;
    assert_eq!(visited.unwrap().answer.says, Says::Unknown);
    let desk = Desk::new(ModelDialect::OpenAi).await;
    desk.fake.faults().next(Fault::Status(402, None));
    let agent = Builtin::new(Arc::new(site()), desk.model.clone());
    let error = agent.visit(&url("https://acme.example/"), "Is the company hiring?").await.unwrap_err();
    assert_eq!(error, ConnectError::PaymentRequired("127.0.0.1".into()));
}
