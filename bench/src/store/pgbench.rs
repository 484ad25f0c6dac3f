//! PostgreSQL without the store: its own benchmark, the same statements, prepared.

use anyhow::{Context as _, Result, bail};
use sluice_testdb::Server;
use std::process::Command;
use std::time::Duration;

/// As the store reads.
pub const READ: &str = r"\set number random(0, 999)
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT id, version, name, description, created_at, updated_at, user_ids, leads_per_list, active_until,
    lead_provider_criteria, custom_filter_criteria, crm_filters, schedule
FROM icp WHERE id = '00000000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0') AND organisation_id = 'org_bench';
COMMIT;
";

/// As the store saves: the row's own texts stand for those that a client sends back.
pub const SAVE: &str = r"\set number random(0, 999)
\set leads random(1, 100)
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT id, version, name, description, created_at, updated_at, user_ids, leads_per_list, active_until,
    lead_provider_criteria, custom_filter_criteria, crm_filters, schedule
FROM icp WHERE id = '00000000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0') AND organisation_id = 'org_bench';
INSERT INTO icp_version (previous, version, organisation_id, user_id, created_at, changed, icp)
SELECT history, version + 1, organisation_id, 'user_bench', updated_at, '[]',
    name || description || lead_provider_criteria || custom_filter_criteria
FROM icp WHERE id = '00000000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0') AND organisation_id = 'org_bench'
RETURNING sequence \gset
UPDATE icp SET version = version + 1, name = name, description = description, updated_at = updated_at,
    user_ids = user_ids, leads_per_list = :leads, active_until = active_until,
    lead_provider_criteria = lead_provider_criteria, custom_filter_criteria = custom_filter_criteria,
    crm_filters = crm_filters, schedule = schedule, history = :sequence
WHERE id = '00000000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0') AND organisation_id = 'org_bench';
COMMIT;
";

/// Transactions a second of a script.
pub fn rate(server: &Server, database: &str, script: &str, clients: u64, time: Duration) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script)?;
    let output = Command::new(server.program("pgbench"))
        .args(["--host", server.folder(), "--username=postgres", "--no-vacuum", "--protocol=prepared"])
        .args(["--max-tries=100", "--jobs=2", "--client", &clients.to_string()])
        .args(["--time", &time.as_secs().to_string(), "--file"])
        .arg(&file)
        .arg(database)
        .output()
        .context("pgbench does not run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    let line = text.lines().find(|line| line.starts_with("tps = ")).context("pgbench tells no rate")?;
    let rate = line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default();
    rate.parse().with_context(|| line.to_owned())
}
