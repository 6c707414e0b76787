//! Texts of what `doctor` and `config check` find, and of what to do about it.

super::messages! {
    /// Texts of checks.
    DoctorText {
        Error {}
            en("error")
            fr("erreur")
        Warning {}
            en("warning")
            fr("avertissement")
        Found { errors: u64, warnings: u64 }
            en("{errors} {}, {warnings} {}", errors.word("error", "errors"), warnings.word("warning", "warnings"))
            fr("{errors} {}, {warnings} {}", errors.word("erreur", "erreurs"), warnings.word("avertissement", "avertissements"))
        NothingFound { checked: u64 }
            en("{checked} {} checked, nothing found", checked.word("thing", "things"))
            fr("{checked} {}, rien à signaler", checked.word("vérification", "vérifications"))
        CheckedAndFound { checked: u64, errors: u64, warnings: u64 }
            en("{checked} {} checked: {errors} {}, {warnings} {}", checked.word("thing", "things"), errors.word("error", "errors"), warnings.word("warning", "warnings"))
            fr("{checked} {} : {errors} {}, {warnings} {}", checked.word("vérification", "vérifications"), errors.word("erreur", "erreurs"), warnings.word("avertissement", "avertissements"))
    }
}
