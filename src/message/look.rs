//! What is said by the commands that only look: `explain`, `export`, `man`.

super::messages! {
    /// Texts of commands that only look.
    LookText {
        PagesUnwritable { path: String }
            en("cannot write the pages of the manual into {path}")
            fr("impossible d'écrire les pages du manuel dans {path}")
    }
}
