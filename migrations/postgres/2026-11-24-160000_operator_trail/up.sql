-- The operator's trail: what its keys did, wherever, and what is in no account and no firm, such as a person who is suspended
-- and is nowhere, and the operator's webhooks.
ALTER TABLE activity DROP CONSTRAINT activity_check;
-- What people and programs do is in an account or a firm.
ALTER TABLE activity ADD CONSTRAINT activity_is_somewhere
    CHECK (account_id IS NOT NULL OR firm_id IS NOT NULL OR actor_id IS NULL);
CREATE INDEX activity_of_operator ON activity (at, id)
    WHERE operator_id IS NOT NULL OR (account_id IS NULL AND firm_id IS NULL);

-- Where changes queue that are about what the operator has as a whole, as those of an account queue on the account's row.
-- There is one row.
CREATE TABLE operator_lock (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT  NOT NULL
);
INSERT INTO operator_lock (id, version) VALUES (1, 0);
