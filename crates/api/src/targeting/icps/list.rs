use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, icps};
use sluice_model::Icp;

/// Lists the ICPs whose `userIds` has the caller, newest first.
#[utoipa::path(get, path = "/api/v1/entities/icps", tag = "ICPs", operation_id = "listIcps",
    params(("all" = Option<bool>, Query, description = "Admins only: those of the whole organisation.")),
    responses((status = 200, description = "ICPs, newest first", body = Vec<Icp>)))]
pub(super) async fn list_icps(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let all = query.flag("all");
    query.check()?;
    Ok(ok(&icps::list(&context, &actor, all).await?))
}
