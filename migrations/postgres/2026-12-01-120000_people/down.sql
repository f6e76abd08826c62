CREATE OR REPLACE FUNCTION tell_of_employee() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place employees := OLD;
    was_admin BOOLEAN := OLD.role = 'admin';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        place := NEW;
        was_admin := was_admin OR NEW.role = 'admin';
        PERFORM tell('firm', ARRAY[NEW.firm_id]);
    END IF;
    IF place.user_id IS NOT NULL THEN
        PERFORM tell('access', ARRAY[place.user_id]);
        PERFORM tell('account', ARRAY(SELECT a.account_id FROM assignments a WHERE a.employee_id = place.id ORDER BY 1));
        IF was_admin THEN
            PERFORM tell('account', ARRAY(SELECT c.account_id FROM firm_accounts c WHERE c.firm_id = place.firm_id ORDER BY 1));
        END IF;
    END IF;
    RETURN place;
END
$$;
