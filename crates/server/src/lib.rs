//! The accounting portal: a REST API over SQLite or PostgreSQL.
//!
//! Data flows one way: `routes` names the handlers, `http` decodes and encodes, `domain` decides, `store` asks the
//! database through `db`. `auth` gives requests their power.

#![recursion_limit = "256"]

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod error;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod open_files;
pub mod openapi;
pub mod outbound;
pub mod routes;
pub mod schema;
pub mod store;
pub mod telemetry;
