-- By which key the links of mails and the secrets of webhooks are derived. The key is in a folder that all processes share;
-- here is what it is recognised by, so that a process with another folder does not send what it cannot sign. There is one row,
-- written by the first process that serves.
CREATE TABLE keys_in_use (
    id       INTEGER   NOT NULL PRIMARY KEY CHECK (id = 1),
    link_key TEXT      NOT NULL CHECK (length(link_key) = 64),
    since    TIMESTAMP NOT NULL
);
