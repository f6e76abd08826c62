ALTER TABLE outbox DROP COLUMN locale;
ALTER TABLE registrations DROP COLUMN locale;
ALTER TABLE users DROP COLUMN locale;
