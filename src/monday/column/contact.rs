//! E-mail and web addresses.

use super::quote::quoted;
use crate::message::ColumnText;
use serde_json::{Value, json};

/// Longest address a mail server takes (RFC 5321, and the errata of RFC 3696), in bytes.
const MOST_ADDRESS: usize = 254;

/// With these a site may end whose scheme was not written.
const SITE_ENDS: [&str; 9] = ["ca", "com", "org", "net", "info", "biz", "quebec", "immo", "fr"];
/// What may stand between two addresses, besides signs.
const BETWEEN: [&str; 4] = ["ou", "et", "or", "and"];

/// The value of an email column, from `a@b.ca` or `Name <a@b.ca>`. Of several addresses the first is the one that is written to,
/// and all of them are shown.
pub(super) fn email(text: &str) -> Result<Value, ColumnText> {
    let (address, shown) = one(text).or_else(|| several(text)).ok_or_else(|| {
        let value = quoted(text);
        ColumnText::CellNotAnEmail { value }
    })?;
    Ok(json!({ "email": address, "text": shown }))
}

/// An address and what is shown for it.
fn one(text: &str) -> Option<(String, String)> {
    let text = text.trim().trim_end_matches([';', ',', '.']).trim_end();
    let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.split_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
        None => ("", text),
    };
    let address = tidy(address);
    let shown = if name.is_empty() { address.clone() } else { name.to_owned() };
    is_address(&address).then_some((address, shown))
}

/// The first of several addresses, and all of them to be shown. Each part must be one: of a part that is none nobody knows what
/// was meant.
fn several(text: &str) -> Option<(String, String)> {
    let of = |parts: Vec<&str>| {
        let wanted = parts.into_iter().filter(|part| !part.is_empty() && !BETWEEN.contains(part));
        let found: Vec<(String, String)> = wanted.map(one).collect::<Option<_>>()?;
        let first = found.first()?.0.clone();
        let mut all: Vec<String> = Vec::new();
        for (address, _) in found {
            if !all.contains(&address) {
                all.push(address);
            }
        }
        Some((first, all.join(", ")))
    };
    let is_sign = |c: char| matches!(c, ';' | ',' | '/' | '|' | '\n' | '\r');
    of(text.split(is_sign).map(str::trim).collect())
        .or_else(|| of(text.split(|c: char| is_sign(c) || c.is_whitespace()).collect()))
}

/// An address without the scheme of a link, and without blanks around its `@` and the points behind that, where no blank can be.
fn tidy(address: &str) -> String {
    let scheme = "mailto:";
    let has_scheme = address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let address = if has_scheme { &address[scheme.len()..] } else { address };
    match address.split_once('@') {
        Some((local, domain)) => {
            let domain: Vec<&str> = domain.split('.').map(str::trim).collect();
            format!("{}@{}", local.trim(), domain.join("."))
        }
        None => address.to_owned(),
    }
}

/// A sane check, not the whole grammar: what it refuses no server of ours would deliver to.
fn is_address(text: &str) -> bool {
    let foreign = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\"\\".contains(c);
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= MOST_ADDRESS
        && !text.contains(foreign)
        && !domain.contains('@')
        && domain.contains('.')
        && [local, domain].into_iter().all(|part| part.split('.').all(|piece| !piece.is_empty()))
        && domain.split('.').all(|piece| !piece.starts_with('-') && !piece.ends_with('-'))
}

/// The value of a link column, from an address or `[text](address)`. An address that begins with `www.` gets its scheme.
pub(super) fn link(text: &str) -> Result<Value, ColumnText> {
    let refusal = || ColumnText::CellNotALink { value: quoted(text) };
    let (shown, address) = match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => inner.split_once("](").ok_or_else(refusal)?,
        None => ("", text),
    };
    let (shown, address) = (shown.trim(), address.trim());
    let url = with_scheme(address).ok_or_else(refusal)?;
    let shown = if shown.is_empty() { url.as_str() } else { shown };
    Ok(json!({ "url": url, "text": shown }))
}

fn with_scheme(address: &str) -> Option<String> {
    let starts = |prefix: &str| address.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let known = ["https://", "http://"].into_iter().find(|scheme| starts(scheme));
    // monday knows the schemes in small letters.
    let (scheme, rest) = match known {
        Some(scheme) => (scheme, address.get(scheme.len()..)?),
        None if starts("www.") || is_bare_site(address) => ("https://", address),
        None => return None,
    };
    let url = format!("{scheme}{rest}");
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let is_clean = !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c));
    let is_host = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    (is_clean && is_host && !host.contains("..")).then_some(url)
}

