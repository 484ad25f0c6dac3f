//! `customFilterCriteria`: rules applied to what the searches find.

use crate::fault::{Faults, Node};
use crate::kind::EntityKind;
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use utoipa::ToSchema;

/// The filter types, in the order of the documentation.
pub const TYPES: [&str; 7] = [
    "website",
    "webscraping",
    "ai",
    "maxPeoplePerCompany",
    "maxPercentFromCRM",
    "minDaysUntilReuse",
    "matchFieldWithRegex",
];
/// Who may visit sites for `website`.
pub const AGENTS: [&str; 3] = ["browserUse", "builtin", "chromium"];
/// Who may read pages for `webscraping`.
pub const SCRAPERS: [&str; 2] = ["firecrawl", "builtin"];
/// The most filters that one ICP may have.
pub const MAX_FILTERS: usize = 100;
/// The longest prompt, in characters.
pub const MAX_PROMPT: usize = 10_000;
/// The most memory that a compiled regex may take, in bytes.
pub const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub enum CustomFilter {
    /// An agent visits the company's site and answers the prompt.
    Website { provider: String, prompt: String },
    /// Pages of the company's site must, and must not, hold these strings; a model may judge what is extracted.
    Webscraping {
        provider: String,
        extraction_prompt: Option<String>,
        page_finding_prompt: Option<String>,
        include: Vec<String>,
        exclude: Vec<String>,
    },
    /// A model answers the prompt about the record.
    Ai { entity: EntityKind, prompt: String },
    /// At most so many accepted leads of one company.
    MaxPeoplePerCompany { value: u64 },
    /// At most this share, in percent of the target, may be in the CRM already.
    MaxPercentFromCrm { value: f64 },
    /// Nobody who was put on a list less than so many days ago.
    MinDaysUntilReuse { value: i64 },
    /// The field at this path must match.
    MatchFieldWithRegex { field: String, regex: String },
}

