//! Texts about screen.

super::messages! {
    /// Texts about screen.
    ScreenText {
        PlaceholderScreen { what: String } en("{what}") fr("{what}")
    }
}
