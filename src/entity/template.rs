//! Texts with holes for properties: `{BuildingCode} – {UnitCode}`.

use std::fmt;

/// Text with holes. `{{` and `}}` stand for the braces themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Property(String),
}

/// Template with an unmatched brace or an empty hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadTemplate {
    /// Where, in characters from the start.
    pub(crate) position: usize,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Where a brace has no partner, or a hole no name.
    pub(crate) fn parse(text: &str) -> Result<Template, BadTemplate> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut characters = text.chars().enumerate().peekable();
        while let Some((position, character)) = characters.next() {
            match character {
                '{' | '}' if characters.peek().is_some_and(|(_, next)| *next == character) => {
                    characters.next();
                    literal.push(character);
                }
                '{' => {
                    let mut property = String::new();
                    loop {
                        match characters.next() {
                            Some((_, '}')) => break,
                            Some((_, '{')) | None => return Err(BadTemplate { position }),
                            Some((_, inner)) => property.push(inner),
                        }
                    }
                    let property = property.trim();
                    if property.is_empty() {
                        return Err(BadTemplate { position });
                    }
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Property(property.to_owned()));
                }
                '}' => return Err(BadTemplate { position }),
                other => literal.push(other),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Template { text: text.to_owned(), parts })
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The properties in its holes.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Property(property) => Some(property.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Fills the holes. `Ok(None)` when a property was not received; the outer blanks of the whole are left out.
    ///
    /// A separator is written between two filled holes only, and the brackets around an empty hole are left out with it.
    ///
    /// # Errors
    /// Where `value` fails.
    pub(crate) fn render<E>(
        &self,
        separators: Separators,
        mut value: impl FnMut(&str) -> Result<Option<String>, E>,
    ) -> Result<Option<String>, E> {
        let mut filled = Filled::default();
        let last = self.parts.len().saturating_sub(1);
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) if !separators.holds(text) => filled.words(text),
                Part::Text(text) if index == 0 => filled.opening = text,
                Part::Text(text) if index == last => filled.close(text),
                Part::Text(text) => filled.between(text),
                Part::Property(property) => match value(property)? {
                    Some(text) => filled.value(&text),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(filled.text.trim().to_owned()))
    }
}

/// Separators of a template: texts that are nothing without what they separate. Words never are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separators {
    /// All without a letter or a digit: people read the whole.
    All,
    /// Those of them that hold a blank: who reads the whole is not known.
    Blank,
    /// None: a program reads the whole, and what is empty has its place.
    None,
}

impl Separators {
    fn holds(self, text: &str) -> bool {
        let is_word = text.contains(char::is_alphanumeric);
        match self {
            Separators::All => !is_word,
            Separators::Blank => !is_word && text.contains(char::is_whitespace),
            Separators::None => false,
        }
    }
}

/// End of the text of a template that is filled so far.
#[derive(Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Words,
    Value,
    EmptyHole,
}

/// Template that is being filled.
#[derive(Debug, Default)]
struct Filled<'t> {
    text: String,
    end: End,
    /// Whether a value stands before, with nothing but separators since.
    has_value: bool,
    separator: &'t str,
    /// What opens the next hole, such as a bracket.
    opening: &'t str,
}

impl<'t> Filled<'t> {
    fn words(&mut self, text: &str) {
        self.text.push_str(text);
        (self.end, self.has_value, self.separator, self.opening) = (End::Words, false, "", "");
    }

    fn value(&mut self, value: &str) {
        let opening = std::mem::take(&mut self.opening);
        if value.is_empty() {
            self.end = End::EmptyHole;
            return;
        }
        let separator = std::mem::take(&mut self.separator);
        if self.has_value {
            self.text.push_str(separator);
        }
        self.text.push_str(opening);
        self.text.push_str(value);
        (self.end, self.has_value) = (End::Value, true);
    }

    /// Takes what closes the hole before it: it goes with an empty one.
    fn close(&mut self, closing: &str) {
        if self.end == End::Value {
            self.text.push_str(closing);
        }
    }

    fn between(&mut self, text: &'t str) {
        let rest = text.trim_start_matches([')', ']', '}', '»']);
        self.close(&text[..text.len() - rest.len()]);
        self.separator = rest.trim_end_matches(['(', '[', '{', '«']);
        self.opening = &rest[self.separator.len()..];
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Option<String> {
        Template::parse(text)
            .expect("a good template")
            .render(Separators::All, |property| {
                Ok::<_, ()>(if property == "Gone" { None } else { Some(format!("<{property}>")) })
            })
            .expect("no error")
    }

    #[test]
    fn holes_are_filled_and_doubled_braces_are_braces() {
        assert_eq!(filled("{A} – {B} ").as_deref(), Some("<A> – <B>"));
        assert_eq!(filled("{{{A}}}").as_deref(), Some("{<A>}"));
        assert_eq!(filled("").as_deref(), Some(""));
        assert_eq!(filled("{A}{Gone}"), None);
    }

    #[test]
    fn separators_go_with_empty_holes() {
        let of = |text: &str, separators: Separators, filled: &str| {
            let template = Template::parse(text).expect("a good template");
            let value =
                |property: &str| Ok::<_, ()>(Some(if filled.contains(property) { property } else { "" }.to_owned()));
            template.render(separators, value).expect("no error").expect("all are there")
        };
        let all = |text: &str, filled: &str| of(text, Separators::All, filled);
        for (filled, expected) in [("AB", "A, B"), ("A", "A"), ("B", "B"), ("", "")] {
            assert_eq!(all("{A}, {B}", filled), expected);
        }
        assert_eq!([all("{A}, {B} – {C}", "AC"), all("{A}, {B}{C}", "AC")], ["A – C", "A, C"]);
        assert_eq!(all("{A}, {B} – {C}", "BC"), "B – C");
        assert_eq!([all("{A} ({B})", "AB"), all("{A} ({B})", "A"), all("{A} ({B})", "B")], ["A (B)", "A", "(B)"]);
        assert_eq!(all("{A} ({B}) – {C}", "AC"), "A – C");
        assert_eq!([all("#{A}", "A"), all("#{A}", "")], ["#A", ""]);
        assert_eq!([all("Unit {A}, {B}", "B"), all("Unit {A}, {B}", "A")], ["Unit B", "Unit A"]);
        assert_eq!([all("{A} apt. {B}", "A"), all("{A}-{B}", "A")], ["A apt.", "A"]);
        assert_eq!(of("{A} – {B}", Separators::Blank, "A"), "A");
        assert_eq!([of("{A}/{B}", Separators::Blank, "A"), of("{A} | {B}", Separators::None, "")], ["A/", "|"]);
    }

    #[test]
    fn an_unmatched_brace_is_refused_with_its_place() {
        assert_eq!(Template::parse("ab{C"), Err(BadTemplate { position: 2 }));
        assert_eq!(Template::parse("a}b"), Err(BadTemplate { position: 1 }));
        assert_eq!(Template::parse("{}"), Err(BadTemplate { position: 0 }));
    }
}
