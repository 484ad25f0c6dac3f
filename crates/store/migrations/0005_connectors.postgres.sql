-- What an organisation has connected, what it has paid for, and what was looked up for it.

CREATE TABLE connector (
    organisation_id TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    settings        TEXT COLLATE "C" NOT NULL,
    -- Sealed; null: the service wants none.
    secret          BYTEA,
    masked          TEXT COLLATE "C",
    -- New at each change.
    revision        TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    updated_by      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, name)
);

-- One row for each organisation whose ledger was begun; it is locked while the balance changes.
CREATE TABLE credit_account (
    organisation_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    balance         BIGINT NOT NULL CHECK (balance >= 0)
);

-- Rows are only ever added. The balance is their sum.
CREATE TABLE credit_transaction (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount > 0),
    operation_type  TEXT COLLATE "C" NOT NULL,
    source          TEXT COLLATE "C" NOT NULL,
    reference_id    TEXT COLLATE "C",
    description     TEXT COLLATE "C",
    metadata        TEXT COLLATE "C",
    created_at      BIGINT NOT NULL
);
CREATE INDEX credit_by_age ON credit_transaction (organisation_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX credit_once ON credit_transaction (organisation_id, operation_type, reference_id)
    WHERE kind = 'credit_consumed' AND reference_id IS NOT NULL;

CREATE TABLE enrichment (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    entity_id       TEXT COLLATE "C" NOT NULL,
    entity_type     TEXT COLLATE "C" NOT NULL,
    field           TEXT COLLATE "C" NOT NULL,
    status          TEXT COLLATE "C" NOT NULL,
    error           TEXT COLLATE "C",
    data_found      BIGINT,
    created_by      TEXT COLLATE "C" NOT NULL,
    credit_id       TEXT COLLATE "C",
    job_id          TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX enrichment_by_entity ON enrichment (organisation_id, entity_id, field, created_at DESC, id DESC);
CREATE INDEX enrichment_waiting ON enrichment (organisation_id, job_id) WHERE status = 'pending';
-- What is on its way, or was found, is not asked for again.
CREATE UNIQUE INDEX enrichment_once ON enrichment (organisation_id, entity_id, field)
    WHERE status IN ('pending', 'finished');
