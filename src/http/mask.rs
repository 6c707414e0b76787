//! Keeping secrets out of what a server says: it may repeat what it was sent, whole or in pieces, as it came or encoded.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Pieces of a secret from this length on, in bytes, are masked; of a shorter secret, the whole.
const PIECE: usize = 8;
/// How many encodings may lie one in another, such as JSON in JSON in a query.
const DEEPEST: usize = 3;
/// What stands in the place of a secret.
const MASK: &[u8] = b"***";

/// Secrets that are known so far; clones share them.
#[derive(Clone, Default)]
pub struct Masks {
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    secrets: BTreeSet<String>,
    /// Every piece of each secret and of its encoded forms that are not undone by `Decoder`.
    pieces: HashSet<[u8; PIECE]>,
    /// Those that are shorter than a piece.
    short: BTreeSet<Vec<u8>>,
}

impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[masks]")
    }
}

impl Masks {
    /// Takes a secret; from now on it is masked.
    pub fn add(&self, secret: &str) {
        let is_known = |known: &Known| secret.is_empty() || known.secrets.contains(secret);
        if is_known(&self.known.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.secrets.insert(secret.to_owned());
        known.add(secret.as_bytes());
        // As forms send a blank.
        known.add(secret.replace(' ', "+").as_bytes());
        for form in in_base64(secret.as_bytes()) {
            known.add(&form);
        }
    }

    /// Takes a password together with its user: so they stand in an `Authorization: Basic`.
    pub(crate) fn add_login(&self, user: &str, password: &str) {
        self.add(password);
        let login = STANDARD.encode(format!("{user}:{password}"));
        self.known.write().unwrap_or_else(PoisonError::into_inner).add(login.as_bytes());
    }

    /// A text without the secrets.
    pub(crate) fn mask(&self, text: &str) -> String {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.secrets.is_empty() {
            return text.to_owned();
        }
        let mut is_secret = vec![false; text.len()];
        let mut met: HashSet<Vec<u8>> = HashSet::new();
        let mut views = vec![View::of(text)];
        for _ in 0..=DEEPEST {
            let mut deeper = Vec::new();
            for view in &views {
                known.find(view, &mut is_secret);
                let decoded = Decoder::ALL.iter().filter_map(|decoder| decoder.decode(view));
                deeper.extend(decoded.filter(|decoded| met.insert(decoded.bytes.clone())));
            }
            views = deeper;
        }
        replaced(text, &is_secret)
    }

    /// A JSON value without the secrets in its texts.
    pub(crate) fn mask_value(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.mask(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.mask_value(item)),
            serde_json::Value::Object(members) => members.values_mut().for_each(|member| self.mask_value(member)),
            _ => {}
        }
    }
}

impl Known {
    fn add(&mut self, form: &[u8]) {
        if form.len() < PIECE {
            self.short.insert(form.to_vec());
        }
        self.pieces.extend(form.array_windows::<PIECE>());
    }

    /// Marks where in the source of a view a secret stands.
    fn find(&self, view: &View, is_secret: &mut [bool]) {
        let mut mark = |at: usize, length: usize| {
            let (Some(first), Some(last)) = (view.spans.get(at), view.spans.get(at + length - 1)) else { return };
            if let Some(range) = is_secret.get_mut(first.0..last.1) {
                range.fill(true);
            }
        };
        for (at, window) in view.bytes.array_windows::<PIECE>().enumerate() {
            if self.pieces.contains(window) {
                mark(at, PIECE);
            }
        }
        for short in &self.short {
            for (at, window) in view.bytes.windows(short.len()).enumerate() {
                if window == short {
                    mark(at, short.len());
                }
            }
        }
    }
}

/// What of a secret stands in a base64 text that holds it, whatever stands before and behind it.
fn in_base64(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret);
        // The first and last Base64 characters also encode bits of the neighbouring bytes.
        let from = [0, 2, 3].get(before).copied().unwrap_or_default();
        let to = bytes.len() * 4 / 3;
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            // Less than three bytes of a secret would be found in any text.
            forms.extend(text.as_bytes().get(from..to).filter(|form| form.len() >= 4).map(<[u8]>::to_vec));
        }
    }
    forms
}

