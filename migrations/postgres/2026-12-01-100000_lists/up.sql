-- Lists in the order of names, and the numbers in them, at a cost that does not grow. What a list is sorted by is in the rows that
-- it is read from, and so in their indexes: a page reads the rows of the page. What is counted is counted when it changes.
-- All of it is kept true by triggers, whoever writes.

-- A million assignments take longer than a request may.
SET LOCAL statement_timeout = 0;

-- The account's name_key again: in firm_accounts for what a firm's admins have, in assignments for what a bookkeeper has, and in
-- account_members for what a person is in. These are few, and need no index by name, which would only be a worse way to find one.
ALTER TABLE account_members ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE firm_accounts ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE account_members m SET name_key = x.name_key FROM accounts x WHERE x.id = m.account_id;
UPDATE firm_accounts c SET name_key = x.name_key FROM accounts x WHERE x.id = c.account_id;
UPDATE assignments a SET name_key = x.name_key FROM accounts x WHERE x.id = a.account_id;

-- How many people of the firm are assigned to the client account.
ALTER TABLE firm_accounts ADD COLUMN employee_count BIGINT NOT NULL DEFAULT 0;
-- A column of its own, so that an index can be about it and still a change of the number leaves all indexes alone.
ALTER TABLE firm_accounts ADD COLUMN unassigned BOOLEAN GENERATED ALWAYS AS (employee_count = 0) STORED;
-- How many accounts that are active are assigned to the employee, and how many the firm has.
ALTER TABLE employees ADD COLUMN account_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE firms ADD COLUMN account_count BIGINT NOT NULL DEFAULT 0;
UPDATE firm_accounts c SET employee_count = n.count
FROM (SELECT firm_id, account_id, count(*) FROM assignments GROUP BY firm_id, account_id) n
WHERE n.firm_id = c.firm_id AND n.account_id = c.account_id;
UPDATE employees e SET account_count = n.count
FROM (SELECT a.employee_id, count(*) FROM assignments a JOIN accounts x ON x.id = a.account_id WHERE x.status = 'active'
      GROUP BY a.employee_id) n
WHERE n.employee_id = e.id;
UPDATE firms f SET account_count = n.count
FROM (SELECT c.firm_id, count(*) FROM firm_accounts c JOIN accounts x ON x.id = c.account_id WHERE x.status = 'active'
      GROUP BY c.firm_id) n
WHERE n.firm_id = f.id;

CREATE INDEX firm_accounts_by_name ON firm_accounts (firm_id, name_key, account_id);
CREATE INDEX firm_accounts_unassigned ON firm_accounts (firm_id, name_key, account_id) WHERE unassigned;
CREATE INDEX assignments_by_name ON assignments (employee_id, name_key, account_id) INCLUDE (firm_id);

-- Servers of the release before do not write the key. The account's row is held, so that it is not renamed meanwhile.
CREATE FUNCTION get_name_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT x.name_key INTO NEW.name_key FROM accounts x WHERE x.id = NEW.account_id FOR SHARE;
    NEW.name_key := coalesce(NEW.name_key, '');
    RETURN NEW;
END
$$;
CREATE TRIGGER account_members_get_key BEFORE INSERT ON account_members
    FOR EACH ROW EXECUTE FUNCTION get_name_key();
CREATE TRIGGER firm_accounts_get_key BEFORE INSERT ON firm_accounts
    FOR EACH ROW EXECUTE FUNCTION get_name_key();

-- The firm's row of the account is what an assignment and a new name queue on: whoever comes second finds what the first has
-- written. Rows are taken in one order, so that two batches do not wait for each other.
CREATE FUNCTION count_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    UPDATE firm_accounts c SET employee_count = c.employee_count + step * n.count
    FROM (SELECT firm_id, account_id, count(*) FROM changed GROUP BY firm_id, account_id ORDER BY firm_id, account_id) n
    WHERE c.firm_id = n.firm_id AND c.account_id = n.account_id;
    UPDATE employees e SET account_count = e.account_count + step * n.count
    FROM (SELECT a.employee_id, count(*) FROM changed a JOIN accounts x ON x.id = a.account_id
          WHERE x.status = 'active' GROUP BY a.employee_id ORDER BY a.employee_id) n
    WHERE e.id = n.employee_id;
    IF TG_OP = 'INSERT' THEN
        -- Not written, or renamed in between.
        UPDATE assignments a SET name_key = c.name_key
        FROM changed n JOIN firm_accounts c ON c.firm_id = n.firm_id AND c.account_id = n.account_id AND c.name_key <> n.name_key
        WHERE a.employee_id = n.employee_id AND a.account_id = n.account_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER assignments_count_more AFTER INSERT ON assignments
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_assignments();
CREATE TRIGGER assignments_count_less AFTER DELETE ON assignments
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_assignments();

