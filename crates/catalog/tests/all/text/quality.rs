//! The labelled pairs of `bench/data/titles.tsv`.

use proptest::prelude::*;
use sluice_catalog::reference::text_matches;
use sluice_catalog::text::{Profile, query_tokens, record_tokens};
use sluice_model::filter::Mode;

static PAIRS: &str = include_str!("../../../../../bench/data/titles.tsv");

/// Query, record, and whether they fit.
fn pairs() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    PAIRS.lines().filter_map(|line| {
        let (query, rest) = line.split_once('\t')?;
        let (record, label) = rest.split_once('\t')?;
        assert!(label == "yes" || label == "no", "{line}");
        Some((query, record, label == "yes"))
    })
}

#[test]
fn labelled_titles_are_found_as_they_should_be() {
    let (mut hits, mut found, mut wanted, mut wrong) = (0.0, 0.0, 0.0, Vec::new());
    for (query, record, label) in pairs() {
        let fits = text_matches(Mode::Smart, Profile::Title, query, record);
        found += f64::from(u8::from(fits));
        wanted += f64::from(u8::from(label));
        hits += f64::from(u8::from(fits && label));
        if fits != label {
            wrong.push(format!("{query} | {record} | {label}"));
        }
    }
    assert!(wanted > 400.0, "{wanted} pairs that fit");
    let (precision, recall) = (hits / found, hits / wanted);
    let summary = format!("precision {precision:.3}, recall {recall:.3}\n{}", wrong.join("\n"));
    assert!(precision >= 0.97 && recall >= 0.93, "{summary}");
}

fn finds_itself(value: &str) {
    for profile in [Profile::Title, Profile::Text, Profile::Industry] {
        let (asked, told) = (query_tokens(profile, value), record_tokens(profile, value));
        let missing: Vec<&String> = asked.iter().filter(|token| !told.contains(token)).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{profile:?} {value:?} lacks them as a record");
    }
}

#[test]
fn every_labelled_title_finds_itself() {
    for (query, record, _) in pairs() {
        finds_itself(query);
        finds_itself(record);
    }
}

proptest! {
    #[test]
    fn any_text_finds_itself(text in "(?s).{0,40}", title in "([A-Za-zäéß&'/(:*·.,-]{1,9} ?){0,6}") {
        finds_itself(&text);
        finds_itself(&title);
    }
}
