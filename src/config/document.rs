//! The configuration file's text, and where in it something stands.

use crate::failure::Failure;
use crate::message::ConfigText;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Configuration file that was read. It has no `Debug`: its text may hold secrets.
pub(super) struct Document {
    /// The file.
    pub(super) file: PathBuf,
    /// Its whole text; nothing but names and positions of it goes into a message.
    text: String,
}

impl Document {
    /// Takes a file's content; what is not UTF-8 is refused with its place.
    pub(super) fn new(file: &Path, content: Vec<u8>) -> anyhow::Result<Document> {
        let mut document = Document { file: file.to_owned(), text: String::new() };
        match String::from_utf8(content) {
            Ok(text) => document.text = text,
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                document.text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                return Err(Failure::usage(ConfigText::ConfigNotUtf8 { place: document.place(offset) }).into());
            }
        }
        Ok(document)
    }

    /// The text as a table whose keys and values know their places.
    pub(super) fn parse(&self) -> anyhow::Result<DeTable<'_>> {
        DeTable::parse(&self.text).map(toml::Spanned::into_inner).map_err(|error| self.syntax_mistake(&error))
    }

    /// Every place at which the text is no TOML.
    pub(super) fn syntax_mistakes(&self) -> Vec<anyhow::Error> {
        let (_, errors) = DeTable::parse_recoverable(&self.text);
        errors.iter().map(|error| self.syntax_mistake(error)).collect()
    }

    fn syntax_mistake(&self, error: &toml::de::Error) -> anyhow::Error {
        // The error's own rendering would quote the line, and with it perhaps a secret.
        let place = self.place(error.span().map_or(0, |span| span.start));
        Failure::usage(ConfigText::ConfigSyntax { place, problem: error.message().to_owned() }).into()
    }

    /// Line and column of a text that begins with a place in this file; none comes before all others.
    pub(super) fn position(&self, message: &str) -> Option<(usize, usize)> {
        let mut numbers = message.strip_prefix(&format!("{}:", self.file.display()))?.split(':');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    /// `file:line:column` of a byte offset, both counted from 1, the column in characters.
    pub(super) fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::render;
    use crate::message::Lang;

    fn problem(content: &[u8]) -> String {
        let error = match Document::new(Path::new("c.toml"), content.to_vec()) {
            Err(error) => error,
            Ok(document) => document.parse().expect_err("a bad document"),
        };
        render(&error, Lang::En).message
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let document = Document::new(Path::new("c.toml"), "é = 1\nß  = 2\n".into()).expect("UTF-8");
        assert_eq!(document.place(0), "c.toml:1:1");
        assert_eq!(document.place(3), "c.toml:1:3");
        assert_eq!(document.place(11), "c.toml:2:4");
        assert_eq!(document.place(999), "c.toml:3:1");
        assert_eq!(document.position("c.toml:12:3: unknown"), Some((12, 3)));
        assert_eq!((document.position("c.toml: not set"), document.position("d.toml:1:1: x")), (None, None));
    }

    #[test]
    fn a_syntax_error_has_its_place_and_quotes_nothing() {
        let message = problem(b"[hapi]\npassword = \"hunter2\nurl = 1\n");
        assert!(message.starts_with("c.toml:2:"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        let message = problem(b"[hapi]\npassword = hunter2\n");
        assert!(message.starts_with("c.toml:2:12: not valid TOML") && !message.contains("hunter2"), "{message}");
        let message = problem(b"a = 1\na = 2\n");
        assert!(message.starts_with("c.toml:2:1: not valid TOML"), "{message}");
    }

    #[test]
    fn what_is_not_utf_8_is_refused_with_its_place() {
        assert_eq!(problem(b"a = 1\nb = \"L\xe9vis\"\n"), "c.toml:2:7: not valid UTF-8");
    }
}
