use crate::http::{ApiError, Caller, PathParams};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use sluice_app::{Context, Versioned, access, runs};
use sluice_model::{Actor, Run};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;
use uuid::Uuid;

/// Follows a run as Server-Sent Events: each event is the whole run, its id the revision. The last one is named
/// `end`; a stream that ends without it can be resumed. With `Last-Event-ID` only what came after it is sent.
#[utoipa::path(get, path = "/api/v1/operations/runs/{id}/events", tag = "Runs", operation_id = "runEvents",
    params(
        ("id" = String, Path, description = "UUID of the run"),
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received.")),
    responses(
        (status = 200, description = "Events `progress` and `end`, each with the run as JSON", content_type = "text/event-stream", body = String),
        (status = 403, description = "FORBIDDEN: not the starter, not in the ICP's `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn run_events(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = path.id(access::run_not_found)?;
    let run = runs::get(&context, &actor, id).await?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    let seen = last.unwrap_or_default();
    let follow = Follow { context, actor, id, state: Phase::start(run, seen) };
    let alive = KeepAlive::new().interval(Duration::from_secs(10));
    Ok(Sse::new(follow).keep_alive(alive).into_response())
}

/// `None` when the process is to end: the client comes back to another, or later.
type Watching = Pin<Box<dyn Future<Output = Option<sluice_app::Result<Versioned<Run>>>> + Send>>;

/// Where the stream is.
enum Phase {
    /// This run is to be sent.
    Have(Box<Versioned<Run>>),
    /// Everything up to this revision was sent.
    Sent(i64),
    Waiting(Watching),
    Ended,
}

impl Phase {
    fn start(run: Versioned<Run>, seen: i64) -> Self {
        match (run.version > seen, run.value.status.is_final()) {
            (true, _) => Self::Have(Box::new(run)),
            (false, true) => Self::Ended,
            (false, false) => Self::Sent(seen),
        }
    }
}

struct Follow {
    context: Context,
    actor: Actor,
    id: Uuid,
    state: Phase,
}

impl Stream for Follow {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.state, Phase::Ended) {
                Phase::Ended => return Poll::Ready(None),
                Phase::Have(run) => {
                    let end = run.value.status.is_final();
                    if !end {
                        self.state = Phase::Sent(run.version);
                    }
                    let data = serde_json::to_string(&run.value).unwrap_or_default();
                    let event = Event::default().id(run.version.to_string());
                    return Poll::Ready(Some(Ok(event
                        .event(if end { "end" } else { "progress" })
                        .data(data))));
                }
                Phase::Sent(seen) => {
                    let (context, actor, id) = (self.context.clone(), self.actor.clone(), self.id);
                    let next = async move {
                        tokio::select! {
                            run = runs::watch(&context, &actor, id, seen) => Some(run),
                            () = context.stop.begun() => None,
                        }
                    };
                    self.state = Phase::Waiting(Box::pin(next));
                }
                Phase::Waiting(mut next) => match next.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.state = Phase::Waiting(next);
                        return Poll::Pending;
                    }
                    // The run is gone or no longer the caller's: nothing more to say.
                    ready => match ready!(ready) {
                        Some(Ok(run)) => self.state = Phase::Have(Box::new(run)),
                        Some(Err(_)) | None => return Poll::Ready(None),
                    },
                },
            }
        }
    }
}
