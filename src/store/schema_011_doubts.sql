-- What is known of a call whose answer proves nothing, and which entities make calls fail: so that a lost answer is looked into over
-- several runs, and what monday fails at is found by halving, though each run is short.
-- Times are RFC 3339 UTC text. Flags are 0 or 1.

-- When the board may be asked what became of the call; null: the process ended before it gave the answer up.
ALTER TABLE batches ADD COLUMN look_at TEXT;
-- How often the board was asked since it was sent last, and how often in a row nothing more was found.
ALTER TABLE batches ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN quiet_looks INTEGER NOT NULL DEFAULT 0;
-- monday may have been at work on it still when the answer was given up.
ALTER TABLE batches ADD COLUMN is_cut_off INTEGER NOT NULL DEFAULT 1;
-- How often it was sent.
ALTER TABLE batches ADD COLUMN sendings INTEGER NOT NULL DEFAULT 1;
-- The answer that proved nothing was one that monday kept for the key.
ALTER TABLE batches ADD COLUMN is_replayed INTEGER NOT NULL DEFAULT 0;
-- Calls looked into by an earlier version were looked at once.
UPDATE batches SET looks = 1, quiet_looks = 1, look_at = absent_at WHERE absent_at IS NOT NULL;

-- Entities whose calls failed without a proof of what became of them. They are sent apart from the others.
CREATE TABLE call_faults (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    faults          INTEGER NOT NULL,           -- how often in a row
    company         INTEGER NOT NULL,           -- the most changes that it may share a call with, itself included
    next_at         TEXT NOT NULL               -- not sent before
) STRICT;

-- Columns that the token's user may not edit: left out until `tried_at` lies long enough back.
CREATE TABLE closed_columns (
    kind            TEXT NOT NULL,
    board           TEXT NOT NULL,
    column_id       TEXT NOT NULL,
    why             TEXT NOT NULL,              -- monday's words
    tried_at        TEXT NOT NULL,
    PRIMARY KEY (kind, board, column_id)
) STRICT, WITHOUT ROWID;
