-- What the screens need besides: where an item is to be seen, and a run's texts in either language.

ALTER TABLE boards ADD COLUMN url TEXT;         -- the board's address for people, as last read
ALTER TABLE runs ADD COLUMN messages TEXT;      -- the document's texts as messages, to be read in either language

-- What searches look into: `unit:1472`, the name, the short texts of the record, a line each, in small letters without accents. Empty
-- until everything is derived anew, at the next pull or push.
ALTER TABLE records ADD COLUMN search TEXT NOT NULL DEFAULT '';
