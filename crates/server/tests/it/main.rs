//! Tests of the portal over real HTTP, on a real database: `PORTAL_TEST_DATABASE` says which. One binary, since linking the
//! server takes longer than most tests.
#![expect(unreachable_pub, reason = "modules of one test binary share their helpers")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod away;
mod backup;
mod bulk;
mod clients;
mod climbing;
mod clocks;
mod cluster;
mod commands;
mod contract;
mod deploying;
mod events;
mod events_end;
mod exports;
mod fleet;
mod frontend;
mod fuzz;
mod handover;
mod idempotency;
mod imports;
mod integrating;
mod killed;
mod languages;
mod layers;
mod ledger;
mod link;
mod lists;
mod logs;
mod mail;
mod mail_cut;
mod matrix;
mod model;
mod oauth;
mod oauth_library;
mod oauth_revoke;
mod operating;
mod operator;
mod operator_events;
mod operator_suspends;
mod overload;
mod people;
mod processes;
mod programs;
mod receiver;
mod refresh;
mod retention;
mod revoking;
mod schema;
mod staying;
mod story;
mod takeover;
mod tenants;
mod tokens;
#[cfg(feature = "otlp")]
mod traces;
mod upgrades;
mod vendor;
mod vendor_attacks;
mod webhook_care;
mod webhook_events;
mod webhook_operator;
mod webhook_targets;
mod webhooks;
