//! `sluice doctor`.

use crate::cli::HomeArgs;
use crate::{doctor, home, output};
use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::json;
use sluice_app::system::SystemClock;
use sluice_model::time::Clock as _;
use sluice_store::admin::{Check, Level};

#[derive(Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// How the checks are printed.
    #[arg(long, value_enum, default_value_t = DoctorFormat::Text)]
    pub format: DoctorFormat,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DoctorFormat {
    Text,
    Json,
}

pub async fn run(args: DoctorArgs) -> Result<()> {
    let records = home::options(&args.data)?;
    let checks = doctor::examine(&args.data.folder.dir, &records, SystemClock.now()).await;
    let text = match args.format {
        DoctorFormat::Text => checks.iter().map(line).collect(),
        DoctorFormat::Json => {
            let checks: Vec<_> = checks
                .iter()
                .map(|check| json!({"name": check.name, "level": word(check.level), "text": check.text}))
                .collect();
            serde_json::to_string_pretty(&checks)? + "\n"
        }
    };
    output::print(&text)?;
    let failed = checks.iter().filter(|check| check.level == Level::Fail).count();
    ensure!(failed == 0, "{failed} of {} checks failed", checks.len());
    Ok(())
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Fail => "fail",
    }
}

fn line(check: &Check) -> String {
    // A database may have much to say of one fault.
    let text = check.text.replace('\n', " ");
    format!("{:4}  {:11}  {text}\n", word(check.level), check.name)
}
