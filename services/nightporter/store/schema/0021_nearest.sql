-- flags: the usual logins of the same user that are most like the flagged one, as JSON (nightly/nearest.py).
ALTER TABLE flags
    ADD COLUMN IF NOT EXISTS nearest String DEFAULT '[]' CODEC(ZSTD(3)) AFTER events;
