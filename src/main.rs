//! The program: arguments and environment in, exit code out; nothing else.

use std::collections::BTreeMap;
use std::process::ExitCode;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // The panic's own text may hold data; its place is what a bug report needs.
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        eprintln!("hopem-sync: internal error{place}; what was done is recorded, run it again or report this line");
    }));
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    hopem_sync::run(std::env::args_os(), environment)
}
