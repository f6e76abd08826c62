-- Where somebody wants to be told what happens: an account's owners, or (without an account) the portal's operator.
CREATE TABLE webhooks (
    id                TEXT      NOT NULL PRIMARY KEY,
    account_id        TEXT      REFERENCES accounts (id),
    -- The owner who answers for it: whoever made it, or switched it on again. NULL for an operator's.
    made_by           TEXT      REFERENCES users (id),
    url               TEXT      NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
    description       TEXT      NOT NULL CHECK (length(description) <= 200),
    -- The types that it wants, parted by blanks; empty: all of them.
    events            TEXT      NOT NULL CHECK (length(events) <= 2000),
    -- The secret is not here: it is derived from the seed and a key that is not in the database.
    secret_seed       TEXT      NOT NULL,
    -- The one before, which signs too until then.
    old_secret_seed   TEXT,
    old_secret_until  TIMESTAMP,
    -- Why it is switched off; NULL while it is on.
    disabled_reason   TEXT      CHECK (disabled_reason IN ('by_hand', 'failing', 'gone', 'owner_left')),
    -- Since when nothing has been taken; NULL after a success.
    failing_since     TIMESTAMP,
    created_at        TIMESTAMP NOT NULL,
    CHECK ((account_id IS NULL) = (made_by IS NULL)),
    CHECK ((old_secret_seed IS NULL) = (old_secret_until IS NULL))
);
CREATE INDEX webhooks_by_account ON webhooks (account_id, created_at, id);

-- The webhooks that are told something now. A right that was made by somebody dies with that person's right: an account's
-- webhook counts only while the one who answers for it is an owner of the account who may sign in.
CREATE VIEW live_webhooks AS
SELECT w.id, w.account_id, w.events
FROM webhooks w
WHERE w.disabled_reason IS NULL
  AND (w.account_id IS NULL
       OR EXISTS (SELECT 1 FROM account_members m JOIN users u ON u.id = m.user_id
                  WHERE m.account_id = w.account_id AND m.user_id = w.made_by AND m.role = 'owner' AND u.status = 'active'));

-- What is to be told, written in the transaction that causes it, once for each webhook. `position` counts up as rows are
-- written: a change that had to wait for another one comes behind it, whatever the clocks say.
CREATE TABLE webhook_deliveries (
    position        INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    id              TEXT      NOT NULL UNIQUE,
    webhook_id      TEXT      NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- What is told in order: those of one webhook and one lane wait for each other. The lane is the account or firm that
    -- the event is about; what somebody has asked for by hand has the webhook as its lane, and waits for nothing.
    lane            TEXT      NOT NULL,
    -- The header `webhook-id`: the same for every try, and when it is sent again by hand.
    event_id        TEXT      NOT NULL,
    event_type      TEXT      NOT NULL,
    -- The body, as it is signed and sent.
    payload         TEXT      NOT NULL CHECK (length(payload) <= 65536),
    state           TEXT      NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
    next_attempt_at TIMESTAMP NOT NULL,
    -- Until then one sender has it; a sender that dies loses it to another.
    claimed_until   TIMESTAMP,
    -- A JSON list: when, which status or error, how long it took.
    attempts        TEXT      NOT NULL DEFAULT '[]',
    -- How the last answer began.
    response        TEXT      CHECK (length(response) <= 1000),
    created_at      TIMESTAMP NOT NULL,
    finished_at     TIMESTAMP,
    CHECK ((state = 'pending') = (finished_at IS NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, position) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_in_lane ON webhook_deliveries (webhook_id, lane, position) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, position);
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at) WHERE finished_at IS NOT NULL;
