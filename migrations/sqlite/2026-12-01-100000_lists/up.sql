-- Lists in the order of names, and the numbers in them, at a cost that does not grow. What a list is sorted by is in the rows that
-- it is read from, and so in their indexes: a page reads the rows of the page. What is counted is counted when it changes.
-- All of it is kept true by triggers, whoever writes.

-- The account's name_key again: in firm_accounts for what a firm's admins have, in assignments for what a bookkeeper has, and in
-- account_members for what a person is in. These are few, and need no index by name, which would only be a worse way to find one.
ALTER TABLE account_members ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE firm_accounts ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE account_members SET name_key = (SELECT x.name_key FROM accounts x WHERE x.id = account_id);
UPDATE firm_accounts SET name_key = (SELECT x.name_key FROM accounts x WHERE x.id = account_id);
UPDATE assignments SET name_key = (SELECT x.name_key FROM accounts x WHERE x.id = account_id);

-- How many people of the firm are assigned to the client account.
ALTER TABLE firm_accounts ADD COLUMN employee_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE firm_accounts ADD COLUMN unassigned BOOLEAN AS (employee_count = 0) VIRTUAL;
-- How many accounts that are active are assigned to the employee, and how many the firm has.
ALTER TABLE employees ADD COLUMN account_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE firms ADD COLUMN account_count BIGINT NOT NULL DEFAULT 0;
UPDATE firm_accounts SET employee_count =
    (SELECT count(*) FROM assignments a WHERE a.account_id = firm_accounts.account_id AND a.firm_id = firm_accounts.firm_id);
UPDATE employees SET account_count =
    (SELECT count(*) FROM assignments a JOIN accounts x ON x.id = a.account_id WHERE a.employee_id = employees.id AND x.status = 'active');
UPDATE firms SET account_count =
    (SELECT count(*) FROM firm_accounts c JOIN accounts x ON x.id = c.account_id WHERE c.firm_id = firms.id AND x.status = 'active');

CREATE INDEX firm_accounts_by_name ON firm_accounts (firm_id, name_key, account_id);
CREATE INDEX firm_accounts_unassigned ON firm_accounts (firm_id, name_key, account_id) WHERE unassigned;
CREATE INDEX assignments_by_name ON assignments (employee_id, name_key, account_id);

-- Servers of the release before do not write the key.
CREATE TRIGGER account_members_get_key AFTER INSERT ON account_members WHEN NEW.name_key = ''
BEGIN
    UPDATE account_members SET name_key = coalesce((SELECT x.name_key FROM accounts x WHERE x.id = NEW.account_id), '')
    WHERE account_id = NEW.account_id AND user_id = NEW.user_id;
END;
CREATE TRIGGER firm_accounts_get_key AFTER INSERT ON firm_accounts WHEN NEW.name_key = ''
BEGIN
    UPDATE firm_accounts SET name_key = coalesce((SELECT x.name_key FROM accounts x WHERE x.id = NEW.account_id), '')
    WHERE firm_id = NEW.firm_id AND account_id = NEW.account_id;
END;
CREATE TRIGGER assignments_get_key AFTER INSERT ON assignments WHEN NEW.name_key = ''
BEGIN
    UPDATE assignments SET name_key = coalesce((SELECT x.name_key FROM accounts x WHERE x.id = NEW.account_id), '')
    WHERE employee_id = NEW.employee_id AND account_id = NEW.account_id;
END;
CREATE TRIGGER accounts_pass_key_on AFTER UPDATE OF name_key ON accounts WHEN OLD.name_key <> NEW.name_key
BEGIN
    UPDATE account_members SET name_key = NEW.name_key WHERE account_id = NEW.id;
    UPDATE firm_accounts SET name_key = NEW.name_key WHERE account_id = NEW.id;
    UPDATE assignments SET name_key = NEW.name_key WHERE account_id = NEW.id;
END;

