//! Values as messages quote them.

use crate::text::shortened;

/// How much of a refused value its message quotes, in characters.
const MOST_QUOTED: usize = 80;

/// A value as a message quotes it.
pub(super) fn quoted(text: &str) -> String {
    shortened(text, MOST_QUOTED)
}
