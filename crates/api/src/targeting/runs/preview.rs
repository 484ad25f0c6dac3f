use crate::http::{ApiError, Caller, OptionalBody, PathParams, ok};
use crate::targeting::bodies::PreviewSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::runs::Preview;
use sluice_app::{Context, access, runs};
use sluice_model::run::PreviewRequest;

/// Shows what a run would do, by the same steps, and writes nothing. Outside checks are only counted, unless `evaluate`
/// has them made for the first candidates. It ends after 100 000 candidates or a minute (ten with `evaluate`), and says so
/// in `stoppedBy`.
#[utoipa::path(post, path = "/api/v1/operations/icps/{id}/preview", tag = "Runs", operation_id = "previewIcp",
    params(("id" = String, Path, description = "UUID of the ICP")),
    request_body = Option<PreviewSchema>,
    responses(
        (status = 200, description = "The funnel, the first leads, and what paid checks would be made", body = Preview),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the criteria of this ICP are no longer valid.", body = crate::targeting::ErrorBody)))]
pub(super) async fn preview_icp(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    body: OptionalBody<PreviewRequest>,
) -> Result<Response, ApiError> {
    let id = path.id(access::icp_not_found)?;
    Ok(ok(&runs::preview(&context, &actor, id, body.value).await?))
}
