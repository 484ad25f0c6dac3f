//! `webscraping`: pages of the company's site, and the strings in them.

use super::budget::Stop;
use super::check::{Check, MOST_PAGES, Pages, Which};
use super::inspector::{Desk, Inspector, Outcome};
use super::kept::{Key, Kind, hash};
use super::look_up::{Asked, Looked, Made, Miss};
use super::strings::{Needle, bare_host, first_hit, likely_pages};
use crate::error::Result;
use serde_json::json;
use sluice_connect::model::{CALLS_AT_MOST, Choice};
use sluice_connect::web::{Page, PageLink, Scraper};
use sluice_model::evidence::{Evidence, Finding, cut_bytes};
use sluice_model::fault::shorten;
use sluice_model::text::fold;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The most bytes of a page's text that are kept and looked at.
const MAX_TEXT: usize = 200_000;
/// The most links of a page that are kept.
const MAX_LINKS: usize = 200;
/// Pages among which a model chooses.
const CHOICE: usize = 50;
/// How long one page may take, waiting its turn and repeating included.
const PAGE_TIMEOUT: Duration = Duration::from_secs(90);
/// When a model or an agent is taken to have got stuck. Each of their calls has its own time limit, from its turn on;
/// this one holds for waiting for turns too, behind all the others that ask the same.
pub const STUCK: Duration = Duration::from_secs(4 * 3_600);

/// The filter type, as charges name it.
pub const WEBSCRAPING: &str = "webscraping";

/// A page that was read.
pub struct Read {
    pub page: Page,
    /// Where its evidence lies on the desk.
    pub at: usize,
}

/// What came of going to a page.
pub enum Walked {
    Read(Box<Read>),
    /// There is no such page, or robots.txt keeps it from us.
    Gone,
    Missed(Miss),
    Stopped(Stop),
}

/// Where a walk through a site begins.
pub struct Walk {
    scraper: Arc<dyn Scraper>,
    pub site: Url,
    pub next: VecDeque<Url>,
    /// Whether the next page is the home page, without which there is no site.
    pub home: bool,
    /// What the links of the home page are chosen by, if they are to be gone to.
    likely: Vec<Needle>,
}

impl Inspector {
    /// The first pages to go to, or why there are none.
    pub(super) async fn begin(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        pages: &Pages,
    ) -> Result<std::result::Result<Walk, Outcome>> {
        let Some(site) = desk.subject.site.clone() else {
            let sentence = format!("No website of {} is known.", desk.subject.company_name);
            return Ok(Err(Outcome::unknown("no website", check.index, sentence)));
        };
        let Some(scraper) = self.connected.scrapers.get(&pages.provider).cloned() else {
            let sentence = format!("{} is not connected, so no page was read.", pages.provider);
            return Ok(Err(Outcome::unknown("not connected", check.index, sentence)));
        };
        let likely = match &pages.which {
            Which::Likely(needles) => needles.clone(),
            Which::Home | Which::Chosen(_) => Vec::new(),
        };
        let walk = Walk { scraper, next: VecDeque::from([site.clone()]), site, home: true, likely };
        match &pages.which {
            Which::Chosen(prompt) => self.choose(desk, check, walk, prompt).await,
            Which::Home | Which::Likely(_) => Ok(Ok(walk)),
        }
    }

