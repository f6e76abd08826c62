-- The model of the portal. The same statements for both databases, but for the triggers that keep the audit trail
-- append-only and for collations. Ids are TypeIDs as text, times are UTC, e-mail addresses are stored normalised (for
-- comparing) and as typed (for display). Wrong states are refused here, whatever the code above does.

-- A person with a login. Exists only once the address is confirmed: by a registration's or an invitation's link.
CREATE TABLE users (
    id            TEXT      NOT NULL PRIMARY KEY,
    email         TEXT      NOT NULL UNIQUE,
    email_display TEXT      NOT NULL,
    name          TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- A PHC string: algorithm, parameters, salt and hash, so that parameters can be raised at the next sign-in.
    password_hash TEXT      NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    status        TEXT      NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at    TIMESTAMP NOT NULL
);

-- Somebody wants to sign up. Owns nothing and waits for nothing until the link is opened.
CREATE TABLE registrations (
    token_hash    TEXT      NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    email         TEXT      NOT NULL,
    email_display TEXT      NOT NULL,
    name          TEXT      NOT NULL,
    account_name  TEXT      NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    expires_at    TIMESTAMP NOT NULL,
    used_at       TIMESTAMP
);
CREATE INDEX registrations_by_email ON registrations (email);

CREATE TABLE password_resets (
    token_hash TEXT      NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    user_id    TEXT      NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at    TIMESTAMP
);
CREATE INDEX password_resets_by_user ON password_resets (user_id);

-- One sign-in of one browser or program. Alive while ended_at is null and expires_at is ahead.
CREATE TABLE sessions (
    id           TEXT      NOT NULL PRIMARY KEY,
    user_id      TEXT      NOT NULL REFERENCES users (id),
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    ended_at     TIMESTAMP,
    ip           TEXT,
    user_agent   TEXT,
    UNIQUE (id, user_id)
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);

-- Every refresh token that a session has had; the one without replaced_at is the current one. Old ones are kept so that
-- a replayed one is recognised, which ends the session (RFC 9700 section 4.14).
CREATE TABLE refresh_tokens (
    token_hash  TEXT      NOT NULL PRIMARY KEY CHECK (length(token_hash) = 64),
    session_id  TEXT      NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at  TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP
);
CREATE UNIQUE INDEX refresh_tokens_current ON refresh_tokens (session_id) WHERE replaced_at IS NULL;

-- A client account: what a store owner owns and lets others into. Whoever changes who is in it first raises `version`,
-- so that such changes queue on the row and rules over several rows (the last owner) hold.
CREATE TABLE accounts (
    id         TEXT      NOT NULL PRIMARY KEY,
    name       TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key   TEXT      NOT NULL,
    version    BIGINT    NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL
);

