-- Imports in bulk: what is under way, what an hour has taken, and that an account has none. Times are RFC 3339 UTC text.

CREATE TABLE import_jobs (
    batch           INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
    job             TEXT,                       -- null: it was asked for, and no file was sent
    rows            INTEGER NOT NULL,
    bytes           INTEGER NOT NULL,           -- of its file
    asked_at        TEXT NOT NULL,
    polls           INTEGER NOT NULL DEFAULT 0,
    is_over         INTEGER NOT NULL DEFAULT 0, -- monday does nothing more of it
    done            INTEGER                     -- items made or changed, as monday counted them; null: it did not say
) STRICT;

CREATE TABLE imported_rows (
    at              TEXT NOT NULL,
    rows            INTEGER NOT NULL
) STRICT;

CREATE TABLE import_refusal (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    api_version     TEXT NOT NULL,
    why             TEXT NOT NULL,              -- monday's words
    at              TEXT NOT NULL
) STRICT;
