-- The language of people's mails, as a tag such as `en` (BCP 47). Which languages there are, the portal knows: one more must
-- not mean that a table is built anew. Everybody so far has had English.
ALTER TABLE users ADD COLUMN locale TEXT NOT NULL DEFAULT 'en' CHECK (length(locale) BETWEEN 2 AND 35);

-- What was chosen, or asked for by the browser, when signing up: the person's language once the link is opened.
ALTER TABLE registrations ADD COLUMN locale TEXT NOT NULL DEFAULT 'en' CHECK (length(locale) BETWEEN 2 AND 35);

-- Decided when a mail is written, in the transaction that knows who causes it.
ALTER TABLE outbox ADD COLUMN locale TEXT NOT NULL DEFAULT 'en' CHECK (length(locale) BETWEEN 2 AND 35);
