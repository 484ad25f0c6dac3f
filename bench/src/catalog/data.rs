//! The same people for every engine.
//!
//! Ours are imported from NDJSON. The others load a flat file that is read out of the catalog page by page, in the
//! order of rank, with the columns that the questions look at made by our analysis: whoever has it need not analyse
//! anything, only load and index it.

use super::questions::{self, After};
use crate::sample;
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use sluice_catalog::embedded::EmbeddedCatalog;
use sluice_catalog::text::{self, Profile};
use sluice_catalog::{Catalog as _, PersonHit, Rank, Search, Sort, Window, facts};
use sluice_model::Time;
use sluice_model::filter::{Filter, IdSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Files in the folder of the benchmark.
pub const PEOPLE_NDJSON: &str = "people.ndjson";
pub const NEWCOMERS_NDJSON: &str = "newcomers.ndjson";
pub const PEOPLE_TSV: &str = "people.tsv";
pub const EXCLUDED_TSV: &str = "excluded.tsv";
pub const QUESTIONS: &str = "questions.json";
const PLAN: &str = "plan.json";

/// How many ids are excluded, at most a tenth of all.
const EXCLUDED: usize = 100_000;
/// People that are read at a time.
const PAGE: usize = 10_000;
/// A size that no band of the questions meets.
const UNKNOWN: (i64, i64) = (i64::MAX, -1);

/// What a folder was made for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub people: usize,
    pub companies: PathBuf,
}

impl Plan {
    /// The plan of a folder; a new folder takes this one.
    ///
    /// # Errors
    /// When the folder was made for another.
    pub fn settle(self, dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        if dir.join(PLAN).exists() {
            let found = Self::read(dir)?;
            ensure!(found == self, "{} was made for {found:?}: name another folder", dir.display());
        } else {
            write_json(&dir.join(PLAN), &self)?;
        }
        Ok(self)
    }

    pub fn read(dir: &Path) -> Result<Self> {
        read_json(&dir.join(PLAN))
    }

    /// People who join while questions are asked.
    pub fn newcomers(&self) -> usize {
        (self.people / 5).min(300_000)
    }
}

pub fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    std::fs::write(path, serde_json::to_vec(value)?).with_context(|| path.display().to_string())
}

/// Writes a file under another name first, so that one that is there is whole.
fn whole(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let part = path.with_extension("part");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&part)?);
    write(&mut file)?;
    file.flush()?;
    drop(file);
    std::fs::rename(&part, path).with_context(|| path.display().to_string())
}

