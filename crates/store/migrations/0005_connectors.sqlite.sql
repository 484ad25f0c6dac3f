-- What an organisation has connected, what it has paid for, and what was looked up for it.

CREATE TABLE connector (
    organisation_id TEXT NOT NULL,
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    settings        TEXT NOT NULL,
    -- Sealed; null: the service wants none.
    secret          BLOB,
    masked          TEXT,
    -- New at each change.
    revision        TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    updated_by      TEXT NOT NULL,
    PRIMARY KEY (organisation_id, name)
) STRICT, WITHOUT ROWID;

-- One row for each organisation whose ledger was begun; it is locked while the balance changes.
CREATE TABLE credit_account (
    organisation_id TEXT NOT NULL PRIMARY KEY,
    balance         INTEGER NOT NULL CHECK (balance >= 0)
) STRICT, WITHOUT ROWID;

-- Rows are only ever added. The balance is their sum.
CREATE TABLE credit_transaction (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    operation_type  TEXT NOT NULL,
    source          TEXT NOT NULL,
    reference_id    TEXT,
    description     TEXT,
    metadata        TEXT,
    created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX credit_by_age ON credit_transaction (organisation_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX credit_once ON credit_transaction (organisation_id, operation_type, reference_id)
    WHERE kind = 'credit_consumed' AND reference_id IS NOT NULL;

CREATE TABLE enrichment (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    entity_id       TEXT NOT NULL,
    entity_type     TEXT NOT NULL,
    field           TEXT NOT NULL,
    status          TEXT NOT NULL,
    error           TEXT,
    data_found      INTEGER,
    created_by      TEXT NOT NULL,
    credit_id       TEXT,
    job_id          TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX enrichment_by_entity ON enrichment (organisation_id, entity_id, field, created_at DESC, id DESC);
CREATE INDEX enrichment_waiting ON enrichment (organisation_id, job_id) WHERE status = 'pending';
-- What is on its way, or was found, is not asked for again.
CREATE UNIQUE INDEX enrichment_once ON enrichment (organisation_id, entity_id, field)
    WHERE status IN ('pending', 'finished');
