//! Files and folders that only their owner may read, and who an owner is.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The mode bits that let others than the owner read.
pub(crate) const OTHERS_READ: u32 = 0o044;

/// Makes a folder, and those above it, that only its owner may enter, whatever the umask. One that is there keeps its mode,
/// unless it is our own and others can enter it.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// Opens a file for writing that only its owner may read; SQLite gives its own side files the same mode.
///
/// # Errors
/// Where it cannot be opened, or its mode not be set.
pub(crate) fn open_private(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// The name of an account of this machine, or its number where it has none.
pub(crate) fn account_name(number: u32) -> String {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| number.to_string())
}
