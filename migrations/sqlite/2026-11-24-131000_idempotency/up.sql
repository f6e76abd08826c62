-- What was answered to requests with an Idempotency-Key, so that the same request again gets the same answer. A row is
-- written in the transaction of the change that it answers: there is neither a change without it nor it without the change.
CREATE TABLE idempotency_keys (
    -- The SHA-256 of caller, operation and key.
    id         TEXT      NOT NULL PRIMARY KEY CHECK (length(id) = 64),
    body_hash  TEXT      NOT NULL CHECK (length(body_hash) = 64),
    -- JSON, and never an answer that holds a secret. Null only within the transaction.
    answer     TEXT,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);
