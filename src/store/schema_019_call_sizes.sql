-- How many changes a call to a board holds, by how long the last ones took. Times are RFC 3339 UTC text.

CREATE TABLE call_sizes (
    board           TEXT PRIMARY KEY,
    changes         INTEGER NOT NULL,
    measured_at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
