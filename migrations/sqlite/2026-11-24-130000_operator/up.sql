-- The operator: the vendor whose product already has accounts and owners. Its programs make accounts, and suspend accounts,
-- firms and people, by keys of their own.

-- A key of the operator. The secret is shown once, by the command that makes it; here is only its SHA-256.
CREATE TABLE operator_keys (
    id           TEXT      NOT NULL PRIMARY KEY,
    -- How people see the operator: in mails, and in audit trails.
    name         TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    secret_hash  TEXT      NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at   TIMESTAMP
);

-- external_id is what the operator's product calls the account. A suspended account opens to nobody until it is resumed; a
-- closed one never again.
ALTER TABLE accounts ADD COLUMN external_id TEXT CHECK (length(external_id) BETWEEN 1 AND 200);
ALTER TABLE accounts ADD COLUMN status TEXT NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'suspended', 'closed'));
CREATE UNIQUE INDEX accounts_by_external_id ON accounts (external_id) WHERE external_id IS NOT NULL;

-- What names are searched by: lower case. SQLite lowers only ASCII letters here; a name that is written from now on is
-- lowered as a whole.
ALTER TABLE firms ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE firms ADD COLUMN status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended'));
UPDATE firms SET name_key = lower(name);
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE users SET name_key = lower(name);

-- An entry of the audit trail is by a person, by the operator, or by the portal itself.
ALTER TABLE activity ADD COLUMN operator_id TEXT;
ALTER TABLE activity ADD COLUMN operator_name TEXT
    CHECK ((operator_id IS NULL) = (operator_name IS NULL) AND (operator_id IS NULL OR actor_id IS NULL));

-- The first owner of an account is invited by the operator. SQLite cannot make a column nullable: the table is made anew.
CREATE TABLE new_invitations (
    id            TEXT      NOT NULL PRIMARY KEY,
    kind          TEXT      NOT NULL CHECK (kind IN ('firm', 'employee', 'member')),
    email         TEXT      NOT NULL,
    email_display TEXT      NOT NULL,
    name          TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    account_id    TEXT      REFERENCES accounts (id),
    firm_id       TEXT      REFERENCES firms (id),
    employee_id   TEXT,
    role          TEXT,
    -- A person, or the operator.
    inviter_id    TEXT      REFERENCES users (id),
    operator_id   TEXT      REFERENCES operator_keys (id),
    token_hash    TEXT      NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    state         TEXT      NOT NULL CHECK (state IN ('open', 'accepted', 'cancelled')),
    created_at    TIMESTAMP NOT NULL,
    expires_at    TIMESTAMP NOT NULL,
    FOREIGN KEY (employee_id, firm_id) REFERENCES employees (id, firm_id) ON DELETE CASCADE,
    CHECK ((inviter_id IS NULL) <> (operator_id IS NULL)),
    CHECK (
        (kind = 'firm' AND account_id IS NOT NULL AND firm_id IS NULL AND employee_id IS NULL AND role IS NULL)
        OR (kind = 'employee' AND account_id IS NULL AND firm_id IS NOT NULL AND employee_id IS NOT NULL AND role IS NULL)
        OR (kind = 'member' AND account_id IS NOT NULL AND firm_id IS NULL AND employee_id IS NULL
            AND role IS NOT NULL AND role IN ('owner', 'member'))
    )
);
INSERT INTO new_invitations (id, kind, email, email_display, name, account_id, firm_id, employee_id, role, inviter_id,
    token_hash, state, created_at, expires_at)
SELECT id, kind, email, email_display, name, account_id, firm_id, employee_id, role, inviter_id, token_hash, state,
    created_at, expires_at
FROM invitations;
DROP TABLE invitations;
ALTER TABLE new_invitations RENAME TO invitations;
-- One open invitation of a kind for one address in one account, and one for an employee.
CREATE UNIQUE INDEX invitations_open_in_account ON invitations (account_id, kind, email)
    WHERE state = 'open' AND account_id IS NOT NULL;
CREATE UNIQUE INDEX invitations_open_of_employee ON invitations (employee_id) WHERE state = 'open' AND employee_id IS NOT NULL;
CREATE INDEX invitations_open_by_email ON invitations (email) WHERE state = 'open';
CREATE INDEX invitations_open_by_inviter ON invitations (inviter_id) WHERE state = 'open';

-- THE RULE OF ACCESS, as in the foundation, and further: the account and, through a firm, the firm are active. EXISTS by
-- their keys, so that no plan begins at all active accounts or firms.
DROP VIEW account_access;
CREATE VIEW account_access AS
SELECT m.user_id, m.account_id, m.role AS role, CASE m.role WHEN 'owner' THEN 1 ELSE 2 END AS rank,
       CAST(NULL AS TEXT) AS firm_id, CAST(NULL AS TEXT) AS employee_id
FROM account_members m
JOIN users u ON u.id = m.user_id
WHERE u.status = 'active'
  AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = m.account_id AND x.status = 'active')
UNION ALL
SELECT e.user_id, c.account_id, 'firm_admin', 3, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
JOIN firm_accounts c ON c.firm_id = e.firm_id
WHERE u.status = 'active' AND e.status = 'active' AND e.role = 'admin'
  AND EXISTS (SELECT 1 FROM firms f WHERE f.id = e.firm_id AND f.status = 'active')
  AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = c.account_id AND x.status = 'active')
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = c.account_id AND b.user_id = e.user_id)
UNION ALL
SELECT e.user_id, a.account_id, 'bookkeeper', 4, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
CROSS JOIN assignments a
WHERE a.employee_id = e.id AND a.firm_id = e.firm_id
  AND u.status = 'active' AND e.status = 'active' AND e.role = 'bookkeeper'
  AND EXISTS (SELECT 1 FROM firms f WHERE f.id = e.firm_id AND f.status = 'active')
  AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = a.account_id AND x.status = 'active')
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = a.account_id AND b.user_id = e.user_id);

-- Event streams: whom a change of status concerns. Who works for a suspended firm is told one by one: their streams have
-- forgotten the firm by the time it is resumed.
CREATE TRIGGER accounts_tell_status AFTER UPDATE OF status ON accounts WHEN OLD.status <> NEW.status
BEGIN
    INSERT INTO tell SELECT 'access', m.user_id FROM account_members m WHERE m.account_id = NEW.id;
    INSERT INTO tell SELECT 'staff', c.firm_id FROM firm_accounts c WHERE c.account_id = NEW.id;
    INSERT INTO tell SELECT 'office', c.firm_id FROM firm_accounts c WHERE c.account_id = NEW.id;
END;
CREATE TRIGGER firms_tell_status AFTER UPDATE OF status ON firms WHEN OLD.status <> NEW.status
BEGIN
    INSERT INTO tell SELECT 'access', e.user_id FROM employees e WHERE e.firm_id = NEW.id;
    INSERT INTO tell SELECT 'account', c.account_id FROM firm_accounts c WHERE c.firm_id = NEW.id;
END;
-- The accounts that the person is seen in.
CREATE TRIGGER users_tell_status AFTER UPDATE OF status ON users WHEN OLD.status <> NEW.status
BEGIN
    INSERT INTO tell SELECT 'account', m.account_id FROM account_members m WHERE m.user_id = NEW.id;
    INSERT INTO tell
    SELECT 'account', a.account_id FROM employees e JOIN assignments a ON a.employee_id = e.id WHERE e.user_id = NEW.id;
    INSERT INTO tell
    SELECT 'account', c.account_id FROM employees e JOIN firm_accounts c ON c.firm_id = e.firm_id
    WHERE e.user_id = NEW.id AND e.role = 'admin';
END;
