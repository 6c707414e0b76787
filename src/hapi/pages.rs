//! A page of records: its text, and where in it each record stands.

use super::error::NotDecoded;
use super::question::Body;
use crate::entity::{BadRecord, Record};
use crate::message::HapiText;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::ops::Range;

/// The status of an answer without a body. ASP.NET answers null with it, hence also an empty set.
const NO_CONTENT: u16 = 204;
/// How much of an error inside a page is quoted, in characters.
const LONGEST_ERROR: usize = 200;

/// Page: its text, and where in it each record stands.
#[derive(Debug)]
pub struct Page {
    text: String,
    /// The records.
    pub rows: Vec<Row>,
    /// The names of the properties that any record carries.
    pub(super) property_names: BTreeSet<String>,
    pub(super) next: Option<String>,
    /// How long its body was, in bytes.
    pub(super) bytes: usize,
}

/// Record of a page.
#[derive(Debug)]
pub struct Row {
    range: Range<usize>,
    /// Its key, or why it has none.
    pub key: Result<String, BadRecord>,
    /// Whether its text was no valid UTF-8.
    pub(crate) is_garbled: bool,
    /// Whether its key was met before on the same page, with another content.
    pub is_repeated: bool,
    pub(super) id: Option<i64>,
}

/// Meaning of an answer without any content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoContent {
    /// There are no records.
    NoRecords,
    /// It is no page: something is wrong.
    Fault,
}

impl Page {
    /// Reads a page's envelope and each record's key. `no_content`: what it means where there is none at all.
    ///
    /// # Errors
    /// Where it is anything else than a page.
    pub fn decode(body: Body, key: &[String], no_content: NoContent) -> Result<Page, NotDecoded> {
        if no_content == NoContent::NoRecords && body.status == NO_CONTENT {
            return Ok(Page::empty());
        }
        decode_text(body.bytes, key)
    }

    /// A record's exact text.
    pub fn json(&self, row: &Row) -> &str {
        self.text.get(row.range.clone()).unwrap_or_default()
    }

    /// The page that a body holds.
    #[cfg(test)]
    pub(crate) fn of(body: &str, key: &[String]) -> Page {
        decode_text(body.as_bytes().to_vec(), key).expect("a page")
    }

    fn empty() -> Page {
        Page { text: String::new(), rows: Vec::new(), property_names: BTreeSet::new(), next: None, bytes: 0 }
    }
}

/// Envelope of a page. A bare array is accepted too.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink", default)]
    next: Option<String>,
    // Older OData spells it without the at sign.
    #[serde(rename = "odata.nextLink", default)]
    older_next: Option<String>,
    // What a server writes that fails after it has begun a page: what stands before it is not all.
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(rename = "odata.error", borrow, default)]
    older_error: Option<&'a RawValue>,
}

fn decode_text(body: Vec<u8>, key: &[String]) -> Result<Page, NotDecoded> {
    let bytes = body.len();
    let (text, is_lossy) = match String::from_utf8(body) {
        Ok(text) => (text, false),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
    };
    let (records, next) = cut(text.trim_start_matches('\u{feff}').trim_start())?;
    let origin = text.as_ptr().addr();
    let mut names = PropertyNames::default();
    let rows = records
        .into_iter()
        .map(|raw| {
            // The records are slices of the text, so that their place is the distance of the addresses.
            row(raw.get(), raw.get().as_ptr().addr() - origin, key, is_lossy, &mut names)
        })
        .collect();
    let property_names = names.all;
    Ok(Page { text, rows, property_names, next, bytes })
}

/// The records of a page, and the link to the next one.
fn cut(content: &str) -> Result<(Vec<&RawValue>, Option<String>), NotDecoded> {
    if content.starts_with('[') {
        return Ok((serde_json::from_str(content).map_err(|error| explain(&error, content))?, None));
    }
    let envelope: Envelope<'_> = serde_json::from_str(content).map_err(|error| explain(&error, content))?;
    if let Some(error) = envelope.error.or(envelope.older_error) {
        let quoted: String = error.get().chars().take(LONGEST_ERROR).collect();
        let why = HapiText::EndsInError { error: quoted.into() }.into();
        return Err(NotDecoded { is_cut: true, is_web_page: false, why });
    }
    Ok((envelope.value, envelope.next.or(envelope.older_next).filter(|next| !next.is_empty())))
}

/// The record that begins there. `is_lossy`: something in the page was no valid UTF-8.
fn row(json: &str, begin: usize, key: &[String], is_lossy: bool, names: &mut PropertyNames) -> Row {
    let record = Record::parse(json);
    if let Ok(record) = &record {
        names.note(record);
    }
    let id = match (&record, key) {
        (Ok(record), [only]) => record.integer(only),
        _ => None,
    };
    Row {
        range: begin..begin + json.len(),
        key: record.and_then(|record| record.key(key)),
        is_garbled: is_lossy && json.contains('\u{fffd}'),
        is_repeated: false,
        id,
    }
}

