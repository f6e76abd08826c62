DROP TRIGGER users_tell_status ON users;
DROP TRIGGER firms_tell_status ON firms;
DROP TRIGGER accounts_tell_status ON accounts;
DROP FUNCTION tell_of_user_status();
DROP FUNCTION tell_of_firm_status();
DROP FUNCTION tell_of_account_status();
DROP VIEW account_access;
-- Invitations by the operator have no place in the older schema.
DELETE FROM invitations WHERE inviter_id IS NULL;
ALTER TABLE invitations DROP COLUMN operator_id;
ALTER TABLE invitations ALTER COLUMN inviter_id SET NOT NULL;
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
       CAST(NULL AS TEXT) COLLATE "C" AS firm_id, CAST(NULL AS TEXT) COLLATE "C" AS employee_id
FROM account_members m
JOIN users u ON u.id = m.user_id
WHERE u.status = 'active'
UNION ALL
SELECT e.user_id, c.account_id, 'firm_admin' COLLATE "C", 3, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
JOIN firm_accounts c ON c.firm_id = e.firm_id
WHERE u.status = 'active' AND e.status = 'active' AND e.role = 'admin'
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = c.account_id AND b.user_id = e.user_id)
UNION ALL
SELECT e.user_id, a.account_id, 'bookkeeper' COLLATE "C", 4, e.firm_id, e.id
FROM employees e
JOIN users u ON u.id = e.user_id
CROSS JOIN assignments a
WHERE a.employee_id = e.id AND a.firm_id = e.firm_id
  AND u.status = 'active' AND e.status = 'active' AND e.role = 'bookkeeper'
  AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = a.account_id AND b.user_id = e.user_id);
