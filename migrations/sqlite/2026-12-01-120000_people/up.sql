-- An admin is seen in all client accounts of the firm. A change of one was told for each of them, which in a firm of ten thousand
-- clients are ten thousand rows a person. Now it is told once, and whoever hears it looks up which accounts these are:
--   people   who of a firm is seen in its client accounts  (a firm's id)
DROP TRIGGER employees_tell_changed;
CREATE TRIGGER employees_tell_changed AFTER UPDATE OF user_id, name, role, status ON employees
BEGIN
    INSERT INTO tell VALUES ('access', NEW.user_id);
    INSERT INTO tell VALUES ('firm', NEW.firm_id);
    INSERT INTO tell
    SELECT 'account', a.account_id FROM assignments a WHERE a.employee_id = NEW.id AND NEW.user_id IS NOT NULL;
    INSERT INTO tell SELECT 'people', NEW.firm_id WHERE NEW.user_id IS NOT NULL AND 'admin' IN (OLD.role, NEW.role);
END;
DROP TRIGGER employees_tell_gone;
-- Before: the assignments go with the row.
CREATE TRIGGER employees_tell_gone BEFORE DELETE ON employees WHEN OLD.user_id IS NOT NULL
BEGIN
    INSERT INTO tell VALUES ('access', OLD.user_id);
    INSERT INTO tell SELECT 'account', a.account_id FROM assignments a WHERE a.employee_id = OLD.id;
    INSERT INTO tell SELECT 'people', OLD.firm_id WHERE OLD.role = 'admin';
END;
