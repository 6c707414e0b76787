//! The store.
/// exit
pub fn exit_of(_e: &rusqlite::Error) -> crate::failure::Exit {
    crate::failure::Exit::Failed
}
