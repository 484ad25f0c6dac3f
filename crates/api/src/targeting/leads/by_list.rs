use crate::http::{ApiError, Caller, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::leads::ListRecords;
use sluice_app::{Context, access, leads};

/// Lists the leads, or the companies, of a list. Leads whose company has no name are left out.
#[utoipa::path(get, path = "/api/v1/entities/leads/list/{id}", tag = "Lead lists", operation_id = "leadsByList",
    params(("id" = String, Path, description = "UUID of the list")),
    responses(
        (status = 200, description = "Leads or companies, in the order of the list", body = ListRecords),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn leads_by_list(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(access::lead_list_not_found)?;
    Ok(ok(&leads::by_list(&context, &actor, id).await?))
}
