//! What the parser of TOML says of a text, which it says in English.

/// The beginnings of what it says, and the same in French. Source: `toml_parser` and `toml` 1.x; what is not listed stays as it is.
const FRENCH: [(&str, &str); 52] = [
    ("cannot extend value of type", "une clé à points ne peut pas compléter cette valeur"),
    ("cannot recurse further", "imbrication trop profonde"),
    ("carriage return must be followed by newline", "retour de chariot sans saut de ligne"),
    ("duplicate key", "clé en double"),
    ("extra `=`", "un `=` de trop"),
    ("extra assignment between key-value pairs", "un `=` de trop"),
    ("extra comma in array", "virgule de trop dans une liste"),
    ("extra comma in inline table", "virgule de trop dans une table en ligne"),
    ("integers with a radix cannot be signed", "un entier avec préfixe n’a pas de signe"),
    ("invalid basic string", "texte invalide"),
    ("invalid binary number", "nombre binaire invalide"),
    ("invalid boolean", "ni vrai ni faux; un texte se met entre guillemets"),
    ("invalid comment character", "caractère interdit dans un commentaire"),
    ("invalid date-time", "date ou heure invalide"),
    ("invalid exponent", "nombre invalide"),
    ("invalid float", "nombre invalide"),
    ("invalid fraction", "nombre invalide"),
    ("invalid hexadecimal number", "nombre hexadécimal invalide"),
    ("invalid inline table element", "élément invalide dans une table en ligne"),
    ("invalid integer number", "nombre entier invalide"),
    ("invalid key-value pair", "paire clé-valeur invalide"),
    ("invalid literal string", "texte invalide"),
    ("invalid mantissa", "nombre invalide"),
    ("invalid multi-line", "texte sur plusieurs lignes invalide"),
    ("invalid octal number", "nombre octal invalide"),
    ("invalid string", "texte invalide"),
    ("invalid table", "table invalide"),
    ("invalid unquoted key", "clé sans guillemets invalide"),
    ("invalid value", "valeur invalide"),
    ("key with no value", "clé sans valeur"),
    ("keys cannot be multi-line", "une clé tient sur une ligne"),
    ("missing assignment between key-value pairs", "il manque `=` entre la clé et la valeur"),
    ("missing comma between array elements", "il manque une virgule dans une liste"),
    ("missing comma between key-value pairs", "il manque une virgule dans une table en ligne"),
    ("missing escaped value", "`\\` sans caractère à sa suite"),
    ("missing key for inline table element", "il manque une clé dans une table en ligne"),
    ("missing opening quote", "il manque un guillemet ouvrant"),
    ("missing value", "il manque une valeur"),
    ("radix must be lowercase", "le préfixe d’un nombre s’écrit en minuscules"),
    ("recursion limit", "imbrication trop profonde"),
    ("redundant", "préfixe ou signe de trop devant un nombre"),
    ("string values must be quoted", "un texte se met entre guillemets"),
    ("too few unicode value digits", "code Unicode trop court"),
    ("unclosed array table", "il manque `]]` après le nom de la table"),
    ("unclosed array", "il manque `]` à la fin d’une liste"),
    ("unclosed inline table", "il manque `}` à la fin d’une table en ligne"),
    ("unclosed table", "il manque `]` après le nom de la table"),
    ("unexpected `=` in array", "`=` inattendu dans une liste"),
    ("unexpected key or value", "clé ou valeur inattendue"),
    ("unexpected leading zero", "zéro de trop devant un nombre"),
    ("unexpected", "texte inattendu"),
    ("unquoted keys cannot be empty", "clé vide sans guillemets"),
];

/// What the parser says, in French; its own words follow in parentheses.
pub(super) fn in_french(problem: &str) -> String {
    let known = FRENCH.iter().find(|(beginning, _)| problem.starts_with(beginning));
    known.map_or_else(|| problem.to_owned(), |(_, french)| format!("{french} ({problem})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_says_of_common_slips_is_said_in_french() {
        for (text, french) in [
            ("a = [1", "il manque `]` à la fin d’une liste"),
            ("[a", "il manque `]` après le nom de la table"),
            ("[[a", "il manque `]]` après le nom de la table"),
            ("a = { b = 1", "il manque `}` à la fin d’une table en ligne"),
            ("a = 1\na = 2", "clé en double"),
            ("a = text", "ni vrai ni faux; un texte se met entre guillemets"),
            ("a", "clé sans valeur"),
            ("a =", "un texte se met entre guillemets"),
            ("a = ['b' 'c']", "il manque une virgule dans une liste"),
            ("a = 01", "zéro de trop devant un nombre"),
        ] {
            let error = toml::de::DeTable::parse(text).expect_err(text);
            let problem = error.message();
            assert_eq!(in_french(problem), format!("{french} ({problem})"), "{text}");
        }
        assert_eq!(in_french("something new"), "something new");
        // Of two beginnings that fit, the longer one is met first.
        for (at, (beginning, _)) in FRENCH.iter().enumerate() {
            assert!(FRENCH[..at].iter().all(|(earlier, _)| !beginning.starts_with(earlier)), "{beginning}");
        }
    }
}
