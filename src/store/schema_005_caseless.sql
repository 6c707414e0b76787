-- Keys typed by hand are found whatever their case. Keys are kept in Unicode's composed form from here on; those that are not are
-- composed together with this step, by the program: SQLite cannot.

CREATE INDEX entities_caseless ON entities (kind, key COLLATE NOCASE);
