//! PostgreSQL with the indexes that serve these questions best: GIN over the token lists, B-trees over the rest.

use super::data::{self, COLUMNS};
use super::questions::{Question, Questions, literals};
use super::report::{Answer, Report, Way, measure};
use anyhow::{Context as _, Result};
use sluice_testdb::Server;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

const DATABASE: &str = "bench";

/// Two ways of leaving out: a join, and a look-up in a hashed list.
const NOT_EXCLUDED: [&str; 2] = [
    "NOT EXISTS (SELECT 1 FROM excluded WHERE excluded.id = person.id)",
    "id NOT IN (SELECT id FROM excluded)",
];

/// As a server of this size would be set up; the log is kept small, for nothing here has to survive.
fn settings() -> Vec<String> {
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or_default();
    let mib = line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(4 << 20) >> 10;
    vec![
        format!("shared_buffers={}MB", mib / 4),
        format!("effective_cache_size={}MB", mib / 2),
        "work_mem=256MB".to_owned(),
        "maintenance_work_mem=1GB".to_owned(),
        "max_wal_size=8GB".to_owned(),
        "wal_level=minimal".to_owned(),
        "max_wal_senders=0".to_owned(),
        "random_page_cost=1.1".to_owned(),
        "max_parallel_workers_per_gather=2".to_owned(),
        "max_parallel_maintenance_workers=2".to_owned(),
    ]
}

fn build(server: &Server, dir: &Path) -> Result<f64> {
    let begun = Instant::now();
    let columns: Vec<String> = COLUMNS.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let lists: Vec<String> = COLUMNS
        .iter()
        .map(|(name, _)| match name.ends_with("_tokens") {
            true => format!("string_to_array({name}, ' ') AS {name}"),
            false => (*name).to_owned(),
        })
        .collect();
    server.run(DATABASE, &format!("CREATE UNLOGGED TABLE raw ({})", columns.join(", ")));
    let copy = |table: &str, file: &str| {
        server.run(DATABASE, &format!("\\copy {table} FROM '{}'", dir.join(file).display()));
    };
    copy("raw", data::PEOPLE_TSV);
    server.run(
        DATABASE,
        &format!("CREATE TABLE person AS SELECT {} FROM raw ORDER BY place", lists.join(", ")),
    );
    for statement in [
        "DROP TABLE raw",
        "CREATE UNIQUE INDEX ON person (place)",
        "CREATE INDEX ON person (seniority, place) INCLUDE (id)",
        "CREATE INDEX ON person (country, place)",
        "CREATE INDEX ON person (seniority, country, industry)",
        "CREATE INDEX ON person USING gin (title_tokens) WITH (fastupdate = off)",
        "CREATE INDEX ON person USING gin (industry_tokens) WITH (fastupdate = off)",
        "CREATE TABLE excluded (id UUID PRIMARY KEY)",
    ] {
        server.run(DATABASE, statement);
    }
    copy("excluded", data::EXCLUDED_TSV);
    server.run(DATABASE, "VACUUM (FREEZE, ANALYZE)");
    Ok(begun.elapsed().as_secs_f64())
}

struct Peer<'p> {
    runtime: &'p Runtime,
    client: Client,
}

