-- Times are milliseconds since 1970 UTC, unless a column says otherwise.

CREATE TABLE registrations (
    extension  TEXT    NOT NULL,
    contact    TEXT    NOT NULL, -- SIP URI
    source     TEXT    NOT NULL, -- address:port
    transport  TEXT    NOT NULL,
    user_agent TEXT    NOT NULL,
    params     TEXT    NOT NULL, -- of the Contact
    q          REAL    NOT NULL,
    call_id    TEXT    NOT NULL,
    cseq       INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    PRIMARY KEY (extension, contact)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so that it orders what is sent
    session   TEXT    NOT NULL UNIQUE,
    started   INTEGER NOT NULL,
    ended     INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    caller    TEXT    NOT NULL,
    callee    TEXT    NOT NULL,
    body      BLOB    NOT NULL -- JSON
) STRICT;

-- Has all that a query asks for, so that only the rows of the page are read, newest first.
CREATE INDEX records_by_start ON records (started, caller, callee);
CREATE INDEX records_by_end ON records (ended);

CREATE TABLE record_seats (
    seat TEXT    NOT NULL,
    seq  INTEGER NOT NULL REFERENCES records (seq) ON DELETE CASCADE,
    PRIMARY KEY (seat, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_seats_by_seq ON record_seats (seq);

-- What the receiver has not taken yet. A record with an entry here cannot be deleted.
CREATE TABLE outbox (
    seq   INTEGER PRIMARY KEY REFERENCES records (seq) ON DELETE RESTRICT,
    tries INTEGER NOT NULL,
    next  INTEGER NOT NULL -- not before
) STRICT;

-- What the YAML file said the last time that it was applied.
CREATE TABLE seeds (
    kind TEXT NOT NULL,
    key  TEXT NOT NULL,
    body BLOB NOT NULL, -- JSON object
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
