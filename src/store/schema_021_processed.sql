-- Events are processed: the column under the program's own word.

ALTER TABLE events RENAME COLUMN worked_off_at TO processed_at;
