//! Larger files.

use super::{Lab, outcome};

#[test]
fn many_chunks_with_repeats_are_stable() {
    let mut text = "id;Company;Domain;Country\n".to_owned();
    for number in 0..9_000 {
        // Every third company comes twice, far apart.
        let company = number % 6_750;
        text.push_str(&format!(";Company {company};company-{company}.com;Germany\n"));
    }
    let mut lab = Lab::new();
    let report = lab.companies("c.csv", 0, &text);
    assert_eq!(outcome(&report), [6_750, 0, 2_250, 0]);
    let before = lab.company("dom:company-42.com");
    assert_eq!(outcome(&lab.companies("c.csv", 0, &text)), [0, 0, 9_000, 0]);
    assert_eq!(lab.company("dom:company-42.com"), before);

    let mut people = "first_name,last_name,email,company_domain,title\n".to_owned();
    for number in 0..6_000 {
        people.push_str(&format!("Ann,Lee,ann.{number}@example.com,company-{}.com,Buyer\n", number % 7_000));
    }
    let report = lab.people("p.csv", 0, &people);
    assert_eq!((outcome(&report), report.counts.companies_created), ([6_000, 0, 0, 0], 0));
    assert_eq!(outcome(&lab.people("p.csv", 0, &people)), [0, 0, 6_000, 0]);
}
