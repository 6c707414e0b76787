//! Why something failed, as one message quotes it of another.

use super::Message;
use super::lang::{Lang, Local};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Reason that a message quotes: a message itself, so that it is read in the language of the one that quotes it.
///
/// Its causes are not kept in the store: they are shown where the failure is met.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Kept")]
pub struct Why {
    text: Box<Message>,
    detail: Option<String>,
    remedy: Option<Box<Message>>,
}

/// What earlier versions kept, a text, and what is kept now.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Message(Message),
}

impl From<Kept> for Why {
    fn from(kept: Kept) -> Why {
        match kept {
            Kept::Text(text) => text.into(),
            Kept::Message(message) => message.into(),
        }
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<M: Into<Message>> From<M> for Why {
    fn from(message: M) -> Why {
        Why { text: Box::new(message.into()), detail: None, remedy: None }
    }
}

impl From<String> for Message {
    /// What another program said, in its own words.
    fn from(text: String) -> Message {
        Message::foreign(text)
    }
}

impl Why {
    /// Adds what the system or a library says of it, in its own words.
    #[must_use]
    pub(crate) fn because(mut self, detail: impl Into<String>) -> Why {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what remedies it.
    #[must_use]
    pub(crate) fn remedy(mut self, remedy: impl Into<Message>) -> Why {
        self.remedy = Some(Box::new(remedy.into()));
        self
    }

    /// The text in a language.
    pub fn text(&self, lang: Lang) -> String {
        self.text.text(lang)
    }

    /// Changes what others said in it.
    pub(crate) fn change_foreign(&mut self, change: &dyn Fn(&str) -> String) {
        self.text.change_foreign(change);
        self.detail = self.detail.take().map(|detail| change(&detail));
    }
}

impl fmt::Display for Local<'_, Why> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.text(self.lang))
    }
}

/// Value in a message that may be a reason.
pub(crate) trait Quoted {
    /// The reason, where it is one.
    fn as_why(&self) -> Option<&Why> {
        None
    }

    /// The reason, where it is one, to be changed.
    fn as_why_mut(&mut self) -> Option<&mut Why> {
        None
    }
}

impl Quoted for String {}
impl Quoted for u64 {}
impl Quoted for crate::entity::Kind {}
impl Quoted for Vec<String> {}
impl Quoted for Why {
    fn as_why(&self) -> Option<&Why> {
        Some(self)
    }

    fn as_why_mut(&mut self) -> Option<&mut Why> {
        Some(self)
    }
}

impl Message {
    /// The reasons that it quotes, from the nearest to the farthest.
    fn reasons(&self) -> impl Iterator<Item = &Why> {
        std::iter::successors(self.quoted(), |why| why.text.quoted())
    }

    /// What the system or a library says of the reason that it quotes.
    pub(crate) fn detail(&self) -> Option<&str> {
        self.reasons().find_map(|why| why.detail.as_deref())
    }

    /// What remedies the reason that it quotes.
    pub(crate) fn remedy(&self) -> Option<&Message> {
        self.reasons().find_map(|why| why.remedy.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{HapiText, NetworkText};

    fn unreachable(why: impl Into<Why>) -> Message {
        HapiText::Unreachable { what: "GET /api/Units".to_owned(), why: why.into() }.into()
    }

    #[test]
    fn a_reason_is_read_in_the_language_of_what_quotes_it_also_from_the_store() {
        let message = unreachable(NetworkText::NoSuchHost {});
        assert!(message.text(Lang::Fr).ends_with(&NetworkText::NoSuchHost {}.text(Lang::Fr)));
        let kept = Message::from_json(&message.to_json());
        assert_eq!(kept.text(Lang::Fr), message.text(Lang::Fr));
        let old = r#"{"Hapi":{"Unreachable":{"what":"GET /api/Units","why":"reset by peer"}}}"#;
        assert_eq!(Message::from_json(old), unreachable("reset by peer".to_owned()));
    }

    #[test]
    fn detail_and_remedy_are_found_however_deep_and_secrets_in_what_others_said_are_not() {
        let remedy = HapiText::CheckUrl {};
        let inner = Why::from("peer says s3cret".to_owned()).because("os says s3cret").remedy(remedy.clone());
        let mut outer = unreachable(unreachable(inner));
        outer.change_foreign(&|text| text.replace("s3cret", "***"));
        assert_eq!((outer.detail(), outer.remedy()), (Some("os says ***"), Some(&remedy.into())));
        assert!(outer.text(Lang::En).ends_with("peer says ***"));
        assert_eq!(unreachable(NetworkText::NoSuchHost {}).detail(), None);
    }
}
