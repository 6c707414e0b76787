-- The whole schema after step 24, for a store that is made new: what the steps up to there come to, as a test shows. Later steps follow
-- it, in their own files. Times are RFC 3339 UTC text.

CREATE TABLE kinds (
    kind            TEXT PRIMARY KEY,
    last_pull       TEXT,           -- end of the last complete read
    last_push       TEXT,           -- last time monday confirmed something of this kind, or nothing was due
    unavailable     TEXT,           -- why HApi does not give this kind, a message as JSON
    rules           TEXT,           -- fingerprint of the rules by which names, references and `is_off` were derived
    mapping         TEXT,           -- fingerprint of the mapping that was planned last
    read_at         TEXT,
    read_as         TEXT,
    was_notified    INTEGER NOT NULL DEFAULT 0,
    key_properties  TEXT,
    accepted_board  TEXT,
    page_size       INTEGER         -- the one that the last whole read had come to
) STRICT, WITHOUT ROWID;

CREATE TABLE entities (
    id              INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL,              -- `1472`, `3-1`
    name            TEXT NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1, -- grows with everything that may have to be sent
    due             INTEGER NOT NULL DEFAULT 1, -- something may have to be sent
    send_all        INTEGER NOT NULL DEFAULT 0, -- every mapped column is sent, whatever the store believes
    is_off          INTEGER NOT NULL DEFAULT 0, -- outside `only`
    is_unlinked     INTEGER NOT NULL DEFAULT 0,
    archive_item    INTEGER NOT NULL DEFAULT 0, -- unlinked, and the item is to be archived
    has_failed      INTEGER NOT NULL DEFAULT 0,
    board           TEXT,
    item_id         TEXT,
    former_board    TEXT,                       -- of an unlinked entity: where its item was, to be tied to it again
    former_item     TEXT,
    origin          TEXT,                       -- created | adopted | linked
    received_at     TEXT NOT NULL,              -- when the record stored now was received
    pushed_at       TEXT,                       -- when monday last confirmed something
    deleted_at      TEXT,
    deleted_why     TEXT,                       -- gone | filtered
    deleted_freely  INTEGER NOT NULL DEFAULT 0, -- let through by --allow-deletes, so not counted by the guard
    due_since       TEXT,
    released_at     TEXT,
    relink          INTEGER NOT NULL DEFAULT 0,
    notified_version INTEGER,                   -- the version that a webhook notified
    UNIQUE (kind, key)
) STRICT;
CREATE INDEX entities_due ON entities (kind, id) WHERE due = 1 AND is_off = 0 AND is_unlinked = 0 AND deleted_at IS NULL;
CREATE INDEX entities_to_retire ON entities (kind, id)
    WHERE item_id IS NOT NULL AND (deleted_at IS NOT NULL OR is_off = 1 OR is_unlinked = 1);
CREATE INDEX entities_states ON entities (kind, is_off, is_unlinked, has_failed, due, item_id IS NOT NULL)
    WHERE deleted_at IS NULL;
