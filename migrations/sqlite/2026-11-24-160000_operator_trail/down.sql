DROP TABLE operator_lock;
-- What is nowhere has no place in the older schema.
DROP VIEW activity_changes;
CREATE TABLE new_activity (
    id            TEXT      NOT NULL PRIMARY KEY,
    at            TIMESTAMP NOT NULL,
    action        TEXT      NOT NULL,
    actor_id      TEXT,
    actor_name    TEXT,
    account_id    TEXT,
    account_name  TEXT,
    firm_id       TEXT,
    firm_name     TEXT,
    target_id     TEXT,
    target_name   TEXT,
    ip            TEXT,
    -- A JSON object of texts.
    detail        TEXT      NOT NULL DEFAULT '{}',
    operator_id   TEXT,
    operator_name TEXT,
    CHECK (account_id IS NOT NULL OR firm_id IS NOT NULL),
    CHECK ((actor_id IS NULL) = (actor_name IS NULL)),
    CHECK ((account_id IS NULL) = (account_name IS NULL)),
    CHECK ((firm_id IS NULL) = (firm_name IS NULL)),
    CHECK ((target_id IS NULL) = (target_name IS NULL)),
    CHECK ((operator_id IS NULL) = (operator_name IS NULL) AND (operator_id IS NULL OR actor_id IS NULL))
);
INSERT INTO new_activity (rowid, id, at, action, actor_id, actor_name, account_id, account_name, firm_id, firm_name, target_id, target_name, ip, detail,
    operator_id, operator_name)
SELECT rowid, id, at, action, actor_id, actor_name, account_id, account_name, firm_id, firm_name, target_id, target_name, ip, detail,
    operator_id, operator_name
FROM activity
WHERE account_id IS NOT NULL OR firm_id IS NOT NULL;
DROP TABLE activity;
ALTER TABLE new_activity RENAME TO activity;
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

-- What an entry of the audit trail is about.
CREATE VIEW activity_changes AS
SELECT a.rowid AS position, 'account' AS topic, a.account_id AS subject
FROM activity a
WHERE a.account_id IS NOT NULL
UNION ALL
-- A firm's name is shown in its clients' accounts.
SELECT a.rowid, 'account', c.account_id
FROM activity a
JOIN firm_accounts c ON c.firm_id = a.firm_id
WHERE a.action = 'firm.renamed'
UNION ALL
SELECT a.rowid, CASE WHEN a.action LIKE 'firm.%' OR a.action LIKE 'employee.%' THEN 'firm' ELSE 'office' END, a.firm_id
FROM activity a
WHERE a.firm_id IS NOT NULL
UNION ALL
SELECT a.rowid, CASE a.action WHEN 'firm.connected' THEN 'clients' ELSE 'staff' END, a.firm_id
FROM activity a
WHERE a.action IN ('firm.connected', 'firm.disconnected')
UNION ALL
SELECT a.rowid, 'access', e.user_id
FROM activity a
JOIN employees e ON e.id = a.target_id
WHERE a.action IN ('assignment.granted', 'assignment.revoked') AND e.user_id IS NOT NULL;