/// Collector of the names of properties. Records of a page mostly carry the same ones in the same order.
#[derive(Default)]
struct PropertyNames {
    last: Vec<String>,
    all: BTreeSet<String>,
}

impl PropertyNames {
    fn note(&mut self, record: &Record<'_>) {
        if record.names().eq(self.last.iter().map(String::as_str)) {
            return;
        }
        self.last = record.names().map(str::to_owned).collect();
        self.all.extend(self.last.iter().cloned());
    }
}

fn explain(error: &serde_json::Error, content: &str) -> NotDecoded {
    let is_web_page = content.starts_with('<');
    let why = match content {
        "" => HapiText::IsEmpty {}.into(),
        _ if is_web_page => HapiText::IsWebPage {}.into(),
        _ => error.to_string().into(),
    };
    // A body that begins as a page does and ends too early; an error document is whole.
    let is_cut = error.is_eof() && (content.starts_with('{') || content.starts_with('['));
    NotDecoded { is_cut, is_web_page, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    fn page(body: &str) -> Page {
        decode_text(body.as_bytes().to_vec(), &["Id".to_owned()]).expect("a page")
    }

    #[test]
    fn records_are_cut_out_of_a_page_exactly_as_received() {
        let page =
            page("\u{feff} {\"value\":[ {\"Id\": 1.0, \"A\" :\"é \"} ,null,{\"A\":2}],\"@odata.nextLink\":\"/n\"}");
        let texts: Vec<&str> = page.rows.iter().map(|row| page.json(row)).collect();
        assert_eq!(texts, ["{\"Id\": 1.0, \"A\" :\"é \"}", "null", "{\"A\":2}"]);
        let keys: Vec<_> = page.rows.iter().map(|row| row.key.clone()).collect();
        assert_eq!(keys[0], Ok("1".to_owned()));
        assert_eq!(keys[1], Err(BadRecord::NotAnObject));
        assert_eq!(keys[2], Err(BadRecord::NoKey { property: "Id".to_owned() }));
        assert_eq!(page.next.as_deref(), Some("/n"));
    }

    #[test]
    fn what_is_no_page_is_never_an_empty_set() {
        for body in ["", "<html/>", "{}", "{\"value\":{}}", "null", "{\"value\":[{\"Id\":1}", "{\"error\":\"x\"}"] {
            assert!(decode_text(body.as_bytes().to_vec(), &["Id".to_owned()]).is_err(), "{body}");
        }
        assert!(page("[]").rows.is_empty());
    }

    #[test]
    fn a_garbled_record_is_marked_and_its_neighbours_are_not() {
        let mut body = b"[{\"Id\":1,\"N\":\"".to_vec();
        body.push(0xe9);
        body.extend_from_slice(b"\"},{\"Id\":2}]");
        let page = decode_text(body, &["Id".to_owned()]).expect("a page");
        assert_eq!(page.rows.iter().map(|row| row.is_garbled).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn no_content_is_an_empty_page_only_where_that_may_be() {
        let void = || Body { status: 204, bytes: Vec::new() };
        assert!(Page::decode(void(), &["Id".to_owned()], NoContent::NoRecords).is_ok_and(|page| page.rows.is_empty()));
        assert!(Page::decode(void(), &["Id".to_owned()], NoContent::Fault).is_err());
        assert!(
            Page::decode(Body { status: 200, bytes: Vec::new() }, &["Id".to_owned()], NoContent::NoRecords).is_err()
        );
    }

    #[test]
    fn a_page_that_breaks_off_is_distinguished_from_a_web_page() {
        let fault = |body: &str| decode_text(body.as_bytes().to_vec(), &["Id".to_owned()]).expect_err("no page");
        let cut = fault("{\"value\":[{\"Id\":1},{\"Id\"");
        assert!(cut.is_cut && !cut.is_web_page, "{cut:?}");
        let web = fault("<html>welcome</html>");
        assert!(!web.is_cut && web.is_web_page, "{web:?}");
        assert!(!fault("{\"Message\":\"An error has occurred.\"}").is_cut);
        for error in ["error", "odata.error"] {
            let begun = fault(&format!("{{\"value\":[{{\"Id\":1}}],\"{error}\":{{\"message\":\"boom\"}}}}"));
            let reported = begun.why.text(Lang::En);
            assert!(begun.is_cut && reported.contains("boom"), "{reported}");
        }
        assert_eq!(page("{\"value\":[{\"Id\":1}],\"error\":null}").rows.len(), 1);
    }

    #[test]
    fn the_properties_of_all_records_are_collected() {
        let page = page(r#"[{"Id":1,"A":2},{"Id":2},{"B":null,"Id":3}]"#);
        assert_eq!(page.property_names.into_iter().collect::<Vec<_>>(), ["A", "B", "Id"]);
    }
}
