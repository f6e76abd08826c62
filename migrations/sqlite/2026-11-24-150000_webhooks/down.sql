DROP TABLE webhook_deliveries;
DROP VIEW live_webhooks;
DROP TABLE webhooks;
