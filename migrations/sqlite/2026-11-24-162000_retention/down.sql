DROP INDEX outbox_finished;
DROP INDEX invitations_closed;
DROP INDEX refresh_tokens_replaced;
DROP INDEX sessions_by_end;
DROP INDEX password_resets_by_end;
DROP INDEX registrations_by_end;
