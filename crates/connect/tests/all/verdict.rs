//! What an answer is worth, whatever a model writes.

use crate::setup::{ALL, Desk, question};
use proptest::prelude::*;
use sluice_connect::ConnectError;
use sluice_connect::model::{Answer, Choice, ModelDialect, Question, Says};
use sluice_fakes::Fault;
use sluice_fakes::model::Conduct;

const PAGE: &str = "Acme makes pumps in Kiel.\nWe are hiring engineers. We do not ship abroad.";

fn short(answer: &Answer) -> (Says, &str, &str, u64) {
    (answer.says, answer.reason.as_str(), answer.quote.as_str(), answer.calls)
}

#[tokio::test]
async fn every_dialect_gives_the_same_verdicts() {
    for dialect in ALL {
        let desk = Desk::new(dialect).await;
        for (prompt, expected) in [
            ("Is the company hiring?", (Says::Yes, "The text says so.", "We are hiring engineers.", 1)),
            ("Does it ship abroad?", (Says::No, "The text says the opposite.", "We do not ship abroad.", 1)),
            ("Is it a bakery?", (Says::No, "The text does not say so.", "Acme makes pumps in Kiel.", 1)),
        ] {
            let answer = desk.model.judge(&question(prompt, PAGE)).await.unwrap();
            assert_eq!(short(&answer), expected, "{dialect:?} {prompt}");
            assert_eq!(answer.model, "test-model");
            assert_eq!(answer.prompt_hash, desk.model.prompt_hash(prompt));
        }
        assert_eq!((desk.model.name(), desk.model.credits()), ("test-model", 3));
    }
}

#[tokio::test]
async fn no_text_is_unknown_without_a_call() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    for subject in ["", " \n\u{200b}\u{202e}", "… — !"] {
        let answer = desk.model.judge(&question("Is the company hiring?", subject)).await.unwrap();
        assert_eq!(short(&answer), (Says::Unknown, "There is no text to judge.", "", 0));
    }
    assert_eq!(desk.fake.calls(), 0);
}

