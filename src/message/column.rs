//! Texts about column.

super::messages! {
    /// Texts about column.
    ColumnText {
        PlaceholderColumn { what: String } en("{what}") fr("{what}")
    }
}
