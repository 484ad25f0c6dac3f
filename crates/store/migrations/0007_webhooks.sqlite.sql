-- Webhooks: where an organisation hears of what happens, what is to be told, and what became of it.

CREATE TABLE webhook (
    id                    TEXT NOT NULL PRIMARY KEY,
    organisation_id       TEXT NOT NULL,
    version               INTEGER NOT NULL,
    url                   TEXT NOT NULL,
    -- JSON; null for all.
    events                TEXT,
    description           TEXT,
    enabled               INTEGER NOT NULL,
    disabled_reason       TEXT,
    -- What messages are signed with, sealed.
    secret                BLOB NOT NULL,
    previous_secret       BLOB,
    previous_secret_until INTEGER,
    created_at            INTEGER NOT NULL,
    updated_at            INTEGER NOT NULL,
    created_by            TEXT NOT NULL,
    -- The last job that was queued to send what waits.
    job_id                TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_by_organisation ON webhook (organisation_id, id);

CREATE TABLE webhook_event (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL,
    -- As it is sent and signed.
    payload         TEXT NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_event_by_age ON webhook_event (created_at);

CREATE TABLE webhook_delivery (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    webhook_id      TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event_id        TEXT NOT NULL REFERENCES webhook_event (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL,
    status          TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    response_status INTEGER,
    error           TEXT,
    created_at      INTEGER NOT NULL,
    -- Null unless it is pending.
    next_at         INTEGER,
    -- After a failure at this time or later it is given up.
    until           INTEGER NOT NULL,
    finished_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (webhook_id, id DESC);
CREATE INDEX webhook_delivery_by_event ON webhook_delivery (event_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at, id) WHERE status = 'pending';

CREATE TABLE webhook_attempt (
    delivery_id     TEXT NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    duration_ms     INTEGER NOT NULL,
    response_status INTEGER,
    error           TEXT,
    response_body   TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
