#![no_main]

#[path = "../entries/odata.rs"]
mod odata;

libfuzzer_sys::fuzz_target!(|data: &[u8]| odata::check(data));