/// View of a text after some decoding, and where in the source each of its bytes stands.
struct View {
    bytes: Vec<u8>,
    spans: Vec<(usize, usize)>,
}

impl View {
    fn of(text: &str) -> View {
        View { bytes: text.as_bytes().to_vec(), spans: (0..text.len()).map(|at| (at, at + 1)).collect() }
    }
}

/// Decoder of one encoding.
#[derive(Clone, Copy)]
enum Decoder {
    Json,
    Percent,
    Html,
}

impl Decoder {
    const ALL: [Decoder; 3] = [Decoder::Json, Decoder::Percent, Decoder::Html];

    /// The view with every escape undone; `None` where there is none.
    fn decode(self, view: &View) -> Option<View> {
        let first = match self {
            Decoder::Json => b'\\',
            Decoder::Percent => b'%',
            Decoder::Html => b'&',
        };
        if !view.bytes.contains(&first) {
            return None;
        }
        let (mut decoded, mut at, mut has_decoded) = (View { bytes: Vec::new(), spans: Vec::new() }, 0, false);
        while let Some(rest) = view.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let escape = if rest.first() == Some(&first) { self.escape(rest) } else { None };
            let (bytes, length) = escape.unwrap_or_else(|| (rest.iter().take(1).copied().collect(), 1));
            has_decoded |= length > 1;
            let span = (view.spans.get(at)?.0, view.spans.get(at + length - 1)?.1);
            decoded.spans.extend(std::iter::repeat_n(span, bytes.len()));
            decoded.bytes.extend(bytes);
            at += length;
        }
        has_decoded.then_some(decoded)
    }

    /// The bytes that the escape at the beginning of `rest` stands for, and its length.
    fn escape(self, rest: &[u8]) -> Option<(Vec<u8>, usize)> {
        match self {
            Decoder::Percent => Some((vec![u8::try_from(hex(rest.get(1..3)?)?).ok()?], 3)),
            Decoder::Json => json_escape(rest),
            Decoder::Html => html_escape(rest),
        }
    }
}

fn json_escape(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let simple = match rest.get(1)? {
        b'u' => return unicode_escape(rest),
        b'x' => return Some((utf8(hex(rest.get(2..4)?)?)?, 4)),
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        other @ (b'"' | b'\\' | b'/' | b'\'') => *other,
        _ => return None,
    };
    Some((vec![simple], 2))
}

/// `\u00e9`, or two of them for one character.
fn unicode_escape(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let unit = hex(rest.get(2..6)?)?;
    if !(0xD800..0xDC00).contains(&unit) {
        return Some((utf8(unit)?, 6));
    }
    let low = rest.get(6..8).filter(|start| *start == b"\\u").and_then(|_| hex(rest.get(8..12)?))?;
    let low = low.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    Some((utf8(0x10000 + ((unit - 0xD800) << 10) + low)?, 12))
}

