use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::credits::Balance;
use sluice_app::{Context, credits};

/// Tells what the organisation can still spend.
#[utoipa::path(get, path = "/api/v1/operations/credits/balance", tag = "Credits", operation_id = "creditBalance",
    responses((status = 200, description = "The balance", body = Balance)))]
pub(super) async fn credit_balance(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&credits::balance(&context, &actor).await?))
}
