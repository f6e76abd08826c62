DROP TRIGGER revoked_tokens_tell ON revoked_tokens;
DROP FUNCTION tell_of_revoked_token();
