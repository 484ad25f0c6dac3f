-- Times are milliseconds since 1970-01-01T00:00:00Z, ids are text, JSON is text.
-- As on SQLite: every integer has 64 bits, booleans too, and texts sort by their bytes.

CREATE TABLE organisation (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE member (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisation (id),
    id              TEXT COLLATE "C" NOT NULL,
    role            TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'member')),
    email           TEXT COLLATE "C",
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, id)
);

-- Only the SHA-256 of a token is kept.
CREATE TABLE token (
    hash            BYTEA NOT NULL PRIMARY KEY,
    id              TEXT COLLATE "C" NOT NULL UNIQUE,
    organisation_id TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    revoked_at      BIGINT,
    FOREIGN KEY (organisation_id, user_id) REFERENCES member (organisation_id, id)
);

CREATE TABLE icp (
    id                     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id        TEXT COLLATE "C" NOT NULL,
    version                BIGINT NOT NULL,
    name                   TEXT COLLATE "C" NOT NULL,
    description            TEXT COLLATE "C",
    created_at             BIGINT NOT NULL,
    updated_at             BIGINT NOT NULL,
    user_ids               TEXT COLLATE "C" NOT NULL,
    leads_per_list         BIGINT NOT NULL,
    active_until           BIGINT,
    lead_provider_criteria TEXT COLLATE "C" NOT NULL,
    custom_filter_criteria TEXT COLLATE "C" NOT NULL,
    crm_filters            TEXT COLLATE "C"
);
CREATE INDEX icp_by_age ON icp (organisation_id, created_at DESC, id DESC);

CREATE TABLE icp_user (
    organisation_id TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    icp_id          TEXT COLLATE "C" NOT NULL REFERENCES icp (id) ON DELETE CASCADE,
    PRIMARY KEY (organisation_id, user_id, icp_id)
);
CREATE INDEX icp_user_by_icp ON icp_user (icp_id);

CREATE TABLE icp_version (
    icp_id          TEXT COLLATE "C" NOT NULL,
    version         BIGINT NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    changed         TEXT COLLATE "C" NOT NULL,
    icp             TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (icp_id, version)
);

-- The organisation's own people (kind person) and companies (kind company): copies from the catalog, or made by hand.
CREATE TABLE record (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id  TEXT COLLATE "C" NOT NULL,
    kind             TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'company')),
    base_provider_id TEXT COLLATE "C",
    company_id       TEXT COLLATE "C" REFERENCES record (id),
    in_crm           BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    data             TEXT COLLATE "C" NOT NULL
);

-- The identifiers by which a record is found again.
CREATE TABLE record_key (
    organisation_id TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    key             TEXT COLLATE "C" NOT NULL,
    record_id       TEXT COLLATE "C" NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    PRIMARY KEY (organisation_id, kind, key)
);

CREATE TABLE lead_list (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    version         BIGINT NOT NULL,
    icp_id          TEXT COLLATE "C" REFERENCES icp (id) ON DELETE SET NULL,
    name            TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'company')),
    start_date      BIGINT NOT NULL,
    end_date        BIGINT NOT NULL,
    user_ids        TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX lead_list_by_age ON lead_list (organisation_id, created_at DESC, id DESC);
CREATE INDEX lead_list_by_icp ON lead_list (icp_id);

CREATE TABLE lead_list_user (
    organisation_id TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    lead_list_id    TEXT COLLATE "C" NOT NULL REFERENCES lead_list (id) ON DELETE CASCADE,
    PRIMARY KEY (organisation_id, user_id, lead_list_id)
);
CREATE INDEX lead_list_user_by_list ON lead_list_user (lead_list_id);

CREATE TABLE lead_list_item (
    lead_list_id TEXT COLLATE "C" NOT NULL REFERENCES lead_list (id) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    record_id    TEXT COLLATE "C" NOT NULL REFERENCES record (id),
    PRIMARY KEY (lead_list_id, position),
    UNIQUE (lead_list_id, record_id)
);

-- Who was put on which list when; outlives the list, for minDaysUntilReuse.
CREATE TABLE listing (
    record_id       TEXT COLLATE "C" NOT NULL REFERENCES record (id),
    lead_list_id    TEXT COLLATE "C" NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL,
    listed_at       BIGINT NOT NULL,
    PRIMARY KEY (record_id, lead_list_id)
);

CREATE TABLE run (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    revision        BIGINT NOT NULL,
    icp_id          TEXT COLLATE "C" NOT NULL,
    icp_version     BIGINT NOT NULL,
    status          TEXT COLLATE "C" NOT NULL,
    stage           TEXT COLLATE "C" NOT NULL,
    progress        TEXT COLLATE "C" NOT NULL,
    funnel          TEXT COLLATE "C" NOT NULL,
    lead_list_id    TEXT COLLATE "C",
    dry_run         BIGINT NOT NULL,
    cost            TEXT COLLATE "C" NOT NULL,
    stopped_by      TEXT COLLATE "C",
    error           TEXT COLLATE "C",
    created_by      TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    started_at      BIGINT,
    finished_at     BIGINT,
    -- What the run was asked for, with the ICP as it was then.
    plan            TEXT COLLATE "C" NOT NULL,
    -- Where a worker goes on.
    cursor          TEXT COLLATE "C",
    -- Null, 'drop' or 'keep': what to do with what was accepted when it was told to stop.
    cancel          TEXT COLLATE "C"
);
CREATE INDEX run_by_age ON run (organisation_id, created_at DESC, id DESC);
CREATE INDEX run_by_icp ON run (icp_id, created_at DESC, id DESC);

CREATE TABLE decision (
    run_id       TEXT COLLATE "C" NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    sequence     BIGINT NOT NULL,
    verdict      TEXT COLLATE "C" NOT NULL,
    stage        TEXT COLLATE "C" NOT NULL,
    candidate_id TEXT COLLATE "C" NOT NULL,
    -- Hashes of the identifiers, eight bytes each: what later candidates are compared with after a restart.
    keys         BYTEA NOT NULL,
    data         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run_id, sequence)
);
CREATE INDEX decision_by_verdict ON decision (run_id, verdict, stage, sequence);
CREATE INDEX decision_by_candidate ON decision (run_id, candidate_id);

CREATE TABLE suppression (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    -- Null after an erasure.
    value           TEXT COLLATE "C",
    value_hash      BYTEA NOT NULL,
    reason          TEXT COLLATE "C",
    expires_at      BIGINT,
    created_at      BIGINT NOT NULL,
    created_by      TEXT COLLATE "C" NOT NULL,
    removed_at      BIGINT,
    removed_by      TEXT COLLATE "C",
    erased_at       BIGINT
);
CREATE INDEX suppression_by_hash ON suppression (organisation_id, value_hash);
CREATE INDEX suppression_by_age ON suppression (organisation_id, created_at DESC, id DESC);

CREATE TABLE job (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    payload         TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
    run_at          BIGINT NOT NULL,
    attempts        BIGINT NOT NULL,
    lease_owner     TEXT COLLATE "C",
    lease_until     BIGINT,
    error           TEXT COLLATE "C",
    created_at      BIGINT NOT NULL
);
CREATE INDEX job_open ON job (run_at, id) WHERE state IN ('ready', 'running');

CREATE TABLE idempotency (
    organisation_id TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    key             TEXT COLLATE "C" NOT NULL,
    request_hash    BYTEA NOT NULL,
    response        TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, user_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE audit (
    sequence        BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    action          TEXT COLLATE "C" NOT NULL,
    entity_id       TEXT COLLATE "C" NOT NULL,
    at              BIGINT NOT NULL
);
