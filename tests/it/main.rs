//! The real binary against both APIs on loopback, in an empty environment and a folder of its own.
#![allow(clippy::disallowed_methods, reason = "these tests are about real processes")]

mod boards;
mod commands;
mod completions;
mod convergence;
mod drift;
mod drive;
mod events;
mod explain;
mod export;
mod guard;
mod hapi;
mod hostile;
mod link;
mod listen;
mod migration;
mod mirror;
mod nonsense;
mod ownership;
mod plan;
mod program;
mod proof;
mod pull;
mod push;
mod resync;
mod schema;
mod screens;
mod status;
mod store;
mod stores;
mod support;
mod swagger;
mod transport;
mod troubles;
mod values;
mod verify;
