//! The same comparison where numbers are large: all listed companies, and people by the hundred thousand.

use crate::alike::compare;
use crate::oracle::{self, Candidate, Record, Rule, Wanted};
use crate::organisation::Organisation;
use crate::stage::Stage;
use crate::world::{companies, example_companies, fill};
use serde_json::{Value, json};
use sluice_catalog::reference::{company_matches, person_matches};
use sluice_catalog::sample;
use sluice_model::filter::Filter;
use sluice_model::{Company, EntityKind, Faults, Node, Person, RunStatus, Time};
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

/// Fewer in a build for development, where making and matching them takes most of the time.
const PEOPLE: usize = if cfg!(debug_assertions) { 120_000 } else { 200_000 };

struct Asked {
    kind: EntityKind,
    body: Value,
    filters: Vec<Filter>,
    rules: Vec<Rule>,
    target: u64,
}

fn asked(kind: EntityKind, target: u64, filters: &[Value], rules: Vec<Rule>) -> Asked {
    let read = |value: &Value| {
        let mut faults = Faults::new();
        Filter::read(&Node::root(value), &mut faults, kind).unwrap_or_else(|| panic!("{value}: {faults:?}"))
    };
    let search = |filters| json!({"provider": "baseProvider", "type": kind.name(), "filters": filters});
    let body = json!({
        "name": "At scale",
        "leadsPerList": target,
        "leadProviderCriteria": filters.iter().map(search).collect::<Vec<_>>(),
        "customFilterCriteria": rules.iter().map(crate::made::to_json).collect::<Vec<_>>(),
    });
    Asked { kind, body, filters: filters.iter().map(read).collect(), rules, target }
}

fn icps() -> Vec<Asked> {
    let matches =
        |field: &str, regex: &str| Rule::Matches { field: field.to_owned(), regex: regex.to_owned() };
    vec![
        // The documented example, wide enough for thousands.
        asked(
            EntityKind::Person,
            2_000,
            &[
                json!({"job_titles": ["CTO", "VP Engineering"], "company_size": ["501-1000", "1001-5000"]}),
                json!({"seniority": ["c_suite", "vp"], "location": {"country": ["Germany", "Japan"]}}),
            ],
            vec![Rule::PerCompany(2), matches("emails", "@")],
        ),
        // Few are taken: the search is walked to its end.
        asked(
            EntityKind::Person,
            10_000,
            &[json!({"contact": {"location": {"any": {"include": ["DACH"]}}}})],
            vec![Rule::PerCompany(1), matches("company.domain", r"\.(de|ch|at)$")],
        ),
        asked(
            EntityKind::Company,
            10_000,
            &[
                json!({"account": {"industry": {"any": {"include": ["Biotechnology", "Pharmaceuticals"]}}}}),
                json!({"account": {"location": {"any": {"include": ["Europe"]}}}}),
            ],
            vec![matches("domain", r"\.[a-z]{2,}$")],
        ),
    ]
}

#[tokio::test]
async fn large_runs_equal_the_plain_evaluation() {
    let begun = Instant::now();
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/companies.csv.gz");
    let all = companies(&if shared.exists() { shared } else { example_companies() });
    let icps = icps();
    // The plain evaluation looks at people as they are made, so that they need not all be in memory.
    let by_id: HashMap<Uuid, &Company> = all.iter().map(|company| (company.id, company)).collect();
    let mut found: Vec<Vec<(Person, Vec<usize>)>> = icps.iter().map(|_| Vec::new()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let look = |person: &Person| {
        let company = person.company_id.and_then(|id| by_id.get(&id)).copied();
        for (asked, found) in icps.iter().zip(&mut found) {
            if asked.kind == EntityKind::Person {
                let fits =
                    |at: &usize| person_matches(&asked.filters[*at], person, company, Time::from_millis(0));
                let sources: Vec<usize> = (0..asked.filters.len()).filter(fits).collect();
                if !sources.is_empty() {
                    found.push((person.clone(), sources));
                }
            }
        }
    };
    let catalog = fill(folder.path(), &all, sample::people(&all, PEOPLE, 1).inspect(look));
    println!("{} companies, {PEOPLE} people: {:.1} s", all.len(), begun.elapsed().as_secs_f64());

    let stage = Stage::on(catalog).await;
    for (number, (asked, people)) in icps.iter().zip(&found).enumerate() {
        let actor = stage.organisation(&format!("org_{number}")).await;
        let candidates: Vec<Candidate<'_>> = match asked.kind {
            EntityKind::Person => people
                .iter()
                .map(|(person, sources)| {
                    let company = person.company_id.and_then(|id| by_id.get(&id)).copied();
                    Candidate { record: Record::Person(person, company), sources: sources.clone() }
                })
                .collect(),
            EntityKind::Company => all
                .iter()
                .map(|company| {
                    let fits = |at: &usize| company_matches(&asked.filters[*at], company);
                    let sources = (0..asked.filters.len()).filter(fits).collect();
                    Candidate { record: Record::Company(company), sources }
                })
                .filter(|candidate| !candidate.sources.is_empty())
                .collect(),
        };
        let now = stage.context.now();
        let (searches, rules) = (asked.filters.clone(), asked.rules.clone());
        let wanted = Wanted { searches, rules, target: asked.target, now };
        let mut organisation = Organisation::default();
        let expected = oracle::decide(&oracle::in_order(candidates), &wanted, &organisation);

        let begun = Instant::now();
        let icp = stage.icp(&actor, &asked.body).await;
        let run = stage.generate(&actor, &icp, false).await;
        stage.work(&|| false).await;
        let took = begun.elapsed();
        let run = stage.run(&actor, run.id).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        let decisions = stage.decisions(&actor, run.id).await;
        compare(&decisions, &expected.decided, &format!("ICP {number}"));
        assert!(run.funnel.adds_up() && run.funnel.considered == decisions.len() as u64);
        let mut own: Vec<usize> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for record in &expected.accepted {
            let at = organisation.adopt(record);
            if seen.insert(at) {
                own.push(at);
            }
        }
        let bases: Vec<Uuid> = own.into_iter().map(|at| organisation.own[at].base).collect();
        let listed = stage.listed(&actor, run.lead_list_id.expect("a list")).await;
        assert_eq!(
            listed.into_iter().map(|(_, base)| base).collect::<Vec<_>>(),
            bases,
            "ICP {number}: the list"
        );
        let (preview, previewed) = stage.preview(&actor, &icp).await;
        assert_eq!((&preview.funnel, &previewed), (&run.funnel, &decisions), "ICP {number}: the preview");
        let [considered, accepted] = [run.funnel.considered, run.funnel.accepted];
        println!(
            "ICP {number}: {considered} considered, {accepted} accepted, the run {:.1} s",
            took.as_secs_f64()
        );
        assert!(considered > 200 && accepted > 50, "ICP {number} proves little");
    }
    println!("{:.1} s in all", begun.elapsed().as_secs_f64());
}
