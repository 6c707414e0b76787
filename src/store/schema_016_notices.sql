-- Who was told last of which state, so that only its changes are told. Times are RFC 3339 UTC text.

CREATE TABLE notices (
    channel         TEXT PRIMARY KEY,           -- url | command
    state           TEXT NOT NULL,              -- good | bad: what was told last, and accepted
    told_at         TEXT,                       -- null: nothing was told yet, which is as if all had been well
    claimed_at      TEXT                        -- somebody is telling a change since then
) STRICT, WITHOUT ROWID;
