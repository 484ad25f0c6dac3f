//! Which rows are one record: each case is an import of the first rows, then of the second.

use super::{Lab, outcome};
use sluice_model::EntityKind;

/// What the second import does to the records of the first.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    Same,
    Another,
}

const COMPANY: &str = "id,name,domain,website,linkedin,country\n";
const PERSON: &str = "id,first_name,last_name,linkedin,email,company_name,company_domain,city\n";

/// Imports one row, then another from the given file, and compares what became of it.
fn check(kind: EntityKind, header: &str, cases: &[(&str, &str, &str, &str, Is)]) {
    for (what, first, file, second, expected) in cases {
        let mut lab = Lab::new();
        let one = lab.try_import(kind, "one.csv", 0, format!("{header}{first}\n").as_bytes()).unwrap();
        assert_eq!(outcome(&one), [1, 0, 0, 0], "{what}");
        let two = lab.try_import(kind, file, 1, format!("{header}{second}\n").as_bytes()).unwrap();
        assert_eq!(two.counts.rejected, 0, "{what}");
        let is = if two.counts.created == 0 { Is::Same } else { Is::Another };
        assert_eq!(is, *expected, "{what}: {first} / {second}");
        // The same two rows in one file make the same decision.
        if *file == "one.csv" {
            let mut lab = Lab::new();
            let text = format!("{header}{first}\n{second}\n");
            let both = lab.try_import(kind, "one.csv", 0, text.as_bytes()).unwrap();
            assert_eq!(both.counts.created, if is == Is::Same { 1 } else { 2 }, "{what}, in one file");
            let again = lab.try_import(kind, "one.csv", 0, text.as_bytes()).unwrap();
            assert_eq!(outcome(&again), [0, 0, 2, 0], "{what}, again");
        }
    }
}

#[test]
fn companies() {
    use Is::{Another, Same};
    let uuid = "0190a6e0-0000-7000-8000-000000000001,Acme,acme.com,,,";
    check(
        EntityKind::Company,
        COMPANY,
        &[
            (
                "same UUID, all else different",
                uuid,
                "one.csv",
                "0190A6E0-0000-7000-8000-000000000001,Beta,beta.com,,,",
                Same,
            ),
            (
                "another UUID, same domain",
                uuid,
                "one.csv",
                "0190a6e0-0000-7000-8000-000000000002,Acme,acme.com,,,",
                Another,
            ),
            ("a UUID is known, a row without id", uuid, "one.csv", ",Acme,acme.com,,,", Same),
            ("same id of the source", "7,Acme,acme.com,,,", "one.csv", "7,Beta,beta.com,,,", Same),
            (
                "other id of the same source, same domain",
                "7,Acme,acme.com,,,",
                "one.csv",
                "8,Acme,acme.com,,,",
                Another,
            ),
            (
                "other id of another source, same domain",
                "7,Acme,acme.com,,,",
                "two.csv",
                "8,Acme,acme.com,,,",
                Same,
            ),
            (
                "same id of another source, nothing else agrees",
                "7,Acme,acme.com,,,",
                "two.csv",
                "7,Beta,beta.com,,,",
                Another,
            ),
            (
                "same id of another source, the name agrees",
                "7,Acme Ltd,,,,",
                "two.csv",
                "7,ACME,,,,France",
                Same,
            ),
            ("same domain, other name", ",Acme,acme.com,,,", "one.csv", ",Acme Holding,acme.com,,,", Same),
            (
                "domain in a web address",
                ",Acme,acme.com,,,",
                "one.csv",
                ",Acme,,http://shop.ACME.com:80/x,,",
                Same,
            ),
            (
                "same name and country, other domain",
                ",Acme,acme.com,,,France",
                "one.csv",
                ",Acme,acme.fr,,,France",
                Another,
            ),
            ("sub-domains of one domain", ",Acme,a.acme.co.uk,,,", "one.csv", ",Acme,b.acme.co.uk,,,", Same),
            (
                "pages on a shared host",
                ",Acme,,https://facebook.com/acme,,",
                "one.csv",
                ",Beta,,https://facebook.com/beta,,",
                Another,
            ),
            (
                "a shared host as domain",
                ",Acme,gmail.com,,,France",
                "one.csv",
                ",Beta,gmail.com,,,France",
                Another,
            ),
            (
                "a shared host, same name and country",
                ",Acme,gmail.com,,,France",
                "one.csv",
                ",ACME SA,,,,FR",
                Same,
            ),
            (
                "same LinkedIn page, no domain",
                ",Acme,,,linkedin.com/company/acme,",
                "one.csv",
                ",Beta,,,https://www.linkedin.com/company/ACME/,",
                Same,
            ),
            (
                "LinkedIn page as web site",
                ",Acme,,,linkedin.com/company/acme,",
                "one.csv",
                ",Beta,,https://linkedin.com/company/acme,,",
                Same,
            ),
            (
                "same LinkedIn page, other domain",
                ",Acme,acme.com,,linkedin.com/company/acme,",
                "one.csv",
                ",Acme,acme.de,,linkedin.com/company/acme,",
                Another,
            ),
            (
                "same LinkedIn page, the domain is new",
                ",Acme,,,linkedin.com/company/acme,",
                "one.csv",
                ",Acme,acme.de,,linkedin.com/company/acme,",
                Same,
            ),
            (
                "normalised name and country",
                ",Müller GmbH,,,,Germany",
                "one.csv",
                ",MULLER,,,,Deutschland",
                Same,
            ),
            ("same name, other country", ",Acme,,,,Germany", "one.csv", ",Acme,,,,France", Another),
            ("same name, the country is new", ",Acme,,,,", "one.csv", ",Acme,,,,France", Same),
            ("only the name was known, now the domain", ",Acme,,,,", "one.csv", ",Acme,acme.com,,,", Same),
            (
                "same name and country, other LinkedIn page",
                ",Acme,,,linkedin.com/company/a1,France",
                "one.csv",
                ",Acme,,,linkedin.com/company/a2,France",
                Another,
            ),
            ("different names", ",Acme,,,,France", "one.csv", ",Acme Robotics,,,,France", Another),
        ],
    );
}

