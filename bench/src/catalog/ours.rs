//! The catalog itself, in the process.

use super::data::{self, Plan};
use super::questions::{Question, Questions};
use super::report::{Answer, Asked, Report, measure};
use crate::{machine, sample};
use anyhow::{Context as _, Result, anyhow, ensure};
use serde::{Deserialize, Serialize};
use sluice_catalog::embedded::EmbeddedCatalog;
use sluice_catalog::import::{Counts, Input, Rejects, import};
use sluice_catalog::{Catalog as _, Count, Rank, Search, Sort, Suggest, Window};
use sluice_model::filter::{Clause, ContactFacet, Filter, IdSet, Mode, Text, Wrapper};
use sluice_model::{EntityKind, Time};

/// No question asks for ages: any time will do.
const NOW: Time = Time::from_millis(0);
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The catalog's folder, and that of the copy into which people are imported while questions are asked.
pub const CATALOG: &str = "catalog";
const BESIDE: &str = "catalog-beside";
pub const IMPORTED: &str = "imported.json";

/// What is typed, and how long a key takes.
const TYPED: &str = "director of engineering";
const KEY: Duration = Duration::from_millis(100);

/// Hits on a page.
const PAGE: usize = 100;

/// The most values of a facet that are asked for: all.
const VALUES: usize = 1_000_000;

/// What the import took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Imported {
    seconds: f64,
    peak_bytes: u64,
}

fn load(catalog: &EmbeddedCatalog, file: &Path) -> Result<Counts> {
    let mut writer = catalog.writer()?;
    let input = Input::file(file)?;
    let options = sample::options(EntityKind::Person);
    Ok(import(&mut writer, &options, input, &mut Rejects::discard(), &mut |_| {})?.counts)
}

/// Imports companies and people from NDJSON.
///
/// # Errors
/// When a row is lost.
pub fn import_all(plan: &Plan, dir: &Path) -> Result<()> {
    data::remove(&dir.join(CATALOG))?;
    let catalog = EmbeddedCatalog::open(&dir.join(CATALOG))?;
    let companies = sample::ndjson(sample::companies(&plan.companies)?)?;
    sample::load(&catalog, EntityKind::Company, "companies.ndjson", companies)?;
    let begun = Instant::now();
    let counts = load(&catalog, &dir.join(data::PEOPLE_NDJSON))?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(
        counts.created == plan.people as u64,
        "{} of {} people were imported",
        counts.created,
        plan.people
    );
    data::write_json(&dir.join(IMPORTED), &Imported { seconds, peak_bytes: machine::peak() })
}