    /// Has the model choose pages among those of the site.
    async fn choose(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        walk: Walk,
        prompt: &str,
    ) -> Result<std::result::Result<Walk, Outcome>> {
        let now = self.context.now();
        let Some(model) = self.connected.model.clone() else {
            let sentence = "No model is connected that could choose pages.".to_owned();
            return Ok(Err(Outcome::unknown("not connected", check.index, sentence)));
        };
        let asked = Asked {
            key: Key::new(Kind::Links, &[walk.scraper.name(), walk.site.as_str(), prompt], now),
            operation: WEBSCRAPING,
            source: walk.scraper.name(),
            calls: 1,
            credits: walk.scraper.credits(),
            timeout: PAGE_TIMEOUT,
        };
        let made = Made { calls: 1, credits: asked.credits };
        let call = || walk.scraper.links(&walk.site, Some(prompt), CHOICE);
        let links = self.look_up(&mut desk.allotment, asked, call, |_| Ok(made.copy())).await?;
        let links: Vec<PageLink> = match links {
            Looked::Found { value, .. } => value,
            Looked::Missed { miss, .. } => return Ok(Err(unreadable(desk, check, &walk.site, &miss))),
            Looked::Stopped(stop) => return Ok(Err(Outcome::Stopped(stop))),
        };
        let urls: Vec<Url> =
            std::iter::once(walk.site.clone()).chain(links.iter().map(|link| link.url.clone())).collect();
        let texts =
            std::iter::once("home page").chain(links.iter().map(|link| link.text.as_deref().unwrap_or("")));
        let options: Vec<String> =
            urls.iter().zip(texts).map(|(url, text)| format!("{url} {}", shorten(text))).collect();
        let all = options.join("\n");
        let asked = Asked {
            key: Key::new(Kind::Choice, &[model.name(), prompt, &all], now),
            operation: WEBSCRAPING,
            source: model.name(),
            calls: CALLS_AT_MOST,
            credits: model.credits(),
            timeout: STUCK,
        };
        let credits = asked.credits;
        let made = |choice: &Choice| Ok(Made { calls: choice.calls, credits });
        let call = || model.choose(prompt, &options, MOST_PAGES);
        let chosen = match self.look_up(&mut desk.allotment, asked, call, made).await? {
            Looked::Found { value, .. } => value.pages,
            Looked::Missed { miss, .. } => {
                let sentence =
                    format!("The model chose no page of {}: {}.", bare_host(&walk.site), miss.text);
                return Ok(Err(Outcome::unknown("no answer", check.index, sentence)));
            }
            Looked::Stopped(stop) => return Ok(Err(Outcome::Stopped(stop))),
        };
        let next: VecDeque<Url> =
            chosen.iter().take(MOST_PAGES).filter_map(|at| urls.get(*at)).cloned().collect();
        if next.is_empty() {
            let host = bare_host(&walk.site);
            let sentence = format!(
                "None of the {} pages of {host} that are known fits \"{}\".",
                urls.len(),
                shorten(prompt)
            );
            return Ok(Err(Outcome::unknown("no page fits", check.index, sentence)));
        }
        Ok(Ok(Walk { next, home: false, ..walk }))
    }

    /// Goes to the next page of a walk; none at its end.
    pub(super) async fn step(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        walk: &mut Walk,
    ) -> Result<Option<Walked>> {
        let Some(url) = walk.next.pop_front() else { return Ok(None) };
        let home = std::mem::take(&mut walk.home);
        let asked = Asked {
            key: Key::new(Kind::Page, &[walk.scraper.name(), url.as_str()], self.context.now()),
            operation: WEBSCRAPING,
            source: walk.scraper.name(),
            calls: 1,
            credits: walk.scraper.credits(),
            timeout: PAGE_TIMEOUT,
        };
        let credits = asked.credits;
        let call = || async { walk.scraper.page(&url).await.map(trimmed) };
        let looked = self.look_up(&mut desk.allotment, asked, call, |page| good(page, credits)).await?;
        let mut evidence = Evidence::new(check.kind, check.index, Finding::Neutral);
        let walked = match looked {
            Looked::Stopped(stop) => return Ok(Some(Walked::Stopped(stop))),
            Looked::Found { value: page, at, cached, cost } => {
                evidence.url = Some(page.url.to_string());
                evidence.status = Some(page.status);
                evidence.fetched_at = Some(at);
                (evidence.cached, evidence.cost) = (cached, cost);
                if page.status < 400 {
                    evidence.content_hash = Some(hash(&page.text));
                    if home && !walk.likely.is_empty() {
                        let links: Vec<(Url, Option<String>)> =
                            page.links.iter().map(|link| (link.url.clone(), link.text.clone())).collect();
                        // The site is where the home page came from: a company may have moved to another domain.
                        walk.next.extend(likely_pages(&page.url, &links, &walk.likely));
                    }
                    Walked::Read(Box::new(Read { page, at: desk.evidence.len() }))
                } else if !home && matches!(page.status, 404 | 410) {
                    Walked::Gone
                } else {
                    evidence.finding = Finding::Unknown;
                    let text = format!("{} answered {}", bare_host(&page.url), page.status);
                    Walked::Missed(Miss { text, status: Some(page.status), disallowed: false })
                }
            }
            Looked::Missed { miss, cost } => {
                evidence.url = Some(url.to_string());
                evidence.status = miss.status;
                evidence.fetched_at = Some(self.context.now());
                evidence.cost = cost;
                evidence.error = Some(miss.text.clone());
                if miss.disallowed && !home {
                    Walked::Gone
                } else {
                    evidence.finding = Finding::Unknown;
                    Walked::Missed(miss)
                }
            }
        };
        desk.evidence.push(evidence);
        Ok(Some(walked))
    }

