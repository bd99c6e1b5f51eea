-- Desk phones that the server API made; those of the YAML file are not here.
CREATE TABLE extensions (
    extension TEXT    PRIMARY KEY,
    name      TEXT    NOT NULL,
    ha1       TEXT    NOT NULL, -- hex H(extension:realm:password)
    algorithm TEXT    NOT NULL, -- of ha1
    created   INTEGER NOT NULL,
    changed   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
