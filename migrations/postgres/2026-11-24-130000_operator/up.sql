-- The operator: the vendor whose product already has accounts and owners. Its programs make accounts, and suspend accounts,
-- firms and people, by keys of their own.

-- A key of the operator. The secret is shown once, by the command that makes it; here is only its SHA-256.
CREATE TABLE operator_keys (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- How people see the operator: in mails, and in audit trails.
    name         TEXT      NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    secret_hash  TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at   TIMESTAMP
);

-- external_id is what the operator's product calls the account. A suspended account opens to nobody until it is resumed; a
-- closed one never again.
ALTER TABLE accounts ADD COLUMN external_id TEXT COLLATE "C" CHECK (length(external_id) BETWEEN 1 AND 200);
ALTER TABLE accounts ADD COLUMN status TEXT COLLATE "C" NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'suspended', 'closed'));
CREATE UNIQUE INDEX accounts_by_external_id ON accounts (external_id) WHERE external_id IS NOT NULL;

-- What names are searched by: lower case. SQLite lowers only ASCII letters here; a name that is written from now on is
-- lowered as a whole.
ALTER TABLE firms ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE firms ADD COLUMN status TEXT COLLATE "C" NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended'));
UPDATE firms SET name_key = lower(name);
ALTER TABLE users ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE users SET name_key = lower(name);

-- An entry of the audit trail is by a person, by the operator, or by the portal itself.
ALTER TABLE activity ADD COLUMN operator_id TEXT COLLATE "C";
ALTER TABLE activity ADD COLUMN operator_name TEXT
    CHECK ((operator_id IS NULL) = (operator_name IS NULL) AND (operator_id IS NULL OR actor_id IS NULL));

-- The first owner of an account is invited by the operator.
ALTER TABLE invitations ALTER COLUMN inviter_id DROP NOT NULL;
ALTER TABLE invitations ADD COLUMN operator_id TEXT COLLATE "C" REFERENCES operator_keys (id);
ALTER TABLE invitations ADD CONSTRAINT invitations_by_one CHECK ((inviter_id IS NULL) <> (operator_id IS NULL));

-- THE RULE OF ACCESS, as in the foundation, and further: the account and, through a firm, the firm are active. EXISTS by
-- their keys, so that no plan begins at all active accounts or firms.
DROP VIEW account_access;
CREATE VIEW account_access AS
SELECT m.user_id, m.account_id, m.role AS role, CASE m.role WHEN 'owner' THEN 1 ELSE 2 END AS rank,
       CAST(NULL AS TEXT) COLLATE "C" AS firm_id, CAST(NULL AS TEXT) COLLATE "C" AS employee_id
FROM account_members m
JOIN users u ON u.id = m.user_id
WHERE u.status = 'active'
  AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = m.account_id AND x.status = 'active')
UNION ALL
SELECT e.user_id, c.account_id, 'firm_admin' COLLATE "C", 3, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
JOIN firm_accounts c ON c.firm_id = e.firm_id
WHERE u.status = 'active' AND e.status = 'active' AND e.role = 'admin'
  AND EXISTS (SELECT 1 FROM firms f WHERE f.id = e.firm_id AND f.status = 'active')
  AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = c.account_id AND x.status = 'active')
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = c.account_id AND b.user_id = e.user_id)
UNION ALL
SELECT e.user_id, a.account_id, 'bookkeeper' COLLATE "C", 4, e.firm_id, e.id
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
CREATE FUNCTION tell_of_account_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    firms TEXT[] := ARRAY(SELECT c.firm_id FROM firm_accounts c WHERE c.account_id = NEW.id ORDER BY 1);
BEGIN
    PERFORM tell('access', ARRAY(SELECT m.user_id FROM account_members m WHERE m.account_id = NEW.id ORDER BY 1));
    PERFORM tell('staff', firms);
    PERFORM tell('office', firms);
    RETURN NULL;
END
$$;
CREATE TRIGGER accounts_tell_status AFTER UPDATE OF status ON accounts
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tell_of_account_status();

CREATE FUNCTION tell_of_firm_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell('access', ARRAY(SELECT e.user_id FROM employees e WHERE e.firm_id = NEW.id ORDER BY 1));
    PERFORM tell('account', ARRAY(SELECT c.account_id FROM firm_accounts c WHERE c.firm_id = NEW.id ORDER BY 1));
    RETURN NULL;
END
$$;
CREATE TRIGGER firms_tell_status AFTER UPDATE OF status ON firms
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tell_of_firm_status();

-- The accounts that the person is seen in.
CREATE FUNCTION tell_of_user_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell('account', ARRAY(
        SELECT m.account_id FROM account_members m WHERE m.user_id = NEW.id
        UNION
        SELECT a.account_id FROM employees e JOIN assignments a ON a.employee_id = e.id WHERE e.user_id = NEW.id
        UNION
        SELECT c.account_id FROM employees e JOIN firm_accounts c ON c.firm_id = e.firm_id
        WHERE e.user_id = NEW.id AND e.role = 'admin'
        ORDER BY 1
    ));
    RETURN NULL;
END
$$;
CREATE TRIGGER users_tell_status AFTER UPDATE OF status ON users
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tell_of_user_status();
