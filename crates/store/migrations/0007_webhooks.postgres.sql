-- Webhooks: where an organisation hears of what happens, what is to be told, and what became of it.

CREATE TABLE webhook (
    id                    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id       TEXT COLLATE "C" NOT NULL,
    version               BIGINT NOT NULL,
    url                   TEXT COLLATE "C" NOT NULL,
    -- JSON; null for all.
    events                TEXT COLLATE "C",
    description           TEXT COLLATE "C",
    enabled               BIGINT NOT NULL,
    disabled_reason       TEXT COLLATE "C",
    -- What messages are signed with, sealed.
    secret                BYTEA NOT NULL,
    previous_secret       BYTEA,
    previous_secret_until BIGINT,
    created_at            BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL,
    created_by            TEXT COLLATE "C" NOT NULL,
    -- The last job that was queued to send what waits.
    job_id                TEXT COLLATE "C"
);
CREATE INDEX webhook_by_organisation ON webhook (organisation_id, id);

CREATE TABLE webhook_event (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    -- As it is sent and signed.
    payload         TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX webhook_event_by_age ON webhook_event (created_at);

CREATE TABLE webhook_delivery (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    webhook_id      TEXT COLLATE "C" NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event_id        TEXT COLLATE "C" NOT NULL REFERENCES webhook_event (id) ON DELETE CASCADE,
    kind            TEXT COLLATE "C" NOT NULL,
    status          TEXT COLLATE "C" NOT NULL,
    attempts        BIGINT NOT NULL,
    response_status BIGINT,
    error           TEXT COLLATE "C",
    created_at      BIGINT NOT NULL,
    -- Null unless it is pending.
    next_at         BIGINT,
    -- After a failure at this time or later it is given up.
    until           BIGINT NOT NULL,
    finished_at     BIGINT
);
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (webhook_id, id DESC);
CREATE INDEX webhook_delivery_by_event ON webhook_delivery (event_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at, id) WHERE status = 'pending';

CREATE TABLE webhook_attempt (
    delivery_id     TEXT COLLATE "C" NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    duration_ms     BIGINT NOT NULL,
    response_status BIGINT,
    error           TEXT COLLATE "C",
    response_body   TEXT COLLATE "C",
    PRIMARY KEY (delivery_id, number)
);
