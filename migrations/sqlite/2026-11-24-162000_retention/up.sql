-- What has ended is forgotten after a while, oldest first. These find it without reading what is still alive.
CREATE INDEX registrations_by_end ON registrations (expires_at);
CREATE INDEX password_resets_by_end ON password_resets (expires_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX refresh_tokens_replaced ON refresh_tokens (replaced_at) WHERE replaced_at IS NOT NULL;
CREATE INDEX invitations_closed ON invitations (expires_at) WHERE state <> 'open';
CREATE INDEX outbox_finished ON outbox (finished_at) WHERE finished_at IS NOT NULL;
