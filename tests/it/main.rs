//! The real binary against both APIs on loopback, in an empty environment and a folder of its own.

mod commands;
mod program;
