//! The labelled pairs of `bench/data/titles.tsv`.

use sluice_catalog::reference::text_matches;
use sluice_catalog::text::Profile;
use sluice_model::filter::Mode;

#[test]
fn labelled_titles_are_found_as_they_should_be() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/data/titles.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut hits, mut found, mut wanted, mut wrong) = (0.0, 0.0, 0.0, Vec::new());
    for line in text.lines().filter(|line| line.contains('\t')) {
        let [query, record, label] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let fits = text_matches(Mode::Smart, Profile::Title, query, record);
        let label = label == "yes";
        found += f64::from(u8::from(fits));
        wanted += f64::from(u8::from(label));
        hits += f64::from(u8::from(fits && label));
        if fits != label {
            wrong.push(format!("{query} | {record} | {label}"));
        }
    }
    let (precision, recall) = (hits / found, hits / wanted);
    let summary = format!("precision {precision:.3}, recall {recall:.3}\n{}", wrong.join("\n"));
    assert!(precision >= 0.97 && recall >= 0.93, "{summary}");
}
