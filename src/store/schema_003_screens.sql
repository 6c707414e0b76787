-- What the screens need besides: where an item is to be seen, and a run's texts in either language.

ALTER TABLE boards ADD COLUMN url TEXT;         -- the board's address for people, as last read
ALTER TABLE runs ADD COLUMN messages TEXT;      -- the document's texts as messages, to be read in either language

-- What searches look into: `unit:1472`, the name, the texts of the record, a line each, in small letters without accents.
-- A table of its own, so that a search reads nothing else.
CREATE TABLE searches (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    text            TEXT NOT NULL
) STRICT;
-- Until everything is derived anew, at the next pull or push.
INSERT INTO searches SELECT id, lower(kind || ':' || key || char(10) || name) FROM entities;
