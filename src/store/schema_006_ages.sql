-- Since when a change waits, and which side is down as a whole: so that a monitor sees what lasts, whatever runs ended in between.
-- Times are RFC 3339 UTC text. Flags are 0 or 1.

-- Since when something of an entity waits to be sent, or its item to go; null: since its record came.
ALTER TABLE entities ADD COLUMN due_since TEXT;
-- Whatever makes an entity wait notes when. What comes while it waits already does not make it younger.
CREATE TRIGGER entities_become_due AFTER UPDATE OF due, is_off, is_unlinked, deleted_at ON entities
    WHEN new.due = 1 AND old.due = 0 OR new.is_off <> old.is_off OR new.is_unlinked <> old.is_unlinked
        OR (new.deleted_at IS NULL) <> (old.deleted_at IS NULL)
BEGIN
    UPDATE entities SET due_since = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = new.id;
END;

ALTER TABLE waits ADD COLUMN is_daily INTEGER NOT NULL DEFAULT 0;   -- the calls of the UTC day are used up

-- Why HApi, or monday, could not be worked with at all. A run that works with it again removes the row.
CREATE TABLE side_failures (
    side            TEXT PRIMARY KEY,           -- hapi | monday
    cause           TEXT NOT NULL,
    message         TEXT NOT NULL,              -- a message as JSON
    hint            TEXT,                       -- likewise
    since           TEXT NOT NULL,              -- when it was first met, without a good run in between
    failed_at       TEXT NOT NULL               -- when it was last met
) STRICT, WITHOUT ROWID;
