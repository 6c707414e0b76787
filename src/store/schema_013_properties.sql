-- Which properties HApi was found to have, and which absent entities it could not be asked for.
-- Times are RFC 3339 UTC text.

-- What the last whole read of a kind showed of the properties that the configuration names.
CREATE TABLE properties (
    kind            TEXT NOT NULL,
    property        TEXT NOT NULL,
    is_known        INTEGER NOT NULL,           -- 1: HApi has it, so that a record without it holds null; 0: HApi does not have it
    PRIMARY KEY (kind, property)
) STRICT, WITHOUT ROWID;

-- Entities that whole reads did not show and whose key HApi takes no question about.
CREATE TABLE unaskable (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    reads           INTEGER NOT NULL            -- whole reads without it, in a row
) STRICT;
