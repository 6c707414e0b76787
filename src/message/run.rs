//! Texts about run.

super::messages! {
    /// Texts about run.
    RunText {
        PlaceholderRun { what: String } en("{what}") fr("{what}")
    }
}
