//! `/api/v1/operations/autocomplete`.

mod classifications;
mod companies;
mod locations;
mod people;
mod person_metadata;
mod schools;

use crate::http::{ApiError, QueryParams};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sluice_app::Context;
use sluice_app::autocomplete::Typed;
use sluice_model::search_body::{DEFAULT_SIZE, MAX_REACH, MAX_SIZE};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest text that is completed.
const MAX_TEXT: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(classifications::complete_classifications))
        .routes(routes!(locations::complete_locations))
        .routes(routes!(companies::complete_companies))
        .routes(routes!(people::complete_people))
        .routes(routes!(schools::complete_schools))
        .routes(routes!(person_metadata::complete_person_metadata))
}

/// The parameters of all of them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the OpenAPI document")]
struct Completion {
    /// What was typed; without it the most frequent come.
    #[param(max_length = 200, nullable = false)]
    search: Option<String>,
    /// The same as `search`.
    #[param(max_length = 200, nullable = false)]
    value: Option<String>,
    /// Zero-based.
    #[param(minimum = 0, nullable = false)]
    page: Option<i64>,
    /// Default 10.
    #[param(minimum = 0, maximum = 100, nullable = false)]
    size: Option<i64>,
}

/// What was typed and which page is wanted, as the query says.
struct Completing(Typed);

impl FromRequestParts<Context> for Completing {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let mut query = QueryParams::from_request_parts(parts, context).await?;
        let typed = typed(&mut query);
        query.check()?;
        Ok(Self(typed))
    }
}

/// Reads what was typed, and the page.
fn typed(query: &mut QueryParams) -> Typed {
    let search = query.limited("search", MAX_TEXT);
    let value = query.limited("value", MAX_TEXT);
    if search.is_some() && value.is_some() && search != value {
        query.fault(Some("value"), "'search' and 'value' exclude each other");
    }
    let page = query.integer("page", 0, MAX_REACH).unwrap_or(0);
    let size = query.integer("size", 0, MAX_SIZE).unwrap_or(DEFAULT_SIZE);
    if page * size > MAX_REACH {
        query.fault(Some("page"), &format!("page × size must not be more than {MAX_REACH}"));
    }
    Typed {
        text: search.or(value).unwrap_or_default(),
        page: usize::try_from(page).unwrap_or(0),
        size: usize::try_from(size).unwrap_or(0),
    }
}
