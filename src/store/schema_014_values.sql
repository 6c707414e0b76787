-- What was told by words and numbers that mean something else, as columns of its own: marks among values that were sent, an empty key
-- for a whole kind, an empty column for an entity as a whole, a number for "make it again".
-- Times are RFC 3339 UTC text. Flags are 0 or 1.

-- `columns` holds values exactly as monday took them, and nothing else. What marks stood among them the program moves with this step.
ALTER TABLE sent ADD COLUMN observed TEXT;      -- {"column id": text or null}: what the item was seen to show in place of what was sent
ALTER TABLE sent ADD COLUMN resend TEXT;        -- {"column id": text or null}: to be sent again; what was sent last, as people read it

-- With `send_all`: an item that turns out to be missing is made again, whatever the configuration says of missing items.
ALTER TABLE entities ADD COLUMN relink INTEGER NOT NULL DEFAULT 0;
UPDATE entities SET relink = 1, send_all = 1 WHERE send_all = 2;

-- Every entity has a record.
INSERT INTO records (entity, record) SELECT id, 'null' FROM entities WHERE id NOT IN (SELECT entity FROM records);

DROP VIEW v_failures;
ALTER TABLE failures RENAME TO failures_before;
CREATE TABLE failures (
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    column_id       TEXT,                       -- null: the entity as a whole
    cause           TEXT NOT NULL,              -- a stable word, such as `label-missing`
    message         TEXT NOT NULL,              -- a message as JSON
    hint            TEXT,                       -- likewise
    value           TEXT,                       -- of a column: what was refused; it is not sent again before its time
    keeps_value     INTEGER NOT NULL DEFAULT 0, -- monday does not let the column be cleared: it keeps what it shows
    item_id         TEXT,                       -- of a missing item: the item
    tries           INTEGER NOT NULL,
    next_try_at     TEXT,                       -- null: parked until it changes or is resynced
    failed_at       TEXT NOT NULL
) STRICT;
INSERT INTO failures (entity, column_id, cause, message, hint, value, keeps_value, item_id, tries, next_try_at, failed_at)
    SELECT entity, nullif(column_id, ''), cause, message, hint, value, keeps_value, item_id, tries, next_try_at, failed_at
    FROM failures_before;
DROP TABLE failures_before;
CREATE UNIQUE INDEX failures_column ON failures (entity, column_id);
CREATE UNIQUE INDEX failures_entity ON failures (entity) WHERE column_id IS NULL;
CREATE INDEX failures_next ON failures (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX failures_item ON failures (item_id) WHERE item_id IS NOT NULL;
-- Only pushes fail entities; the words stay what they were for those who read them.
CREATE VIEW v_failures AS
    SELECT e.kind || ':' || e.key AS entity, coalesce(f.column_id, '') AS column_id, 'push' AS stage, f.message, f.hint, f.tries,
           f.next_try_at, f.failed_at
    FROM failures f JOIN entities e ON e.id = f.entity;

ALTER TABLE pauses RENAME TO pauses_before;
CREATE TABLE pauses (
    kind            TEXT NOT NULL,
    key             TEXT,                       -- null: the whole kind, also what comes later
    reason          TEXT,
    who             TEXT,
    until           TEXT,
    paused_at       TEXT NOT NULL
) STRICT;
INSERT INTO pauses (kind, key, reason, who, until, paused_at)
    SELECT kind, nullif(key, ''), reason, who, until, paused_at FROM pauses_before;
DROP TABLE pauses_before;
CREATE UNIQUE INDEX pauses_entity ON pauses (kind, key);
CREATE UNIQUE INDEX pauses_kind ON pauses (kind) WHERE key IS NULL;

-- When HApi was last asked everywhere for its list of subscriptions, and gave it nowhere; one row.
CREATE TABLE subscription_search (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    failed_at       TEXT NOT NULL
) STRICT;
INSERT INTO subscription_search (id, failed_at)
    SELECT 1, strftime('%Y-%m-%dT%H:%M:%fZ', path) FROM routes WHERE purpose = 'in vain' AND julianday(path) IS NOT NULL;
DELETE FROM routes WHERE purpose = 'in vain';

-- Runs that events cause may be many: they do not push out the others.
ALTER TABLE runs ADD COLUMN is_by_events INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET is_by_events = 1 WHERE command = 'listen';

-- Nothing has read it since doubts are kept.
ALTER TABLE batches DROP COLUMN absent_at;
