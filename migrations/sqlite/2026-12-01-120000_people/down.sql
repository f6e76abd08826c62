DROP TRIGGER employees_tell_changed;
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
DROP TRIGGER employees_tell_gone;
CREATE TRIGGER employees_tell_gone BEFORE DELETE ON employees WHEN OLD.user_id IS NOT NULL
BEGIN
    INSERT INTO tell VALUES ('access', OLD.user_id);
    INSERT INTO tell SELECT 'account', a.account_id FROM assignments a WHERE a.employee_id = OLD.id;
    INSERT INTO tell
    SELECT 'account', c.account_id FROM firm_accounts c WHERE c.firm_id = OLD.firm_id AND OLD.role = 'admin';
END;
