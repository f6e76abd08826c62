DROP TABLE operator_lock;
DROP INDEX activity_of_operator;
ALTER TABLE activity DROP CONSTRAINT activity_is_somewhere;
-- What is nowhere has no place in the older schema.
ALTER TABLE activity DISABLE TRIGGER activity_is_append_only;
DELETE FROM activity WHERE account_id IS NULL AND firm_id IS NULL;
ALTER TABLE activity ENABLE TRIGGER activity_is_append_only;
ALTER TABLE activity ADD CONSTRAINT activity_check CHECK (account_id IS NOT NULL OR firm_id IS NOT NULL);