#[test]
fn people() {
    use Is::{Another, Same};
    let uuid = "0190a6e0-0000-7000-8000-000000000001,Ann,Lee,,ann@example.com,,,";
    check(
        EntityKind::Person,
        PERSON,
        &[
            ("same UUID", uuid, "one.csv", "0190a6e0-0000-7000-8000-000000000001,Eve,Ray,,,,,", Same),
            (
                "another UUID, same e-mail",
                uuid,
                "one.csv",
                "0190a6e0-0000-7000-8000-000000000002,Ann,Lee,,ann@example.com,,,",
                Another,
            ),
            ("same id of the source", "x:7,Ann,Lee,,,,,", "one.csv", "x:7,Ann,Ray,,,,,", Same),
            (
                "other id of the same source, same name and company",
                "7,Ann,Lee,,,Acme,,",
                "one.csv",
                "8,Ann,Lee,,,Acme,,",
                Another,
            ),
            ("same id of another source, other name", "7,Ann,Lee,,,,,", "two.csv", "7,Bob,Ray,,,,,", Another),
            (
                "same id of another source, same name",
                "7,Ann,Lee,,,Acme,,",
                "two.csv",
                "7,Ann,Lee,,,Beta,,",
                Same,
            ),
            (
                "same profile",
                ",Ann,Lee,linkedin.com/in/ann,a@example.com,,,",
                "one.csv",
                ",Anna,Lee-Ray,https://de.linkedin.com/in/ANN/,b@example.com,,,",
                Same,
            ),
            (
                "same e-mail, other profile",
                ",Ann,Lee,linkedin.com/in/ann,a@example.com,,,",
                "one.csv",
                ",Ann,Lee,linkedin.com/in/ann2,a@example.com,,,",
                Another,
            ),
            ("same e-mail", ",Ann,Lee,,A@Example.com,,,", "one.csv", ",Anna,Ray,,a@example.com,,,", Same),
            (
                "second address of two",
                ",Ann,Lee,,a@example.com;b@example.com,,,",
                "one.csv",
                ",Ann,Lee,,b@example.com,,,",
                Same,
            ),
            (
                "an office's mailbox",
                ",Ann,Lee,,info@acme.com,Acme,acme.com,",
                "one.csv",
                ",Bob,Ray,,info@acme.com,Acme,acme.com,",
                Another,
            ),
            ("same name, same company", ",Ann,Lee,,,Acme,,", "one.csv", ",ANN,LEE,,,Acme Inc.,,", Same),
            (
                "same name, company by domain",
                ",Ann,Lee,,,Acme,acme.com,",
                "one.csv",
                ",Ann,Lee,,,The Acme Group,www.acme.com,",
                Same,
            ),
            ("same name, other company", ",Ann,Lee,,,Acme,,", "one.csv", ",Ann,Lee,,,Beta,,", Another),
            (
                "same name and company, other e-mail",
                ",Ann,Lee,,a@example.com,Acme,,",
                "one.csv",
                ",Ann,Lee,,b@example.com,Acme,,",
                Another,
            ),
            (
                "same name and company, the e-mail is new",
                ",Ann,Lee,,,Acme,,",
                "one.csv",
                ",Ann,Lee,,b@example.com,Acme,,",
                Same,
            ),
            (
                "same name and company, other profile",
                ",Ann,Lee,linkedin.com/in/a,,Acme,,",
                "one.csv",
                ",Ann,Lee,linkedin.com/in/b,,Acme,,",
                Another,
            ),
            ("accents in the name", ",Jürgen,Groß,,,Acme,,", "one.csv", ",Jurgen,Gross,,,Acme,,", Same),
            ("same name and place, no company", ",Ann,Lee,,,,,Paris", "one.csv", ",Ann,Lee,,,,,PARIS", Same),
            (
                "same name, other place, no company",
                ",Ann,Lee,,,,,Paris",
                "one.csv",
                ",Ann,Lee,,,,,Rome",
                Another,
            ),
        ],
    );
}