-- People who are in an account without a firm.
CREATE TABLE account_members (
    account_id TEXT      NOT NULL REFERENCES accounts (id),
    user_id    TEXT      NOT NULL REFERENCES users (id),
    role       TEXT      NOT NULL CHECK (role IN ('owner', 'member')),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX account_members_by_user ON account_members (user_id, account_id);

-- An accounting company, known by its main e-mail. `version` as in accounts (the last admin).
CREATE TABLE firms (
    id            TEXT      NOT NULL PRIMARY KEY,
    name          TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    email         TEXT      NOT NULL UNIQUE,
    email_display TEXT      NOT NULL,
    version       BIGINT    NOT NULL DEFAULT 0,
    created_at    TIMESTAMP NOT NULL
);

-- A person's place in a firm. Somebody who is removed and comes back gets a new row, and so starts from nothing.
CREATE TABLE employees (
    id             TEXT      NOT NULL PRIMARY KEY,
    firm_id        TEXT      NOT NULL REFERENCES firms (id),
    user_id        TEXT      REFERENCES users (id),
    email          TEXT      NOT NULL,
    email_display  TEXT      NOT NULL,
    name           TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key       TEXT      NOT NULL,
    role           TEXT      NOT NULL CHECK (role IN ('admin', 'bookkeeper')),
    status         TEXT      NOT NULL CHECK (status IN ('invited', 'active', 'deactivated')),
    created_at     TIMESTAMP NOT NULL,
    last_active_at TIMESTAMP,
    -- Only who has opened the mailed link is a person; until then there is an address.
    CHECK ((status = 'invited') = (user_id IS NULL)),
    UNIQUE (firm_id, email),
    -- What composite foreign keys point at.
    UNIQUE (id, firm_id)
);
CREATE UNIQUE INDEX employees_by_user ON employees (user_id, firm_id) WHERE user_id IS NOT NULL;
CREATE INDEX employees_by_name ON employees (firm_id, name_key, id);

-- A firm is connected to an account.
CREATE TABLE firm_accounts (
    firm_id      TEXT      NOT NULL REFERENCES firms (id),
    account_id   TEXT      NOT NULL REFERENCES accounts (id),
    connected_at TIMESTAMP NOT NULL,
    PRIMARY KEY (firm_id, account_id)
);
CREATE INDEX firm_accounts_by_account ON firm_accounts (account_id, firm_id);

-- An employee works on an account. The two composite keys make an assignment across firms, or to an account that is not
-- connected, impossible; both sides take their assignments with them when they go.
CREATE TABLE assignments (
    firm_id     TEXT      NOT NULL,
    employee_id TEXT      NOT NULL,
    account_id  TEXT      NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (employee_id, account_id),
    FOREIGN KEY (employee_id, firm_id) REFERENCES employees (id, firm_id) ON DELETE CASCADE,
    FOREIGN KEY (firm_id, account_id) REFERENCES firm_accounts (firm_id, account_id) ON DELETE CASCADE
);
CREATE INDEX assignments_by_account ON assignments (account_id, firm_id, employee_id);

-- The owner keeps one person of a firm out. It is about the person, not the place in the firm, so that leaving the firm
-- and coming back, or working for another firm, is no way around it.
CREATE TABLE account_blocks (
    account_id TEXT      NOT NULL REFERENCES accounts (id),
    user_id    TEXT      NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, user_id)
);

-- What arrives by e-mail and waits to be accepted. Only the SHA-256 of its one-time token is here.
CREATE TABLE invitations (
    id            TEXT      NOT NULL PRIMARY KEY,
    kind          TEXT      NOT NULL CHECK (kind IN ('firm', 'employee', 'member')),
    email         TEXT      NOT NULL,
    email_display TEXT      NOT NULL,
    name          TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    account_id    TEXT      REFERENCES accounts (id),
    firm_id       TEXT      REFERENCES firms (id),
    employee_id   TEXT,
    role          TEXT,
    inviter_id    TEXT      NOT NULL REFERENCES users (id),
    token_hash    TEXT      NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    state         TEXT      NOT NULL CHECK (state IN ('open', 'accepted', 'cancelled')),
    created_at    TIMESTAMP NOT NULL,
    expires_at    TIMESTAMP NOT NULL,
    FOREIGN KEY (employee_id, firm_id) REFERENCES employees (id, firm_id) ON DELETE CASCADE,
    CHECK (
        (kind = 'firm' AND account_id IS NOT NULL AND firm_id IS NULL AND employee_id IS NULL AND role IS NULL)
        OR (kind = 'employee' AND account_id IS NULL AND firm_id IS NOT NULL AND employee_id IS NOT NULL AND role IS NULL)
        OR (kind = 'member' AND account_id IS NOT NULL AND firm_id IS NULL AND employee_id IS NULL
            AND role IS NOT NULL AND role IN ('owner', 'member'))
    )
);
-- One open invitation of a kind for one address in one account, and one for an employee.
CREATE UNIQUE INDEX invitations_open_in_account ON invitations (account_id, kind, email)
    WHERE state = 'open' AND account_id IS NOT NULL;
CREATE UNIQUE INDEX invitations_open_of_employee ON invitations (employee_id) WHERE state = 'open' AND employee_id IS NOT NULL;
CREATE INDEX invitations_open_by_email ON invitations (email) WHERE state = 'open';
CREATE INDEX invitations_open_by_inviter ON invitations (inviter_id) WHERE state = 'open';

-- Invitations and connections of one firm address queue here: a client who invites while the firm accepts another
-- client's invitation must find either the open invitations or the firm.
CREATE TABLE address_locks (
    email   TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0
);

