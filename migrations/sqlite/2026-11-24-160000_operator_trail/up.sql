-- The operator's trail: what its keys did, wherever, and what is in no account and no firm, such as a person who is suspended
-- and is nowhere, and the operator's webhooks.
-- SQLite cannot change a CHECK: the table is made anew.
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
    -- What people and programs do is in an account or a firm.
    CHECK (account_id IS NOT NULL OR firm_id IS NOT NULL OR actor_id IS NULL),
    CHECK ((actor_id IS NULL) = (actor_name IS NULL)),
    CHECK ((account_id IS NULL) = (account_name IS NULL)),
    CHECK ((firm_id IS NULL) = (firm_name IS NULL)),
    CHECK ((target_id IS NULL) = (target_name IS NULL)),
    CHECK ((operator_id IS NULL) = (operator_name IS NULL) AND (operator_id IS NULL OR actor_id IS NULL))
);
-- With their rowids, by which event streams know what is new.
INSERT INTO new_activity (rowid, id, at, action, actor_id, actor_name, account_id, account_name, firm_id, firm_name, target_id, target_name, ip, detail,
    operator_id, operator_name)
SELECT rowid, id, at, action, actor_id, actor_name, account_id, account_name, firm_id, firm_name, target_id, target_name, ip, detail,
    operator_id, operator_name
FROM activity;
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
CREATE INDEX activity_of_operator ON activity (at, id)
    WHERE operator_id IS NOT NULL OR (account_id IS NULL AND firm_id IS NULL);

-- Where changes queue that are about what the operator has as a whole, as those of an account queue on the account's row.
-- There is one row.
CREATE TABLE operator_lock (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT  NOT NULL
);
INSERT INTO operator_lock (id, version) VALUES (1, 0);
