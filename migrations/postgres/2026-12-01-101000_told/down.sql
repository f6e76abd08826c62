CREATE OR REPLACE FUNCTION tell(topic TEXT, subjects TEXT[]) RETURNS void LANGUAGE plpgsql AS $$
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
DROP TABLE told;
