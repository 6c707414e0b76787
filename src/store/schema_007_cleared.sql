-- A column whose value cannot be sent is cleared. Where monday does not let it be cleared, that is remembered with the failure, or it
-- would be tried in every run.

ALTER TABLE failures ADD COLUMN keeps_value INTEGER NOT NULL DEFAULT 0; -- 1: the column keeps what it shows
