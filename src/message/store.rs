//! Texts about store.

super::messages! {
    /// Texts about store.
    StoreText {
        PlaceholderStore { what: String } en("{what}") fr("{what}")
    }
}