/// Makes the people, and those who join later, unless they are there.
///
/// # Errors
/// When they cannot be written.
pub fn make_people(plan: &Plan, dir: &Path) -> Result<()> {
    let companies = sample::companies(&plan.companies)?;
    for (name, count, seed) in [(PEOPLE_NDJSON, plan.people, 1), (NEWCOMERS_NDJSON, plan.newcomers(), 2)] {
        if dir.join(name).exists() {
            continue;
        }
        whole(&dir.join(name), |file| {
            for person in sluice_catalog::sample::people(&companies, count, seed) {
                serde_json::to_writer(&mut *file, &person)?;
                file.write_all(b"\n")?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Reads everybody out of the catalog and writes the flat file, the excluded ids, and the questions.
///
/// # Errors
/// When somebody is missing, or a file cannot be written.
pub async fn flatten(catalog: &EmbeddedCatalog, plan: &Plan, dir: &Path) -> Result<()> {
    let stride = (plan.people / EXCLUDED).max(10);
    let mut excluded = String::new();
    let mut middle = None;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(dir.join("people.part"))?);
    let (mut place, mut rank) = (0, None);
    loop {
        let window = Window::Below { rank, limit: PAGE };
        let search = Search {
            filter: Filter::default(),
            ids: None,
            window,
            count: false,
            sort: Sort::Rank,
            now: Time::from_millis(0),
        };
        let hits = catalog.search_people(search).await?.hits;
        let Some(last) = hits.last() else { break };
        rank = Some(last.rank);
        for hit in &hits {
            write_row(&mut file, place, hit)?;
            if place % stride == stride - 1 {
                excluded.push_str(&format!("{}\n", hit.person.id));
            }
            if place == plan.people / 2 {
                middle = Some(After { rank: hit.rank.0, place: u64::try_from(place)? });
            }
            place += 1;
        }
    }
    ensure!(place == plan.people, "the catalog has {place} of {} people", plan.people);
    file.flush()?;
    std::fs::write(dir.join(EXCLUDED_TSV), excluded)?;
    let middle = middle.context("there is nobody in the middle")?;
    write_json(&dir.join(QUESTIONS), &questions::all(middle))?;
    std::fs::rename(dir.join("people.part"), dir.join(PEOPLE_TSV))?;
    Ok(())
}

/// A cell without what separates cells and lines, or escapes.
fn cell(text: &str) -> String {
    text.replace(['\t', '\n', '\r', '\\'], " ")
}

fn write_row(out: &mut impl Write, place: usize, hit: &PersonHit) -> Result<()> {
    let PersonHit { rank: Rank(rank), person, company } = hit;
    let company = company.as_ref();
    let facet = |name: &str| facts::person_facet(person, company, name).unwrap_or_default();
    let title = facts::latest_title(person).unwrap_or_default();
    let industry = company.and_then(|company| company.industry.as_deref()).unwrap_or_default();
    let tokens = |profile, text: &str| text::record_tokens(profile, text).join(" ");
    let (from, to) = company.and_then(facts::company_size).map_or(UNKNOWN, |size| {
        let number = |bound: Option<u64>, open| bound.map_or(open, |n| i64::try_from(n).unwrap_or(i64::MAX));
        (number(size.start, 0), number(size.end, i64::MAX))
    });
    let name = company.and_then(|company| company.name.as_deref()).unwrap_or_default();
    let cells = [
        place.to_string(),
        person.id.to_string(),
        rank.to_string(),
        cell(title),
        cell(&tokens(Profile::Title, title)),
        cell(&facet("seniority")),
        cell(&facet("country")),
        cell(person.city.as_deref().unwrap_or_default()),
        cell(&person.skills.join(", ")),
        person.company_id.unwrap_or_default().to_string(),
        cell(name),
        cell(&facet("industry")),
        cell(&tokens(Profile::Industry, industry)),
        from.to_string(),
        to.to_string(),
    ];
    writeln!(out, "{}", cells.join("\t"))?;
    Ok(())
}

/// The columns of the flat file, with their types in SQL.
pub const COLUMNS: [(&str, &str); 15] = [
    ("place", "INTEGER"),
    ("id", "UUID"),
    ("rank", "BIGINT"),
    ("title", "TEXT"),
    ("title_tokens", "TEXT"),
    ("seniority", "TEXT"),
    ("country", "TEXT"),
    ("city", "TEXT"),
    ("skills", "TEXT"),
    ("company_id", "UUID"),
    ("company", "TEXT"),
    ("industry", "TEXT"),
    ("industry_tokens", "TEXT"),
    ("size_from", "BIGINT"),
    ("size_to", "BIGINT"),
];

/// A line of the flat file.
pub struct Row<'r> {
    pub place: i64,
    pub id: Uuid,
    pub rank: i64,
    pub title: &'r str,
    pub title_tokens: &'r str,
    pub seniority: &'r str,
    pub country: &'r str,
    pub city: &'r str,
    pub skills: &'r str,
    pub company_id: Uuid,
    pub company: &'r str,
    pub industry: &'r str,
    pub industry_tokens: &'r str,
    pub size_from: i64,
    pub size_to: i64,
}

impl<'r> Row<'r> {
    fn read(line: &'r str) -> Result<Self> {
        let cells: Vec<&str> = line.split('\t').collect();
        let Ok(cells) = <[&str; COLUMNS.len()]>::try_from(cells) else {
            anyhow::bail!("a line has another number of cells: {line}");
        };
        let [place, id, rank, title, title_tokens, seniority, country, rest @ ..] = cells;
        let [city, skills, company_id, company, industry, industry_tokens, size_from, size_to] = rest;
        Ok(Self {
            place: place.parse()?,
            id: id.parse()?,
            rank: rank.parse()?,
            title,
            title_tokens,
            seniority,
            country,
            city,
            skills,
            company_id: company_id.parse()?,
            company,
            industry,
            industry_tokens,
            size_from: size_from.parse()?,
            size_to: size_to.parse()?,
        })
    }
}

/// Hands each line of the flat file to `each`.
///
/// # Errors
/// When a line cannot be read, and those of `each`.
pub fn each_row(dir: &Path, mut each: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(dir.join(PEOPLE_TSV))?);
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 {
        each(&Row::read(line.trim_end_matches('\n'))?)?;
        line.clear();
    }
    Ok(())
}

/// The excluded ids.
///
/// # Errors
/// When they cannot be read.
pub fn excluded(dir: &Path) -> Result<IdSet> {
    let text = std::fs::read_to_string(dir.join(EXCLUDED_TSV))?;
    text.lines().map(|line| line.parse().context("an excluded id")).collect()
}

/// Removes a file or folder that may be absent.
pub fn remove(path: &Path) -> Result<()> {
    let done = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

/// Builds a store unless it is there whole, and tells how many seconds that took.
///
/// # Errors
/// Those of `build`.
pub fn built(dir: &Path, store: &str, build: impl FnOnce() -> Result<f64>) -> Result<f64> {
    let mark = dir.join(format!("{store}.seconds"));
    if !mark.exists() {
        remove(&dir.join(store))?;
        let seconds = build()?;
        std::fs::write(&mark, seconds.to_string())?;
    }
    std::fs::read_to_string(&mark)?.parse().with_context(|| mark.display().to_string())
}