/// Whether this is a site without its scheme, such as `exemple.ca/plan`. Only by the ends that sites here have: `plan.pdf` is a file.
fn is_bare_site(address: &str) -> bool {
    let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    let is_name = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-')) && !host.starts_with(['.', '-']);
    is_name && host.rsplit_once('.').is_some_and(|(name, end)| !name.is_empty() && SITE_ENDS.contains(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_alone_or_with_a_name() {
        for (text, address, name) in [
            ("a@b.ca", "a@b.ca", "a@b.ca"),
            ("Marie Côté <marie.cote+bail@exemple.qc.ca>", "marie.cote+bail@exemple.qc.ca", "Marie Côté"),
            ("\"Côté, Marie\" <m@b.ca>", "m@b.ca", "Côté, Marie"),
            ("<a@b.ca>", "a@b.ca", "a@b.ca"),
            ("hélène@montréal.ca", "hélène@montréal.ca", "hélène@montréal.ca"),
            ("a@b.ca;", "a@b.ca", "a@b.ca"),
            ("a@b.ca.", "a@b.ca", "a@b.ca"),
            ("mailto:a@b.ca", "a@b.ca", "a@b.ca"),
            ("a\u{a0}@c.ca", "a@c.ca", "a@c.ca"),
            ("marie.cote @ exemple . ca", "marie.cote@exemple.ca", "marie.cote@exemple.ca"),
            ("a@b.ca; c@d.ca", "a@b.ca", "a@b.ca, c@d.ca"),
            ("a@b.ca c@d.ca", "a@b.ca", "a@b.ca, c@d.ca"),
            ("a@b.ca ou c@d.ca / a@b.ca", "a@b.ca", "a@b.ca, c@d.ca"),
            ("Marie <a@b.ca>, c@d.ca", "a@b.ca", "a@b.ca, c@d.ca"),
        ] {
            assert_eq!(email(text), Ok(json!({ "email": address, "text": name })), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_delivered_is_no_address() {
        let long = format!("{}@b.ca", "a".repeat(250));
        for text in [
            "a",
            "@b.ca",
            "a@",
            "a@b",
            "a@@b.ca",
            "a@b@c.ca",
            "a b@c.ca",
            ".a@b.ca",
            "a.@b.ca",
            "a..b@c.ca",
            "a@.b.ca",
            "a@b..ca",
            "a@-b.ca",
            "a@b.ca; c@d",
            "marie cote@b.ca",
            "bonjour. marie@b.ca",
            "a@b.ca,c",
            "Marie <a@b.ca",
            "Marie <>",
            "a@b.ca>",
            long.as_str(),
        ] {
            assert!(matches!(email(text), Err(ColumnText::CellNotAnEmail { .. })), "{text}");
        }
    }

    #[test]
    fn a_link_has_a_web_address_and_a_text() {
        for (text, url, shown) in [
            ("https://x.ca", "https://x.ca", "https://x.ca"),
            ("HTTP://x.ca/a?b=é#c", "http://x.ca/a?b=é#c", "http://x.ca/a?b=é#c"),
            ("x.ca", "https://x.ca", "https://x.ca"),
            ("Immeubles-Côté.qc.CA/plan", "https://Immeubles-Côté.qc.CA/plan", "https://Immeubles-Côté.qc.CA/plan"),
            ("[x](x.ca)", "https://x.ca", "x"),
            ("www.x.ca/plan", "https://www.x.ca/plan", "https://www.x.ca/plan"),
            ("[Plan (2e)](https://x.ca/p_(2))", "https://x.ca/p_(2)", "Plan (2e)"),
            ("[](www.x.ca)", "https://www.x.ca", "https://www.x.ca"),
            ("http://localhost:8080/", "http://localhost:8080/", "http://localhost:8080/"),
        ] {
            assert_eq!(link(text), Ok(json!({ "url": url, "text": shown })), "{text}");
        }
    }

    #[test]
    fn what_a_browser_cannot_open_is_no_link() {
        for text in [
            "plan.pdf",
            ".ca",
            "a@x.ca",
            "x y.ca",
            "ftp://x.ca",
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "https://x.ca/a b",
            "https://x.ca/\u{a0}b",
            "https://?q",
            "[x]https://x.ca)",
            "[x](x.pdf)",
            "https://.x.ca",
            "https://x..ca",
            "https://\"x",
            "http",
            "wwww",
        ] {
            assert!(matches!(link(text), Err(ColumnText::CellNotALink { .. })), "{text}");
        }
    }
}
