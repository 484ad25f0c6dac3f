//! The contract of the command line: what a script needs is alone on standard output, everything else on standard error;
//! 0 done, 1 failed, 2 wrong use; every command works beside a running server.

mod accounts;
mod backup;
mod connectors;
mod database;
mod demo;
mod doctor;
mod icps;
mod imports;
mod keys;
mod migrate;
mod operating;
mod serving;
mod webhooks;

use crate::program::{sluice, text};
use std::path::Path;

const COMPANIES: &str = "name,website,country,industry,headcount\n\
    Acme GmbH,https://acme.example,Germany,Software,201-500\n\
    Beta Ltd,beta.example,France,Banking,11-50\n";
const PEOPLE: &str = "first_name,last_name,title,email,company,company_domain\n\
    Ann,Lee,CTO,ann@acme.example,Acme GmbH,acme.example\n\
    Bob,Ray,Head of Sales,bob@beta.example,Beta Ltd,beta.example\n\
    Cid,Fox,CTO,cid@acme.example,Acme GmbH,acme.example\n";

/// An organisation with an admin; prints the admin's token.
fn admin(data: &Path) -> String {
    let data = text(data);
    sluice(&["org", "create", "--data", data, "--id", "org_acme", "--name", "Acme"]).ok();
    sluice(&["user", "create", "--data", data, "--org", "org_acme", "--id", "user_ann", "--role", "admin"])
        .ok();
    token(Path::new(data))
}

fn token(data: &Path) -> String {
    let printed =
        sluice(&["token", "create", "--data", text(data), "--org", "org_acme", "--user", "user_ann"]).ok();
    let token = printed.strip_suffix('\n').expect("one line").to_owned();
    assert!(token.starts_with("sl_pat_") && !token.contains(char::is_whitespace), "{token}");
    token
}
