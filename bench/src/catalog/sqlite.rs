//! SQLite: the people in a table, what is searched in FTS5, rows in the order of rank.
//!
//! FTS5 answers in the order of row ids, so a page needs no sorting. Each value of a facet is one token, marked with
//! the facet's letter.

use super::data::{self, COLUMNS, Row};
use super::questions::{Question, Questions, Wanted};
use super::report::{Answer, Report, Way, measure};
use crate::machine;
use anyhow::Result;
use rusqlite::{Connection, OpenFlags, params};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

/// The store's name in the folder of the benchmark.
pub const STORE: &str = "people.sqlite";

const NOT_EXCLUDED: &str = "NOT EXISTS (SELECT 1 FROM excluded WHERE excluded.id = person.id)";

/// A token that the tokenizer leaves as it is: letters and digits, anything else by its number.
fn token(facet: char, text: &str) -> String {
    let mut out = String::from(facet);
    for c in text.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else {
            out.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    out
}

fn tokens(row: &Row<'_>) -> String {
    let titles = row.title_tokens.split_whitespace().map(|text| token('t', text));
    let industries = row.industry_tokens.split_whitespace().map(|text| token('i', text));
    let all = titles.chain(industries).chain([token('s', row.seniority), token('c', row.country)]);
    all.collect::<Vec<_>>().join(" ")
}

fn build(dir: &Path) -> Result<f64> {
    let begun = Instant::now();
    let mut db = Connection::open(dir.join(STORE))?;
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(name, kind)| match *kind {
            _ if *name == "place" => "place INTEGER PRIMARY KEY".to_owned(),
            "UUID" => format!("{name} BLOB"),
            kind => format!("{name} {kind}"),
        })
        .collect();
    db.execute_batch(&format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;
        CREATE TABLE person ({});
        CREATE VIRTUAL TABLE found USING fts5(tokens, content = '', detail = none, columnsize = 0,
            tokenize = \"unicode61 remove_diacritics 0 tokenchars '_'\");
        CREATE TABLE excluded (id BLOB PRIMARY KEY) WITHOUT ROWID;",
        columns.join(", ")
    ))?;
    let transaction = db.transaction()?;
    fill(&transaction, dir)?;
    transaction.commit()?;
    db.execute_batch(
        "INSERT INTO found (found) VALUES ('optimize');
        CREATE INDEX person_facets ON person (seniority, country, industry);
        CREATE INDEX person_page ON person (seniority, place, id);
        ANALYZE;",
    )?;
    Ok(begun.elapsed().as_secs_f64())
}

fn fill(db: &Connection, dir: &Path) -> Result<()> {
    let marks = vec!["?"; COLUMNS.len()].join(", ");
    let mut person = db.prepare(&format!("INSERT INTO person VALUES ({marks})"))?;
    let mut found = db.prepare("INSERT INTO found (rowid, tokens) VALUES (?, ?)")?;
    data::each_row(dir, |row| {
        person.execute(params![
            row.place,
            row.id.as_bytes(),
            row.rank,
            row.title,
            row.title_tokens,
            row.seniority,
            row.country,
            row.city,
            row.skills,
            row.company_id.as_bytes(),
            row.company,
            row.industry,
            row.industry_tokens,
            row.size_from,
            row.size_to
        ])?;
        found.execute(params![row.place, tokens(row)])?;
        Ok(())
    })?;
    let mut excluded = db.prepare("INSERT INTO excluded VALUES (?)")?;
    for id in data::excluded(dir)?.iter() {
        excluded.execute([id.as_bytes()])?;
    }
    Ok(())
}

/// What FTS5 is asked for.
fn expression(question: &Question) -> String {
    let any = |tokens: Vec<String>| format!("({})", tokens.join(" OR "));
    let all = |facet: char, wanted: &Wanted| {
        format!("({})", wanted.tokens.iter().map(|text| token(facet, text)).collect::<Vec<_>>().join(" AND "))
    };
    let mut parts = Vec::new();
    for (facet, values) in [('s', &question.seniorities), ('c', &question.countries)] {
        if !values.is_empty() {
            parts.push(any(values.iter().map(|value| token(facet, value)).collect()));
        }
    }
    for (facet, wanted) in [('t', &question.titles), ('i', &question.industries)] {
        if !wanted.is_empty() {
            parts.push(any(wanted.iter().map(|wanted| all(facet, wanted)).collect()));
        }
    }
    parts.join(" AND ")
}

fn page(db: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
    rows.map(|id| Ok(Uuid::from_bytes(id?).to_string())).collect()
}

