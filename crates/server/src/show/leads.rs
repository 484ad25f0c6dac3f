//! Leads as a table.

use comfy_table::{ContentArrangement, Table, presets};
use sluice_app::runs::Preview;
use sluice_model::{Company, Lead};

/// Columns of the terminal that a table takes.
const WIDTH: u16 = 120;

/// The leads, or the companies, of a preview.
pub fn table(preview: &Preview) -> String {
    if preview.companies.is_empty() { leads(&preview.leads) } else { companies(&preview.companies) }
}

/// Leads, numbered in their order.
pub fn leads(leads: &[Lead]) -> String {
    let mut table = empty(["#", "Name", "Title", "Company", "Headcount", "City", "Country"]);
    for (at, lead) in leads.iter().enumerate() {
        let (person, company) = (&lead.person, lead.company.as_ref());
        table.add_row([
            (at + 1).to_string(),
            person.full_name(),
            or_dash(person.job_title.as_deref()),
            or_dash(company.and_then(|company| company.name.as_deref())),
            or_dash(company.and_then(|company| company.headcount.as_deref())),
            or_dash(person.city.as_deref()),
            or_dash(person.country.as_deref()),
        ]);
    }
    table.to_string()
}

fn companies(companies: &[Company]) -> String {
    let mut table = empty(["#", "Company", "Industry", "Headcount", "Domain", "City", "Country"]);
    for (at, company) in companies.iter().enumerate() {
        table.add_row([
            (at + 1).to_string(),
            or_dash(company.name.as_deref()),
            or_dash(company.industry.as_deref()),
            or_dash(company.headcount.as_deref()),
            or_dash(company.domain.as_deref()),
            or_dash(company.city.as_deref()),
            or_dash(company.country.as_deref()),
        ]);
    }
    table.to_string()
}

fn empty<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header);
    table
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("–").to_owned()
}
