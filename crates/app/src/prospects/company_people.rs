use super::search::ResultPage;
use crate::{Context, Error, Result};
use sluice_catalog::{Search, Sort, Window};
use sluice_model::fault::Fault;
use sluice_model::filter::{Clause, ContactFacet, Filter, Wrapper};
use sluice_model::{Company, Lead, canon};
use uuid::Uuid;

/// The people who work for a company now: those at companies with the same LinkedIn page, else with the same domain,
/// else of the same name.
///
/// # Errors
/// Not found; [`Error::Invalid`] when the company has none of the three; [`Error::Unavailable`] when the catalog cannot
/// answer.
pub async fn company_people(
    context: &Context,
    id: Uuid,
    page: usize,
    size: usize,
) -> Result<ResultPage<Lead>> {
    let company = super::company(context, id).await?;
    let facet = ContactFacet::CurrentCompany(employers(context, &company).await?);
    let filter =
        Filter { contact: vec![Clause { wrapper: Wrapper::AnyInclude, facet }], ..Filter::default() };
    let search = Search {
        filter,
        ids: None,
        window: Window::Page { offset: page.saturating_mul(size), limit: size },
        count: true,
        sort: Sort::Rank,
        now: context.clock.now(),
    };
    let found = context.catalog.search_people(search).await?;
    let people = found.hits.into_iter().map(|hit| Lead::from_catalog(hit.person, hit.company)).collect();
    Ok(ResultPage::numbered(people, found.total.unwrap_or_default(), page, size))
}

/// What the jobs of its people may name a company by.
async fn employers(context: &Context, company: &Company) -> Result<Vec<String>> {
    let own = company.id.to_string();
    if let Some(page) = company.linkedin_url.as_deref().and_then(canon::linkedin_company) {
        let same = context.catalog.companies_at(&[page]).await?;
        return Ok(std::iter::once(own).chain(same.iter().map(Uuid::to_string)).collect());
    }
    let domain = company.domain.as_deref().and_then(canon::domain);
    match domain.or_else(|| company.name.clone().filter(|name| !name.trim().is_empty())) {
        Some(employer) => Ok(vec![own, employer]),
        None => {
            Err(Error::Invalid(vec![Fault::new(Vec::new(), "Company has no LinkedIn URL, domain or name")]))
        }
    }
}
