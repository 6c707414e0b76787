//! Languages, and values as each of them shows them.

use crate::entity::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Language of what people read. JSON, logs, the manual and completions stay English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// French, as written in Quebec.
    Fr,
}

impl Lang {
    /// Its name in settings: `en` or `fr`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Fr => "fr",
        }
    }

    /// The language of that name in settings.
    pub(crate) fn of_code(code: &str) -> Option<Lang> {
        [Lang::En, Lang::Fr].into_iter().find(|lang| lang.code() == code.trim())
    }

    /// The language of a locale name such as `fr_CA.UTF-8`; English for any other.
    pub(crate) fn of_locale(locale: &str) -> Lang {
        if locale.to_lowercase().starts_with("fr") { Lang::Fr } else { Lang::En }
    }
}

/// Value inside a message, shown as its language wants it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local<'a, T: ?Sized> {
    pub(super) value: &'a T,
    pub(super) lang: Lang,
}

impl<T: ?Sized> std::ops::Deref for Local<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value
    }
}

impl Local<'_, u64> {
    /// The word that agrees with this number. French counts zero as singular, English as plural.
    pub(crate) fn word<'w>(&self, one: &'w str, many: &'w str) -> &'w str {
        let is_one = match self.lang {
            Lang::En => *self.value == 1,
            Lang::Fr => *self.value < 2,
        };
        if is_one { one } else { many }
    }
    /// So many seconds as people say it.
    pub(crate) fn span(&self) -> String {
        span(*self.value, self.lang)
    }
}

impl Local<'_, Kind> {
    /// Several of them, in the middle of a sentence of this language.
    pub(crate) fn many(&self) -> String {
        match self.lang {
            Lang::En => self.value.plural_en().to_lowercase(),
            Lang::Fr => self.value.plural_fr().to_lowercase(),
        }
    }
}

impl fmt::Display for Local<'_, String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.value)
    }
}

impl fmt::Display for Local<'_, u64> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grouped(*self.value, self.lang))
    }
}

impl fmt::Display for Local<'_, Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.value.name())
    }
}

impl fmt::Display for Local<'_, Vec<String>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.join(", "))
    }
}

/// A number with its thousands apart: `6,480`, in French `6 480` with no-break spaces.
pub(crate) fn grouped(number: u64, lang: Lang) -> String {
    let digits = number.to_string();
    let separator = match lang {
        Lang::En => ',',
        Lang::Fr => '\u{a0}',
    };
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A length of time as people say it: `41 s`, `12 min`, `3 h`, `2 days`.
pub(crate) fn span(seconds: u64, lang: Lang) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => {
            let days = seconds / 86_400;
            match lang {
                Lang::En => format!("{days} days"),
                Lang::Fr => format!("{days} jours"),
            }
        }
    }
}
