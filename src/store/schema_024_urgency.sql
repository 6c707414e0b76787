-- The version of an entity that a webhook told of: what is due of it goes before what nobody waits for, where calls are scarce.

ALTER TABLE entities ADD COLUMN notified_version INTEGER;
