//! Single records read as an import reads them, without a catalog to put them in.

use super::company_row::CompanyRow;
use super::mapping::Columns;
use super::person_row::{PersonInput, PersonRow};
use super::reader::flat;
use super::report::Warnings;
use super::row::{Defaults, Notes, Row};
use serde_json::Value;
use sluice_model::{Company, Person, Time};

/// Reads a person, and their employer as far as the record tells: a flat row or a whole record, as NDJSON has them. Ids
/// that the record does not give are nil.
///
/// # Errors
/// Why the record cannot be used.
pub fn person_of(
    record: &Value,
    source: &str,
    observed_at: Time,
) -> Result<(Person, Option<Company>), String> {
    let PersonInput { person, employer } = read::<PersonRow>(record, source, observed_at)?;
    Ok((*person, employer.map(|employer| *employer)))
}

/// Reads a company.
///
/// # Errors
/// Why the record cannot be used.
pub fn company_of(record: &Value, source: &str, observed_at: Time) -> Result<Company, String> {
    read::<CompanyRow>(record, source, observed_at)
}

fn read<R: Row>(record: &Value, source: &str, observed_at: Time) -> Result<R::Output, String> {
    let line = record.to_string();
    let defaults = Defaults { source: source.to_owned(), observed_at: Some(observed_at) };
    let mut warnings = Warnings::new();
    let mut notes = Notes { warnings: &mut warnings, line: 1 };
    if R::is_record(&line) {
        return R::from_record(&line, &defaults, &mut notes);
    }
    let mut columns = Columns::new(&[]).map_err(|error| error.to_string())?;
    flat::<R>(&line, &mut columns, &defaults, &mut notes)
}

#[cfg(test)]
mod tests {
    use super::{company_of, person_of};
    use serde_json::json;
    use sluice_model::Time;

    #[test]
    fn rows_and_records_are_read_alike_and_bad_ones_say_why() {
        let now = Time::from_millis(0);
        let flat =
            json!({"first_name": "Ann", "last_name": "Lee", "email": "ANN@acme.example", "company": "Acme"});
        let (ann, employer) = person_of(&flat, "ours", now).expect("a person");
        assert_eq!((ann.full_name().as_str(), ann.emails), ("Ann Lee", vec!["ann@acme.example".to_owned()]));
        assert_eq!(employer.and_then(|company| company.name).as_deref(), Some("Acme"));
        let whole = json!({"firstName": "Ann", "lastName": "Lee", "jobTitle": "CTO"});
        let (ann, _) = person_of(&whole, "ours", now).expect("a person");
        assert_eq!((ann.job_title.as_deref(), ann.source.as_deref()), (Some("CTO"), Some("ours")));
        assert!(ann.id.is_nil());
        for bad in [json!({"email": "x@y.example"}), json!(17), json!({})] {
            let reason = person_of(&bad, "ours", now).expect_err("no person");
            assert!(!reason.is_empty());
        }
        let acme =
            company_of(&json!({"name": "Acme", "domain": "acme.example"}), "ours", now).expect("a company");
        assert_eq!(acme.domain.as_deref(), Some("acme.example"));
    }
}
