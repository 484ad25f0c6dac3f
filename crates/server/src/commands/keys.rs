//! `sluice key`.

use crate::cli::KeyCommand;
use crate::{home, output};
use anyhow::Result;
use sluice_app::accounts::keys;
use sluice_model::accounts::{NewApiKey, Scopes};

pub async fn run(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create { data, org, user, scopes, rate, name } => {
            let home = home::open(&data).await?;
            let new = NewApiKey { name, scopes: scopes.unwrap_or(Scopes::ALL), rate_per_minute: rate };
            let made = keys::create_for(&home.context, &org, user.as_deref(), new).await?;
            output::print(&format!("{}\n", made.key))?;
        }
        KeyCommand::Revoke { data, key } => {
            let home = home::open(&data).await?;
            let key = super::argument_or_input(key)?;
            keys::revoke_key(&home.context, key.trim()).await?;
            eprintln!("revoked");
        }
    }
    Ok(())
}
