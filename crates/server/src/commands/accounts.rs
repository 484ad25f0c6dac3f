//! `sluice org`, `sluice user`, `sluice token`.

use crate::cli::{OrgCommand, TokenCommand, UserCommand};
use crate::home;
use anyhow::Result;
use sluice_app::admin;

pub async fn org(command: OrgCommand) -> Result<()> {
    let OrgCommand::Create { data, id, name } = command;
    let home = home::open(&data).await?;
    admin::create_organisation(&home.context, &id, &name).await?;
    println!("{id}");
    Ok(())
}

pub async fn user(command: UserCommand) -> Result<()> {
    let UserCommand::Create { data, org, id, role, email } = command;
    let home = home::open(&data).await?;
    admin::create_user(&home.context, &org, &id, role, email.as_deref()).await?;
    println!("{id}");
    Ok(())
}

pub async fn token(command: TokenCommand) -> Result<()> {
    match command {
        TokenCommand::Create { data, org, user } => {
            let home = home::open(&data).await?;
            println!("{}", admin::create_token(&home.context, &org, &user).await?);
        }
        TokenCommand::Revoke { data, token } => {
            let home = home::open(&data).await?;
            let token = super::argument_or_input(token)?;
            admin::revoke_token(&home.context, token.trim()).await?;
            eprintln!("revoked");
        }
    }
    Ok(())
}
