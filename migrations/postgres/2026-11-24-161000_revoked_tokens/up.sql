-- Event streams: one more topic.
--   token    an access token that was revoked             (its jti)
-- The streams that it opened end at once.
CREATE FUNCTION tell_of_revoked_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tell('token', ARRAY[NEW.jti]);
    RETURN NULL;
END
$$;
CREATE TRIGGER revoked_tokens_tell AFTER INSERT ON revoked_tokens
    FOR EACH ROW EXECUTE FUNCTION tell_of_revoked_token();
