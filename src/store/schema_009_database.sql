-- Which client database webhooks say they are from: where HApi serves another one at the same address, the entities are another client's.

ALTER TABLE events ADD COLUMN database TEXT;    -- null: none was told
CREATE INDEX events_database ON events (id) WHERE database IS NOT NULL;
ALTER TABLE source ADD COLUMN database TEXT;    -- null: not yet known
