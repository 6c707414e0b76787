-- What HApi's webhooks told, who receives them, and since when nothing can have been missed: so that a read may be limited to
-- what was notified.
-- Times are RFC 3339 UTC text. Flags are 0 or 1.

-- When the last complete read of the kind began: what changed before, it has seen.
ALTER TABLE kinds ADD COLUMN read_at TEXT;
-- Fingerprint of how it was read: set, filter, properties.
ALTER TABLE kinds ADD COLUMN read_as TEXT;
-- Whether HApi said before it that it notifies the kind: only then nothing fell between the read and the first event.
ALTER TABLE kinds ADD COLUMN was_notified INTEGER NOT NULL DEFAULT 0;

-- The groups of a board as last read, as a JSON array: so that a run that events cause need not read the board again.
ALTER TABLE boards ADD COLUMN groups TEXT;

-- Events as they came. An event is a hint: the truth is read again from HApi.
CREATE TABLE events (
    id              INTEGER PRIMARY KEY,
    received_at     TEXT NOT NULL,
    name            TEXT COLLATE NOCASE,        -- HApi's name of the entity, such as `TenantParking`; null: unreadable
    subject         TEXT,                       -- its Id as a key has it, such as `1472`; null: unreadable
    status          INTEGER,                    -- 1 update, 2 delete, 3 insert; null: something else
    raw             BLOB,                       -- the body as received, where not all of it could be read
    is_pending      INTEGER NOT NULL DEFAULT 1, -- not yet worked off
    worked_off_at   TEXT,
    run             INTEGER                     -- the run that worked it off
) STRICT;
CREATE INDEX events_pending ON events (id) WHERE is_pending = 1;
CREATE INDEX events_unreadable ON events (id) WHERE raw IS NOT NULL;
CREATE INDEX events_subject ON events (name, subject);

-- Who receives webhooks for this store; one row.
CREATE TABLE receiver (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    way             TEXT NOT NULL,              -- listen | stdin
    since           TEXT NOT NULL,              -- since then nothing can have been missed, while it shows life
    seen_at         TEXT NOT NULL,              -- its last sign of life
    refused         INTEGER NOT NULL DEFAULT 0, -- deliveries without the right header, so far
    refused_at      TEXT                        -- the last of them
) STRICT;

-- Where HApi was asked to send the events of an entity. HApi itself tells only the names.
CREATE TABLE subscriptions (
    name            TEXT PRIMARY KEY COLLATE NOCASE,
    url             TEXT NOT NULL,
    subscribed_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where HApi was found to answer about subscriptions, behind /api/.
CREATE TABLE routes (
    purpose         TEXT PRIMARY KEY,           -- subscriptions | subscribe | unsubscribe | in vain
    path            TEXT NOT NULL               -- of `in vain`: when the list was last sought everywhere and not found
) STRICT, WITHOUT ROWID;

CREATE VIEW v_events AS
    SELECT id, received_at, name, subject, CASE status WHEN 1 THEN 'update' WHEN 2 THEN 'delete' WHEN 3 THEN 'insert' END AS status,
           is_pending, worked_off_at, run, CAST(raw AS TEXT) AS raw
    FROM events;
