//! The checks that a model or an agent answers.

use super::check::{Check, Pages};
use super::inspector::{Desk, Inspector, Outcome};
use super::kept::{Key, Kind, hash};
use super::look_up::{Asked, Looked, Made};
use super::pages::{STUCK, WEBSCRAPING, Walked, unreadable};
use super::strings::bare_host;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sluice_connect::ConnectError;
use sluice_connect::model::{Answer, CALLS_AT_MOST, Question, Says, stands_in};
use sluice_model::evidence::{Evidence, Finding, MAX_EXCERPT, MAX_RAW, MAX_REASON, cut, cut_bytes};
use sluice_model::fault::shorten;
use sluice_model::{EntityKind, Time};

/// The most bytes of pages that a model is given.
const MAX_SUBJECT: usize = 60_000;
/// Pages of a visit that are shown.
const SHOWN_PAGES: usize = 5;

/// A visit as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Visit {
    answer: Answer,
    pages: Vec<VisitedPage>,
    credits: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct VisitedPage {
    url: String,
    status: u16,
    hash: String,
}

/// A question about something, and how it is spoken of.
struct Asking<'a> {
    prompt: &'a str,
    source: &'a str,
    subject: &'a str,
    /// URL and text of the pages that the subject is made of, between headings of ours; none for a record.
    pages: Vec<(String, String)>,
    /// The type of the filter, as charges name it.
    operation: &'static str,
    /// Subject of the sentences: what the answer rests on.
    of: String,
}

impl Inspector {
    /// A model judges the text of the pages that could be read.
    pub(super) async fn extraction(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        pages: &Pages,
        prompt: &str,
    ) -> Result<Outcome> {
        let mut walk = match self.begin(desk, check, pages).await? {
            Ok(walk) => walk,
            Err(outcome) => return Ok(outcome),
        };
        let (mut subject, mut read_pages, mut missed) = (String::new(), Vec::new(), None);
        while let Some(walked) = self.step(desk, check, &mut walk).await? {
            match walked {
                Walked::Stopped(stop) => return Ok(Outcome::Stopped(stop)),
                Walked::Gone => {}
                Walked::Missed(miss) => missed = missed.or(Some(miss)),
                Walked::Read(read) => {
                    let number = read_pages.len() + 1;
                    subject
                        .push_str(&format!("# Page {number}: {}\n\n{}\n\n", read.page.url, read.page.text));
                    read_pages.push((read.page.url.to_string(), read.page.text));
                }
            }
        }
        if let Some(miss) = missed.filter(|_| read_pages.is_empty()) {
            return Ok(unreadable(desk, check, &walk.site, &miss));
        }
        let host = bare_host(&walk.site);
        if read_pages.is_empty() {
            let sentence = format!("None of the pages of {host} that were looked for is there.");
            return Ok(Outcome::unknown("site not readable", check.index, sentence));
        }
        let asking = Asking {
            prompt,
            source: walk.site.as_str(),
            subject: cut_bytes(&subject, MAX_SUBJECT),
            operation: WEBSCRAPING,
            of: format!("{host} ({} page(s) read)", read_pages.len()),
            pages: read_pages,
        };
        self.ask(desk, check, &asking).await
    }

    /// A model judges the record.
    pub(super) async fn ai(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        entity: EntityKind,
        prompt: &str,
    ) -> Result<Outcome> {
        let (source, of) = match entity {
            EntityKind::Person => ("person", "the record of this person".to_owned()),
            EntityKind::Company => ("company", format!("the record of {}", desk.subject.company_name)),
        };
        let Some(subject) = desk.subject.record(entity) else {
            let sentence = format!("There is no record of a {source} to judge.");
            return Ok(Outcome::unknown("no record", check.index, sentence));
        };
        let asking = Asking { prompt, source, subject: &subject, pages: Vec::new(), operation: "ai", of };
        self.ask(desk, check, &asking).await
    }

    async fn ask(&self, desk: &mut Desk<'_>, check: &Check, asking: &Asking<'_>) -> Result<Outcome> {
        let Some(model) = self.connected.model.clone() else {
            let sentence = "No model is connected that could answer.".to_owned();
            return Ok(Outcome::unknown("not connected", check.index, sentence));
        };
        let (content, prompt_hash) = (hash(asking.subject), model.prompt_hash(asking.prompt));
        let per_call = model.credits();
        let asked = Asked {
            key: Key::new(Kind::Verdict, &[model.name(), &prompt_hash, &content], self.context.now()),
            operation: asking.operation,
            source: model.name(),
            calls: CALLS_AT_MOST,
            credits: per_call,
            timeout: STUCK,
        };
        let question = Question {
            prompt: asking.prompt.to_owned(),
            source: asking.source.to_owned(),
            subject: asking.subject.to_owned(),
        };
        let made = |answer: &Answer| Ok(Made { calls: answer.calls.max(1), credits: per_call });
        let looked = self.look_up(&mut desk.allotment, asked, || model.judge(&question), made).await?;
        let mut evidence = Evidence::new(check.kind, check.index, Finding::Unknown);
        evidence.content_hash = Some(content);
        match looked {
            Looked::Stopped(stop) => Ok(Outcome::Stopped(stop)),
            Looked::Missed { miss, cost } => {
                evidence.model = Some(model.name().to_owned());
                evidence.prompt_hash = Some(prompt_hash);
                evidence.fetched_at = Some(self.context.now());
                evidence.cost = cost;
                let sentence = format!("The model gave no answer on {}: {}.", asking.of, miss.text);
                evidence.error = Some(miss.text);
                desk.evidence.push(evidence);
                Ok(Outcome::unknown("no answer", check.index, sentence))
            }
            Looked::Found { mut value, at, cached, cost } => {
                (evidence.cached, evidence.cost) = (cached, cost);
                evidence.url = settle_on_page(&mut value, &asking.pages);
                answered(&mut evidence, &value, at);
                desk.evidence.push(evidence);
                let name = format!("By {}", asking.of);
                Ok(outcome(check, &value, asking.prompt, &name))
            }
        }
    }