/// Writes the flat file that the peers load.
///
/// # Errors
/// As [`data::flatten`].
pub fn flatten(plan: &Plan, dir: &Path) -> Result<()> {
    let catalog = EmbeddedCatalog::open(&dir.join(CATALOG))?;
    runtime()?.block_on(data::flatten(&catalog, plan, dir))
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

async fn ask(
    catalog: &EmbeddedCatalog,
    question: &Question,
    filter: &Filter,
    limit: usize,
) -> Result<Answer> {
    if !question.facets.is_empty() {
        let (count, facets) = catalog
            .count(Count {
                kind: EntityKind::Person,
                filter: filter.clone(),
                now: NOW,
                facets: question.facets.clone(),
                top: VALUES,
            })
            .await?;
        let facets =
            facets.into_iter().map(|(facet, values)| (facet, values.into_iter().collect())).collect();
        return Ok(Answer { count: Some(count), ids: Vec::new(), facets });
    }
    let window = match question.after {
        Some(after) => Window::Below { rank: Some(Rank(after.rank)), limit },
        None => Window::Page { offset: 0, limit },
    };
    let search = Search {
        filter: filter.clone(),
        ids: None,
        window,
        count: question.count,
        sort: Sort::Rank,
        now: NOW,
    };
    let page = catalog.search_people(search).await?;
    let ids = page.hits.iter().map(|hit| hit.person.id.to_string()).collect();
    Ok(Answer { count: page.total, ids, facets: BTreeMap::new() })
}

/// Opens the catalog that was imported and asks all questions; then what only we are asked.
///
/// # Errors
/// When it cannot answer.
pub fn report(plan: &Plan, dir: &Path) -> Result<Report> {
    let imported: Imported = data::read_json(&dir.join(IMPORTED))?;
    let questions: Questions = data::read_json(&dir.join(data::QUESTIONS))?;
    let excluded = data::excluded(dir)?;
    let runtime = runtime()?;
    let begun = Instant::now();
    let catalog = EmbeddedCatalog::open(&dir.join(CATALOG))?;
    let opened = begun.elapsed();
    let first = questions.questions.first().context("there is no question")?;
    runtime.block_on(ask(&catalog, first, &first.filter(&excluded), PAGE))?;
    let answered = begun.elapsed();
    let mut answers = BTreeMap::new();
    let mut counted = Vec::new();
    for question in &questions.questions {
        let filter = question.filter(&excluded);
        let asked =
            |limit| measure(&[Box::new(|| runtime.block_on(ask(&catalog, question, &filter, limit)))]);
        answers.insert(question.name.clone(), asked(PAGE)?);
        if question.count && question.facets.is_empty() {
            counted.push(format!("{} {:.2} ms", question.name, asked(0)?.median()));
        }
    }
    let memory = machine::memory();
    let started = format!(
        "A new process opens the catalog in {} ms and has answered its first question after {} ms. After all questions \
         it holds {} MiB of its own and {} MiB with the mapped files; the import held {} MiB at most.",
        machine::ms(opened),
        machine::ms(answered),
        memory >> 20,
        machine::resident() >> 20,
        imported.peak_bytes >> 20
    );
    let counted = format!("The exact count alone, without a page of whole people: {}.", counted.join(", "));
    let typed = runtime.block_on(typing(&catalog))?;
    let completed = runtime.block_on(completing(&catalog))?;
    let beside = beside(plan, dir, &runtime, &questions.questions, &excluded, &answers)?;
    Ok(Report {
        version: String::new(),
        build_seconds: imported.seconds,
        disk_bytes: machine::size(&dir.join(CATALOG))?,
        memory_bytes: Some(memory),
        open_ms: opened.as_secs_f64() * 1e3,
        answers,
        notes: vec![started, counted, typed, completed, beside],
    })
}

/// Types a title, three questions for each key, whether those before have been answered or not.
async fn typing(catalog: &EmbeddedCatalog) -> Result<String> {
    let mut tasks = Vec::new();
    let mut clock = tokio::time::interval(KEY);
    for (end, _) in TYPED.char_indices().skip(1).chain([(TYPED.len(), ' ')]) {
        clock.tick().await;
        let text = TYPED.get(..end).unwrap_or_default().to_owned();
        let facet = ContactFacet::LatestTitle(Text { mode: Mode::Smart, values: vec![text] });
        let contact = vec![Clause { wrapper: Wrapper::AnyInclude, facet }];
        let question = Question { count: true, ..Question::default() };
        let facets = ["seniority", "country"].map(str::to_owned).to_vec();
        for question in [question.clone(), Question { facets, ..question.clone() }, question] {
            let catalog = catalog.clone();
            let filter = Filter { contact: contact.clone(), ..Filter::default() };
            tasks.push(tokio::spawn(async move {
                let begun = Instant::now();
                ask(&catalog, &question, &filter, PAGE).await?;
                anyhow::Ok(begun.elapsed())
            }));
        }
    }
    let mut times = Vec::new();
    for task in tasks {
        times.push(task.await??);
    }
    times.sort();
    Ok(format!(
        "While \"{TYPED}\" is typed, a key every {} ms and three questions at once for each (two pages with exact \
         counts, one count of facets), an answer takes {} ms in the median, {} ms at the 95th percentile, {} ms at worst.",
        KEY.as_millis(),
        machine::ms(machine::percentile(&times, 0.5)),
        machine::ms(machine::percentile(&times, 0.95)),
        machine::ms(machine::percentile(&times, 1.0))
    ))
}

/// What is completed while it is typed.
const COMPLETED: [(Suggest, &[&str]); 5] = [
    (Suggest::Title, &["v", "vp", "engi", "hed of sal", "software engin"]),
    (Suggest::Skill, &["p", "pro", "proj", "machin", "kubernets"]),
    (Suggest::Location, &["b", "ber", "berl", "untied", "new y"]),
    (Suggest::Company, &["a", "ban", "bank", "technolgy", "software a"]),
    (Suggest::Person, &["a", "ann", "anna m", "mull", "mullre"]),
];

/// Completes what is typed, and tells how long that takes: the first answer of each kind, and those after it.
async fn completing(catalog: &EmbeddedCatalog) -> Result<String> {
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for (what, texts) in COMPLETED {
        for (round, text) in texts.iter().chain(texts.iter()).enumerate() {
            let begun = Instant::now();
            catalog.suggest(what, text, 0, 10).await?;
            if round == 0 { &mut first } else { &mut others }.push(begun.elapsed());
        }
    }
    first.sort();
    others.sort();
    Ok(format!(
        "Completing titles, skills, places, companies and people, right and with slips, ten of each: {} ms in the median, \
         {} ms at the 95th percentile, {} ms at worst; the first answer of a kind after a commit, which gathers its \
         values, {} ms at worst.",
        machine::ms(machine::percentile(&others, 0.5)),
        machine::ms(machine::percentile(&others, 0.95)),
        machine::ms(machine::percentile(&others, 1.0)),
        machine::ms(machine::percentile(&first, 1.0))
    ))
}

/// Asks while people are imported into a copy of the catalog, and tells how much longer answers take.
fn beside(
    plan: &Plan,
    dir: &Path,
    runtime: &Runtime,
    questions: &[Question],
    excluded: &IdSet,
    alone: &BTreeMap<String, Asked>,
) -> Result<String> {
    let copy = dir.join(BESIDE);
    data::remove(&copy)?;
    link(&dir.join(CATALOG), &copy)?;
    let catalog = EmbeddedCatalog::open(&copy)?;
    let filters: Vec<Filter> = questions.iter().map(|question| question.filter(excluded)).collect();
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let done = AtomicBool::new(false);
    let begun = Instant::now();
    let took = std::thread::scope(|scope| {
        let importing = scope.spawn(|| {
            let loaded = load(&catalog, &dir.join(data::NEWCOMERS_NDJSON));
            let took = begun.elapsed();
            done.store(true, Ordering::Relaxed);
            loaded.map(|_| took)
        });
        while !done.load(Ordering::Relaxed) {
            for (question, filter) in questions.iter().zip(&filters) {
                let begun = Instant::now();
                runtime.block_on(ask(&catalog, question, filter, PAGE))?;
                times.entry(&question.name).or_default().push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        importing.join().map_err(|_| anyhow!("the import panicked"))?
    })?;
    drop(catalog);
    data::remove(&copy)?;
    let ratios: Vec<String> = times
        .into_iter()
        .filter_map(|(name, ms)| {
            let asked = Asked { answer: Answer::default(), ms };
            Some(format!("{name} {:.1} times", asked.median() / alone.get(name)?.median().max(1e-3)))
        })
        .collect();
    Ok(format!(
        "While {} people are imported beside ({} rows/s then), answers take, compared with alone: {}.",
        plan.newcomers(),
        machine::rate(plan.newcomers() as u64, took),
        ratios.join(", ")
    ))
}

/// A copy of a folder that shares the files: the index never changes one that it has written.
fn link(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            link(&path, &target)?;
        } else if path.extension().is_none_or(|ending| ending != "lock") {
            std::fs::hard_link(&path, &target).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}
