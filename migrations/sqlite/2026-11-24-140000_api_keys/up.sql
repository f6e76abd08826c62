-- Programs with keys, and access tokens that were revoked before their time.

-- A key of one account: what a program gets its account tokens by (RFC 6749 section 4.4). It acts by the right of the owner
-- who made it, and works only while that person is an owner of the account: the view account_access is asked each time.
-- Only the SHA-256 of its secret is here, which has 256 random bits. A revoked key stays as a row that opens nothing.
CREATE TABLE api_keys (
    id           TEXT NOT NULL PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    owner_id     TEXT NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    secret_hash  TEXT NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    -- What it may do: words separated by single blanks, in the order that the portal lists them in.
    scopes       TEXT NOT NULL CHECK (length(scopes) > 0),
    created_at   TIMESTAMP NOT NULL,
    -- Null: it has no end of its own.
    expires_at   TIMESTAMP,
    revoked_at   TIMESTAMP,
    -- When and from which address its secret was last used, to the minute.
    last_used_at TIMESTAMP,
    last_used_ip TEXT,
    CHECK (expires_at > created_at)
);
CREATE INDEX api_keys_of_account ON api_keys (account_id, created_at, id) WHERE revoked_at IS NULL;

-- Access tokens that were revoked one by one (RFC 7009), by their `jti`. Forgotten when they would have expired anyway.
CREATE TABLE revoked_tokens (
    jti        TEXT NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);
