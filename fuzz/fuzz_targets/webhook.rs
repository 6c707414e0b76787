#![no_main]

#[path = "../entries/webhook.rs"]
mod webhook;

libfuzzer_sys::fuzz_target!(|data: &[u8]| webhook::check(data));
