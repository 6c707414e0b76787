//! Texts about monday.

super::messages! {
    /// Texts about monday.
    MondayText {
        PlaceholderMonday { what: String } en("{what}") fr("{what}")
    }
}