-- The audit trail. Names are as they were then; there are no foreign keys, since an entry outlives what it is about.
CREATE TABLE activity (
    id           TEXT      NOT NULL PRIMARY KEY,
    at           TIMESTAMP NOT NULL,
    action       TEXT      NOT NULL,
    actor_id     TEXT,
    actor_name   TEXT,
    account_id   TEXT,
    account_name TEXT,
    firm_id      TEXT,
    firm_name    TEXT,
    target_id    TEXT,
    target_name  TEXT,
    ip           TEXT,
    -- A JSON object of texts.
    detail       TEXT      NOT NULL DEFAULT '{}',
    CHECK (account_id IS NOT NULL OR firm_id IS NOT NULL),
    CHECK ((actor_id IS NULL) = (actor_name IS NULL)),
    CHECK ((account_id IS NULL) = (account_name IS NULL)),
    CHECK ((firm_id IS NULL) = (firm_name IS NULL)),
    CHECK ((target_id IS NULL) = (target_name IS NULL))
);
CREATE INDEX activity_of_account ON activity (account_id, at, id) WHERE account_id IS NOT NULL;
CREATE INDEX activity_of_firm ON activity (firm_id, at, id) WHERE firm_id IS NOT NULL;
CREATE TRIGGER activity_is_not_updated BEFORE UPDATE ON activity
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER activity_is_not_deleted BEFORE DELETE ON activity
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- Mails to send, written in the transaction that causes them. A link's one-time token is not here: the sender derives it
-- from token_seed and a key that is not in the database.
CREATE TABLE outbox (
    id              TEXT      NOT NULL PRIMARY KEY,
    recipient       TEXT      NOT NULL,
    -- What the mail says: a JSON object that names its template.
    mail            TEXT      NOT NULL,
    token_seed      TEXT,
    -- The invitation, registration or reset that the mail carries the link of: the hash of the link's token.
    token_hash      TEXT,
    state           TEXT      NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'cancelled', 'failed')),
    attempts        INTEGER   NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMP NOT NULL,
    -- Until then one sender has it; a sender that dies loses it to another.
    claimed_until   TIMESTAMP,
    last_error      TEXT,
    created_at      TIMESTAMP NOT NULL,
    finished_at     TIMESTAMP,
    CHECK ((token_seed IS NULL) = (token_hash IS NULL)),
    CHECK ((state = 'pending') = (finished_at IS NULL))
);
CREATE INDEX outbox_due ON outbox (next_attempt_at, id) WHERE state = 'pending';
CREATE INDEX outbox_by_token ON outbox (token_hash) WHERE state = 'pending';

-- Counters of what is limited, shared by every process. `key` names the limit and, hashed, whom it is about.
CREATE TABLE rate_limits (
    key        TEXT      NOT NULL PRIMARY KEY,
    started_at TIMESTAMP NOT NULL,
    ends_at    TIMESTAMP NOT NULL,
    count      BIGINT    NOT NULL
);
CREATE INDEX rate_limits_by_end ON rate_limits (ends_at);

-- THE RULE OF ACCESS. Person P may act in account A now, if and only if there is a row (P, A) here. Everything that asks
-- "may P enter A?", "which accounts has P?" or "who is in A?" asks this view and nothing else. `rank` orders the ways in
-- from the strongest to the weakest. An assignment implies that its firm is connected, by its foreign key. The CROSS JOIN
-- is a plain join to PostgreSQL; SQLite takes it as an order: from the person to the account, never through all who are
-- assigned to an account.
CREATE VIEW account_access AS
SELECT m.user_id, m.account_id, m.role AS role, CASE m.role WHEN 'owner' THEN 1 ELSE 2 END AS rank,
       CAST(NULL AS TEXT) AS firm_id, CAST(NULL AS TEXT) AS employee_id
FROM account_members m
JOIN users u ON u.id = m.user_id
WHERE u.status = 'active'
UNION ALL
SELECT e.user_id, c.account_id, 'firm_admin', 3, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
JOIN firm_accounts c ON c.firm_id = e.firm_id
WHERE u.status = 'active' AND e.status = 'active' AND e.role = 'admin'
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = c.account_id AND b.user_id = e.user_id)
UNION ALL
SELECT e.user_id, a.account_id, 'bookkeeper', 4, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
CROSS JOIN assignments a
WHERE a.employee_id = e.id AND a.firm_id = e.firm_id
  AND u.status = 'active' AND e.status = 'active' AND e.role = 'bookkeeper'
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = a.account_id AND b.user_id = e.user_id);