    /// An agent visits the site.
    pub(super) async fn website(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        provider: &str,
        prompt: &str,
    ) -> Result<Outcome> {
        let Some(site) = desk.subject.site.clone() else {
            let sentence = format!("No website of {} is known.", desk.subject.company_name);
            return Ok(Outcome::unknown("no website", check.index, sentence));
        };
        let Some(agent) = self.connected.agents.get(provider).cloned() else {
            let sentence = format!("{provider} is not connected, so the site was not visited.");
            return Ok(Outcome::unknown("not connected", check.index, sentence));
        };
        let parts = [agent.name(), &agent.version(), site.as_str(), prompt];
        let asked = Asked {
            key: Key::new(Kind::Visit, &parts, self.context.now()),
            operation: "website",
            source: agent.name(),
            calls: 1,
            credits: agent.credits(),
            timeout: STUCK,
        };
        let call = || async {
            let visited = agent.visit(&site, prompt).await?;
            let pages = visited.pages.iter().take(SHOWN_PAGES).map(|page| VisitedPage {
                url: page.url.to_string(),
                status: page.status,
                hash: hash(&page.text),
            });
            Ok::<_, ConnectError>(Visit {
                pages: pages.collect(),
                answer: visited.answer,
                credits: visited.credits,
            })
        };
        // However many steps it took: to us it is one call.
        let made = |visit: &Visit| Ok(Made { calls: 1, credits: visit.credits });
        let looked = self.look_up(&mut desk.allotment, asked, call, made).await?;
        let mut evidence = Evidence::new(check.kind, check.index, Finding::Unknown);
        let host = bare_host(&site);
        match looked {
            Looked::Stopped(stop) => Ok(Outcome::Stopped(stop)),
            Looked::Missed { miss, cost } => {
                evidence.url = Some(site.to_string());
                evidence.model = Some(agent.name().to_owned());
                evidence.fetched_at = Some(self.context.now());
                evidence.cost = cost;
                let sentence = format!("The visit of {host} brought no answer: {}.", miss.text);
                evidence.error = Some(miss.text);
                desk.evidence.push(evidence);
                Ok(Outcome::unknown("no answer", check.index, sentence))
            }
            Looked::Found { value: visit, at, cached, cost } => {
                for page in visit.pages {
                    let mut seen = Evidence::new(check.kind, check.index, Finding::Neutral);
                    seen.url = Some(page.url);
                    seen.status = Some(page.status);
                    seen.fetched_at = Some(at);
                    seen.content_hash = Some(page.hash);
                    seen.cached = cached;
                    desk.evidence.push(seen);
                }
                evidence.url = Some(site.to_string());
                (evidence.cached, evidence.cost) = (cached, cost);
                answered(&mut evidence, &visit.answer, at);
                desk.evidence.push(evidence);
                Ok(outcome(check, &visit.answer, prompt, &format!("By a visit of {host}")))
            }
        }
    }
}

/// The page that the quote of an answer stands on. Our own headings are none: when it stands on no page, nothing is
/// told.
fn settle_on_page(answer: &mut Answer, pages: &[(String, String)]) -> Option<String> {
    if answer.says == Says::Unknown || pages.is_empty() {
        return None;
    }
    let page = pages.iter().find(|(_, text)| stands_in(text, &answer.quote));
    if page.is_none() {
        answer.says = Says::Unknown;
        answer.quote = String::new();
        answer.reason = "What the model quotes stands on none of the pages.".to_owned();
    }
    page.map(|(url, _)| url.clone())
}

/// Takes an answer into evidence, at the length that is kept.
fn answered(evidence: &mut Evidence, answer: &Answer, at: Time) {
    let text = |text: &str, most| Some(cut(text, most)).filter(|text| !text.is_empty());
    evidence.finding = match answer.says {
        Says::Yes => Finding::Yes,
        Says::No => Finding::No,
        Says::Unknown => Finding::Unknown,
    };
    evidence.fetched_at = Some(at);
    evidence.model = Some(answer.model.clone());
    evidence.prompt_hash = Some(answer.prompt_hash.clone());
    evidence.raw_answer = Some(cut_bytes(&answer.raw, MAX_RAW).to_owned());
    evidence.reason = text(&answer.reason, MAX_REASON);
    evidence.quote = text(&answer.quote, MAX_EXCERPT);
}

/// What an answer comes to. `by` begins the sentence.
fn outcome(check: &Check, answer: &Answer, prompt: &str, by: &str) -> Outcome {
    let reason = shorten(answer.reason.trim().trim_end_matches('.'));
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    let seen = json!({"answer": answer.says, "quote": shorten(&answer.quote)});
    match answer.says {
        Says::Yes => Outcome::Passed,
        Says::No => {
            let sentence = format!("{by} the answer to \"{}\" is no{why}.", shorten(prompt));
            Outcome::no("answered no", check.index, sentence).seen(seen, json!(shorten(prompt))).into()
        }
        Says::Unknown => {
            let sentence = format!("{by} the answer to \"{}\" cannot be told{why}.", shorten(prompt));
            Outcome::unknown("answer unknown", check.index, sentence)
        }
    }
}
