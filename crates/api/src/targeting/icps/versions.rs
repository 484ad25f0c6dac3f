use crate::http::{ApiError, Caller, PathParams, QueryParams, digest_tag, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, Error, access, icps};
use sluice_model::IcpVersion;

/// Lists the versions of an ICP, newest first.
#[utoipa::path(get, path = "/api/v1/entities/icps/{id}/versions", tag = "ICPs", operation_id = "listIcpVersions",
    params(
        ("id" = String, Path, description = "UUID of the ICP"),
        ("before" = Option<i64>, Query, description = "Only versions before this one."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Default 20.")),
    responses(
        (status = 200, description = "Versions, newest first, each with the fields it changed", body = Vec<IcpVersion>),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn list_icp_versions(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let before = query.integer("before", 1, i64::MAX);
    let limit = query.limit(100, 20);
    query.check()?;
    let id = path.id(access::icp_not_found)?;
    Ok(ok(&icps::versions(&context, &actor, id, before, limit).await?))
}

/// Reads one version of an ICP.
#[utoipa::path(get, path = "/api/v1/entities/icps/{id}/versions/{version}", tag = "ICPs", operation_id = "getIcpVersion",
    params(
        ("id" = String, Path, description = "UUID of the ICP"),
        ("version" = String, Path, description = "Number of the version, from 1")),
    responses(
        (status = 200, description = "The version", body = IcpVersion),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn get_icp_version(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(access::icp_not_found)?;
    let text = path.text("version");
    // Written as versions are listed; anything else is no version, but who may see the ICP is checked first.
    let version = text.parse().ok().filter(|number: &i64| number.to_string() == text);
    match version {
        Some(version) => Ok(digest_tag(&icps::version(&context, &actor, id, version).await?)),
        None => {
            icps::get(&context, &actor, id).await?;
            Err(Error::NotFound(format!("ICP version not found: {id}/{text}")).into())
        }
    }
}
