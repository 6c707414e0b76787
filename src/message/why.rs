//! Why something failed, as one message quotes it of another, whatever the messages are: the tables are not known here.

use super::lang::{Lang, Local};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Text that a reason quotes: what is asked of a message by those that quote it.
pub trait Render {
    /// The text in a language.
    fn text(&self, lang: Lang) -> String;

    /// Changes what others said in it.
    fn change_foreign(&mut self, change: &dyn Fn(&str) -> String);

    /// What another program said, in its own words.
    fn foreign(text: String) -> Self;
}

/// Reason that a message quotes: a message itself, so that it is read in the language of the one that quotes it.
///
/// Its causes are not kept in the store: they are shown where the failure is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why<M> {
    text: Box<M>,
    detail: Option<String>,
    remedy: Option<Box<M>>,
}

/// Kept form of a reason: a text by earlier versions, a message now.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept<M> {
    Text(String),
    Message(M),
}

impl<'de, M: Render + Deserialize<'de>> Deserialize<'de> for Why<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Why<M>, D::Error> {
        Ok(Why::new(match Kept::deserialize(deserializer)? {
            Kept::Text(text) => M::foreign(text),
            Kept::Message(message) => message,
        }))
    }
}

impl<M: Serialize> Serialize for Why<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<M> Why<M> {
    /// What a message says, as a reason.
    pub(super) fn new(text: M) -> Why<M> {
        Why { text: Box::new(text), detail: None, remedy: None }
    }

    /// Adds what the system or a library says of it, in its own words.
    #[must_use]
    pub(crate) fn because(mut self, detail: impl Into<String>) -> Why<M> {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what remedies it.
    #[must_use]
    pub(crate) fn remedy(mut self, remedy: impl Into<M>) -> Why<M> {
        self.remedy = Some(Box::new(remedy.into()));
        self
    }

    /// The message that it quotes.
    pub(super) fn message(&self) -> &M {
        &self.text
    }

    /// What the system or a library says of it.
    pub(super) fn detail_given(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// What remedies it.
    pub(crate) fn remedy_given(&self) -> Option<&M> {
        self.remedy.as_deref()
    }
}

impl<M: Render> Why<M> {
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

impl<M: Render> fmt::Display for Local<'_, Why<M>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.text(self.lang))
    }
}

/// Value in a message, or message, that may quote a reason.
pub(crate) trait Quoting<M> {
    /// The reason, where it quotes one.
    fn quoted(&self) -> Option<&Why<M>> {
        None
    }

    /// The reason, where it quotes one, to be changed.
    fn quoted_mut(&mut self) -> Option<&mut Why<M>> {
        None
    }
}

impl<M> Quoting<M> for String {}
impl<M> Quoting<M> for u64 {}
impl<M> Quoting<M> for crate::entity::Kind {}
impl<M> Quoting<M> for Vec<String> {}
impl<M> Quoting<M> for Why<M> {
    fn quoted(&self) -> Option<&Why<M>> {
        Some(self)
    }

    fn quoted_mut(&mut self) -> Option<&mut Why<M>> {
        Some(self)
    }
}
