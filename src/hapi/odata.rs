//! Query text: options, filters, literals.

/// Longest query that is sent. IIS refuses those over 2,048 characters by default, with a 404.
const LONGEST_QUERY: usize = 1_900;

/// Options of a request for records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Properties asked for; empty: all.
    pub(crate) select: Vec<String>,
    /// Conditions that must all hold.
    pub(crate) filter: Vec<String>,
    /// Properties to order by.
    pub(crate) order_by: Vec<String>,
    /// Most records wanted.
    pub(crate) top: Option<u32>,
    /// Records to pass over.
    pub(crate) skip: Option<u64>,
}

impl Query {
    /// As it stands after the `?`, or empty. An over-long `$select` is left out: more properties than asked for do no harm.
    pub(crate) fn to_text(&self) -> String {
        let whole = self.render(&self.select);
        if whole.len() > LONGEST_QUERY && !self.select.is_empty() { self.render(&[]) } else { whole }
    }

    /// Whether it is short enough to be sent, its `$select` aside.
    pub(crate) fn fits(&self) -> bool {
        self.render(&[]).len() <= LONGEST_QUERY
    }

    fn render(&self, select: &[String]) -> String {
        let mut options = Vec::new();
        if !select.is_empty() {
            options.push(format!("$select={}", encode(&select.join(","))));
        }
        if !self.filter.is_empty() {
            options.push(format!("$filter={}", encode(&all_of(&self.filter))));
        }
        if !self.order_by.is_empty() {
            options.push(format!("$orderby={}", encode(&self.order_by.join(","))));
        }
        if let Some(top) = self.top {
            options.push(format!("$top={top}"));
        }
        if let Some(skip) = self.skip {
            options.push(format!("$skip={skip}"));
        }
        options.join("&")
    }
}

/// Conditions joined by `and`, each in parentheses where there are several: nobody needs to know what is in them.
fn all_of(conditions: &[String]) -> String {
    match conditions {
        [only] => one_line(only),
        several => several.iter().map(|one| format!("({})", one_line(one))).collect::<Vec<_>>().join(" and "),
    }
}

/// A condition on one line, as it was written otherwise; strings of HApi hold no line breaks.
fn one_line(condition: &str) -> String {
    condition.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A JSON value as an OData literal: a string in single quotes, doubled inside; anything else as it stands.
pub(crate) fn literal(raw: &str) -> Option<String> {
    if raw.starts_with('"') {
        let text: String = serde_json::from_str(raw).ok()?;
        return Some(format!("'{}'", text.replace('\'', "''")));
    }
    (!raw.is_empty()).then(|| raw.to_owned())
}

/// Percent-encodes a query value. Blanks become `%20`, since strict parsers refuse `+`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' | b'(' | b')' | b'/' | b':' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_without_plus_signs() {
        let query = Query {
            select: vec!["Id".into(), "Name".into()],
            filter: vec!["City eq 'L''Île+'".into(), "Id gt 5".into()],
            order_by: vec!["Id".into()],
            top: Some(500),
            skip: None,
        };
        assert_eq!(
            query.to_text(),
            "$select=Id,Name&$filter=(City%20eq%20%27L%27%27%C3%8Ele%2B%27)%20and%20(Id%20gt%205)&$orderby=Id&$top=500"
        );
    }

    #[test]
    fn conditions_stand_in_parentheses_beside_others_and_on_one_line() {
        assert_eq!(all_of(&["A eq 1\n  or\nA eq 2\n".into(), "Id gt 5".into()]), "(A eq 1 or A eq 2) and (Id gt 5)");
        assert_eq!(all_of(&["A eq 1 or A eq 2".into()]), "A eq 1 or A eq 2");
    }

    #[test]
    fn an_over_long_select_is_left_out() {
        let query = Query { select: vec!["Property".repeat(300)], top: Some(1), ..Query::default() };
        assert_eq!(query.to_text(), "$top=1");
    }

    #[test]
    fn literals_quote_strings_and_leave_numbers() {
        assert_eq!(literal("\"d'Youville \"").as_deref(), Some("'d''Youville '"));
        assert_eq!(literal("3.0").as_deref(), Some("3.0"));
    }
}
