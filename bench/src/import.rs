//! `bench import`: rows a second into an empty catalog, and again into a full one.

use crate::{machine, sample};
use anyhow::Result;
use sluice_catalog::embedded::EmbeddedCatalog;
use sluice_model::{EntityKind, Person};
use std::path::PathBuf;
use std::time::Instant;

#[derive(clap::Args)]
pub struct Args {
    /// Synthetic people.
    #[arg(long, default_value_t = 200_000)]
    people: usize,
    /// Companies: CSV or NDJSON.
    #[arg(long, default_value = sample::COMPANIES)]
    companies: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let catalog = EmbeddedCatalog::open(dir.path())?;
    let companies = sample::companies(&args.companies)?;
    let people: Vec<Person> = sample::people(&companies, args.people).collect();
    let company_rows = sample::ndjson(&companies)?;
    let person_csv = csv(&people);
    let person_rows = sample::ndjson(&people)?;
    println!("{}\n", machine::line());
    println!(
        "| rows | format | size MiB | seconds | cpu s | rows/s | created | unchanged |\n|---|---|---:|---:|---:|---:|---:|---:|"
    );
    let measure = |catalog: &EmbeddedCatalog, kind, label: &str, name: &str, bytes: &Vec<u8>| -> Result<()> {
        let (begun, cpu) = (Instant::now(), machine::cpu());
        let counts = sample::load(catalog, kind, name, bytes.clone())?;
        let (took, cpu) = (begun.elapsed(), machine::cpu().saturating_sub(cpu));
        println!(
            "| {label} | {} | {} | {:.2} | {:.2} | {} | {} | {} |",
            name.rsplit('.').next().unwrap_or_default(),
            bytes.len() >> 20,
            took.as_secs_f64(),
            cpu.as_secs_f64(),
            machine::rate(counts.read, took),
            counts.created,
            counts.unchanged
        );
        Ok(())
    };
    measure(&catalog, EntityKind::Company, "companies", "companies.ndjson", &company_rows)?;
    measure(&catalog, EntityKind::Person, "people, full records", "people.ndjson", &person_rows)?;
    measure(&catalog, EntityKind::Person, "the same again", "people.ndjson", &person_rows)?;
    let other = tempfile::tempdir()?;
    let catalog = EmbeddedCatalog::open(other.path())?;
    measure(&catalog, EntityKind::Company, "companies", "companies.ndjson", &company_rows)?;
    measure(&catalog, EntityKind::Person, "people, 10 columns", "people.csv", &person_csv)?;
    Ok(())
}

/// The columns that a usual export has. No value of the sample needs quotes but names of companies.
fn csv(people: &[Person]) -> Vec<u8> {
    let mut out = String::from(
        "First Name,Last Name,Job Title,Company,Company Domain,Email,City,Country,Skills,Seniority\n",
    );
    for person in people {
        let company = person.work_experiences.first().map(|job| job.company.clone()).unwrap_or_default();
        let cells = [
            person.first_name.clone(),
            person.last_name.clone(),
            person.job_title.clone().unwrap_or_default(),
            company.name.unwrap_or_default(),
            company.domain.unwrap_or_default(),
            person.emails.first().cloned().unwrap_or_default(),
            person.city.clone().unwrap_or_default(),
            person.country.clone().unwrap_or_default(),
            person.skills.join("; "),
            person.seniority.clone().unwrap_or_default(),
        ];
        let cells: Vec<String> =
            cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out.into_bytes()
}
