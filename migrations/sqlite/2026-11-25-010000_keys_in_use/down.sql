DROP TABLE keys_in_use;
