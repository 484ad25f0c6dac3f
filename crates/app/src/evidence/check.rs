//! The checks that the filters of an ICP ask for, and what has to be connected for them.

use super::strings::{LIKELY_PAGES, Needle};
use crate::connectors::Connected;
use sluice_connect::model::CALLS_AT_MOST;
use sluice_connect::web::Scraper;
use sluice_model::EntityKind;
use sluice_model::connector::ConnectorKind;
use sluice_model::evidence::CheckKind;
use sluice_model::icp::CustomFilter;
use sluice_model::icp::custom_filter::Connector;
use sluice_model::run::Cost;
use std::sync::Arc;

/// The most pages that `pageFindingPrompt` may choose.
pub const MOST_PAGES: usize = 5;

/// One check: what one filter asks of one kind of connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub kind: CheckKind,
    /// Position of its filter.
    pub index: usize,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Strings { pages: Pages, include: Vec<Needle>, exclude: Vec<Needle> },
    Extraction { pages: Pages, prompt: String },
    Ai { entity: EntityKind, prompt: String },
    Website { provider: String, prompt: String },
}

/// Which pages of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pages {
    pub provider: String,
    pub which: Which,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The home page.
    Home,
    /// The home page, and those of its links that are most likely to hold the strings.
    Likely(Vec<Needle>),
    /// Those that a model chooses by this prompt.
    Chosen(String),
}

impl Check {
    /// The checks of these filters in the order in which they are made: cheapest first, then in the order of the
    /// filters. A `webscraping` filter without strings and without `extractionPrompt` asks for nothing.
    #[must_use]
    pub fn of(filters: &[CustomFilter]) -> Vec<Self> {
        let mut checks = Vec::new();
        for (index, filter) in filters.iter().enumerate() {
            let mut add = |kind, what| checks.push(Self { kind, index, what });
            match filter {
                CustomFilter::Website { provider, prompt } => {
                    let (provider, prompt) = (provider.clone(), prompt.clone());
                    add(CheckKind::Website, What::Website { provider, prompt });
                }
                CustomFilter::Ai { entity, prompt } => {
                    add(CheckKind::Ai, What::Ai { entity: *entity, prompt: prompt.clone() });
                }
                CustomFilter::Webscraping {
                    provider,
                    extraction_prompt,
                    page_finding_prompt,
                    include,
                    exclude,
                } => {
                    let (include, exclude) = (Needle::all(include), Needle::all(exclude));
                    let strings: Vec<Needle> = include.iter().chain(&exclude).cloned().collect();
                    let which = match page_finding_prompt {
                        Some(prompt) => Which::Chosen(prompt.clone()),
                        None if strings.is_empty() => Which::Home,
                        None => Which::Likely(strings.clone()),
                    };
                    let pages = Pages { provider: provider.clone(), which };
                    if let Some(prompt) = extraction_prompt {
                        let (pages, prompt) = (pages.clone(), prompt.clone());
                        add(CheckKind::Extraction, What::Extraction { pages, prompt });
                    }
                    if !strings.is_empty() {
                        add(CheckKind::Strings, What::Strings { pages, include, exclude });
                    }
                }
                _ => {}
            }
        }
        checks.sort_by_key(|check| check.kind);
        checks
    }

    /// What this check costs at most, when it goes as it should: without repairs of answers.
    #[must_use]
    pub fn estimate(&self, connected: &Connected) -> Cost {
        self.cost(connected, 1)
    }

    /// What this check costs at most, the repair of an answer included.
    #[must_use]
    pub fn most(&self, connected: &Connected) -> Cost {
        self.cost(connected, CALLS_AT_MOST)
    }

