use crate::http::{ApiError, Body, Caller};
use crate::targeting::service_bodies::NewCreditsSchema;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::{Context, credits};
use sluice_model::credit::{CreditTransaction, NewCredits};

/// Adds credits. The first ones begin the ledger: from then on nothing is bought that it does not cover. Admins only.
#[utoipa::path(post, path = "/api/v1/operations/credits", tag = "Credits", operation_id = "addCredits",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = NewCreditsSchema,
    responses(
        (status = 201, description = "The new line of the ledger", body = CreditTransaction),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn add_credits(
    State(context): State<Context>,
    Caller(actor): Caller,
    body: Body<NewCredits>,
) -> Result<Response, ApiError> {
    let added = credits::add(&context, &actor, body.key, body.value).await?;
    Ok((StatusCode::CREATED, Json(added)).into_response())
}
