-- Event streams: one more topic.
--   token    an access token that was revoked             (its jti)
-- The streams that it opened end at once. What is told of a token is forgotten with it.
CREATE TRIGGER revoked_tokens_tell AFTER INSERT ON revoked_tokens
BEGIN
    INSERT INTO tell VALUES ('token', NEW.jti);
END;
CREATE TRIGGER revoked_tokens_are_forgotten AFTER DELETE ON revoked_tokens
BEGIN
    DELETE FROM changes WHERE topic = 'token' AND subject = OLD.jti;
END;
