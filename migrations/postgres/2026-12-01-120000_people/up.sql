-- An admin is seen in all client accounts of the firm. A change of one was told for each of them, which in a firm of ten thousand
-- clients are ten thousand words a person. Now it is told once, and whoever hears it looks up which accounts these are:
--   people   who of a firm is seen in its client accounts  (a firm's id)
-- Servers of the release before do not know this word: what they show of these accounts is refreshed by the next change of them.
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
            PERFORM tell('people', ARRAY[place.firm_id]);
        END IF;
    END IF;
    RETURN place;
END
$$;
