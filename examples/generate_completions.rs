//! Writes the completion scripts that are checked in: `cargo run --example generate_completions`.

use hopem_sync::{SHELLS, completion_file_name, completion_script};
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    std::fs::create_dir_all(&folder)?;
    for shell in SHELLS {
        std::fs::write(folder.join(completion_file_name(shell)), completion_script(shell))?;
    }
    Ok(())
}
