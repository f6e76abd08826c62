-- What tells event streams that something has changed. A change is a topic and whom or what it is about, and no more: a
-- stream asks the rule of access before it says a word. The same topics as for PostgreSQL, where they are notifications:
--   me       a person's own data or sessions              (a user's id)
--   access   what a person may enter                      (a user's id)
--   clients  which accounts a firm is connected to        (a firm's id; its admins are concerned)
--   staff    what everybody of a firm may enter           (a firm's id)
--   firm     what everybody who works for a firm can see  (a firm's id)
--   office   what the admins of a firm can see            (a firm's id)
--   account  what everybody in an account can see         (an account's id)
--
-- The audit trail tells most by itself: its rows are only ever added, so that their rowids count up. What is not in it is
-- written to this table by triggers: once for each topic and subject, with a version that counts up.
CREATE TABLE changes (
    version INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    topic   TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    UNIQUE (topic, subject)
);

-- Where triggers write to. Not INSERT OR REPLACE: within a trigger the outer statement's way with conflicts counts.
CREATE VIEW tell AS SELECT topic, subject FROM changes;
CREATE TRIGGER tell_is_kept INSTEAD OF INSERT ON tell WHEN NEW.subject IS NOT NULL
BEGIN
    DELETE FROM changes WHERE topic = NEW.topic AND subject = NEW.subject;
    INSERT INTO changes (topic, subject) VALUES (NEW.topic, NEW.subject);
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

CREATE TRIGGER sessions_tell_beginning AFTER INSERT ON sessions
BEGIN
    INSERT INTO tell VALUES ('me', NEW.user_id);
END;
CREATE TRIGGER sessions_tell_end AFTER UPDATE OF ended_at ON sessions WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO tell VALUES ('me', NEW.user_id);
END;

CREATE TRIGGER users_tell AFTER UPDATE OF name, status, password_hash ON users
BEGIN
    INSERT INTO tell VALUES ('me', NEW.id);
    INSERT INTO tell
    SELECT 'account', m.account_id FROM account_members m WHERE m.user_id = NEW.id AND OLD.name <> NEW.name;
END;

CREATE TRIGGER account_members_tell_joined AFTER INSERT ON account_members
BEGIN
    INSERT INTO tell VALUES ('access', NEW.user_id);
END;
CREATE TRIGGER account_members_tell_changed AFTER UPDATE OF role ON account_members
BEGIN
    INSERT INTO tell VALUES ('access', NEW.user_id);
END;
CREATE TRIGGER account_members_tell_gone AFTER DELETE ON account_members
BEGIN
    INSERT INTO tell VALUES ('access', OLD.user_id);
END;

CREATE TRIGGER account_blocks_tell_blocked AFTER INSERT ON account_blocks
BEGIN
    INSERT INTO tell VALUES ('access', NEW.user_id);
END;
CREATE TRIGGER account_blocks_tell_unblocked AFTER DELETE ON account_blocks
BEGIN
    INSERT INTO tell VALUES ('access', OLD.user_id);
END;

-- The accounts that somebody of a firm is seen in: told when the person comes, changes or goes.
CREATE TRIGGER employees_tell_joined AFTER INSERT ON employees WHEN NEW.user_id IS NOT NULL
BEGIN
    INSERT INTO tell VALUES ('access', NEW.user_id);
END;
CREATE TRIGGER employees_tell_changed AFTER UPDATE OF user_id, name, role, status ON employees
BEGIN
    INSERT INTO tell VALUES ('access', NEW.user_id);
    INSERT INTO tell VALUES ('firm', NEW.firm_id);
    INSERT INTO tell
    SELECT 'account', a.account_id FROM assignments a WHERE a.employee_id = NEW.id AND NEW.user_id IS NOT NULL;
    INSERT INTO tell
    SELECT 'account', c.account_id FROM firm_accounts c
    WHERE c.firm_id = NEW.firm_id AND NEW.user_id IS NOT NULL AND 'admin' IN (OLD.role, NEW.role);
END;
-- Before: the assignments go with the row.
CREATE TRIGGER employees_tell_gone BEFORE DELETE ON employees WHEN OLD.user_id IS NOT NULL
BEGIN
    INSERT INTO tell VALUES ('access', OLD.user_id);
    INSERT INTO tell SELECT 'account', a.account_id FROM assignments a WHERE a.employee_id = OLD.id;
    INSERT INTO tell
    SELECT 'account', c.account_id FROM firm_accounts c WHERE c.firm_id = OLD.firm_id AND OLD.role = 'admin';
END;