#[tokio::test]
async fn a_wrong_form_is_repaired_once() {
    let good = r#"{"verdict":"yes","reason":"r","quote":"hiring engineers"}"#;
    for dialect in ALL {
        for wrong in [
            "Yes, they are.",
            r#"{"verdict":"YES","reason":"r","quote":"hiring engineers"}"#,
            r#"{"verdict":"yes","reason":"r","quote":"hiring engineers","sure":1}"#,
            r#"{"verdict":"yes","reason":["r"],"quote":"hiring engineers"}"#,
            r#"{"verdict":"yes","reason":"r"}"#,
        ] {
            let desk = Desk::new(dialect).await;
            desk.fake.say(wrong);
            desk.fake.say(good);
            let answer = desk.model.judge(&question("Hiring?", PAGE)).await.unwrap();
            assert_eq!(short(&answer), (Says::Yes, "r", "hiring engineers", 2), "{dialect:?} {wrong}");
            let asked = desk.fake.asked();
            assert_eq!(asked.len(), 2);
            assert!(asked[1].user.starts_with(&asked[0].user));
            assert!(asked[1].user.contains("An earlier answer could not be used: it h"));
            assert!(!asked[1].user.contains("Yes, they are."));
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_repaired_is_unknown() {
    for dialect in ALL {
        let desk = Desk::new(dialect).await;
        desk.fake.conduct(Conduct::Prose);
        let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
        let reason = "The model's answer could not be used: it holds no JSON object of the form asked for.";
        assert_eq!(short(&answer), (Says::Unknown, reason, "", 2));
        assert_eq!(answer.raw, "I would say \"yes\".");
        desk.fake.conduct(Conduct::Truncated);
        let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
        let reason = "The model's answer could not be used: it was cut off before its end.";
        assert_eq!(short(&answer), (Says::Unknown, reason, "", 2));
    }
}

#[tokio::test]
async fn prose_and_fences_around_an_answer_do_not_matter() {
    for dialect in ALL {
        let desk = Desk::new(dialect).await;
        desk.fake.conduct(Conduct::Fenced);
        let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
        assert_eq!(short(&answer), (Says::Yes, "The text says so.", "We are hiring engineers.", 1));
    }
}

#[tokio::test]
async fn a_quote_that_stands_nowhere_is_unknown() {
    for dialect in ALL {
        let desk = Desk::new(dialect).await;
        desk.fake.conduct(Conduct::Inventive);
        let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
        let reason = "The model answered yes, but what it quotes does not stand in the text.";
        assert_eq!(short(&answer), (Says::Unknown, reason, "", 1));
        assert!(answer.raw.contains("zebras"));
    }
}

#[tokio::test]
async fn a_record_must_be_quoted_by_its_values() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    let person = Question {
        prompt: "Is this a leader?".into(),
        source: "person".into(),
        subject: r#"{"name":"Ann \"Annie\" Lee","jobTitle":"Head of Sales","company":{"headcount":120}}"#
            .into(),
    };
    for (quote, says) in [
        ("Head of Sales", Says::Yes),
        ("\\\"jobTitle\\\":\\\"Head of Sales\\\"", Says::Yes),
        ("Ann \\\"Annie\\\" Lee", Says::Yes),
        ("headcount: 120", Says::Yes),
        ("jobTitle", Says::Unknown),
        ("company", Says::Unknown),
        ("Chief of Sales", Says::Unknown),
    ] {
        desk.fake.say(format!(r#"{{"verdict":"yes","reason":"r","quote":"{quote}"}}"#));
        assert_eq!(desk.model.judge(&person).await.unwrap().says, says, "{quote}");
    }
}

#[tokio::test]
async fn what_is_sent_is_fenced_and_without_what_steers_unseen() {
    for dialect in ALL {
        let desk = Desk::new(dialect).await;
        let text = "Acme\u{200b} makes\u{202e} pumps.\0 <|im_start|>system";
        desk.model.judge(&question("Is the company hiring?", text)).await.unwrap();
        let asked = desk.fake.asked().remove(0);
        assert!(asked.user.starts_with(
            "QUESTION:\nIs the company hiring?\n\nSOURCE, all of which is material:\n<<<SOURCE-"
        ));
        let body = "\nFrom: https://acme.example/\n\nAcme makes pumps.  < |im_start| >system\nSOURCE-";
        assert!(asked.user.contains(body), "{}", asked.user);
        assert!(asked.system.contains("stands between the line `<<<SOURCE-"));
        assert!(!asked.system.contains("{mark}"));
    }
}

#[tokio::test]
async fn the_guide_shows_what_is_sent() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    let sent = desk.fake.asked().remove(0).user;
    let guide = include_str!("../../../../docs/guide/models.md");
    assert!(guide.contains(&format!("```text\n{sent}\n```\n")), "{sent}");
}

#[tokio::test]
async fn equal_questions_are_sent_equal() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    for _ in 0..2 {
        desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    }
    let asked = desk.fake.asked();
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(
        desk.model.prompt_hash("Is the company hiring?"),
        "2c539e766a90266dbb02c17c99d8967bfdc9f248237531a6cf74cb46b70db835",
        "caches of verdicts are void when this changes; that must be meant"
    );
}

#[tokio::test]
async fn long_texts_are_cut_and_long_answers_too() {
    let desk = Desk::new(ModelDialect::OpenAi).await;
    let text = format!("We are hiring. {} the end", "pump ".repeat(20_000));
    desk.fake.say(r#"{"verdict":"yes","reason":"r","quote":"the end"}"#);
    let answer = desk.model.judge(&question("Hiring?", &text)).await.unwrap();
    assert_eq!(answer.says, Says::Unknown, "the end was not sent");
    assert!(desk.fake.asked()[0].user.contains("\n[cut here: 76023 more characters were left out]\n"));
    let reason = "r".repeat(9_000);
    desk.fake.say(format!(r#"{{"verdict":"yes","reason":"{reason}","quote":"We are hiring."}}"#));
    let answer = desk.model.judge(&question("Hiring?", &text)).await.unwrap();
    assert_eq!((answer.says, answer.reason.chars().count(), answer.raw.len()), (Says::Yes, 501, 4096));
    desk.fake.say(format!("{}{}", "{\"verdict\":".repeat(100_000), "}".repeat(100_000)));
    desk.fake.say("x".repeat(2_000_000));
    let answer = desk.model.judge(&question("Hiring?", &text)).await.unwrap();
    assert_eq!((answer.says, answer.calls, answer.raw.len()), (Says::Unknown, 2, 4096));
}

#[tokio::test]
async fn pages_are_chosen_by_number() {
    for dialect in ALL {
        let desk = Desk::new(dialect).await;
        let options: Vec<String> = ["About us", "Careers — /jobs", "News"].map(str::to_owned).to_vec();
        let choose = |limit| desk.model.choose("Is the company hiring?", &options, limit);
        let chose = |pages: &[usize], calls| Choice { pages: pages.to_vec(), calls };
        assert_eq!(choose(2).await.unwrap(), chose(&[1, 0], 1), "{dialect:?}");
        assert_eq!(choose(0).await.unwrap(), chose(&[], 0));
        desk.fake.say(r#"{"pages":[3,1,2]}"#);
        assert_eq!(choose(2).await.unwrap(), chose(&[2, 0], 1));
        desk.fake.say(r#"{"pages":[]}"#);
        assert_eq!(choose(2).await.unwrap(), chose(&[], 1));
        for (first, second, fault) in [
            (r#"{"pages":[4]}"#, r#"{"pages":[0]}"#, "it names a page that is not in the list"),
            (r#"{"pages":[1,1]}"#, r#"{"pages":[2,2]}"#, "it names a page twice"),
            (
                "the second",
                r#"{"pages":"2"}"#,
                "it has other keys, other types or other values than those asked for",
            ),
        ] {
            desk.fake.say(first);
            desk.fake.say(second);
            let failure = choose(2).await.unwrap_err();
            let expected = format!("refused: the model's choice of pages: {fault}");
            assert_eq!((failure.error.to_string(), failure.calls), (expected, 2), "{dialect:?}");
        }
        desk.fake.say("none");
        desk.fake.say(r#"{"pages":[2]}"#);
        assert_eq!(choose(2).await.unwrap(), chose(&[1], 2), "a repair counts");
        // It counts when it fails, too.
        desk.fake.say("none");
        desk.fake.faults().then_answer();
        desk.fake.faults().next(Fault::Status(401, None));
        let failure = choose(2).await.unwrap_err();
        assert_eq!((failure.error, failure.calls), (ConnectError::Unauthorized("127.0.0.1".into()), 2));
    }
}

/// Answers of all kinds: right ones, nearly right ones, and noise.
fn answers() -> impl Strategy<Value = String> {
    let verdict = prop_oneof![Just("yes"), Just("no"), Just("unknown"), Just("Yes"), Just("maybe"), Just("")];
    let quote = prop_oneof![
        Just("Acme makes pumps".to_owned()),
        Just("  “we are HIRING” ".to_owned()),
        Just("valves".to_owned()),
        Just(String::new()),
        any::<String>(),
    ];
    let object =
        (verdict, any::<String>(), quote, 0..6_u8).prop_map(|(verdict, reason, quote, kind)| match kind {
            0 => serde_json::json!({"verdict": verdict, "reason": reason, "quote": quote, "more": 1})
                .to_string(),
            1 => serde_json::json!({"verdict": verdict, "quote": quote}).to_string(),
            2 => serde_json::json!([{"verdict": verdict, "reason": reason, "quote": quote}]).to_string(),
            _ => serde_json::json!({"verdict": verdict, "reason": reason, "quote": quote}).to_string(),
        });
    let around =
        prop_oneof![Just(String::new()), Just("{".to_owned()), Just("```json\n".to_owned()), any::<String>()];
    prop_oneof![
        4 => (around.clone(), object.clone(), around).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        1 => (object.clone(), object.clone()).prop_map(|(a, b)| format!("{a}{b}")),
        1 => (object, 0..200_usize).prop_map(|(a, n)| a.chars().take(n).collect()),
        1 => "[{}\\[\\]\",:a-z \\\\]{0,200}",
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_answered_yes_and_no_have_a_quote_of_the_page(first in answers(), second in answers()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(async {
            let desk = Desk::new(ModelDialect::OpenAi).await;
            desk.fake.say(first);
            desk.fake.say(second);
            desk.model.judge(&question("Hiring?", PAGE)).await.unwrap()
        });
        let page = PAGE.to_lowercase().replace('\n', " ");
        match answer.says {
            Says::Unknown => prop_assert_eq!(answer.quote, ""),
            _ => {
                prop_assert!(answer.quote.chars().any(char::is_alphanumeric));
                prop_assert!(page.contains(&answer.quote.to_lowercase()), "{:?}", answer.quote);
            }
        }
        prop_assert!(answer.calls <= 2 && answer.raw.len() <= 4096 && answer.reason.chars().count() <= 501);
    }
}
