//! Texts about config.

super::messages! {
    /// Texts about config.
    ConfigText {
        PlaceholderConfig { what: String } en("{what}") fr("{what}")
    }
}
