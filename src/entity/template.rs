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
    /// # Errors
    /// Where `value` fails.
    pub(crate) fn render<E>(
        &self,
        mut value: impl FnMut(&str) -> Result<Option<String>, E>,
    ) -> Result<Option<String>, E> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Property(property) => match value(property)? {
                    Some(text) => out.push_str(&text),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(out.trim().to_owned()))
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
            .render(|property| Ok::<_, ()>(if property == "Gone" { None } else { Some(format!("<{property}>")) }))
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
    fn an_unmatched_brace_is_refused_with_its_place() {
        assert_eq!(Template::parse("ab{C"), Err(BadTemplate { position: 2 }));
        assert_eq!(Template::parse("a}b"), Err(BadTemplate { position: 1 }));
        assert_eq!(Template::parse("{}"), Err(BadTemplate { position: 0 }));
    }
}
