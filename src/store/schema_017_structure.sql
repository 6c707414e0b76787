-- Boards and columns that are being made: what was sent, until it is known what became of it; and the boards that monday confirmed.
-- Times are RFC 3339 UTC text.

CREATE TABLE structure_calls (
    id              INTEGER PRIMARY KEY CHECK (id = 1),     -- one is under way at a time
    board           TEXT,                       -- of columns: their board; null: it makes boards
    makes           TEXT NOT NULL,              -- ["…"]: the marks of the boards, or the ids of the columns, in their order
    body            TEXT NOT NULL,              -- exactly as it was sent
    idempotency_key TEXT NOT NULL,
    times_sent      INTEGER NOT NULL,
    sent_at         TEXT NOT NULL
) STRICT;

CREATE TABLE made_boards (
    mark            TEXT PRIMARY KEY,           -- stands in the board's description
    board           TEXT NOT NULL,
    made_at         TEXT NOT NULL
) STRICT;
