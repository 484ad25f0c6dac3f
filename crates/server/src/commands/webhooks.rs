//! `sluice webhooks`.

use super::connectors::operator;
use crate::cli::HomeArgs;
use crate::{home, output};
use anyhow::Result;
use clap::Subcommand;
use serde_json::{Map, Value};
use sluice_app::webhooks;
use sluice_model::Node;
use sluice_model::webhook::{WebhookCreate, WebhookEvent, WebhookReplay};
use std::fmt::Write as _;
use uuid::Uuid;

#[derive(Subcommand)]
pub enum WebhooksCommand {
    /// Prints the webhooks of an organisation: id, URL, whether it is enabled, and what it hears of, with tabs between.
    List {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
    },
    /// Sets a webhook up, and prints its id and its secret, which is shown this once, with a tab between.
    Add {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        /// Where messages are sent.
        url: String,
        /// What it hears of, such as `run.succeeded`. May be repeated; default: everything.
        #[arg(long, value_name = "EVENT")]
        event: Vec<String>,
        /// For people.
        #[arg(long)]
        description: Option<String>,
    },
    /// Has messages sent again, and prints how many.
    Replay {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        /// The webhook's id.
        id: Uuid,
        /// Of what happened then or later: `2026-01-15T10:30:00Z`.
        #[arg(long, value_name = "TIME")]
        since: String,
        /// Of what happened then or before.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Only those that were given up.
        #[arg(long)]
        only_failed: bool,
    },
}

pub async fn run(command: WebhooksCommand) -> Result<()> {
    match command {
        WebhooksCommand::List { data, org } => {
            let home = home::open(&data).await?;
            let actor = operator(&home.context, org).await?;
            let mut text = String::new();
            for webhook in webhooks::list(&home.context, &actor).await? {
                let state = if webhook.enabled { "enabled" } else { "disabled" };
                let events = webhook.events.map_or_else(|| "*".to_owned(), names);
                writeln!(text, "{}\t{}\t{state}\t{events}", webhook.id, webhook.url)?;
            }
            output::print(&text)?;
        }
        WebhooksCommand::Add { data, org, url, event, description } => {
            let home = home::open(&data).await?;
            let actor = operator(&home.context, org).await?;
            let mut body = Map::new();
            body.insert("url".to_owned(), url.into());
            if !event.is_empty() {
                body.insert("events".to_owned(), event.into());
            }
            body.insert("description".to_owned(), description.into());
            let body = Value::Object(body);
            let new = WebhookCreate::read(&Node::root(&body)).map_err(sluice_app::Error::Invalid)?;
            let made = webhooks::create(&home.context, &actor, new).await?.value;
            output::print(&format!("{}\t{}\n", made.webhook.id, made.secret))?;
        }
        WebhooksCommand::Replay { data, org, id, since, until, only_failed } => {
            let home = home::open(&data).await?;
            let actor = operator(&home.context, org).await?;
            let body = serde_json::json!({"since": since, "until": until, "onlyFailed": only_failed});
            let which = WebhookReplay::read(&Node::root(&body)).map_err(sluice_app::Error::Invalid)?;
            let replayed = webhooks::replay(&home.context, &actor, id, which).await?;
            output::print(&format!("{}\n", replayed.count))?;
        }
    }
    Ok(())
}

fn names(events: Vec<WebhookEvent>) -> String {
    let names: Vec<&str> = events.into_iter().map(WebhookEvent::name).collect();
    names.join(",")
}
