use crate::{Context, Result};
use serde::Serialize;
use sluice_catalog::{Page, Search, Sort, Window};
use sluice_model::search_body::SearchBody;
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
}

impl<T> ResultPage<T> {
    fn of<H>(page: Page<H>, body: &SearchBody, turn: impl Fn(H) -> T) -> Self {
        let content: Vec<T> = page.hits.into_iter().map(turn).collect();
        let (number, size) = (body.page as u64, body.size as u64);
        let total_elements = page.total.unwrap_or_default();
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
        }
    }
}

fn search(context: &Context, body: &SearchBody) -> Search {
    Search {
        filter: body.filter.clone(),
        ids: None,
        window: Window::Page { offset: body.page * body.size, limit: body.size },
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
    Ok(ResultPage::of(page, body, |hit| Lead::from_catalog(hit.person, hit.company)))
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
    Ok(ResultPage::of(page, body, |hit| hit.company))
}
