-- The page size that a kind's last whole read had come to: the next one begins with it.

ALTER TABLE kinds ADD COLUMN page_size INTEGER;
