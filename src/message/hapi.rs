//! Texts about hapi.

super::messages! {
    /// Texts about hapi.
    HapiText {
        PlaceholderHapi { what: String } en("{what}") fr("{what}")
    }
}
