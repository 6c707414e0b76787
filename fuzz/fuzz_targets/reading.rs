#![no_main]

#[path = "../entries/reading.rs"]
mod reading;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reading::check(data));
