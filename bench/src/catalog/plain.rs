//! Tantivy as its documentation uses it: an index of its own, queries put together from its parts, its collectors.

use super::data::{self, Row};
use super::questions::{Question, Questions, Wanted};
use super::report::{Answer, Report, Way, measure};
use crate::machine;
use anyhow::{Context as _, Result};
use rustc_hash::FxHashSet;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tantivy::aggregation::AggregationCollector;
use tantivy::collector::{Count, FilterCollector, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::{DocAddress, Index, IndexWriter, Order, Searcher, TantivyDocument, Term};
use uuid::Uuid;

/// The store's name in the folder of the benchmark.
pub const STORE: &str = "people.tantivy";
const THREADS: usize = 2;
/// Memory of the writer's threads together.
const WRITER_BYTES: usize = 600 << 20;

struct Fields {
    place: Field,
    id_high: Field,
    id_low: Field,
    /// What a hit shows.
    shown: Field,
    title: Field,
    seniority: Field,
    country: Field,
    industry: Field,
    industry_tokens: Field,
    size_from: Field,
    size_to: Field,
}

fn schema() -> (Schema, Fields) {
    fn number(builder: &mut SchemaBuilder, name: &str) -> Field {
        builder.add_u64_field(name, NumericOptions::default().set_fast())
    }
    fn terms(builder: &mut SchemaBuilder, name: &str, fast: bool) -> Field {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let options = TextOptions::default().set_indexing_options(indexing);
        builder.add_text_field(name, if fast { options.set_fast("raw") } else { options })
    }
    let mut builder = Schema::builder();
    let fields = Fields {
        place: number(&mut builder, "place"),
        id_high: number(&mut builder, "id_high"),
        id_low: number(&mut builder, "id_low"),
        shown: builder.add_text_field("shown", TextOptions::default().set_stored()),
        title: terms(&mut builder, "title", false),
        seniority: terms(&mut builder, "seniority", true),
        country: terms(&mut builder, "country", true),
        industry: terms(&mut builder, "industry", true),
        industry_tokens: terms(&mut builder, "industry_tokens", false),
        size_from: number(&mut builder, "size_from"),
        size_to: number(&mut builder, "size_to"),
    };
    (builder.build(), fields)
}

fn document(fields: &Fields, row: &Row<'_>) -> Result<TantivyDocument> {
    let mut out = TantivyDocument::default();
    let (high, low) = row.id.as_u64_pair();
    out.add_u64(fields.place, u64::try_from(row.place)?);
    out.add_u64(fields.id_high, high);
    out.add_u64(fields.id_low, low);
    out.add_text(fields.shown, [row.title, row.city, row.skills, row.company].join("\t"));
    for token in row.title_tokens.split_whitespace() {
        out.add_text(fields.title, token);
    }
    for token in row.industry_tokens.split_whitespace() {
        out.add_text(fields.industry_tokens, token);
    }
    out.add_text(fields.seniority, row.seniority);
    out.add_text(fields.country, row.country);
    out.add_text(fields.industry, row.industry);
    out.add_u64(fields.size_from, u64::try_from(row.size_from)?);
    // Nothing is smaller than an unknown size.
    out.add_u64(fields.size_to, u64::try_from(row.size_to).unwrap_or(0));
    Ok(out)
}

fn build(dir: &Path) -> Result<f64> {
    let begun = Instant::now();
    let (schema, fields) = schema();
    std::fs::create_dir_all(dir.join(STORE))?;
    let index = Index::create_in_dir(dir.join(STORE), schema)?;
    let mut writer: IndexWriter = index.writer_with_num_threads(THREADS, WRITER_BYTES)?;
    data::each_row(dir, |row| {
        writer.add_document(document(&fields, row)?)?;
        Ok(())
    })?;
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn any(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        last => Box::new(BooleanQuery::union(queries.into_iter().chain(last).collect())),
    }
}

fn any_wanted(field: Field, wanted: &[Wanted]) -> Box<dyn Query> {
    let one = |wanted: &Wanted| -> Box<dyn Query> {
        Box::new(BooleanQuery::intersection(wanted.tokens.iter().map(|token| term(field, token)).collect()))
    };
    any(wanted.iter().map(one).collect())
}

fn query(fields: &Fields, question: &Question) -> Box<dyn Query> {
    let mut all: Vec<Box<dyn Query>> = Vec::new();
    for (field, values) in [(fields.seniority, &question.seniorities), (fields.country, &question.countries)]
    {
        if !values.is_empty() {
            all.push(any(values.iter().map(|value| term(field, value)).collect()));
        }
    }
    for (field, wanted) in [(fields.title, &question.titles), (fields.industry_tokens, &question.industries)]
    {
        if !wanted.is_empty() {
            all.push(any_wanted(field, wanted));
        }
    }
    if let Some((low, high)) = question.size {
        let bound = |field, number| Bound::Included(Term::from_field_u64(field, number));
        all.push(Box::new(RangeQuery::new(Bound::Unbounded, bound(fields.size_from, high))));
        all.push(Box::new(RangeQuery::new(bound(fields.size_to, low), Bound::Unbounded)));
    }
    if let Some(after) = question.after {
        let from = Bound::Excluded(Term::from_field_u64(fields.place, after.place));
        all.push(Box::new(RangeQuery::new(from, Bound::Unbounded)));
    }
    Box::new(BooleanQuery::new(all.into_iter().map(|query| (Occur::Must, query)).collect()))
}

/// The ids of these documents.
fn ids(searcher: &Searcher, found: &[(Option<u64>, DocAddress)]) -> Result<Vec<String>> {
    let mut columns = Vec::new();
    for reader in searcher.segment_readers() {
        columns.push((reader.fast_fields().u64("id_high")?, reader.fast_fields().u64("id_low")?));
    }
    let one = |(_, address): &(Option<u64>, DocAddress)| {
        let (high, low) = columns.get(address.segment_ord as usize)?;
        Some(Uuid::from_u64_pair(high.first(address.doc_id)?, low.first(address.doc_id)?).to_string())
    };
    found.iter().map(|found| one(found).context("a hit has no id")).collect()
}

fn facets(searcher: &Searcher, question: &Question, query: &dyn Query) -> Result<Answer> {
    let terms = |facet: &String| (facet.clone(), json!({"terms": {"field": facet, "size": 10_000}}));
    let wanted = Value::Object(question.facets.iter().map(terms).collect());
    let collector = AggregationCollector::from_aggs(serde_json::from_value(wanted)?, Default::default());
    let (count, counted) = searcher.search(query, &(Count, collector))?;
    let counted = serde_json::to_value(counted)?;
    let mut facets: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for facet in &question.facets {
        let values = facets.entry(facet.clone()).or_default();
        for bucket in counted[facet]["buckets"].as_array().into_iter().flatten() {
            let key = bucket["key"].as_str().unwrap_or_default();
            values.insert(key.to_owned(), bucket["doc_count"].as_u64().unwrap_or_default());
        }
    }
    Ok(Answer { count: Some(u64::try_from(count)?), ids: Vec::new(), facets })
}

fn ask(
    searcher: &Searcher,
    fields: &Fields,
    question: &Question,
    excluded: &Arc<FxHashSet<u64>>,
) -> Result<Answer> {
    let query = query(fields, question);
    if !question.facets.is_empty() {
        return facets(searcher, question, &*query);
    }
    let top = || TopDocs::with_limit(100).order_by_fast_field::<u64>("place", Order::Asc);
    let page = |count: Option<usize>, found: &[(Option<u64>, DocAddress)]| {
        let count = count.map(u64::try_from).transpose()?;
        anyhow::Ok(Answer { count, ids: ids(searcher, found)?, facets: BTreeMap::new() })
    };
    if question.excluded {
        // Half of an id tells people apart as well as all of it, and is quicker to read.
        let excluded = Arc::clone(excluded);
        let collector = FilterCollector::new(
            "id_low".to_owned(),
            move |low: u64| !excluded.contains(&low),
            (Count, top()),
        );
        let (count, found) = searcher.search(&*query, &collector)?;
        return page(Some(count), &found);
    }
    if question.count {
        let (count, found) = searcher.search(&*query, &(Count, top()))?;
        return page(Some(count), &found);
    }
    page(None, &searcher.search(&*query, &top())?)
}

/// Builds the index unless it is there, and asks all questions.
///
/// # Errors
/// When the index cannot be built or searched.
pub fn report(dir: &Path) -> Result<Report> {
    let build_seconds = data::built(dir, STORE, || build(dir))?;
    let questions: Questions = data::read_json(&dir.join(data::QUESTIONS))?;
    let excluded: FxHashSet<u64> = data::excluded(dir)?.iter().map(|id| id.as_u64_pair().1).collect();
    let excluded = Arc::new(excluded);
    let (_, fields) = schema();
    let begun = Instant::now();
    let mut index = Index::open_in_dir(dir.join(STORE))?;
    index.set_multithread_executor(THREADS)?;
    let searcher = index.reader()?.searcher();
    let opened = begun.elapsed();
    let mut answers = BTreeMap::new();
    for question in &questions.questions {
        let way: Way<'_> = Box::new(|| ask(&searcher, &fields, question, &excluded));
        answers.insert(question.name.clone(), measure(&[way])?);
    }
    Ok(Report {
        version: tantivy::version().to_string(),
        build_seconds,
        disk_bytes: machine::size(&dir.join(STORE))?,
        memory_bytes: Some(machine::memory()),
        open_ms: opened.as_secs_f64() * 1e3,
        answers,
        notes: Vec::new(),
    })
}
