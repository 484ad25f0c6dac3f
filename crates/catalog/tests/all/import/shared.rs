//! The data files beside the workspace, when they are there.

use super::{Lab, outcome};
use sluice_catalog::import::Input;
use sluice_model::EntityKind;
use std::path::{Path, PathBuf};

fn file(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    path.exists().then_some(path)
}

#[test]
fn listed_companies_and_legislators() {
    let (Some(companies), Some(people)) = (file("companies.csv.gz"), file("legislators.csv")) else { return };
    let mut lab = Lab::new();
    let bytes = std::fs::read(&companies).unwrap();
    let report = lab.try_import(EntityKind::Company, "companies.csv.gz", 0, &bytes).unwrap();
    assert_eq!((report.counts.read, report.counts.rejected), (26_868, 0), "{:?}", lab.rejected());
    assert_eq!(report.mapping.unmapped, Vec::<String>::new());
    let again = lab.try_import(EntityKind::Company, "companies.csv.gz", 0, &bytes).unwrap();
    assert_eq!(outcome(&again), [0, 0, 26_868, 0]);

    let bytes = std::fs::read(&people).unwrap();
    let report = lab.try_import(EntityKind::Person, "legislators.csv", 0, &bytes).unwrap();
    assert_eq!(
        (outcome(&report), report.counts.companies_created),
        ([537, 0, 0, 0], 2),
        "{:?}",
        report.warnings
    );
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let again = lab.try_import(EntityKind::Person, "legislators.csv", 0, &bytes).unwrap();
    assert_eq!((outcome(&again), again.counts.companies_completed), ([0, 0, 537, 0], 0));
    let senator = lab.person("id:legislators/bioguide:C000127").unwrap();
    assert_eq!(senator.birth_date.as_deref(), Some("1958-10-13"));
    assert_eq!(senator.company_id, lab.company("dom:senate.gov").map(|company| company.id));
    assert_eq!(lab.company("dom:senate.gov").unwrap().website_url, None);
    assert_eq!(Input::file(&people).unwrap().stem(), "legislators");
}
