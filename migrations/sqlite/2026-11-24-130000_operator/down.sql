DROP TRIGGER users_tell_status;
DROP TRIGGER firms_tell_status;
DROP TRIGGER accounts_tell_status;
DROP VIEW account_access;
-- Invitations by the operator have no place in the older schema.
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
INSERT INTO new_invitations (id, kind, email, email_display, name, account_id, firm_id, employee_id, role, inviter_id,
    token_hash, state, created_at, expires_at)
SELECT id, kind, email, email_display, name, account_id, firm_id, employee_id, role, inviter_id, token_hash, state,
    created_at, expires_at
FROM invitations
WHERE inviter_id IS NOT NULL;
DROP TABLE invitations;
ALTER TABLE new_invitations RENAME TO invitations;
-- One open invitation of a kind for one address in one account, and one for an employee.
CREATE UNIQUE INDEX invitations_open_in_account ON invitations (account_id, kind, email)
    WHERE state = 'open' AND account_id IS NOT NULL;
CREATE UNIQUE INDEX invitations_open_of_employee ON invitations (employee_id) WHERE state = 'open' AND employee_id IS NOT NULL;
CREATE INDEX invitations_open_by_email ON invitations (email) WHERE state = 'open';
CREATE INDEX invitations_open_by_inviter ON invitations (inviter_id) WHERE state = 'open';
ALTER TABLE activity DROP COLUMN operator_name;
ALTER TABLE activity DROP COLUMN operator_id;
ALTER TABLE users DROP COLUMN name_key;
ALTER TABLE firms DROP COLUMN status;
ALTER TABLE firms DROP COLUMN name_key;
DROP INDEX accounts_by_external_id;
ALTER TABLE accounts DROP COLUMN status;
ALTER TABLE accounts DROP COLUMN external_id;
DROP TABLE operator_keys;
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
