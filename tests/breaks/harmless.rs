//! Mutants that no test notices, and why they harm nobody.

use crate::mutants::Mutant;

/// Mutant that was read, and may pass.
#[derive(Debug)]
pub(crate) struct Harmless {
    /// In `src`.
    file: &'static str,
    function: &'static str,
    /// The text that is changed, in one line.
    text: &'static str,
    /// The change, as it is printed.
    change: &'static str,
    /// Why it may pass.
    pub(crate) why: &'static str,
}

impl Harmless {
    pub(crate) fn is(&self, mutant: &Mutant) -> bool {
        self.file == mutant.file
            && self.function == mutant.function
            && self.text == mutant.text
            && self.change == mutant.change.to_string()
    }
}

pub(crate) const HARMLESS: &[Harmless] = &[];
