DROP TRIGGER revoked_tokens_are_forgotten;
DROP TRIGGER revoked_tokens_tell;
DELETE FROM changes WHERE topic = 'token';
