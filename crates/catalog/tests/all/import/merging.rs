//! One record out of several observations.

use super::{Lab, day, outcome};

const HEADER: &str = "name,domain,industry,city,keywords,employees\n";

#[test]
fn the_newest_wins_field_by_field_and_absence_never() {
    let mut lab = Lab::new();
    lab.companies("a.csv", 10, &format!("{HEADER}Acme,acme.com,Software,Paris,x;y,100\n"));
    // Newer: one value differs, one is new to nobody, the others are absent.
    let report = lab.companies("b.csv", 20, &format!("{HEADER}Acme Group,acme.com,,N/A,z,\n"));
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    let acme = lab.company("dom:acme.com").unwrap();
    assert_eq!(acme.name.as_deref(), Some("Acme Group"));
    assert_eq!(
        (acme.industry.as_deref(), acme.city.as_deref(), acme.employees),
        (Some("Software"), Some("Paris"), Some(100))
    );
    assert_eq!(acme.keywords, ["z"], "a list is one statement");
    assert_eq!(
        (acme.source.as_deref(), acme.observed_at, acme.updated_at),
        (Some("b"), Some(day(20)), Some(day(21)))
    );
    assert_eq!(acme.created_at, Some(day(11)));
    let given: Vec<(&str, &str)> =
        acme.provenance.iter().map(|(field, seen)| (field.as_str(), seen.source.as_str())).collect();
    assert_eq!(given, [("city", "a"), ("employees", "a"), ("headcount", "a"), ("industry", "a")]);
    assert!(acme.provenance.values().all(|seen| seen.observed_at == Some(day(10))));

    // Older than b and newer than a: only what a gave is replaced, field by field.
    let report = lab.companies("c.csv", 15, &format!("{HEADER}Acme Old,acme.com,Robots,,,\n"));
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    let acme = lab.company("dom:acme.com").unwrap();
    assert_eq!((acme.name.as_deref(), acme.industry.as_deref()), (Some("Acme Group"), Some("Robots")));
    assert_eq!(acme.provenance["industry"].source, "c");
    assert_eq!(acme.source.as_deref(), Some("b"));

    // Each file again, in any order: nothing changes.
    for (name, seen, row) in [
        ("a.csv", 10, "Acme,acme.com,Software,Paris,x;y,100"),
        ("c.csv", 15, "Acme Old,acme.com,Robots,,,"),
        ("b.csv", 20, "Acme Group,acme.com,,N/A,z,"),
    ] {
        let report = lab.companies(name, seen, &format!("{HEADER}{row}\n"));
        assert_eq!(outcome(&report), [0, 0, 1, 0], "{name}");
        assert_eq!(lab.company("dom:acme.com").as_ref(), Some(&acme), "{name}");
    }
}

