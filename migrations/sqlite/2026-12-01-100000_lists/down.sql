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
DROP TRIGGER account_members_get_key;
DROP TRIGGER firm_accounts_get_key;
DROP TRIGGER assignments_get_key;
DROP TRIGGER accounts_pass_key_on;
DROP TRIGGER assignments_count_one_more;
DROP TRIGGER assignments_count_one_less;
DROP TRIGGER firm_accounts_count_one_more;
DROP TRIGGER firm_accounts_count_one_less;
DROP TRIGGER accounts_are_counted;
DROP INDEX firm_accounts_by_name;
DROP INDEX firm_accounts_unassigned;
DROP INDEX assignments_by_name;
ALTER TABLE firm_accounts DROP COLUMN unassigned;
ALTER TABLE firm_accounts DROP COLUMN employee_count;
ALTER TABLE employees DROP COLUMN account_count;
ALTER TABLE firms DROP COLUMN account_count;
ALTER TABLE account_members DROP COLUMN name_key;
ALTER TABLE firm_accounts DROP COLUMN name_key;
ALTER TABLE assignments DROP COLUMN name_key;
