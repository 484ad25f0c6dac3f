//! Imports are killed.

use super::rig::{Rig, insist};
use crate::kill::Chance;
use crate::program::{Running, sluice, text, write};
use serde_json::json;
use std::time::{Duration, Instant};

const ROUNDS: usize = 20;
/// People of the file; none of the demo's is called as they are.
const PEOPLE: u64 = 30_000;

#[test]
fn imports_survive_twenty_kills() {
    let begun = Instant::now();
    let rig = Rig::start(None, 0);
    let line = rig.line.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut rows = String::from("id,First Name,Last Name,Job Title,Company\n");
    for number in 0..PEOPLE {
        rows.push_str(&format!(
            "p-{number},Zebulon,Faultless {number},Engineer,Faultless GmbH {}\n",
            number % 50
        ));
    }
    let file = write(folder.path(), "people.csv", &rows);
    let args =
        ["import", "--kind", "person", "--commit-rows", "500", "--data", text(rig.data()), text(&file)];
    let count = || {
        let body = json!({"contact": {"fullName": {"any": {"include": ["Zebulon"]}}}});
        let path = "/api/v1/operations/prospects/person/count";
        let counted = insist(|| line.targeting().post(path, &body), |reply| reply.json(200));
        counted["totalElements"].as_u64().expect("a count")
    };
    let mut chance = Chance(7);
    let (mut seen, mut in_the_middle) = (0, 0);
    for _ in 0..ROUNDS {
        let mut import = Running::start(&args);
        std::thread::sleep(Duration::from_millis(150 + chance.below(600)));
        import.signal("KILL");
        import.wait();
        // What was committed stays, and a server that goes on searching beside it sees only whole rows.
        let found = count();
        assert!((seen..=PEOPLE).contains(&found), "{found} after {seen}");
        in_the_middle += usize::from(found > seen && found < PEOPLE);
        seen = found;
    }
    sluice(&args).ok();
    assert_eq!(count(), PEOPLE, "each person once");
    sluice(&args).ok();
    assert_eq!(count(), PEOPLE, "importing again changes nothing");
    println!(
        "catalog: {ROUNDS} rounds of kill -9 of an import, {in_the_middle} in the middle; {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    assert!(in_the_middle >= ROUNDS / 4, "{in_the_middle} kills in the middle of an import prove little");
    rig.stop();
}