CREATE FUNCTION count_firm_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    link firm_accounts := CASE TG_OP WHEN 'INSERT' THEN NEW ELSE OLD END;
BEGIN
    UPDATE firms SET account_count = account_count + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    WHERE id = link.firm_id AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = link.account_id AND x.status = 'active');
    RETURN NULL;
END
$$;
CREATE TRIGGER firm_accounts_count AFTER INSERT OR DELETE ON firm_accounts
    FOR EACH ROW EXECUTE FUNCTION count_firm_accounts();

CREATE FUNCTION pass_name_key_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account_members SET name_key = NEW.name_key WHERE account_id = NEW.id;
    UPDATE firm_accounts SET name_key = NEW.name_key WHERE account_id = NEW.id;
    UPDATE assignments SET name_key = NEW.name_key WHERE account_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER accounts_pass_key_on AFTER UPDATE OF name_key ON accounts
    FOR EACH ROW WHEN (OLD.name_key <> NEW.name_key) EXECUTE FUNCTION pass_name_key_on();

CREATE FUNCTION count_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step INTEGER := CASE NEW.status WHEN 'active' THEN 1 ELSE -1 END;
BEGIN
    -- Whoever assigns the account at this moment is waited for, or waits.
    PERFORM 1 FROM firm_accounts c WHERE c.account_id = NEW.id ORDER BY c.firm_id FOR UPDATE;
    UPDATE firms SET account_count = account_count + step
    WHERE id IN (SELECT c.firm_id FROM firm_accounts c WHERE c.account_id = NEW.id);
    UPDATE employees SET account_count = account_count + step
    WHERE id IN (SELECT a.employee_id FROM assignments a WHERE a.account_id = NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER accounts_are_counted AFTER UPDATE OF status ON accounts
    FOR EACH ROW WHEN ((OLD.status = 'active') <> (NEW.status = 'active')) EXECUTE FUNCTION count_account();

-- Rows that a statement is given as one text, in the words that SQLite has for it.
CREATE FUNCTION json_each(rows TEXT) RETURNS TABLE (key TEXT, value JSON) LANGUAGE sql IMMUTABLE AS $$
    SELECT r.key, r.value FROM pg_catalog.json_each(rows::json) r
$$;

-- THE RULE OF ACCESS, as before, in fewer steps: first the ways in, then what has to be so whichever it is. The person and the
-- account are active; through a firm, the firm is active and the owner does not keep the person out. With the key that its
-- rows are sorted by, and the names that whoever asks wants to know. (CROSS JOIN: see the foundation.)
CREATE OR REPLACE VIEW account_access AS
SELECT w.user_id, w.account_id, w.role, w.rank, w.firm_id, w.employee_id, w.name_key,
       u.name AS user_name, x.name AS account_name, x.created_at AS account_created_at, x.external_id, w.firm_name
FROM (
    SELECT m.user_id, m.account_id, m.role, CASE m.role WHEN 'owner' THEN 1 ELSE 2 END AS rank,
           CAST(NULL AS TEXT) COLLATE "C" AS firm_id, CAST(NULL AS TEXT) COLLATE "C" AS employee_id, m.name_key,
           CAST(NULL AS TEXT) AS firm_name
    FROM account_members m
    UNION ALL
    SELECT e.user_id, c.account_id, 'firm_admin' COLLATE "C", 3, e.firm_id, e.id, c.name_key, f.name
    FROM employees e
    JOIN firms f ON f.id = e.firm_id
    JOIN firm_accounts c ON c.firm_id = e.firm_id
    WHERE e.status = 'active' AND e.role = 'admin' AND f.status = 'active'
    UNION ALL
    SELECT e.user_id, a.account_id, 'bookkeeper' COLLATE "C", 4, e.firm_id, e.id, a.name_key, f.name
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
