-- Since when a change waits is told by the program's own clock, with a trigger of its connection (store/entity_state.rs), and no longer
-- by SQLite's.

DROP TRIGGER entities_become_due;
