-- Columns under the words of the program: a board is asked in a lookup, a board made once bears a marker, people are notified.

ALTER TABLE batches RENAME COLUMN look_at TO next_lookup_at;
ALTER TABLE batches RENAME COLUMN looks TO lookups;
ALTER TABLE batches RENAME COLUMN quiet_looks TO empty_lookups;
ALTER TABLE kinds RENAME COLUMN shape TO rules;
ALTER TABLE made_boards RENAME COLUMN mark TO marker;
ALTER TABLE notices RENAME COLUMN told_at TO notified_at;