fn count(db: &Connection, sql: &str) -> Result<u64> {
    let count: i64 = db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(count)?)
}

/// By way of FTS5; the table is looked at for what stands only there.
fn by_tokens(db: &Connection, question: &Question) -> Result<Answer> {
    let mut conditions = format!("found MATCH '{}'", expression(question));
    let beside = question.size.is_some() || question.excluded;
    if let Some((low, high)) = question.size {
        conditions.push_str(&format!(" AND size_from <= {high} AND size_to >= {low}"));
    }
    if question.excluded {
        conditions.push_str(&format!(" AND {NOT_EXCLUDED}"));
    }
    if let Some(after) = question.after {
        conditions.push_str(&format!(" AND found.rowid > {}", after.place));
    }
    // CROSS: the order of the tables is kept, and with it that of the hits.
    let joined = "found CROSS JOIN person ON person.place = found.rowid";
    let total = if question.count {
        let from = if beside { joined } else { "found" };
        Some(count(db, &format!("SELECT count(*) FROM {from} WHERE {conditions}"))?)
    } else {
        None
    };
    let hits = format!("SELECT id FROM {joined} WHERE {conditions} ORDER BY found.rowid LIMIT 100");
    Ok(Answer { count: total, ids: page(db, &hits)?, facets: BTreeMap::new() })
}

/// By way of the table's own indexes, for what no text is asked of.
fn by_columns(db: &Connection, question: &Question) -> Result<Answer> {
    let conditions = question.sql(|_, _| "TRUE".to_owned(), NOT_EXCLUDED);
    let total = question
        .count
        .then(|| count(db, &format!("SELECT count(*) FROM person WHERE {conditions}")))
        .transpose()?;
    let hits = format!("SELECT id FROM person WHERE {conditions} ORDER BY place LIMIT 100");
    Ok(Answer { count: total, ids: page(db, &hits)?, facets: BTreeMap::new() })
}

/// All combinations of the facets' values, summed here: one pass over an index.
fn facets(db: &Connection, question: &Question) -> Result<Answer> {
    let names = question.facets.join(", ");
    let conditions = question.sql(|_, _| "TRUE".to_owned(), NOT_EXCLUDED);
    let sql = format!("SELECT {names}, count(*) FROM person WHERE {conditions} GROUP BY {names}");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut answer = Answer { count: Some(0), ..Answer::default() };
    while let Some(row) = rows.next()? {
        let count = u64::try_from(row.get::<_, i64>(question.facets.len())?)?;
        answer.count = answer.count.map(|total| total + count);
        for (at, facet) in question.facets.iter().enumerate() {
            let values = answer.facets.entry(facet.clone()).or_default();
            *values.entry(row.get(at)?).or_default() += count;
        }
    }
    Ok(answer)
}

/// Builds the database unless it is there, and asks all questions.
///
/// # Errors
/// When it cannot be built or asked.
pub fn report(dir: &Path) -> Result<Report> {
    let build_seconds = data::built(dir, STORE, || build(dir))?;
    let questions: Questions = data::read_json(&dir.join(data::QUESTIONS))?;
    let begun = Instant::now();
    let db = Connection::open_with_flags(dir.join(STORE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.execute_batch("PRAGMA cache_size = -1000000; PRAGMA mmap_size = 100000000000;")?;
    let version: String = db.query_row("SELECT sqlite_version()", [], |row| row.get(0))?;
    let opened = begun.elapsed();
    let mut answers = BTreeMap::new();
    for question in &questions.questions {
        let mut ways: Vec<Way<'_>> = Vec::new();
        if !question.facets.is_empty() {
            ways.push(Box::new(|| facets(&db, question)));
        } else {
            ways.push(Box::new(|| by_tokens(&db, question)));
            if question.titles.is_empty() && question.industries.is_empty() {
                ways.push(Box::new(|| by_columns(&db, question)));
            }
        }
        answers.insert(question.name.clone(), measure(&ways)?);
    }
    Ok(Report {
        version,
        build_seconds,
        disk_bytes: std::fs::metadata(dir.join(STORE))?.len(),
        memory_bytes: Some(machine::memory()),
        open_ms: opened.as_secs_f64() * 1e3,
        answers,
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_token_is_one_word() {
        assert_eq!(token('t', "engineer2"), "tengineer2");
        assert_eq!(token('t', "~@vp"), "t_7e__40_vp");
        assert_ne!(token('c', "DE"), token('c', "de"));
    }
}