fn html_escape(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(rest.get(1..end)?).ok()?;
    let character = match name {
        "amp" => u32::from('&'),
        "lt" => u32::from('<'),
        "gt" => u32::from('>'),
        "quot" => u32::from('"'),
        "apos" => u32::from('\''),
        _ => match name.strip_prefix('#')? {
            digits if digits.starts_with(['x', 'X']) => u32::from_str_radix(digits.get(1..)?, 16).ok()?,
            digits => digits.parse().ok()?,
        },
    };
    Some((utf8(character)?, end + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, 16).ok()
}

fn utf8(character: u32) -> Option<Vec<u8>> {
    Some(char::from_u32(character)?.to_string().into_bytes())
}

/// The text with each run of secret bytes replaced.
fn replaced(text: &str, is_secret: &[bool]) -> String {
    let (mut masked, mut was_secret) = (Vec::with_capacity(text.len()), false);
    for (at, character) in text.char_indices() {
        let mut bytes = is_secret.get(at..at + character.len_utf8()).unwrap_or_default().iter();
        let is_secret = bytes.any(|is_secret| *is_secret);
        if is_secret && !was_secret {
            masked.extend_from_slice(MASK);
        } else if !is_secret {
            masked.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        was_secret = is_secret;
    }
    String::from_utf8(masked).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "p\"a\\ss/wörd 100%&x<y>+=ü😀-Ende";

    fn masked(text: &str) -> String {
        let masks = Masks::default();
        masks.add(SECRET);
        masks.mask(text)
    }

    fn percent(text: &str, is_left: fn(u8) -> bool) -> String {
        text.bytes().map(|b| if is_left(b) { char::from(b).to_string() } else { format!("%{b:02x}") }).collect()
    }

    fn in_ascii_json(text: &str) -> String {
        let mut units = [0; 2];
        let escaped = |character: char| match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '/' => "\\/".to_owned(),
            ' '..='~' => character.to_string(),
            _ => character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
        };
        text.chars().map(escaped).collect()
    }

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let json = serde_json::to_string(SECRET).expect("a text");
        let html = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&#62;").replace('"', "&#x22;");
        let in_query = percent(SECRET, |byte| byte.is_ascii_alphanumeric() || b"-/".contains(&byte));
        let json_twice = serde_json::to_string(&json).expect("a text");
        let all = percent(SECRET, |_| false);
        let form = in_query.replace("%20", "+");
        let ascii = in_ascii_json(SECRET);
        for form in [SECRET, &json[1..json.len() - 1], &html, &in_query, &json_twice[3..json_twice.len() - 3], &all] {
            assert_eq!(masked(&format!("before {form}, behind")), "before ***, behind", "{form}");
        }
        for form in [&form, &ascii, &percent(&ascii, |byte| byte.is_ascii_alphanumeric())] {
            assert_eq!(masked(&format!("before {form}, behind")), "before ***, behind", "{form}");
        }
    }

    #[test]
    fn a_secret_is_masked_in_base64_whatever_stands_around_it() {
        let secret = "kT7-secret_é/0123456789";
        let masks = Masks::default();
        masks.add_login("svc", secret);
        assert_eq!(masks.mask(&format!("Basic {}", STANDARD.encode(format!("svc:{secret}")))), "Basic ***");
        for before in ["", "a", "ab", "abc", "someone:"] {
            for encoded in
                [STANDARD.encode(format!("{before}{secret}!")), URL_SAFE_NO_PAD.encode(format!("{before}{secret}"))]
            {
                let masked = masks.mask(&encoded);
                // What is left does not hold three bytes of it.
                assert!(masked.len() <= before.len() * 4 / 3 + 12, "{masked}");
            }
        }
    }

    #[test]
    fn pieces_of_eight_characters_and_more_are_masked_and_shorter_ones_are_not() {
        let masks = Masks::default();
        masks.add("abcdefghijklmnop");
        assert_eq!(masks.mask("got `abcdefgh`, `defghijklmn` and `ijklmnop`"), "got `***`, `***` and `***`");
        assert_eq!(masks.mask("got `abcdefg`"), "got `abcdefg`");
        assert_eq!(masks.mask("xabcdefghixabcdefghijklmnopx"), "x***x***x");
    }

    #[test]
    fn a_short_secret_is_masked_whole() {
        let masks = Masks::default();
        masks.add("pw1");
        masks.add("");
        assert_eq!(masks.mask("Password pw1 refused, \\u0070w1, %70w1"), "Password *** refused, ***, ***");
        masks.add_login("user", "pw1");
        assert_eq!(masks.mask(&format!("Basic {}", STANDARD.encode("user:pw1"))), "Basic ***");
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is() {
        for text in ["", "Loué à 100 % & plus \\ %zz &; &#xFFFFFFFF; \\ud800", "\u{0}é😀"] {
            assert_eq!(masked(text), text);
            assert_eq!(Masks::default().mask(text), text);
        }
    }

    #[test]
    fn the_texts_of_a_json_value_are_masked() {
        let masks = Masks::default();
        masks.add("0123456789");
        let mut value = serde_json::json!({"a": ["x 0123456789", 5], "b": {"c": "12345678"}});
        masks.mask_value(&mut value);
        assert_eq!(value, serde_json::json!({"a": ["x ***", 5], "b": {"c": "***"}}));
    }
}
