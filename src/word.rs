//! Enumerations whose variants have stable words: in the store, in JSON, on the command line.

/// Enumeration whose variants have a stable word each.
pub(crate) trait Word: Copy + Eq + 'static {
    /// Every variant.
    const ALL: &'static [Self];

    /// The word for it.
    fn word(self) -> &'static str;

    /// The variant that a word stands for; `None`: it stands for none.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variant| variant.word() == word)
    }
}

/// Declares an enumeration, each variant with its word, which it also has in JSON.
macro_rules! words {
    ($(#[$attribute:meta])* $visibility:vis enum $name:ident {
        $( $(#[$of_variant:meta])* $variant:ident = $word:literal, )*
    }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name { $( $(#[$of_variant])* $variant, )* }

        impl $crate::word::Word for $name {
            const ALL: &'static [$name] = &[ $( $name::$variant, )* ];

            fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )* }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::word::Word::word(*self))
            }
        }
    };
}

pub(crate) use words;

/// Reads a word out of a document of ours.
///
/// # Errors
/// Where it stands for nothing.
pub(crate) fn deserialize<'de, T: Word, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
    T::parse(&word).ok_or_else(|| serde::de::Error::custom(format_args!("`{word}` is an unknown word")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    words! {
        /// Answer of two.
        enum Answer {
            /// Yes.
            Yes = "yes",
            /// No.
            No = "not-at-all",
        }
    }

    #[derive(Serialize, Deserialize)]
    struct Document {
        #[serde(deserialize_with = "deserialize")]
        answer: Answer,
    }

    #[test]
    fn each_variant_has_one_word_everywhere() {
        for &answer in Answer::ALL {
            assert_eq!(Answer::parse(answer.word()), Some(answer));
            let json = serde_json::to_string(&Document { answer }).expect("JSON");
            assert_eq!(json, format!(r#"{{"answer":"{}"}}"#, answer.word()));
            assert_eq!(serde_json::from_str::<Document>(&json).expect("a document").answer, answer);
        }
    }

    #[test]
    fn no_word_is_taken_for_another() {
        assert_eq!(Answer::parse("no"), None);
        assert_eq!(Answer::parse("Yes"), None);
        let error = serde_json::from_str::<Document>(r#"{"answer":"perhaps"}"#).err().expect("an unknown word");
        assert!(error.to_string().contains("`perhaps` is an unknown word"), "{error}");
    }
}