CREATE INDEX entities_deleted ON entities (kind, deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE records (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    record          TEXT NOT NULL,              -- exactly as HApi sent it
    search          TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE sent (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    columns         TEXT NOT NULL,              -- {"column id": value as sent}; the item name is `name`
    observed        TEXT,                       -- {"column id": text or null}: what the item was seen to show in place of what was sent
    resend          TEXT                        -- {"column id": text or null}: to be sent again; what was sent last, as people read it
) STRICT;

CREATE TABLE refs (
    parent_kind     TEXT NOT NULL,
    value           TEXT NOT NULL,
    child           INTEGER NOT NULL,
    PRIMARY KEY (parent_kind, value, child)
) STRICT, WITHOUT ROWID;

CREATE TABLE lookups (
    kind            TEXT NOT NULL,
    properties      TEXT NOT NULL,
    value           TEXT NOT NULL,
    entity          INTEGER NOT NULL,
    PRIMARY KEY (kind, properties, value, entity)
) STRICT, WITHOUT ROWID;

CREATE TABLE boards (
    board           TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    columns         TEXT NOT NULL,              -- as last read: id, title, type, settings
    read_at         TEXT NOT NULL,
    groups          TEXT,
    url             TEXT                        -- the board's address for people, as last read
) STRICT, WITHOUT ROWID;

CREATE TABLE adoptions (
    board           TEXT NOT NULL,
    key_column      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    read_at         TEXT NOT NULL,
    PRIMARY KEY (board, key_column, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE verifications (
    board           TEXT NOT NULL,
    kind            TEXT NOT NULL,
    verified_at     TEXT NOT NULL,
    PRIMARY KEY (board, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
    id              INTEGER PRIMARY KEY,
    board           TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body            TEXT NOT NULL,              -- exactly as sent
    sent_at         TEXT NOT NULL,
    is_partial      INTEGER NOT NULL DEFAULT 0, -- what became of some of it is known: the body must not be sent again
    next_lookup_at  TEXT,
    lookups         INTEGER NOT NULL DEFAULT 0,
    empty_lookups   INTEGER NOT NULL DEFAULT 0,
    is_cut_off      INTEGER NOT NULL DEFAULT 1,
    sendings        INTEGER NOT NULL DEFAULT 1,
    is_replayed     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX batches_board ON batches (board);

CREATE TABLE intents (
    batch           INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    alias           TEXT NOT NULL,
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    version         INTEGER NOT NULL,           -- of the entity, when this was planned
    action          TEXT NOT NULL,              -- create | update | archive | delete | unkey
    item_id         TEXT,
    columns         TEXT NOT NULL,              -- {"column id": value}
    withheld        TEXT NOT NULL,              -- columns left out of this one, to be sent after it
    PRIMARY KEY (batch, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX intents_entity ON intents (entity);

CREATE TABLE calls (
    day             TEXT PRIMARY KEY,           -- UTC
    monday          INTEGER NOT NULL DEFAULT 0,
    hapi            INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE waits (
    side            TEXT PRIMARY KEY,           -- hapi | monday
    until           TEXT NOT NULL,
    why             TEXT NOT NULL,              -- a message as JSON
    is_daily        INTEGER NOT NULL DEFAULT 0  -- the calls of the UTC day are used up
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id              INTEGER PRIMARY KEY,
    command         TEXT NOT NULL,
    started_at      TEXT NOT NULL,
    finished_at     TEXT,                       -- null: under way, or killed
    outcome         TEXT,
    exit_code       INTEGER,
    document        TEXT,                       -- what `--json` printed
    messages        TEXT,                       -- the document's texts as messages, to be read in either language
    is_by_events    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE changes (
    id              INTEGER PRIMARY KEY,
    run             INTEGER REFERENCES runs (id) ON DELETE CASCADE,
    at              TEXT NOT NULL,
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL,
    action          TEXT NOT NULL,
    columns         TEXT NOT NULL               -- {"column id": {"old": text, "new": text}}
) STRICT;
CREATE INDEX changes_entity ON changes (kind, key);
CREATE INDEX changes_run ON changes (run);
CREATE VIEW v_entities AS
    SELECT e.kind || ':' || e.key AS entity, e.kind, e.key, e.name, e.board, e.item_id, e.received_at, e.pushed_at,
           e.deleted_at, e.due AS is_pending, e.has_failed, e.is_unlinked, e.is_off, r.record
    FROM entities e LEFT JOIN records r ON r.entity = e.id;
CREATE VIEW v_changes AS
    SELECT c.run, c.at, c.kind || ':' || c.key AS entity, c.action, j.key AS column_id,
           json_extract(j.value, '$.old') AS old, json_extract(j.value, '$.new') AS new
    FROM changes c, json_each(c.columns) j;
CREATE VIEW v_runs AS
    SELECT id AS run, command, started_at, finished_at, outcome, exit_code FROM runs;

CREATE TABLE events (
    id              INTEGER PRIMARY KEY,
    received_at     TEXT NOT NULL,
    name            TEXT COLLATE NOCASE,        -- HApi's name of the entity, such as `TenantParking`; null: unreadable
    subject         TEXT,                       -- its Id as a key has it, such as `1472`; null: unreadable
    status          INTEGER,                    -- 1 update, 2 delete, 3 insert; null: something else
    raw             BLOB,                       -- the body as received, where not all of it could be read
    is_pending      INTEGER NOT NULL DEFAULT 1, -- not yet processed
    processed_at    TEXT,
    run             INTEGER,                    -- the run that processed it
    database        TEXT                        -- null: none was named
) STRICT;
CREATE INDEX events_pending ON events (id) WHERE is_pending = 1;
CREATE INDEX events_unreadable ON events (id) WHERE raw IS NOT NULL;
CREATE INDEX events_subject ON events (name, subject);

CREATE TABLE receiver (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    way             TEXT NOT NULL,              -- listen | stdin
    since           TEXT NOT NULL,              -- since then nothing can have been missed, while it shows life
    seen_at         TEXT NOT NULL,              -- its last sign of life
    refused         INTEGER NOT NULL DEFAULT 0, -- deliveries without the right header, so far
    refused_at      TEXT                        -- the last of them
) STRICT;

CREATE TABLE subscriptions (
    name            TEXT PRIMARY KEY COLLATE NOCASE,
    url             TEXT NOT NULL,
    subscribed_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE routes (
    purpose         TEXT PRIMARY KEY,           -- subscriptions | subscribe | unsubscribe | in vain
    path            TEXT NOT NULL               -- of `in vain`: when the list was last sought everywhere and not found
) STRICT, WITHOUT ROWID;
CREATE VIEW v_events AS
    SELECT id, received_at, name, subject, CASE status WHEN 1 THEN 'update' WHEN 2 THEN 'delete' WHEN 3 THEN 'insert' END AS status,
           is_pending, processed_at, run, CAST(raw AS TEXT) AS raw
    FROM events;

CREATE TABLE kind_failures (
    kind            TEXT NOT NULL,
    stage           TEXT NOT NULL,              -- pull | push
    cause           TEXT NOT NULL,
    message         TEXT NOT NULL,              -- a message as JSON
    hint            TEXT,                       -- likewise
    since           TEXT NOT NULL,              -- when it was first met, without a good run in between
    failed_at       TEXT NOT NULL,              -- when it was last met
    PRIMARY KEY (kind, stage, cause, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX entities_caseless ON entities (kind, key COLLATE NOCASE);

CREATE TABLE side_failures (
    side            TEXT PRIMARY KEY,           -- hapi | monday
    cause           TEXT NOT NULL,
    message         TEXT NOT NULL,              -- a message as JSON
    hint            TEXT,                       -- likewise
    since           TEXT NOT NULL,              -- when it was first met, without a good run in between
    failed_at       TEXT NOT NULL               -- when it was last met
) STRICT, WITHOUT ROWID;

CREATE TABLE departures (
    id              INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,
    entity          INTEGER NOT NULL,
    at              TEXT NOT NULL,
    is_free         INTEGER NOT NULL DEFAULT 0  -- let through by --allow-deletes, so not counted
) STRICT;
CREATE INDEX departures_kind ON departures (kind, at);

CREATE TABLE source (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    address         TEXT NOT NULL,              -- host, port and path in small letters, without the scheme
    accepted_at     TEXT NOT NULL,
    database        TEXT                        -- null: not yet known
) STRICT;
CREATE INDEX events_database ON events (id) WHERE database IS NOT NULL;

CREATE TABLE backups (
    file            TEXT PRIMARY KEY,           -- absolute
    made_at         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE freed (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    since           TEXT NOT NULL
) STRICT;

CREATE TABLE call_faults (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    faults          INTEGER NOT NULL,           -- how often in a row
    company         INTEGER NOT NULL,           -- the most changes that it may share a call with, itself included
    next_at         TEXT NOT NULL               -- not sent before
) STRICT;

CREATE TABLE closed_columns (
    kind            TEXT NOT NULL,
    board           TEXT NOT NULL,
    column_id       TEXT NOT NULL,
    why             TEXT NOT NULL,              -- monday's words
    tried_at        TEXT NOT NULL,
    PRIMARY KEY (kind, board, column_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE board_items (
    board           TEXT PRIMARY KEY,
    others          INTEGER NOT NULL,           -- items of nobody here, and with no key that an entity could come to have
    strays          INTEGER NOT NULL,           -- items with a key that no entity here has an item for
    doubles         INTEGER NOT NULL,           -- keys that stand on several items
    read_at         TEXT NOT NULL,              -- when the board was last read whole
    found           INTEGER NOT NULL DEFAULT 0, -- items found by their keys that this store had not made
    found_at        TEXT,                       -- the last time
    newest_item     TEXT                        -- the one that was made last, as it was read with the board
) STRICT, WITHOUT ROWID;

CREATE TABLE recreations (
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    item_id         TEXT NOT NULL,              -- the one that was taken away
    at              TEXT NOT NULL,
    PRIMARY KEY (entity, item_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE forms (
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    column_id       TEXT NOT NULL,
    sent            TEXT NOT NULL,              -- the value as sent, JSON
    shown           TEXT NOT NULL,              -- as people read it
    rounds          INTEGER NOT NULL,           -- how often it was sent again for it
    PRIMARY KEY (entity, column_id, sent, shown)
) STRICT, WITHOUT ROWID;

CREATE TABLE properties (
    kind            TEXT NOT NULL,
    property        TEXT NOT NULL,
    is_known        INTEGER NOT NULL,           -- 1: HApi has it, so that a record without it holds null; 0: HApi does not have it
    PRIMARY KEY (kind, property)
) STRICT, WITHOUT ROWID;

CREATE TABLE unaskable (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    reads           INTEGER NOT NULL            -- whole reads without it, in a row
) STRICT;

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
CREATE UNIQUE INDEX failures_column ON failures (entity, column_id);
CREATE UNIQUE INDEX failures_entity ON failures (entity) WHERE column_id IS NULL;
CREATE INDEX failures_next ON failures (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX failures_item ON failures (item_id) WHERE item_id IS NOT NULL;
CREATE VIEW v_failures AS
    SELECT e.kind || ':' || e.key AS entity, coalesce(f.column_id, '') AS column_id, 'push' AS stage, f.message, f.hint, f.tries,
           f.next_try_at, f.failed_at
    FROM failures f JOIN entities e ON e.id = f.entity;

CREATE TABLE pauses (
    kind            TEXT NOT NULL,
    key             TEXT,                       -- null: the whole kind, also what comes later
    reason          TEXT,
    who             TEXT,
    until           TEXT,
    paused_at       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX pauses_entity ON pauses (kind, key);
CREATE UNIQUE INDEX pauses_kind ON pauses (kind) WHERE key IS NULL;

CREATE TABLE subscription_search (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    failed_at       TEXT NOT NULL
) STRICT;

CREATE TABLE notices (
    channel         TEXT PRIMARY KEY,           -- url | command
    state           TEXT NOT NULL,              -- good | bad: what was notified last, and accepted
    notified_at     TEXT,                       -- null: nothing was notified yet, which is as if all had been well
    claimed_at      TEXT                        -- somebody is telling a change since then
) STRICT, WITHOUT ROWID;

CREATE TABLE structure_calls (
    id              INTEGER PRIMARY KEY CHECK (id = 1),     -- one is under way at a time
    board           TEXT,                       -- of columns: their board; null: it makes boards
    makes           TEXT NOT NULL,              -- ["…"]: the markers of the boards, or the ids of the columns, in their order
    body            TEXT NOT NULL,              -- exactly as it was sent
    idempotency_key TEXT NOT NULL,
    times_sent      INTEGER NOT NULL,
    sent_at         TEXT NOT NULL
) STRICT;

CREATE TABLE made_boards (
    marker          TEXT PRIMARY KEY,           -- stands in the board's description
    board           TEXT NOT NULL,
    made_at         TEXT NOT NULL
) STRICT;

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

-- How many changes a call to a board holds, by how long the last ones took.
CREATE TABLE call_sizes (
    board           TEXT PRIMARY KEY,
    changes         INTEGER NOT NULL,
    measured_at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
