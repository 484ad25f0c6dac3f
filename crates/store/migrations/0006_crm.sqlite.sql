-- The CRM of an organisation: a mirror of its contacts, which of our records is which of its, and exports.

-- One row for each organisation that has, or had, a CRM connected.
CREATE TABLE crm_mirror (
    organisation_id TEXT NOT NULL PRIMARY KEY,
    provider        TEXT NOT NULL,
    state           TEXT NOT NULL,
    -- Each sync of all contacts has a number of its own: those that it did not see are gone from the CRM.
    generation      INTEGER NOT NULL,
    since           INTEGER,
    cursor          TEXT,
    started_at      INTEGER,
    finished_at     INTEGER,
    contacts        INTEGER NOT NULL,
    total           INTEGER,
    -- Attempts in a row without an answer.
    failures        INTEGER NOT NULL,
    error           TEXT,
    job_id          TEXT,
    -- The mirror has all that changed before; null while it was never filled.
    mirror_at       INTEGER,
    -- When the last sync of all contacts began that came to its end.
    whole_at        INTEGER,
    -- Null when none is connected.
    next_at         INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX crm_mirror_by_turn ON crm_mirror (next_at) WHERE next_at IS NOT NULL;

-- number is the id of CRMs that count, 0 for others: the key is the order of candidates.
CREATE TABLE crm_contact (
    organisation_id TEXT NOT NULL,
    provider        TEXT NOT NULL,
    entity          TEXT NOT NULL,
    number          INTEGER NOT NULL,
    id              TEXT NOT NULL,
    generation      INTEGER NOT NULL,
    data            TEXT NOT NULL,
    tasks           TEXT,
    tasks_at        INTEGER,
    PRIMARY KEY (organisation_id, provider, entity, number, id)
) STRICT, WITHOUT ROWID;

-- What a contact is recognised by, spelt as in record_key.
CREATE TABLE crm_contact_key (
    organisation_id TEXT NOT NULL,
    provider        TEXT NOT NULL,
    key             TEXT NOT NULL,
    entity          TEXT NOT NULL,
    number          INTEGER NOT NULL,
    id              TEXT NOT NULL,
    PRIMARY KEY (organisation_id, provider, key, entity, number, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX crm_contact_key_by_contact ON crm_contact_key (organisation_id, provider, entity, number, id);

-- Which record of ours is which of the CRM, kept when it is disconnected.
CREATE TABLE crm_identity (
    organisation_id TEXT NOT NULL,
    provider        TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('person', 'company')),
    -- Of the record; for companies that have none, made from their name.
    record_id       TEXT NOT NULL,
    entity          TEXT NOT NULL,
    crm_id          TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, provider, kind, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX crm_identity_by_contact ON crm_identity (organisation_id, provider, kind, crm_id);

CREATE TABLE crm_export (
    id              TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    provider        TEXT NOT NULL,
    duplicates      TEXT NOT NULL,
    status          TEXT NOT NULL,
    error           TEXT,
    records         INTEGER NOT NULL,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER
) STRICT;
CREATE INDEX crm_export_by_age ON crm_export (organisation_id, id DESC);

-- intent is 1 from before the CRM is told to make a contact until the outcome is known.
CREATE TABLE crm_export_record (
    export_id    TEXT NOT NULL REFERENCES crm_export (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    record_id    TEXT NOT NULL,
    intent       INTEGER NOT NULL,
    outcome      TEXT,
    crm_id       TEXT,
    message      TEXT,
    changed      TEXT,
    PRIMARY KEY (export_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX crm_export_record_open ON crm_export_record (export_id, position) WHERE outcome IS NULL;

-- The CRM that a run looked at, as JSON.
ALTER TABLE run ADD COLUMN crm TEXT;
