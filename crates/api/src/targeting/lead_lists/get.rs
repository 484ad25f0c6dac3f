use crate::http::{ApiError, Caller, PathParams, with_version};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, lead_lists};
use sluice_model::lead_list::HydratedLeadList;

/// Reads a lead list with what it holds. Every user of the organisation may.
#[utoipa::path(get, path = "/api/v1/entities/leadlists/{id}", tag = "Lead lists", operation_id = "getLeadList",
    params(("id" = String, Path, description = "UUID of the list")),
    responses((status = 200, description = "The list with `persons` or `companies`", body = HydratedLeadList)))]
pub(super) async fn get_lead_list(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(access::lead_list_not_found)?;
    Ok(with_version(StatusCode::OK, &lead_lists::get(&context, &actor, id).await?))
}
