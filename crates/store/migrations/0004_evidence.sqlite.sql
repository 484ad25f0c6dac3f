-- What outside checks saw and were told, so that no call is made twice for the same.

-- Pages, answers and visits, by the hash of all that they depend on.
CREATE TABLE evidence (
    organisation_id TEXT NOT NULL,
    -- page, links, choice, verdict or visit.
    kind            TEXT NOT NULL,
    -- SHA-256 of what was asked: the address and the day, the content and the prompt.
    key             BLOB NOT NULL,
    data            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_end ON evidence (expires_at);
