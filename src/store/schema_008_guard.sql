-- Which items may go, and how many went: so that every way in which an item goes is counted, whatever made it go. And whose the store
-- is: the HApi that it was read from, the properties that its keys are made of, the boards that its items are on.
-- Times are RFC 3339 UTC text. Flags are 0 or 1.

-- When the guard let the entity's item go; null: the item stays, whatever became of the entity.
ALTER TABLE entities ADD COLUMN released_at TEXT;

-- Items that the guard let go. They count for a day, also where their entity has come back since or was forgotten.
CREATE TABLE departures (
    id              INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,
    entity          INTEGER NOT NULL,
    at              TEXT NOT NULL,
    is_free         INTEGER NOT NULL DEFAULT 0  -- let through by --allow-deletes, so not counted
) STRICT;
CREATE INDEX departures_kind ON departures (kind, at);

-- What an older version deleted had passed its guard; what is only outside `only` had not.
UPDATE entities SET released_at = deleted_at WHERE deleted_at IS NOT NULL AND item_id IS NOT NULL;
INSERT INTO departures (kind, entity, at, is_free)
    SELECT kind, id, deleted_at, deleted_freely FROM entities WHERE deleted_at IS NOT NULL AND pushed_at IS NOT NULL;

-- The HApi whose entities these are; one row.
CREATE TABLE source (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    address         TEXT NOT NULL,              -- host, port and path in small letters, without the scheme
    accepted_at     TEXT NOT NULL
) STRICT;

-- The properties that the keys of the kind are made of, as a JSON array; null: not yet noted.
ALTER TABLE kinds ADD COLUMN key_properties TEXT;
-- The board that was accepted in place of the one that the kind's items are still on.
ALTER TABLE kinds ADD COLUMN accepted_board TEXT;