CREATE TRIGGER assignments_count_one_more AFTER INSERT ON assignments
BEGIN
    UPDATE firm_accounts SET employee_count = employee_count + 1
    WHERE firm_id = NEW.firm_id AND account_id = NEW.account_id;
    UPDATE employees SET account_count = account_count + 1
    WHERE id = NEW.employee_id AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = NEW.account_id AND x.status = 'active');
END;
CREATE TRIGGER assignments_count_one_less AFTER DELETE ON assignments
BEGIN
    UPDATE firm_accounts SET employee_count = employee_count - 1
    WHERE firm_id = OLD.firm_id AND account_id = OLD.account_id;
    UPDATE employees SET account_count = account_count - 1
    WHERE id = OLD.employee_id AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = OLD.account_id AND x.status = 'active');
END;
CREATE TRIGGER firm_accounts_count_one_more AFTER INSERT ON firm_accounts
BEGIN
    UPDATE firms SET account_count = account_count + 1
    WHERE id = NEW.firm_id AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = NEW.account_id AND x.status = 'active');
END;
CREATE TRIGGER firm_accounts_count_one_less AFTER DELETE ON firm_accounts
BEGIN
    UPDATE firms SET account_count = account_count - 1
    WHERE id = OLD.firm_id AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = OLD.account_id AND x.status = 'active');
END;
CREATE TRIGGER accounts_are_counted AFTER UPDATE OF status ON accounts WHEN (OLD.status = 'active') <> (NEW.status = 'active')
BEGIN
    UPDATE firms SET account_count = account_count + CASE NEW.status WHEN 'active' THEN 1 ELSE -1 END
    WHERE id IN (SELECT c.firm_id FROM firm_accounts c WHERE c.account_id = NEW.id);
    UPDATE employees SET account_count = account_count + CASE NEW.status WHEN 'active' THEN 1 ELSE -1 END
    WHERE id IN (SELECT a.employee_id FROM assignments a WHERE a.account_id = NEW.id);
END;

-- THE RULE OF ACCESS, as before, in fewer steps: first the ways in, then what has to be so whichever it is. The person and the
-- account are active; through a firm, the firm is active and the owner does not keep the person out. With the key that its
-- rows are sorted by, and the names that whoever asks wants to know. (CROSS JOIN: see the foundation.)
DROP VIEW account_access;
CREATE VIEW account_access AS
SELECT w.user_id, w.account_id, w.role, w.rank, w.firm_id, w.employee_id, w.name_key,
       u.name AS user_name, x.name AS account_name, x.created_at AS account_created_at, x.external_id, w.firm_name
FROM (
    SELECT m.user_id, m.account_id, m.role, CASE m.role WHEN 'owner' THEN 1 ELSE 2 END AS rank,
           CAST(NULL AS TEXT) AS firm_id, CAST(NULL AS TEXT) AS employee_id, m.name_key,
           CAST(NULL AS TEXT) AS firm_name
    FROM account_members m
    UNION ALL
    SELECT e.user_id, c.account_id, 'firm_admin', 3, e.firm_id, e.id, c.name_key, f.name
    FROM employees e
    JOIN firms f ON f.id = e.firm_id
    JOIN firm_accounts c ON c.firm_id = e.firm_id
    WHERE e.status = 'active' AND e.role = 'admin' AND f.status = 'active'
    UNION ALL
    SELECT e.user_id, a.account_id, 'bookkeeper', 4, e.firm_id, e.id, a.name_key, f.name
    FROM employees e
    JOIN firms f ON f.id = e.firm_id
    CROSS JOIN assignments a
    WHERE a.employee_id = e.id AND a.firm_id = e.firm_id
      AND e.status = 'active' AND e.role = 'bookkeeper' AND f.status = 'active'
) w
JOIN users u ON u.id = w.user_id
JOIN accounts x ON x.id = w.account_id
WHERE u.status = 'active' AND x.status = 'active'
  AND NOT EXISTS (SELECT 1 FROM account_blocks b
                  WHERE b.account_id = w.account_id AND b.user_id = w.user_id AND w.firm_id IS NOT NULL);
