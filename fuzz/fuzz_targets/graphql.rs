#![no_main]

#[path = "../entries/graphql.rs"]
mod graphql;

libfuzzer_sys::fuzz_target!(|data: &[u8]| graphql::check(data));
