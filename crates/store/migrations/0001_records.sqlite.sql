-- Times are milliseconds since 1970-01-01T00:00:00Z, ids are text, JSON is text.

CREATE TABLE organisation (
    id          TEXT NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    id              TEXT NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    email           TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a token is kept.
CREATE TABLE token (
    hash            BLOB NOT NULL PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    revoked_at      INTEGER,
    FOREIGN KEY (organisation_id, user_id) REFERENCES member (organisation_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE icp (
    id                     TEXT NOT NULL PRIMARY KEY,
    organisation_id        TEXT NOT NULL,
    version                INTEGER NOT NULL,
    name                   TEXT NOT NULL,
    description            TEXT,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    user_ids               TEXT NOT NULL,
    leads_per_list         INTEGER NOT NULL,
    active_until           INTEGER,
    lead_provider_criteria TEXT NOT NULL,
    custom_filter_criteria TEXT NOT NULL,
    crm_filters            TEXT,
    -- Its newest version.
    history                INTEGER NOT NULL
) STRICT;
CREATE INDEX icp_by_age ON icp (organisation_id, created_at DESC, id DESC);

CREATE TABLE icp_user (
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    icp_id          TEXT NOT NULL REFERENCES icp (id) ON DELETE CASCADE,
    PRIMARY KEY (organisation_id, user_id, icp_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX icp_user_by_icp ON icp_user (icp_id);

-- Each version names the one before it, so that a new one is written where the last one was, of whichever ICP: an
-- index would cost a page of its own per version, and a save writes little else.
CREATE TABLE icp_version (
    sequence        INTEGER NOT NULL PRIMARY KEY,
    previous        INTEGER,
    version         INTEGER NOT NULL,
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    changed         TEXT NOT NULL,
    icp             TEXT NOT NULL
) STRICT;

-- The organisation's own people (kind person) and companies (kind company): copies from the catalog, or made by hand.
CREATE TABLE record (
    id               TEXT NOT NULL PRIMARY KEY,
    organisation_id  TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('person', 'company')),
    base_provider_id TEXT,
    company_id       TEXT REFERENCES record (id),
    in_crm           INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    data             TEXT NOT NULL
) STRICT;

-- The identifiers by which a record is found again.
CREATE TABLE record_key (
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL,
    record_id       TEXT NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    PRIMARY KEY (organisation_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE lead_list (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    version         INTEGER NOT NULL,
    icp_id          TEXT REFERENCES icp (id) ON DELETE SET NULL,
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('person', 'company')),
    start_date      INTEGER NOT NULL,
    end_date        INTEGER NOT NULL,
    user_ids        TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX lead_list_by_age ON lead_list (organisation_id, created_at DESC, id DESC);
CREATE INDEX lead_list_by_icp ON lead_list (icp_id);

CREATE TABLE lead_list_user (
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    lead_list_id    TEXT NOT NULL REFERENCES lead_list (id) ON DELETE CASCADE,
    PRIMARY KEY (organisation_id, user_id, lead_list_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_list_user_by_list ON lead_list_user (lead_list_id);

CREATE TABLE lead_list_item (
    lead_list_id TEXT NOT NULL REFERENCES lead_list (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    record_id    TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (lead_list_id, position),
    UNIQUE (lead_list_id, record_id)
) STRICT, WITHOUT ROWID;

-- Who was put on which list when; outlives the list, for minDaysUntilReuse.
CREATE TABLE listing (
    record_id       TEXT NOT NULL REFERENCES record (id),
    lead_list_id    TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    listed_at       INTEGER NOT NULL,
    PRIMARY KEY (record_id, lead_list_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    revision        INTEGER NOT NULL,
    icp_id          TEXT NOT NULL,
    icp_version     INTEGER NOT NULL,
    status          TEXT NOT NULL,
    stage           TEXT NOT NULL,
    progress        TEXT NOT NULL,
    funnel          TEXT NOT NULL,
    lead_list_id    TEXT,
    dry_run         INTEGER NOT NULL,
    cost            TEXT NOT NULL,
    stopped_by      TEXT,
    error           TEXT,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    started_at      INTEGER,
    finished_at     INTEGER,
    -- What the run was asked for, with the ICP as it was then.
    plan            TEXT NOT NULL,
    -- Where a worker goes on.
    cursor          TEXT,
    -- Null, 'drop' or 'keep': what to do with what was accepted when it was told to stop.
    cancel          TEXT
) STRICT;
CREATE INDEX run_by_age ON run (organisation_id, created_at DESC, id DESC);
CREATE INDEX run_by_icp ON run (icp_id, created_at DESC, id DESC);

CREATE TABLE decision (
    run_id       TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    sequence     INTEGER NOT NULL,
    verdict      TEXT NOT NULL,
    stage        TEXT NOT NULL,
    candidate_id TEXT NOT NULL,
    -- Hashes of the identifiers, eight bytes each: what later candidates are compared with after a restart.
    keys         BLOB NOT NULL,
    data         TEXT NOT NULL,
    PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_by_verdict ON decision (run_id, verdict, stage, sequence);
CREATE INDEX decision_by_candidate ON decision (run_id, candidate_id);

CREATE TABLE suppression (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL,
    -- Null after an erasure.
    value           TEXT,
    value_hash      BLOB NOT NULL,
    reason          TEXT,
    expires_at      INTEGER,
    created_at      INTEGER NOT NULL,
    created_by      TEXT NOT NULL,
    removed_at      INTEGER,
    removed_by      TEXT,
    erased_at       INTEGER
) STRICT;
CREATE INDEX suppression_by_hash ON suppression (organisation_id, value_hash);
CREATE INDEX suppression_by_age ON suppression (organisation_id, created_at DESC, id DESC);

CREATE TABLE job (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL,
    payload         TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
    run_at          INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    lease_owner     TEXT,
    lease_until     INTEGER,
    error           TEXT,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX job_open ON job (run_at, id) WHERE state IN ('ready', 'running');

CREATE TABLE idempotency (
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    key             TEXT NOT NULL,
    request_hash    BLOB NOT NULL,
    response        TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE audit (
    sequence        INTEGER NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    action          TEXT NOT NULL,
    entity_id       TEXT NOT NULL,
    at              INTEGER NOT NULL
) STRICT;
