-- What the two-stage pipeline needs: records as received, what stands on the boards, what is under way, what was done.
-- Times are RFC 3339 UTC text. Flags are 0 or 1.

CREATE TABLE kinds (
    kind            TEXT PRIMARY KEY,
    last_pull       TEXT,           -- end of the last complete read
    last_push       TEXT,           -- last time monday confirmed something of this kind, or nothing was due
    unavailable     TEXT,           -- why HApi does not give this kind, a message as JSON
    shape           TEXT,           -- fingerprint of the rules by which names, references and `is_off` were derived
    mapping         TEXT            -- fingerprint of the mapping that was planned last
) STRICT, WITHOUT ROWID;

CREATE TABLE entities (
    id              INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL,              -- `1472`, `3-1`
    name            TEXT NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1, -- grows with everything that may have to be sent
    due             INTEGER NOT NULL DEFAULT 1, -- something may have to be sent
    send_all        INTEGER NOT NULL DEFAULT 0, -- 1: every mapped column is sent, whatever the store believes; 2: and a missing item is made again
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
    record          TEXT NOT NULL               -- exactly as HApi sent it
) STRICT;

CREATE TABLE sent (
    entity          INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    columns         TEXT NOT NULL               -- {"column id": value as sent}; the item name is `name`
) STRICT;

-- From a child to the values by which it names its parent, for finding the children of a parent that changed.
CREATE TABLE refs (
    parent_kind     TEXT NOT NULL,
    value           TEXT NOT NULL,
    child           INTEGER NOT NULL,
    PRIMARY KEY (parent_kind, value, child)
) STRICT, WITHOUT ROWID;

-- From the values by which children name a parent to the parent, where that is not its key.
CREATE TABLE lookups (
    kind            TEXT NOT NULL,
    properties      TEXT NOT NULL,
    value           TEXT NOT NULL,
    entity          INTEGER NOT NULL,
    PRIMARY KEY (kind, properties, value, entity)
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    column_id       TEXT NOT NULL,              -- empty: the entity as a whole
    stage           TEXT NOT NULL,              -- pull | push
    message         TEXT NOT NULL,              -- a message as JSON
    hint            TEXT,                       -- likewise
    value           TEXT,                       -- what was refused: it is not sent again before its time
    tries           INTEGER NOT NULL,
    next_try_at     TEXT,                       -- null: parked until it changes or is resynced
    failed_at       TEXT NOT NULL,
    PRIMARY KEY (entity, column_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_next ON failures (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TABLE pauses (
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL,              -- empty: the whole kind, also what comes later
    reason          TEXT,
    who             TEXT,
    until           TEXT,
    paused_at       TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE boards (
    board           TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    columns         TEXT NOT NULL,              -- as last read: id, title, type, settings
    read_at         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- That a board's items were looked through for those that are already there, once per key column.
CREATE TABLE adoptions (
    board           TEXT NOT NULL,
    key_column      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    read_at         TEXT NOT NULL,
    PRIMARY KEY (board, key_column, kind)
) STRICT, WITHOUT ROWID;

-- When the items of a kind were last compared with what was sent.
CREATE TABLE verifications (
    board           TEXT NOT NULL,
    kind            TEXT NOT NULL,
    verified_at     TEXT NOT NULL,
    PRIMARY KEY (board, kind)
) STRICT, WITHOUT ROWID;

-- A call that is under way, or whose answer was lost. It is durable before it is sent.
CREATE TABLE batches (
    id              INTEGER PRIMARY KEY,
    board           TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body            TEXT NOT NULL,              -- exactly as sent
    sent_at         TEXT NOT NULL,
    absent_at       TEXT,                       -- when its keys were first looked up and not all found
    is_partial      INTEGER NOT NULL DEFAULT 0  -- what became of some of it is known: the body must not be sent again
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

-- "Not before": what a server asked for, kept across runs.
CREATE TABLE waits (
    side            TEXT PRIMARY KEY,           -- hapi | monday
    until           TEXT NOT NULL,
    why             TEXT NOT NULL               -- a message as JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id              INTEGER PRIMARY KEY,
    command         TEXT NOT NULL,
    started_at      TEXT NOT NULL,
    finished_at     TEXT,                       -- null: under way, or killed
    outcome         TEXT,
    exit_code       INTEGER,
    document        TEXT                        -- what `--json` printed
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

-- For people with `sqlite3`: stable names, whatever becomes of the tables.
CREATE VIEW v_entities AS
    SELECT e.kind || ':' || e.key AS entity, e.kind, e.key, e.name, e.board, e.item_id, e.received_at, e.pushed_at,
           e.deleted_at, e.due AS is_pending, e.has_failed, e.is_unlinked, e.is_off, r.record
    FROM entities e LEFT JOIN records r ON r.entity = e.id;
CREATE VIEW v_failures AS
    SELECT e.kind || ':' || e.key AS entity, f.column_id, f.stage, f.message, f.hint, f.tries, f.next_try_at, f.failed_at
    FROM failures f JOIN entities e ON e.id = f.entity;
CREATE VIEW v_changes AS
    SELECT c.run, c.at, c.kind || ':' || c.key AS entity, c.action, j.key AS column_id,
           json_extract(j.value, '$.old') AS old, json_extract(j.value, '$.new') AS new
    FROM changes c, json_each(c.columns) j;
CREATE VIEW v_runs AS
    SELECT id AS run, command, started_at, finished_at, outcome, exit_code FROM runs;