impl Peer<'_> {
    fn rows(&self, sql: &str) -> Result<Vec<tokio_postgres::Row>> {
        self.runtime.block_on(self.client.query(sql, &[])).with_context(|| sql.to_owned())
    }

    fn number(&self, sql: &str) -> Result<u64> {
        let rows = self.rows(sql)?;
        let number: i64 = rows.first().context("a count has no row")?.get(0);
        Ok(u64::try_from(number)?)
    }

    /// The count by one statement, the page by another.
    fn apart(&self, question: &Question, conditions: &str) -> Result<Answer> {
        let count = question
            .count
            .then(|| self.number(&format!("SELECT count(*) FROM person WHERE {conditions}")))
            .transpose()?;
        let page = format!("SELECT id::TEXT FROM person WHERE {conditions} ORDER BY place LIMIT 100");
        let ids = self.rows(&page)?.iter().map(|row| row.get(0)).collect();
        Ok(Answer { count, ids, facets: BTreeMap::new() })
    }

    /// All hits once, counted and sorted.
    fn once(&self, conditions: &str) -> Result<Answer> {
        let rows = self.rows(&format!(
            "WITH hit AS MATERIALIZED (SELECT id, place FROM person WHERE {conditions})
            SELECT (SELECT count(*) FROM hit), ARRAY(SELECT id::TEXT FROM hit ORDER BY place LIMIT 100)"
        ))?;
        let row = rows.first().context("a page has no row")?;
        let count = u64::try_from(row.get::<_, i64>(0))?;
        Ok(Answer { count: Some(count), ids: row.get(1), facets: BTreeMap::new() })
    }

    /// Each facet by itself.
    fn facets(&self, question: &Question, conditions: &str) -> Result<Answer> {
        let count = self.number(&format!("SELECT count(*) FROM person WHERE {conditions}"))?;
        let mut answer = Answer { count: Some(count), ..Answer::default() };
        for facet in &question.facets {
            let rows = self
                .rows(&format!("SELECT {facet}, count(*) FROM person WHERE {conditions} GROUP BY {facet}"))?;
            let values = answer.facets.entry(facet.clone()).or_default();
            for row in rows {
                values.insert(row.get(0), u64::try_from(row.get::<_, i64>(1))?);
            }
        }
        Ok(answer)
    }

    /// All combinations of values in one pass, summed here.
    fn combined(&self, question: &Question, conditions: &str) -> Result<Answer> {
        let names = question.facets.join(", ");
        let rows =
            self.rows(&format!("SELECT {names}, count(*) FROM person WHERE {conditions} GROUP BY {names}"))?;
        let mut answer = Answer { count: Some(0), ..Answer::default() };
        for row in rows {
            let count = u64::try_from(row.get::<_, i64>(question.facets.len()))?;
            answer.count = answer.count.map(|total| total + count);
            for (at, facet) in question.facets.iter().enumerate() {
                let values = answer.facets.entry(facet.clone()).or_default();
                *values.entry(row.get(at)).or_default() += count;
            }
        }
        Ok(answer)
    }

    fn ways<'w>(&'w self, question: &'w Question) -> Vec<Way<'w>> {
        let has_all =
            |column: &str, tokens: &[String]| format!("{column} @> ARRAY[{}]::TEXT[]", literals(tokens));
        let mut ways: Vec<Way<'w>> = Vec::new();
        let variants = if question.excluded { &NOT_EXCLUDED[..] } else { &[""] };
        for not_excluded in variants {
            let conditions = question.sql(has_all, not_excluded);
            if !question.facets.is_empty() {
                let again = conditions.clone();
                ways.push(Box::new(move || self.facets(question, &conditions)));
                ways.push(Box::new(move || self.combined(question, &again)));
                continue;
            }
            if question.count {
                let again = conditions.clone();
                ways.push(Box::new(move || self.once(&again)));
            }
            ways.push(Box::new(move || self.apart(question, &conditions)));
        }
        ways
    }
}

/// Starts a server, fills it, and asks all questions. The server and its files go with the process.
///
/// # Errors
/// When PostgreSQL is not installed, or refuses.
pub fn report(dir: &Path) -> Result<Report> {
    let settings = settings();
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = Server::start_with(None, &[], &settings)?;
    let url = server.database(DATABASE);
    let build_seconds = build(&server, dir)?;
    let questions: Questions = data::read_json(&dir.join(data::QUESTIONS))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let begun = Instant::now();
    let (client, connection) = runtime.block_on(tokio_postgres::connect(&url, NoTls))?;
    runtime.spawn(connection);
    let peer = Peer { runtime: &runtime, client };
    let version: String = peer.rows("SHOW server_version")?.first().context("no version")?.get(0);
    let opened = begun.elapsed();
    let mut answers = BTreeMap::new();
    for question in &questions.questions {
        answers.insert(question.name.clone(), measure(&peer.ways(question))?);
    }
    Ok(Report {
        version,
        build_seconds,
        disk_bytes: peer.number("SELECT pg_database_size(current_database())")?,
        memory_bytes: None,
        open_ms: opened.as_secs_f64() * 1e3,
        answers,
        notes: Vec::new(),
    })
}
