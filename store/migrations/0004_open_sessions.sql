-- Sessions that go on: begun, and not recorded yet. A killed process leaves them behind.
CREATE TABLE open_sessions (
    seq     INTEGER PRIMARY KEY,
    session TEXT    NOT NULL UNIQUE,
    body    BLOB    NOT NULL -- JSON: the record as far as it is
) STRICT;

-- 1 where the receiver has refused the record for so long that the others go on without it.
ALTER TABLE outbox ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
