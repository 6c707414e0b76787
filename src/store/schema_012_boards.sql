-- What is known of the items of a board as a whole, so that a store that was restored, copied or doubled is noticed by the number
-- of items; of items that are made again and again; and of the forms in which boards show values.
-- Times are RFC 3339 UTC text.

CREATE TABLE board_items (
    board           TEXT PRIMARY KEY,
    others          INTEGER NOT NULL,           -- items of nobody here, and with no key that an entity could come to have
    strays          INTEGER NOT NULL,           -- items with a key that no entity here has an item for
    doubles         INTEGER NOT NULL,           -- keys that stand on several items
    read_at         TEXT NOT NULL,              -- when the board was last read whole
    found           INTEGER NOT NULL DEFAULT 0, -- items found by their keys that this store had not made
    found_at        TEXT                        -- the last time
) STRICT, WITHOUT ROWID;

-- Items that were made again because the one before was taken away.
CREATE TABLE recreations (
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    item_id         TEXT NOT NULL,              -- the one that was taken away
    at              TEXT NOT NULL,
    PRIMARY KEY (entity, item_id)
) STRICT, WITHOUT ROWID;

-- How a board shows a value that was sent, where that is not as it was sent.
CREATE TABLE forms (
    entity          INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    column_id       TEXT NOT NULL,
    sent            TEXT NOT NULL,              -- the value as sent, JSON
    shown           TEXT NOT NULL,              -- as people read it
    rounds          INTEGER NOT NULL,           -- how often it was sent again for it
    PRIMARY KEY (entity, column_id, sent, shown)
) STRICT, WITHOUT ROWID;
