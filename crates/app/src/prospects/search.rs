use crate::{Context, Result};
use serde::Serialize;
use sluice_catalog::{CompanyHit, Page, PersonHit, Rank, Search, Sort, Window};
use sluice_model::search_body::{Cursor, SearchBody};
use sluice_model::{Company, Lead};
use utoipa::ToSchema;

/// A page of results in the documented envelope.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResultPage<T> {
    pub content: Vec<T>,
    /// Exact.
    pub total_elements: u64,
    pub total_pages: u64,
    /// Zero-based number of this page.
    pub number: u64,
    pub size: u64,
    pub first: bool,
    pub last: bool,
    pub number_of_elements: u64,
    pub empty: bool,
    /// Of a search: to be sent as `cursor` for what comes after. Left out when nothing does, and in the order of
    /// relevance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_cursor: Option<String>,
}

impl<T> ResultPage<T> {
    /// The page with this number of `total_elements` records.
    pub(crate) fn numbered(content: Vec<T>, total_elements: u64, number: usize, size: usize) -> Self {
        let (number, size) = (number as u64, size as u64);
        let total_pages = if size == 0 { 0 } else { total_elements.div_ceil(size) };
        Self {
            total_elements,
            total_pages,
            number,
            size,
            first: number == 0,
            last: number + 1 >= total_pages,
            number_of_elements: content.len() as u64,
            empty: content.is_empty(),
            content,
            next_cursor: None,
        }
    }

    /// The page that the body asks for; `cursor` tells where a hit stands.
    fn of<H>(page: Page<H>, body: &SearchBody, cursor: impl Fn(&H) -> Cursor, turn: impl Fn(H) -> T) -> Self {
        let mut hits = page.hits;
        let is_full = hits.len() >= body.size + AROUND;
        if let Some(after) = body.cursor {
            hits.retain(|hit| comes_after(cursor(hit), after));
        }
        let more = is_full || hits.len() > body.size;
        hits.truncate(body.size);
        let last = hits.last().map(&cursor);
        let content = hits.into_iter().map(turn).collect();
        let mut out = Self::numbered(content, page.total.unwrap_or_default(), body.page, body.size);
        if body.cursor.is_some() {
            (out.first, out.last) = (false, !more);
        }
        if !out.last && !body.by_relevance {
            out.next_cursor = last.map(|cursor| cursor.to_string());
        }
        out
    }
}

/// What is read beyond the size of a page by cursor: the record that the cursor names, and one to see whether
/// there is more.
const AROUND: usize = 2;

/// Whether the record comes after the other: by rank, the highest first, then by id.
fn comes_after(cursor: Cursor, other: Cursor) -> bool {
    (cursor.rank, other.id) < (other.rank, cursor.id)
}

fn window(body: &SearchBody) -> Window {
    match body.cursor {
        None => Window::Page { offset: body.page * body.size, limit: body.size },
        // From the cursor's own rank: another record of that rank may come after it.
        Some(cursor) => {
            Window::Below { rank: cursor.rank.checked_add(1).map(Rank), limit: body.size + AROUND }
        }
    }
}

fn search(context: &Context, body: &SearchBody) -> Search {
    Search {
        filter: body.filter.clone(),
        ids: None,
        window: window(body),
        count: true,
        sort: if body.by_relevance { Sort::Relevance } else { Sort::Rank },
        now: context.clock.now(),
    }
}

/// People that fit, as leads that no organisation has copied yet.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn people(context: &Context, body: &SearchBody) -> Result<ResultPage<Lead>> {
    let page = context.catalog.search_people(search(context, body)).await?;
    let cursor = |hit: &PersonHit| Cursor { rank: hit.rank.0, id: hit.person.id };
    Ok(ResultPage::of(page, body, cursor, |hit| Lead::from_catalog(hit.person, hit.company)))
}

/// Companies that fit. With `url[]`, those among them that have one of the sites or LinkedIn pages.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn companies(context: &Context, body: &SearchBody) -> Result<ResultPage<Company>> {
    let mut search = search(context, body);
    if !body.urls.is_empty() {
        search.ids = Some(context.catalog.companies_at(&body.urls).await?);
    }
    let page = context.catalog.search_companies(search).await?;
    let cursor = |hit: &CompanyHit| Cursor { rank: hit.rank.0, id: hit.company.id };
    Ok(ResultPage::of(page, body, cursor, |hit| hit.company))
}
