-- Why something failed, as a word that programs can rely on, and what is wrong with a kind as a whole: so that it is shown until it
-- is over, and not only by the run that met it.
-- Times are RFC 3339 UTC text.

ALTER TABLE failures ADD COLUMN cause TEXT NOT NULL DEFAULT 'unknown';  -- a stable word, such as `label-missing`
ALTER TABLE failures ADD COLUMN item_id TEXT;                           -- of `item-missing`: the item that is missing
UPDATE failures SET cause = 'item-missing', item_id = json_extract(message, '$.Monday.ItemMissing.item')
    WHERE json_valid(message) AND json_extract(message, '$.Monday.ItemMissing.item') IS NOT NULL;
CREATE INDEX failures_item ON failures (item_id) WHERE item_id IS NOT NULL;

-- What is wrong with a kind as a whole, by the stage that met it. A stage that works on the kind again replaces its rows.
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
