-- Words that the program has: webhooks come from a source, and a key is cleared.

ALTER TABLE receiver RENAME COLUMN way TO source;
UPDATE intents SET action = 'clear-key' WHERE action = 'unkey';