#[test]
fn the_result_does_not_hang_on_the_order_of_the_files() {
    let files = [
        ("a.csv", 1, "Acme,acme.com,Software,,,"),
        ("b.csv", 2, "Acme Inc,acme.com,,Paris,,"),
        ("c.csv", 3, ",,,,,"),
        ("d.csv", 4, "Acme,acme.com,,Rome,k,7"),
    ];
    let mut results = Vec::new();
    for order in [[0, 1, 3], [3, 1, 0], [1, 3, 0], [0, 3, 1]] {
        let mut lab = Lab::new();
        for at in order {
            let (name, seen, row) = files[at];
            lab.companies(name, seen, &format!("{HEADER}{row}\n"));
        }
        let mut company = lab.company("dom:acme.com").unwrap();
        (company.id, company.created_at, company.updated_at) = Default::default();
        results.push(company);
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:#?}");
}

#[test]
fn a_confirmation_moves_only_when_it_was_seen() {
    let mut lab = Lab::new();
    let text = format!("{HEADER}Acme,acme.com,Software,Paris,x,100\n");
    lab.companies("a.csv", 1, &text);
    let report = lab.companies("a.csv", 30, &text);
    assert_eq!(outcome(&report), [0, 0, 1, 0]);
    let acme = lab.company("dom:acme.com").unwrap();
    assert_eq!((acme.observed_at, acme.updated_at), (Some(day(30)), Some(day(2))));
    assert!(acme.provenance.is_empty());
}

#[test]
fn rows_of_one_file_fill_each_others_gaps() {
    let mut lab = Lab::new();
    let text = format!("{HEADER}Acme,acme.com,Software,,x,\nACME Ltd,acme.com,Robots,Paris,y,5\n");
    assert_eq!(outcome(&lab.companies("a.csv", 1, &text)), [1, 1, 0, 0]);
    let acme = lab.company("dom:acme.com").unwrap();
    assert_eq!((acme.name.as_deref(), acme.industry.as_deref()), (Some("Acme"), Some("Software")));
    assert_eq!(
        (acme.city.as_deref(), acme.keywords.as_slice()),
        (Some("Paris"), &["x".to_owned(), "y".to_owned()][..])
    );
    for _ in 0..2 {
        assert_eq!(outcome(&lab.companies("a.csv", 1, &text)), [0, 0, 2, 0]);
        assert_eq!(lab.company("dom:acme.com").as_ref(), Some(&acme));
    }
}

const PEOPLE: &str = "first_name,last_name,linkedin,email,phone,title,company,skills\n";

#[test]
fn addresses_are_united_and_a_new_job_goes_in_front() {
    let mut lab = Lab::new();
    let old = format!("{PEOPLE}Ann,Lee,linkedin.com/in/ann,ann@old.example,1,Engineer,Acme,Rust;Go\n");
    lab.people("old.csv", 1, &old);
    let report = lab.people(
        "new.csv",
        9,
        &format!("{PEOPLE}Ann,Lee,linkedin.com/in/ann,ann@new.example,2,VP Engineering,Beta,Python\n"),
    );
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    let ann = lab.person("li:ann").unwrap();
    assert_eq!(ann.emails, ["ann@new.example", "ann@old.example"]);
    assert_eq!(
        (ann.phones.as_slice(), ann.skills.as_slice()),
        (&["2".to_owned(), "1".to_owned()][..], &["Python".to_owned()][..])
    );
    assert_eq!((ann.job_title.as_deref(), ann.seniority.as_deref()), (Some("VP Engineering"), Some("vp")));
    let jobs: Vec<_> = ann.work_experiences.iter().map(|job| job.company.name.as_deref().unwrap()).collect();
    assert_eq!(jobs, ["Beta", "Acme"]);
    assert_eq!(ann.company_id, lab.company("n:beta").map(|company| company.id));
    // The old list once more: found by the old address, by the old company, and nothing moves.
    assert_eq!(outcome(&lab.people("old.csv", 1, &old)), [0, 0, 1, 0]);
    let nameless = format!("{PEOPLE}Ann,Lee,,,,Engineer,Acme,\n");
    assert_eq!(outcome(&lab.people("older.csv", 0, &nameless)), [0, 0, 1, 0]);
    assert_eq!(lab.person("em:ann@old.example"), Some(ann));

    // Promoted at the same company: a position more, not a job more.
    lab.people("later.csv", 20, &format!("{PEOPLE}Ann,Lee,linkedin.com/in/ann,,,CTO,Beta Inc.,\n"));
    let ann = lab.person("li:ann").unwrap();
    let titles: Vec<_> = ann.work_experiences[0]
        .profile_positions
        .iter()
        .map(|position| position.title.as_deref().unwrap())
        .collect();
    assert_eq!((ann.work_experiences.len(), titles), (2, vec!["CTO", "VP Engineering"]));
}

#[test]
fn an_older_list_adds_a_former_job_behind() {
    let mut lab = Lab::new();
    lab.people("new.csv", 9, &format!("{PEOPLE}Ann,Lee,linkedin.com/in/ann,,,CTO,Beta,\n"));
    let report = lab.people("old.csv", 1, &format!("{PEOPLE}Ann,Lee,linkedin.com/in/ann,,,Engineer,Acme,\n"));
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    let ann = lab.person("li:ann").unwrap();
    let jobs: Vec<_> = ann.work_experiences.iter().map(|job| job.company.name.as_deref().unwrap()).collect();
    assert_eq!((jobs, ann.job_title.as_deref()), (vec!["Beta", "Acme"], Some("CTO")));
    assert_eq!(ann.company_id, lab.company("n:beta").map(|company| company.id));
}

#[test]
fn a_row_can_say_itself_who_saw_it_and_when() {
    let mut lab = Lab::new();
    let text = "name,domain,city,source,observed_at\nAcme,acme.com,Paris,crm,2025-05-01\nAcme,acme.com,Rome,web,2025-06-01T00:00:00Z\nAcme,acme.com,Oslo,old,2024-01-01\n";
    assert_eq!(outcome(&lab.companies("mixed.csv", 5, text)), [1, 1, 1, 0]);
    let acme = lab.company("dom:acme.com").unwrap();
    assert_eq!((acme.city.as_deref(), acme.source.as_deref()), (Some("Rome"), Some("web")));
    assert_eq!(outcome(&lab.companies("mixed.csv", 6, text)), [0, 0, 3, 0]);
}
