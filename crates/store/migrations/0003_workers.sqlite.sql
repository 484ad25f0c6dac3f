-- Workers: fair shares between organisations, schedules, clean-up, jobs that were given up.

ALTER TABLE job ADD COLUMN finished_at INTEGER;
UPDATE job SET finished_at = created_at WHERE state IN ('done', 'dead');
CREATE INDEX job_waiting ON job (organisation_id, run_at, id) WHERE state = 'ready';
CREATE INDEX job_held ON job (organisation_id, lease_until) WHERE state = 'running';
-- Ids sort by age.
CREATE INDEX job_by_age ON job (organisation_id, state, id DESC);
CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';

-- When it was last an organisation's turn.
CREATE TABLE job_share (
    organisation_id TEXT NOT NULL PRIMARY KEY,
    claimed_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE icp ADD COLUMN schedule TEXT;

-- One row for each ICP that has a schedule. next_at is null when it is never due again.
CREATE TABLE schedule (
    icp_id          TEXT NOT NULL PRIMARY KEY REFERENCES icp (id) ON DELETE CASCADE,
    organisation_id TEXT NOT NULL,
    next_at         INTEGER,
    -- Why the last tick started no run.
    note            TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_by_tick ON schedule (next_at) WHERE next_at IS NOT NULL;

ALTER TABLE run ADD COLUMN scheduled_for INTEGER;
CREATE UNIQUE INDEX run_by_tick ON run (icp_id, scheduled_for) WHERE scheduled_for IS NOT NULL;

-- Of a run whose list was deleted: 1 until its decisions are gone as well, then 2.
ALTER TABLE run ADD COLUMN list_deleted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_by_list ON run (lead_list_id) WHERE lead_list_id IS NOT NULL;
CREATE INDEX run_without_list ON run (finished_at) WHERE list_deleted = 1;

-- What any one of the processes does from time to time.
CREATE TABLE chore (
    name    TEXT NOT NULL PRIMARY KEY,
    next_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