    fn cost(&self, connected: &Connected, calls_of_answer: u64) -> Cost {
        let per_answer = connected.model.as_ref().map_or(0, |model| model.credits());
        // A repair is not paid for.
        let answer = Cost { calls: calls_of_answer, credits: per_answer };
        let pages = |pages: &Pages| {
            let scraper = connected.scrapers.get(&pages.provider);
            let per_page = scraper.map_or(0, |scraper: &Arc<dyn Scraper>| scraper.credits());
            let calls = match pages.which {
                Which::Home => 1,
                Which::Likely(_) => 1 + LIKELY_PAGES as u64,
                // One for the list of pages.
                Which::Chosen(_) => 1 + MOST_PAGES as u64,
            };
            let mut cost = Cost { calls, credits: calls * per_page };
            if matches!(pages.which, Which::Chosen(_)) {
                cost += answer;
            }
            cost
        };
        match &self.what {
            What::Strings { pages: of, .. } => pages(of),
            What::Extraction { pages: of, .. } => {
                let mut cost = pages(of);
                cost += answer;
                cost
            }
            What::Ai { .. } => answer,
            What::Website { provider, .. } => {
                Cost { calls: 1, credits: connected.agents.get(provider).map_or(0, |agent| agent.credits()) }
            }
        }
    }
}

/// What has to be connected before these filters can be applied, each with what needs it or what is wrong with it;
/// empty when nothing is missing.
#[must_use]
pub fn missing(filters: &[CustomFilter], connected: &Connected) -> Vec<String> {
    let is_there = |connector: Connector<'_>| match connector {
        Connector::Scraper(name) => connected.scrapers.contains_key(name),
        Connector::Agent(name) => connected.agents.contains_key(name),
        Connector::Model => connected.model.is_some(),
    };
    let stored = |connector: Connector<'_>| match connector {
        Connector::Model => ConnectorKind::Model.name().to_owned(),
        Connector::Scraper(name) | Connector::Agent(name) => name.to_owned(),
    };
    let needed = filters.iter().flat_map(CustomFilter::connectors);
    let missing = needed.filter(|(connector, _)| !is_there(*connector));
    missing.map(|(connector, by)| connected.missing(&stored(connector), connector.name(), by)).collect()
}

#[cfg(test)]
mod tests {
    use super::Check;
    use crate::connectors::Connected;
    use serde_json::json;
    use sluice_model::evidence::CheckKind::{Ai, Extraction, Strings, Website};
    use sluice_model::icp::custom_filter::read_all;
    use sluice_model::{Faults, Node};

    #[test]
    fn checks_come_cheapest_first_and_then_in_their_order() {
        let filters = json!([
            {"type": "website", "prompt": "a"},
            {"type": "ai", "entityType": "person", "prompt": "b"},
            {"type": "maxPeoplePerCompany", "value": 1},
            {"type": "webscraping", "extractionPrompt": "c", "includeSearchStrings": ["d"]},
            {"type": "webscraping", "pageFindingPrompt": "e", "includeSearchStrings": [" "]},
            {"type": "ai", "entityType": "company", "prompt": "f"},
            {"type": "webscraping", "excludeSearchStrings": ["g"], "pageFindingPrompt": "h"},
            {"type": "webscraping", "extractionPrompt": "i"}
        ]);
        let mut faults = Faults::new();
        let filters = read_all(&Node::root(&filters), &mut faults).expect("filters");
        assert!(faults.is_empty());
        let checks = Check::of(&filters);
        let order: Vec<_> = checks.iter().map(|check| (check.kind, check.index)).collect();
        assert_eq!(
            order,
            [(Strings, 3), (Strings, 6), (Extraction, 3), (Extraction, 7), (Ai, 1), (Ai, 5), (Website, 0)]
        );
        let calls: Vec<u64> =
            checks.iter().map(|check| check.estimate(&Connected::default()).calls).collect();
        assert_eq!(calls, [5, 7, 6, 2, 1, 1, 1]);
        let most: Vec<u64> = checks.iter().map(|check| check.most(&Connected::default()).calls).collect();
        assert_eq!(most, [5, 8, 7, 3, 2, 2, 1]);
    }
}
