-- What removing a person's data needs: the copies that were made of the store, and whether pages were freed in which something
-- removed may still be read.
-- Times are RFC 3339 UTC text.

CREATE TABLE backups (
    file            TEXT PRIMARY KEY,           -- absolute
    made_at         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE freed (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    since           TEXT NOT NULL
) STRICT;
-- Earlier versions did not overwrite what they removed.
INSERT INTO freed (id, since) SELECT 1, strftime('%Y-%m-%dT%H:%M:%fZ') WHERE EXISTS (SELECT 1 FROM entities);

-- Nor did they remove the history of what had left the store.
DELETE FROM changes WHERE NOT EXISTS (SELECT 1 FROM entities e WHERE e.kind = changes.kind AND e.key = changes.key);
