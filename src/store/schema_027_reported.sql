-- What failed in a run that never ended is reported by the next one: each failure knows whether a run that ended has reported it.

ALTER TABLE failures ADD COLUMN is_reported INTEGER NOT NULL DEFAULT 1;
