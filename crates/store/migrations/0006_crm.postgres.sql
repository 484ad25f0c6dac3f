-- The CRM of an organisation: a mirror of its contacts, which of our records is which of its, and exports.

-- One row for each organisation that has, or had, a CRM connected.
CREATE TABLE crm_mirror (
    organisation_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider        TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    -- Each sync of all contacts has a number of its own: those that it did not see are gone from the CRM.
    generation      BIGINT NOT NULL,
    since           BIGINT,
    cursor          TEXT COLLATE "C",
    started_at      BIGINT,
    finished_at     BIGINT,
    contacts        BIGINT NOT NULL,
    total           BIGINT,
    -- Attempts in a row without an answer.
    failures        BIGINT NOT NULL,
    error           TEXT COLLATE "C",
    job_id          TEXT COLLATE "C",
    -- The mirror has all that changed before; null while it was never filled.
    mirror_at       BIGINT,
    -- When the last sync of all contacts began that came to its end.
    whole_at        BIGINT,
    -- Null when none is connected.
    next_at         BIGINT
);
CREATE INDEX crm_mirror_by_turn ON crm_mirror (next_at) WHERE next_at IS NOT NULL;

-- number is the id of CRMs that count, 0 for others: the key is the order of candidates.
CREATE TABLE crm_contact (
    organisation_id TEXT COLLATE "C" NOT NULL,
    provider        TEXT COLLATE "C" NOT NULL,
    entity          TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    generation      BIGINT NOT NULL,
    data            TEXT COLLATE "C" NOT NULL,
    tasks           TEXT COLLATE "C",
    tasks_at        BIGINT,
    PRIMARY KEY (organisation_id, provider, entity, number, id)
);

-- What a contact is recognised by, spelt as in record_key.
CREATE TABLE crm_contact_key (
    organisation_id TEXT COLLATE "C" NOT NULL,
    provider        TEXT COLLATE "C" NOT NULL,
    key             TEXT COLLATE "C" NOT NULL,
    entity          TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, provider, key, entity, number, id)
);
CREATE INDEX crm_contact_key_by_contact ON crm_contact_key (organisation_id, provider, entity, number, id);

-- Which record of ours is which of the CRM, kept when it is disconnected.
CREATE TABLE crm_identity (
    organisation_id TEXT COLLATE "C" NOT NULL,
    provider        TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'company')),
    -- Of the record; for companies that have none, made from their name.
    record_id       TEXT COLLATE "C" NOT NULL,
    entity          TEXT COLLATE "C" NOT NULL,
    crm_id          TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, provider, kind, record_id)
);
CREATE INDEX crm_identity_by_contact ON crm_identity (organisation_id, provider, kind, crm_id);

CREATE TABLE crm_export (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" NOT NULL,
    provider        TEXT COLLATE "C" NOT NULL,
    duplicates      TEXT COLLATE "C" NOT NULL,
    status          TEXT COLLATE "C" NOT NULL,
    error           TEXT COLLATE "C",
    records         BIGINT NOT NULL,
    created_by      TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT
);
CREATE INDEX crm_export_by_age ON crm_export (organisation_id, id DESC);

-- intent is 1 from before the CRM is told to make a contact until the outcome is known.
CREATE TABLE crm_export_record (
    export_id    TEXT COLLATE "C" NOT NULL REFERENCES crm_export (id) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    record_id    TEXT COLLATE "C" NOT NULL,
    intent       BIGINT NOT NULL,
    outcome      TEXT COLLATE "C",
    crm_id       TEXT COLLATE "C",
    message      TEXT COLLATE "C",
    changed      TEXT COLLATE "C",
    PRIMARY KEY (export_id, position)
);
CREATE INDEX crm_export_record_open ON crm_export_record (export_id, position) WHERE outcome IS NULL;

-- The CRM that a run looked at, as JSON.
ALTER TABLE run ADD COLUMN crm TEXT COLLATE "C";
