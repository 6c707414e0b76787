//! Files that others read: written whole, or not at all.

use crate::console::Console;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a text to a file with these permissions: beside it first, so that a reader finds the one before or this one. `-` is stdout.
///
/// # Errors
/// Where the file cannot be written.
pub(crate) fn write_whole(console: &Console, file: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    if file == Path::new("-") {
        return console.answer(text.as_bytes());
    }
    let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    if std::fs::metadata(&target).is_ok_and(|target| !target.is_file()) {
        // A pipe or `/dev/stdout` is written to, never replaced.
        return std::fs::OpenOptions::new().write(true).open(file)?.write_all(text.as_bytes());
    }
    let file = target.as_path();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().set_permissions(Permissions::from_mode(mode))?;
    temporary.persist(file)?;
    Ok(())
}
