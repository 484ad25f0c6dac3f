//! Leads as CSV (RFC 4180).

use sluice_app::runs::Preview;

/// The leads, or the companies, of a preview. A cell that a spreadsheet would take for a formula gets an
/// apostrophe before it.
pub fn csv(preview: &Preview) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    if preview.companies.is_empty() {
        let header = [
            "id",
            "firstName",
            "lastName",
            "jobTitle",
            "seniority",
            "email",
            "phone",
            "linkedinUrl",
            "city",
            "country",
            "company",
            "companyDomain",
            "companyHeadcount",
            "source",
        ];
        line(&mut out, header.map(Some));
        for lead in &preview.leads {
            let (person, company) = (&lead.person, lead.company.as_ref());
            let id = person.id.to_string();
            line(
                &mut out,
                [
                    Some(id.as_str()),
                    Some(&person.first_name),
                    Some(&person.last_name),
                    person.job_title.as_deref(),
                    person.seniority.as_deref(),
                    person.emails.first().map(String::as_str),
                    person.phones.first().map(String::as_str),
                    person.linkedin_url.as_deref(),
                    person.city.as_deref(),
                    person.country.as_deref(),
                    company.and_then(|company| company.name.as_deref()),
                    company.and_then(|company| company.domain.as_deref()),
                    company.and_then(|company| company.headcount.as_deref()),
                    person.source.as_deref(),
                ],
            );
        }
    } else {
        let header = ["id", "name", "industry", "headcount", "domain", "city", "country", "source"];
        line(&mut out, header.map(Some));
        for company in &preview.companies {
            let id = company.id.to_string();
            line(
                &mut out,
                [
                    Some(id.as_str()),
                    company.name.as_deref(),
                    company.industry.as_deref(),
                    company.headcount.as_deref(),
                    company.domain.as_deref(),
                    company.city.as_deref(),
                    company.country.as_deref(),
                    company.source.as_deref(),
                ],
            );
        }
    }
    out.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn line<const N: usize>(out: &mut csv::Writer<Vec<u8>>, cells: [Option<&str>; N]) {
    // Writing to memory cannot fail.
    let _ = out.write_record(cells.map(|cell| disarm(cell.unwrap_or_default())));
}

fn disarm(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::disarm;

    #[test]
    fn formulas_are_disarmed() {
        for (cell, safe) in [("plain", "plain"), ("a,b", "a,b"), ("=1+1", "'=1+1"), ("-x", "'-x"), ("", "")] {
            assert_eq!(disarm(cell), safe);
        }
    }
}
