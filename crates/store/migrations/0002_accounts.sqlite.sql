-- The accounts API. Ids of this API are kept without their prefix: 26 characters that sort by age.

ALTER TABLE organisation ADD COLUMN tenant_id TEXT;
UPDATE organisation SET tenant_id = lower(hex(randomblob(13)));
CREATE UNIQUE INDEX organisation_by_tenant ON organisation (tenant_id);

-- Only the SHA-256 of a key is kept. Without a user the key has rights of its own.
CREATE TABLE api_key (
    hash            BLOB NOT NULL PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    user_id         TEXT,
    name            TEXT,
    scopes          TEXT NOT NULL,
    rate_per_minute INTEGER,
    created_at      INTEGER NOT NULL,
    revoked_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_by_age ON api_key (organisation_id, id DESC);

-- latest_log is the newest log that is to be seen, the account's own or of a linked prospect; '' for none.
CREATE TABLE account (
    organisation_id  TEXT NOT NULL,
    id               TEXT NOT NULL,
    domain           TEXT NOT NULL,
    name             TEXT,
    search           TEXT NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    latest_log       TEXT NOT NULL,
    own_logs         INTEGER NOT NULL,
    own_deleted      INTEGER NOT NULL,
    prospect_logs    INTEGER NOT NULL,
    prospect_deleted INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_by_activity ON account (organisation_id, latest_log DESC, id DESC, deleted_at)
    WHERE deleted_at IS NULL;

-- A merged prospect is deleted, and names its survivor.
CREATE TABLE prospect (
    organisation_id TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT,
    email           TEXT,
    phone           TEXT,
    linkedin        TEXT,
    domain          TEXT,
    -- Whether the domain was set, rather than taken from the e-mail address.
    domain_set      INTEGER NOT NULL,
    slug            TEXT NOT NULL,
    search          TEXT NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    merged_into     TEXT,
    latest_log      TEXT NOT NULL,
    logs            INTEGER NOT NULL,
    logs_deleted    INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, slug)
) STRICT, WITHOUT ROWID;
CREATE INDEX prospect_by_activity ON prospect (organisation_id, latest_log DESC, id DESC, deleted_at)
    WHERE deleted_at IS NULL;
CREATE INDEX prospect_by_domain ON prospect (organisation_id, domain, id) WHERE domain IS NOT NULL;
CREATE INDEX prospect_by_survivor ON prospect (organisation_id, merged_into) WHERE merged_into IS NOT NULL;

-- Every identifier that ever named a prospect; the prospect's row shows one of each kind.
CREATE TABLE prospect_identifier (
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('linkedin', 'email', 'phone')),
    value           TEXT NOT NULL,
    prospect_id     TEXT NOT NULL,
    PRIMARY KEY (organisation_id, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX prospect_identifier_by_prospect ON prospect_identifier (organisation_id, prospect_id);

-- How many slugs were made from a text, so that the next number is known without trying.
CREATE TABLE prospect_slug (
    organisation_id TEXT NOT NULL,
    base            TEXT NOT NULL,
    used            INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, base)
) STRICT, WITHOUT ROWID;

-- Logs of accounts (kind 0) and prospects (kind 1). A log's time is in its id.
CREATE TABLE activity (
    sequence         INTEGER NOT NULL PRIMARY KEY,
    organisation_id  TEXT NOT NULL,
    id               TEXT NOT NULL,
    kind             INTEGER NOT NULL CHECK (kind IN (0, 1)),
    account_id       TEXT,
    prospect_id      TEXT,
    -- That of the account, or of the prospect at present.
    domain           TEXT,
    source           TEXT NOT NULL,
    type             TEXT NOT NULL,
    payload          TEXT NOT NULL,
    idempotency_key  TEXT,
    request_hash     BLOB,
    -- What the sender was told, for when they send it again.
    created_prospect INTEGER NOT NULL,
    told_id          TEXT,
    -- 0: to be seen; 1: deleted; 2: its prospect is deleted; 3: both.
    gone             INTEGER NOT NULL,
    deleted_at       INTEGER
) STRICT;
-- `gone` stands last so that pages are counted and skipped without touching rows with payloads.
CREATE UNIQUE INDEX activity_of_account ON activity (organisation_id, account_id, id, gone)
    WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX activity_of_prospect ON activity (organisation_id, prospect_id, id, gone)
    WHERE prospect_id IS NOT NULL;
CREATE INDEX activity_of_domain ON activity (organisation_id, domain, id, gone) WHERE domain IS NOT NULL;
CREATE UNIQUE INDEX activity_by_key ON activity (organisation_id, kind, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