impl CustomFilter {
    /// The name of the type on the wire.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Website { .. } => TYPES[0],
            Self::Webscraping { .. } => TYPES[1],
            Self::Ai { .. } => TYPES[2],
            Self::MaxPeoplePerCompany { .. } => TYPES[3],
            Self::MaxPercentFromCrm { .. } => TYPES[4],
            Self::MinDaysUntilReuse { .. } => TYPES[5],
            Self::MatchFieldWithRegex { .. } => TYPES[6],
        }
    }

    /// What has to be connected before a run can apply this filter, each with what needs it; none when nothing has to.
    #[must_use]
    pub fn connectors(&self) -> Vec<(Connector<'_>, &'static str)> {
        match self {
            Self::Website { provider, .. } => vec![(Connector::Agent(provider), self.type_name())],
            Self::Ai { .. } => vec![(Connector::Model, self.type_name())],
            Self::Webscraping { provider, extraction_prompt, page_finding_prompt, .. } => {
                let model = |prompt: &Option<String>, of| prompt.as_ref().map(|_| (Connector::Model, of));
                let scraper = (Connector::Scraper(provider), self.type_name());
                let prompts = [
                    model(extraction_prompt, "extractionPrompt"),
                    model(page_finding_prompt, "pageFindingPrompt"),
                ];
                std::iter::once(scraper).chain(prompts.into_iter().flatten()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What a filter needs from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector<'f> {
    /// The scraper of this name.
    Scraper(&'f str),
    /// The agent of this name.
    Agent(&'f str),
    /// A language model.
    Model,
}

impl Connector<'_> {
    /// How it is named when it is missing.
    #[must_use]
    pub const fn name(&self) -> &str {
        match self {
            Self::Scraper(name) | Self::Agent(name) => name,
            Self::Model => "ai model",
        }
    }
}

/// The wire form of a rule.
#[derive(ToSchema)]
#[schema(as = CustomFilter, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CustomFilterSchema {
    /// One of `website`, `webscraping`, `ai`, `maxPeoplePerCompany`, `maxPercentFromCRM`,
    /// `minDaysUntilReuse`, `matchFieldWithRegex`. It decides which other keys there are.
    #[schema(
        rename = "type",
        pattern = "^(website|webscraping|ai|maxPeoplePerCompany|maxPercentFromCRM|minDaysUntilReuse|matchFieldWithRegex)$"
    )]
    kind: String,
    /// For `maxPeoplePerCompany`, `maxPercentFromCRM` (0 to 100), `minDaysUntilReuse`.
    #[schema(nullable = false, minimum = 0)]
    value: Option<f64>,
    /// For `website` (`browserUse` by default, `builtin`, `chromium`) and `webscraping` (`firecrawl` by default,
    /// `builtin`).
    #[schema(nullable = false)]
    provider: Option<String>,
    /// For `website` and `ai`.
    #[schema(nullable = false, min_length = 1, max_length = 10000)]
    prompt: Option<String>,
    /// For `webscraping`.
    extraction_prompt: Option<String>,
    /// For `webscraping`.
    page_finding_prompt: Option<String>,
    /// For `webscraping`: keep when any of these stands on the site.
    include_search_strings: Option<Vec<String>>,
    /// For `webscraping`: drop when any of these stands on the site.
    exclude_search_strings: Option<Vec<String>>,
    /// For `ai`.
    #[schema(nullable = false)]
    entity_type: Option<EntityKind>,
    /// For `matchFieldWithRegex`: path such as `firstName` or `company.headcount`.
    #[schema(nullable = false)]
    field: Option<String>,
    /// For `matchFieldWithRegex`: syntax of the Rust `regex` crate, no look-around.
    #[schema(nullable = false)]
    regex: Option<String>,
}

/// Reads the whole array; every fault is written to `faults`.
pub fn read_all(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<CustomFilter>> {
    node.array(faults, MAX_FILTERS, read_one)
}

fn read_one(node: &Node<'_>, faults: &mut Faults) -> Option<CustomFilter> {
    // The type decides which keys there are, wherever it stands among them.
    let kind = node.value().get("type").and_then(Value::as_str);
    match kind.and_then(|kind| TYPES.iter().position(|name| *name == kind)) {
        Some(0) => website(node, faults),
        Some(1) => webscraping(node, faults),
        Some(2) => ai(node, faults),
        Some(3) => threshold(node, faults, 1_000_000.0, true)
            .map(|value| CustomFilter::MaxPeoplePerCompany { value: whole(value).unsigned_abs() }),
        Some(4) => {
            threshold(node, faults, 100.0, false).map(|value| CustomFilter::MaxPercentFromCrm { value })
        }
        Some(5) => threshold(node, faults, 36_500.0, true)
            .map(|value| CustomFilter::MinDaysUntilReuse { value: whole(value) }),
        Some(_) => match_field(node, faults),
        None => {
            node.entries(faults)?;
            node.object(faults, &["type"], |key, child, faults| {
                if key == "type" {
                    child.one_of(faults, &TYPES);
                }
                true
            });
            None
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "read as a whole number within small bounds")]
fn whole(value: f64) -> i64 {
    value as i64
}

fn threshold(node: &Node<'_>, faults: &mut Faults, max: f64, integer: bool) -> Option<f64> {
    let mut value = None;
    node.object(faults, &["value"], |key, child, faults| {
        match key {
            "type" => {}
            "value" if integer => {
                #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
                let read = child.integer(faults, 0, whole(max)).map(|value| value as f64);
                value = read;
            }
            "value" => value = child.number(faults, 0.0, max),
            _ => return false,
        }
        true
    })?;
    value
}

fn prompt(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    node.text(faults, 1, MAX_PROMPT).map(str::to_owned)
}

fn provider(node: &Node<'_>, faults: &mut Faults, names: &[&str]) -> Option<String> {
    node.one_of(faults, names).map(|at| names[at].to_owned())
}

fn website(node: &Node<'_>, faults: &mut Faults) -> Option<CustomFilter> {
    let mut name = Some("browserUse".to_owned());
    let mut text = None;
    node.object(faults, &["prompt"], |key, child, faults| {
        match key {
            "type" => {}
            "provider" => name = provider(child, faults, &AGENTS),
            "prompt" => text = prompt(child, faults),
            _ => return false,
        }
        true
    })?;
    Some(CustomFilter::Website { provider: name?, prompt: text? })
}

fn webscraping(node: &Node<'_>, faults: &mut Faults) -> Option<CustomFilter> {
    let mut name = Some("firecrawl".to_owned());
    let (mut extraction, mut pages) = (None, None);
    let (mut include, mut exclude) = (Some(None), Some(None));
    node.object(faults, &[], |key, child, faults| {
        match key {
            "type" => {}
            "provider" => name = provider(child, faults, &SCRAPERS),
            "extractionPrompt" => extraction = child.nullable(faults, prompt).flatten(),
            "pageFindingPrompt" => pages = child.nullable(faults, prompt).flatten(),
            "includeSearchStrings" => include = child.nullable(faults, search_strings),
            "excludeSearchStrings" => exclude = child.nullable(faults, search_strings),
            _ => return false,
        }
        true
    })?;
    Some(CustomFilter::Webscraping {
        provider: name?,
        extraction_prompt: extraction,
        page_finding_prompt: pages,
        include: include?.unwrap_or_default(),
        exclude: exclude?.unwrap_or_default(),
    })
}

fn search_strings(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    node.array(faults, 2_000, |item, faults| item.text(faults, 1, MAX_PROMPT).map(str::to_owned))
}

fn ai(node: &Node<'_>, faults: &mut Faults) -> Option<CustomFilter> {
    let (mut entity, mut text) = (None, None);
    node.object(faults, &["entityType", "prompt"], |key, child, faults| {
        match key {
            "type" => {}
            "entityType" => {
                entity = child
                    .one_of(faults, &EntityKind::NAMES)
                    .map(|at| [EntityKind::Person, EntityKind::Company][at]);
            }
            "prompt" => text = prompt(child, faults),
            _ => return false,
        }
        true
    })?;
    Some(CustomFilter::Ai { entity: entity?, prompt: text? })
}

fn match_field(node: &Node<'_>, faults: &mut Faults) -> Option<CustomFilter> {
    let (mut field, mut regex) = (None, None);
    node.object(faults, &["field", "regex"], |key, child, faults| {
        match key {
            "type" => {}
            "field" => field = field_path(child, faults),
            "regex" => regex = pattern(child, faults),
            _ => return false,
        }
        true
    })?;
    Some(CustomFilter::MatchFieldWithRegex { field: field?, regex: regex? })
}

fn field_path(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let path = node.text(faults, 1, 200)?;
    if !crate::lead::is_field_path(path) {
        node.fault(faults, format!("Unknown field path: '{path}'"));
        return None;
    }
    Some(path.to_owned())
}

fn pattern(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let text = node.text(faults, 1, 10_000)?;
    match compile_regex(text) {
        Ok(_) => Some(text.to_owned()),
        Err(reason) => {
            node.fault(faults, format!("Invalid regex: {reason}"));
            None
        }
    }
}

/// Compiles a pattern in the syntax of the `regex` crate, which matches in linear time.
///
/// # Errors
/// One line that says what is wrong: a syntax error, or a pattern that compiles to more than
/// [`REGEX_SIZE_LIMIT`].
pub fn compile_regex(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(REGEX_SIZE_LIMIT).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("compiles to more than {limit} bytes"),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim().trim_start_matches("error: ").to_owned()
        }
    })
}