    /// Keeps a candidate when any of the `include` strings stands in the pages and none of the `exclude` strings does.
    /// What could not be read is never a pass, nor a no: an excluded string may stand there, or a wanted one.
    pub(super) async fn strings(
        &self,
        desk: &mut Desk<'_>,
        check: &Check,
        pages: &Pages,
        include: &[Needle],
        exclude: &[Needle],
    ) -> Result<Outcome> {
        let mut walk = match self.begin(desk, check, pages).await? {
            Ok(walk) => walk,
            Err(outcome) => return Ok(outcome),
        };
        let (mut looked, mut included, mut missed) = (0_usize, include.is_empty(), None);
        while let Some(walked) = self.step(desk, check, &mut walk).await? {
            let read = match walked {
                Walked::Stopped(stop) => return Ok(Outcome::Stopped(stop)),
                Walked::Gone => continue,
                Walked::Missed(miss) => {
                    missed.get_or_insert(miss);
                    continue;
                }
                Walked::Read(read) => read,
            };
            looked += 1;
            let folded = fold(&read.page.text);
            if let Some((needle, excerpt)) = first_hit(&read.page.text, &folded, exclude) {
                mark(desk, read.at, Finding::No, excerpt);
                return Ok(excluded(check, &walk.site, &read.page.url, needle, exclude));
            }
            if !included && let Some((_, excerpt)) = first_hit(&read.page.text, &folded, include) {
                mark(desk, read.at, Finding::Yes, excerpt);
                included = true;
            }
            if included && exclude.is_empty() {
                return Ok(Outcome::Passed);
            }
        }
        Ok(match missed {
            Some(miss) if looked == 0 || !included || !exclude.is_empty() => {
                unreadable(desk, check, &walk.site, &miss)
            }
            None if looked == 0 => {
                let miss = Miss { text: "no page is there".to_owned(), status: None, disallowed: false };
                unreadable(desk, check, &walk.site, &miss)
            }
            _ if included => Outcome::Passed,
            _ => absent(check, &walk.site, looked, include),
        })
    }
}

impl Made {
    const fn copy(&self) -> Self {
        Self { calls: self.calls, credits: self.credits }
    }
}

/// What came of a page: one that the site could not give now is not kept.
fn good(page: &Page, credits: u64) -> std::result::Result<Made, Miss> {
    if page.status >= 500 || matches!(page.status, 408 | 425 | 429) {
        let text = format!("{} answered {}", bare_host(&page.url), page.status);
        return Err(Miss { text, status: Some(page.status), disallowed: false });
    }
    Ok(Made { calls: 1, credits })
}

fn trimmed(mut page: Page) -> Page {
    page.text = cut_bytes(&page.text, MAX_TEXT).to_owned();
    page.links.truncate(MAX_LINKS);
    page
}

fn mark(desk: &mut Desk<'_>, at: usize, finding: Finding, excerpt: String) {
    if let Some(evidence) = desk.evidence.get_mut(at) {
        (evidence.finding, evidence.excerpt) = (finding, Some(excerpt));
    }
}

/// Strings as a threshold shows them.
fn shown(needles: &[Needle]) -> Vec<String> {
    needles.iter().take(20).map(|needle| shorten(&needle.text)).collect()
}

fn excluded(check: &Check, site: &Url, url: &Url, needle: &Needle, exclude: &[Needle]) -> Outcome {
    let text = shorten(&needle.text);
    let sentence = format!("A page of {} mentions \"{text}\": {url}.", bare_host(site));
    let objection = Outcome::no("excluded string found", check.index, sentence);
    objection.seen(json!({"string": text, "url": url}), json!({"exclude": shown(exclude)})).into()
}

fn absent(check: &Check, site: &Url, looked: usize, include: &[Needle]) -> Outcome {
    let host = bare_host(site);
    let pages = if looked == 1 { "looked at 1 page".to_owned() } else { format!("looked at {looked} pages") };
    let wanted = match include {
        [one] => format!("\"{}\"", shorten(&one.text)),
        many => format!("any of the {} strings", many.len()),
    };
    let sentence = format!("No page of {host} mentions {wanted} ({pages}).");
    let objection = Outcome::no("search string not found", check.index, sentence);
    objection.seen(json!({"pages": looked}), json!({"include": shown(include)})).into()
}

/// A site, or a part of it that matters, could not be read.
pub fn unreadable(desk: &Desk<'_>, check: &Check, site: &Url, miss: &Miss) -> Outcome {
    let read =
        desk.evidence.iter().filter(|seen| seen.filter_index == check.index && seen.check == check.kind);
    let all = if read.clone().any(|seen| seen.finding != Finding::Unknown) { "whole " } else { "" };
    let sentence = format!("The {all}site {} could not be read: {}.", bare_host(site), miss.text);
    Outcome::unknown("site not readable", check.index, sentence)
}
