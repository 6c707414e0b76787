//! The real binary against both APIs on loopback, in an empty environment and a folder of its own.

mod commands;
mod convergence;
mod drift;
mod drive;
mod events;
mod explain;
mod export;
mod guard;
mod hostile;
mod link;
mod listen;
mod mirror;
mod nonsense;
mod ownership;
mod program;
mod pull;
mod push;
mod resync;
mod schema;
mod screens;
mod status;
mod support;
mod transport;
mod troubles;
mod values;
mod verify;