#[test]
fn three_rows_that_meet_in_the_middle() {
    // The second row carries the identities of both others.
    let mut lab = Lab::new();
    let text = format!(
        "{PERSON},Ann,Lee,linkedin.com/in/ann,,,,\n,Ann,Lee,linkedin.com/in/ann,a@example.com,,,\n,A.,Lee,,a@example.com,,,\n"
    );
    let report = lab.people("p.csv", 0, &text);
    assert_eq!(outcome(&report), [1, 1, 1, 0]);
    assert_eq!(lab.person("em:a@example.com"), lab.person("li:ann"));
    assert_eq!(outcome(&lab.people("p.csv", 0, &text)), [0, 0, 3, 0]);
}

#[test]
fn a_key_stays_with_the_record_that_had_it_first() {
    let mut lab = Lab::new();
    let text = format!("{COMPANY},Acme,acme.com,,,France\n,Acme,acme.fr,,,France\n,Acme,,,,France\n");
    assert_eq!(outcome(&lab.companies("c.csv", 0, &text)), [2, 0, 1, 0]);
    assert_eq!(
        lab.company("nc:acme|fr").or_else(|| lab.company("nc:acme|FR")).unwrap().domain.as_deref(),
        Some("acme.com")
    );
    assert_eq!(outcome(&lab.companies("c.csv", 0, &text)), [0, 0, 3, 0]);
    assert_eq!(lab.company("dom:acme.fr").unwrap().domain.as_deref(), Some("acme.fr"));
}

#[test]
fn people_find_their_company() {
    let mut lab = Lab::new();
    lab.companies(
        "c.csv",
        0,
        &format!("{COMPANY}7,Acme,acme.com,,linkedin.com/company/acme,France\n8,Acme,acme.us,,,USA\n9,Solo Ltd,solo.com,,,Spain\n"),
    );
    let [acme, american, solo] =
        ["acme.com", "acme.us", "solo.com"].map(|domain| lab.company(&format!("dom:{domain}")).unwrap().id);
    let header =
        "first_name,last_name,email,company_id,company_name,company_domain,company_linkedin,country\n";
    for (at, (row, company, made)) in [
        (format!("{american},Other,,,"), american, 0),
        (",Acme Group,acme.com,,".to_owned(), acme, 0),
        (",Acme,,linkedin.com/company/acme,".to_owned(), acme, 0),
        (",ACME Inc,,,France".to_owned(), acme, 0),
        (",ACME Inc,,,United States".to_owned(), american, 0),
        (",Solo,,,Germany".to_owned(), solo, 0),
        ("0190a6e0-0000-7000-8000-000000000009,Solo,solo.com,,".to_owned(), solo, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let report = lab.people("p.csv", 0, &format!("{header}Ann,Lee,ann{at}@example.com,{row}\n"));
        assert_eq!((report.counts.created, report.counts.companies_created), (1, made), "{row}");
        let person = lab.person(&format!("em:ann{at}@example.com")).unwrap();
        assert_eq!(person.company_id, Some(company), "{row}");
        assert_eq!(person.work_experiences[0].company.id, Some(company.to_string()));
    }
    // Nothing of the kind is there: a company of that name and domain is made, once.
    let text = format!(
        "{header}Bob,Ray,bob@example.com,,New One,new.io,,\nCy,Dee,cy@example.com,,New One,new.io,,\nEd,Fox,ed@example.com,,,new.io,,\n"
    );
    let report = lab.people("p.csv", 0, &text);
    assert_eq!((outcome(&report), report.counts.companies_created), ([3, 0, 0, 0], 1));
    let made = lab.company("dom:new.io").unwrap();
    assert_eq!((made.name.as_deref(), made.source.as_deref()), (Some("New One"), Some("p")));
    let again = lab.people("p.csv", 0, &text);
    assert_eq!((outcome(&again), again.counts.companies_created), ([0, 0, 3, 0], 0));
    // The company's own file then completes it.
    let report = lab.companies("c.csv", 0, &format!("{COMPANY}10,New One AG,new.io,,,Austria\n"));
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    // An id alone that nobody knows is no company.
    let report = lab.people(
        "p.csv",
        0,
        &format!("{header}Al,Kay,al@example.com,0190a6e0-0000-7000-8000-00000000000a,,,,\n"),
    );
    assert_eq!(
        (report.counts.companies_created, lab.person("em:al@example.com").unwrap().company_id),
        (0, None)
    );
}
