//! Imports into the cluster leave what they leave in the embedded catalog.

use crate::engine::made;
use crate::import::Counting;
use sluice_catalog::import::{ImportOptions, ImportReport, Input, Rejects, import};
use sluice_catalog::{Catalog, EmbeddedCatalog, Search, Sort, Window, Writer, sample};
use sluice_model::filter::Filter;
use sluice_model::{Company, EntityKind, Time};
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

const COMPANIES: &str = "name,domain,country,industry,employees\n\
    Acme Inc.,acme.com,US,Software,120\n\
    Beta GmbH,beta.de,Germany,Banking,30\n\
    Beta GmbH,,Germany,,\n\
    Gamma,,France,Retail,7\n";
const PEOPLE: &str = "first name,last name,email,company,company domain,title,country,linkedin\n\
    Ann,Lee,ann@acme.com,Acme,acme.com,CTO,US,linkedin.com/in/ann\n\
    Bo,Ek,,Gamma,,Head of Sales,France,\n\
    Bo,Ek,bo@gamma.fr,Gamma,,Sales Director,France,\n\
    Cy,Day,cy@new.io,,new.io,Engineer,DE,\n\
    Di,Fox,di@new.io,New,new.io,Engineer,DE,linkedin.com/in/di\n";
const LATER: &str = "first name,last name,email,company,company domain,title,linkedin\n\
    Ann,Lee,ann@lee.org,Beta,beta.de,CEO,linkedin.com/in/ann\n\
    Bo,Ek,bo@gamma.fr,Gamma,gamma.fr,Sales Director,\n\
    Gil,Roe,gil@gamma.fr,,gamma.fr,Clerk,\n";

/// One import: kind, name, the day it was seen on, and the file.
type File<'f> = (EntityKind, &'f str, i64, &'f [u8]);

fn run(writer: &mut dyn Writer, random: &Arc<Counting>, (kind, name, seen, bytes): File<'_>) -> ImportReport {
    let day = |day| Time::parse("2026-01-01").expect("a day").plus_days(day);
    let mut options = ImportOptions::new(kind, day(seen + 1), random.clone());
    options.observed_at = Some(day(seen));
    options.commit_rows = 3;
    let input = Input::reader(name, Box::new(Cursor::new(bytes.to_vec())));
    import(writer, &options, input, &mut Rejects::discard(), &mut |_| {}).expect("import")
}

fn synthetic() -> Vec<u8> {
    let company = |number: u128| Company {
        id: uuid::Uuid::from_u128(number),
        name: Some(format!("Company {number}")),
        domain: Some(format!("company{number}.com")),
        ..Company::default()
    };
    let companies: Vec<Company> = (1..40).map(company).collect();
    let mut lines = Vec::new();
    for person in sample::people(&companies, 800, 1) {
        serde_json::to_writer(&mut lines, &person).expect("a line");
        lines.push(b'\n');
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_leave_the_same_records() {
    let (_cluster, catalog) = super::start().await;
    let folder = tempfile::tempdir().expect("folder");
    let embedded = EmbeddedCatalog::open(folder.path()).expect("catalog");
    let synthetic = synthetic();
    let files: [File<'_>; 5] = [
        (EntityKind::Company, "companies.csv", 1, COMPANIES.as_bytes()),
        (EntityKind::Person, "people.csv", 2, PEOPLE.as_bytes()),
        (EntityKind::Person, "sample.ndjson", 3, &synthetic),
        (EntityKind::Person, "later.csv", 4, LATER.as_bytes()),
        (EntityKind::Company, "companies.csv", 5, COMPANIES.as_bytes()),
    ];
    let (ours, theirs) = (Arc::new(Counting(AtomicU64::new(1))), Arc::new(Counting(AtomicU64::new(1))));
    for file in files {
        let mut writer = catalog.writer().expect("writer");
        let report = run(&mut writer, &ours, file);
        drop(writer);
        let expected = run(&mut embedded.writer().expect("writer"), &theirs, file);
        assert_eq!(report.counts, expected.counts, "{}", file.1);
        same(&catalog, &embedded).await;
        // The same file again changes nothing, and commits nothing.
        let mut writer = catalog.writer().expect("writer");
        let again = run(&mut writer, &ours, file).counts;
        let unchanged = (again.created, again.updated, again.companies_created, again.companies_completed);
        assert_eq!(unchanged, (0, 0, 0, 0), "{}", file.1);
        same(&catalog, &embedded).await;
    }
}

async fn same(catalog: &dyn Catalog, embedded: &dyn Catalog) {
    let all = Search {
        filter: Filter::default(),
        ids: None,
        window: Window::Page { offset: 0, limit: 2_000 },
        count: true,
        sort: Sort::Rank,
        now: made::now(),
    };
    let expected = embedded.search_people(all.clone()).await.expect("people");
    assert_eq!(catalog.search_people(all.clone()).await.expect("people"), expected);
    let expected = embedded.search_companies(all.clone()).await.expect("companies");
    assert_eq!(catalog.search_companies(all).await.expect("companies"), expected);
}
