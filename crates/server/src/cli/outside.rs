//! Options on what is called outside.

use clap::Args;
use sluice_app::evidence::{RUN_CALLS, RUN_CREDITS};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What is called outside, and with what.
#[derive(Args, Clone)]
pub struct OutsideArgs {
    /// What credentials are sealed with: the base64 of 32 bytes, older ones after it with commas between; default: the
    /// file `secret.key` in the data folder, made when it is absent. Better told by the environment, where no other
    /// process sees it.
    #[arg(long, env = "SLUICE_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    pub secret_key: Option<String>,
    /// Connectors for all organisations: a JSON file. What an organisation sets up itself goes before.
    #[arg(long, env = "SLUICE_CONNECTORS", value_name = "FILE")]
    pub connectors: Option<PathBuf>,
    /// An address within (loopback, private …) that may be called all the same, as of a model on this machine:
    /// `127.0.0.1:11434`. May be given several times.
    #[arg(long, env = "SLUICE_ALLOW_HOST", value_delimiter = ',', value_name = "ADDRESS")]
    pub allow_host: Vec<SocketAddr>,
    /// Lets all addresses within be called. Whoever writes an ICP can then reach them.
    #[arg(long, env = "SLUICE_ALLOW_PRIVATE_HOSTS")]
    pub allow_private_hosts: bool,
    /// Calls to outside services that one run may make when its request does not say; 0: no bound.
    #[arg(long, env = "SLUICE_RUN_MAX_CALLS", default_value_t = RUN_CALLS, value_name = "N")]
    pub run_max_calls: u64,
    /// Credits that one run may spend when its request does not say; 0: no bound.
    #[arg(long, env = "SLUICE_RUN_MAX_CREDITS", default_value_t = RUN_CREDITS, value_name = "N")]
    pub run_max_credits: u64,
}
