//! Which language people read.

use crate::message::Lang;
use std::collections::BTreeMap;

/// The languages by their names in the configuration.
pub(super) const LANGUAGES: [(&str, Lang); 2] = [("fr", Lang::Fr), ("en", Lang::En)];

/// The language of what people read: the flag, else `HOPEM_SYNC_LANGUAGE`, else the configuration, else the locale.
///
/// The variable is read here too, so that a configuration that cannot be read is complained about in the right language.
pub(crate) fn language(flag: Option<Lang>, config: Option<Lang>, environment: &BTreeMap<String, String>) -> Lang {
    let set = |name: &str| environment.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let variable = || {
        let name = set("HOPEM_SYNC_LANGUAGE")?;
        LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, lang)| *lang)
    };
    let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).map(Lang::of_locale);
    flag.or_else(variable).or(config).or_else(locale).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_comes_first_and_the_locale_last() {
        let none = BTreeMap::new();
        let environment = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let french = environment(&[("LC_ALL", ""), ("LC_MESSAGES", "fr_CA.UTF-8"), ("LANG", "en_CA.UTF-8")]);
        assert_eq!(language(None, None, &none), Lang::En);
        assert_eq!(language(None, None, &french), Lang::Fr);
        assert_eq!(language(None, Some(Lang::En), &french), Lang::En);
        assert_eq!(language(Some(Lang::Fr), Some(Lang::En), &none), Lang::Fr);
        assert_eq!(language(None, None, &environment(&[("LC_ALL", "C"), ("LANG", "fr_CA")])), Lang::En);
        assert_eq!(language(None, Some(Lang::En), &environment(&[("HOPEM_SYNC_LANGUAGE", "fr")])), Lang::Fr);
    }
}
