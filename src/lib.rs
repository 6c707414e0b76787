//! Keeps monday.com boards equal to what Hopem holds.

pub mod config;
pub mod entity;
pub mod failure;
pub mod hapi;
pub mod http;
pub mod message;
pub mod monday;
pub mod pipeline;
pub mod store;
pub mod text;
