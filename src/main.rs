//! The program: parse, run, print one error, exit code; nothing else.

fn main() {}
