-- An entity that is singled out is so by a column of its own, no longer by a number that nobody reaches.

ALTER TABLE call_faults RENAME COLUMN company TO max_batch;
ALTER TABLE call_faults ADD COLUMN is_singled_out INTEGER NOT NULL DEFAULT 0;
UPDATE call_faults SET is_singled_out = 1, faults = 0 WHERE faults >= 1000000;
