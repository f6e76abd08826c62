-- What tells event streams that something has changed. A change is a topic and whom or what it is about, and no more: a
-- stream asks the rule of access before it says a word. The same topics as for SQLite, where they are rows to be polled:
--   me       a person's own data or sessions              (a user's id)
--   access   what a person may enter                      (a user's id)
--   clients  which accounts a firm is connected to        (a firm's id; its admins are concerned)
--   staff    what everybody of a firm may enter           (a firm's id)
--   firm     what everybody who works for a firm can see  (a firm's id)
--   office   what the admins of a firm can see            (a firm's id)
--   account  what everybody in an account can see         (an account's id)
--
-- A notification is sent with the commit, to every process. Its payload is a topic and up to 200 subjects, separated by
-- blanks: below the limit of 8,000 bytes, and a batch of thousands makes few. Equal ones of a transaction are sent once.
CREATE FUNCTION tell(topic TEXT, subjects TEXT[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first INTEGER := 1;
BEGIN
    subjects := array_remove(subjects, NULL);
    WHILE first <= cardinality(subjects) LOOP
        PERFORM pg_notify('portal_changes', topic || ' ' || array_to_string(subjects[first:first + 199], ' '));
        first := first + 200;
    END LOOP;
END
$$;

-- What the new entries of the audit trail are about, all those of a statement together.
CREATE FUNCTION tell_of_activity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell(changed.topic, array_agg(changed.subject ORDER BY changed.subject))
    FROM (
        SELECT 'account' AS topic, a.account_id AS subject
        FROM entries a
        UNION
        -- A firm's name is shown in its clients' accounts.
        SELECT 'account', c.account_id
        FROM entries a
        JOIN firm_accounts c ON c.firm_id = a.firm_id
        WHERE a.action = 'firm.renamed'
        UNION
        SELECT CASE WHEN a.action LIKE 'firm.%' OR a.action LIKE 'employee.%' THEN 'firm' ELSE 'office' END, a.firm_id
        FROM entries a
        UNION
        SELECT CASE a.action WHEN 'firm.connected' THEN 'clients' ELSE 'staff' END, a.firm_id
        FROM entries a
        WHERE a.action IN ('firm.connected', 'firm.disconnected')
        UNION
        SELECT 'access', e.user_id
        FROM entries a
        JOIN employees e ON e.id = a.target_id
        WHERE a.action IN ('assignment.granted', 'assignment.revoked')
    ) changed
    GROUP BY changed.topic;
    RETURN NULL;
END
$$;
CREATE TRIGGER activity_tells AFTER INSERT ON activity
    REFERENCING NEW TABLE AS entries FOR EACH STATEMENT EXECUTE FUNCTION tell_of_activity();

CREATE FUNCTION tell_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell('me', ARRAY[NEW.user_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER sessions_tell_beginning AFTER INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION tell_of_session();
CREATE TRIGGER sessions_tell_end AFTER UPDATE OF ended_at ON sessions FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION tell_of_session();

CREATE FUNCTION tell_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell('me', ARRAY[NEW.id]);
    IF OLD.name <> NEW.name THEN
        PERFORM tell('account', ARRAY(SELECT m.account_id FROM account_members m WHERE m.user_id = NEW.id));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER users_tell AFTER UPDATE OF name, status, password_hash ON users
    FOR EACH ROW EXECUTE FUNCTION tell_of_user();

-- Who is in an account, and who is kept out of it.
CREATE FUNCTION tell_of_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM tell('access', ARRAY[OLD.user_id]);
    ELSE
        PERFORM tell('access', ARRAY[NEW.user_id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_members_tell AFTER INSERT OR DELETE OR UPDATE OF role ON account_members
    FOR EACH ROW EXECUTE FUNCTION tell_of_access();
CREATE TRIGGER account_blocks_tell AFTER INSERT OR DELETE ON account_blocks
    FOR EACH ROW EXECUTE FUNCTION tell_of_access();
CREATE TRIGGER employees_tell_joined AFTER INSERT ON employees
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION tell_of_access();

-- The accounts that somebody of a firm is seen in: told when the person changes or goes.
CREATE FUNCTION tell_of_employee() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER employees_tell_changed AFTER UPDATE OF user_id, name, role, status ON employees
    FOR EACH ROW EXECUTE FUNCTION tell_of_employee();
-- Before: the assignments go with the row.
CREATE TRIGGER employees_tell_gone BEFORE DELETE ON employees FOR EACH ROW EXECUTE FUNCTION tell_of_employee();
