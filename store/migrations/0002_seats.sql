-- Bodies are the JSON of seat.Staff and seat.Group; a field that gets another name there needs a migration here.

CREATE TABLE staff (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they were added
    user TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE skill_groups (
    id   INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice
    body TEXT NOT NULL                      -- without the members
) STRICT;

CREATE TABLE members (
    skill_group INTEGER NOT NULL REFERENCES skill_groups (id) ON DELETE CASCADE,
    place       INTEGER NOT NULL,
    user        TEXT    NOT NULL REFERENCES staff (user) ON DELETE CASCADE,
    level       INTEGER NOT NULL,
    PRIMARY KEY (skill_group, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_user ON members (user);

-- What seats asked for.
CREATE TABLE statuses (
    user   TEXT PRIMARY KEY REFERENCES staff (user) ON DELETE CASCADE,
    status TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Stays when the user is gone.
CREATE TABLE status_times (
    day    TEXT    NOT NULL, -- 2006-01-02
    user   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    time   INTEGER NOT NULL, -- nanoseconds
    PRIMARY KEY (day, user, status)
) STRICT, WITHOUT ROWID;
