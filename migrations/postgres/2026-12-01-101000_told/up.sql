-- PostgreSQL lets transactions that notify commit one after the other, each of which waits for the disk by itself. So a change only
-- writes here what is to be told, and a thread of the portal sends it on a moment later, what has come together in one go. A row is
-- gone with the transaction that sends it, so nothing is lost with a process that dies in between. Servers of the release before
-- do not send on, and do not say so: for them tell() notifies as it did.
CREATE TABLE told (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payload TEXT NOT NULL
);

CREATE OR REPLACE FUNCTION tell(topic TEXT, subjects TEXT[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first INTEGER := 1;
    later BOOLEAN := coalesce(current_setting('portal.tell', true), '') = 'later';
    words TEXT;
BEGIN
    subjects := array_remove(subjects, NULL);
    WHILE first <= cardinality(subjects) LOOP
        words := topic || ' ' || array_to_string(subjects[first:first + 199], ' ');
        IF later THEN
            INSERT INTO told (payload) VALUES (words);
        ELSE
            PERFORM pg_notify('portal_changes', words);
        END IF;
        first := first + 200;
    END LOOP;
END
$$;
