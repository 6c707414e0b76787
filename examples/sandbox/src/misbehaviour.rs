//! Answers that no client should have to bear: without end, larger than they look, byte by byte, with what was asked in them.

use std::time::Duration;

use flate2::{Compression, Crc, FlushCompress};
use hyper::body::Bytes;

use crate::server::{Request, Response, percent_encode};

/// How a server misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misbehaviour {
    /// A body that never ends, as fast as it is taken.
    EndlessBody {
        /// HTTP status.
        status: u16,
    },
    /// A small body in gzip that unpacks to this many MB of blanks.
    GzipBomb {
        /// HTTP status.
        status: u16,
        /// Its size, unpacked.
        megabytes: u32,
    },
    /// Headers that never end.
    EndlessHeaders,
    /// Does the work and sends the answer byte by byte.
    Drip {
        /// The pause before each byte.
        every: Duration,
        /// Whether the head drips too, not only the body.
        from_the_head: bool,
    },
    /// An error whose body repeats the headers and the body of the request.
    Echo {
        /// HTTP status.
        status: u16,
        /// In which form.
        form: EchoForm,
        /// How many characters stand before it.
        padding: usize,
    },
}

/// How an error repeats what it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EchoForm {
    /// As it came, in a page of text.
    Plain,
    /// As the message of a JSON error.
    Json,
    /// As a JSON text within the message of a JSON error.
    JsonInJson,
    /// In a query.
    Percent,
    /// In a web page.
    Html,
    /// As in `Authorization: Basic`.
    Base64,
    /// Cut to pieces of nine characters.
    Pieces,
}

impl EchoForm {
    /// Each form.
    pub const ALL: [EchoForm; 7] = [
        EchoForm::Plain,
        EchoForm::Json,
        EchoForm::JsonInJson,
        EchoForm::Percent,
        EchoForm::Html,
        EchoForm::Base64,
        EchoForm::Pieces,
    ];
}

impl Misbehaviour {
    /// Whether the request gets as far as the API itself.
    pub(crate) fn does_the_work(&self) -> bool {
        matches!(self, Misbehaviour::Drip { .. })
    }
}

/// The error that repeats a request: what it came with that is worth hiding first.
pub(crate) fn echo(request: &Request, status: u16, form: EchoForm, padding: usize) -> Response {
    let headers = ["authorization", "x-api-key"].into_iter().filter_map(|name| request.header(name));
    let body = String::from_utf8_lossy(&request.body);
    let heard = headers.chain([body.as_ref()]).collect::<Vec<_>>().join(" ");
    let padding = "x".repeat(padding);
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let in_error = |text: &str| format!("{{\"errors\":[{{\"message\":{}}}]}}", quoted(&format!("{padding} {text}")));
    let json = "application/json";
    let (content_type, text) = match form {
        EchoForm::Plain => ("text/plain", format!("{padding} {heard}")),
        EchoForm::Json => (json, in_error(&heard)),
        EchoForm::JsonInJson => (json, in_error(&quoted(&heard))),
        EchoForm::Percent => ("text/plain", format!("{padding} /?{}", percent_encode(&heard))),
        EchoForm::Html => ("text/html", format!("<p>{padding} {}</p>", html(&heard))),
        EchoForm::Base64 => ("text/plain", format!("{padding} {}", base64(heard.as_bytes()))),
        EchoForm::Pieces => ("text/plain", format!("{padding} {}", pieces(&heard))),
    };
    Response::with_body(status, content_type, text)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn pieces(text: &str) -> String {
    text.chars()
        .collect::<Vec<_>>()
        .chunks(9)
        .map(|piece| piece.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ~ ")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            text.push(if at > group.len() { '=' } else { char::from(DIGITS[(bits >> shift & 63) as usize]) });
        }
    }
    text
}

/// A gzip file of so many MB of blanks: one packed MB, over and over.
pub(crate) fn bomb(megabytes: u32) -> Bytes {
    static BLANKS: [u8; 1024 * 1024] = [b' '; 1024 * 1024];
    // The header of RFC 1952, without any name or time.
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut packed = Vec::with_capacity(64 * 1024);
    let mut packer = flate2::Compress::new(Compression::best(), false);
    // After a full flush the next megabyte does not refer to this one, so that it can be repeated.
    let _ = packer.compress_vec(&BLANKS, &mut packed, FlushCompress::Full);
    let (mut checksum, mut all) = (Crc::new(), Crc::new());
    checksum.update(&BLANKS);
    for _ in 0..megabytes {
        file.extend_from_slice(&packed);
        all.combine(&checksum);
    }
    // An empty last block, the checksum, the length.
    file.extend_from_slice(&[3, 0]);
    file.extend_from_slice(&all.sum().to_le_bytes());
    file.extend_from_slice(&(megabytes.wrapping_mul(1024 * 1024)).to_le_bytes());
    file.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_bomb_is_a_gzip_file_a_thousandth_of_its_size() {
        let file = bomb(3);
        assert!(file.len() < 3 * 1_500, "{}", file.len());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(file.as_ref()).read_to_end(&mut unpacked).expect("a whole file");
        assert_eq!(unpacked.len(), 3 * 1024 * 1024);
        assert!(unpacked.iter().all(|byte| *byte == b' '));
    }

    #[test]
    fn an_echo_repeats_what_was_sent_in_each_form() {
        let headers = vec![("authorization".to_owned(), "Bearer t\"1".to_owned())];
        let body = br#"{"Password":"p&w"}"#.to_vec();
        let request = Request { method: "POST".to_owned(), path: "/".to_owned(), query: None, headers, body };
        let texts = EchoForm::ALL.map(|form| {
            let response = echo(&request, 400, form, 2);
            String::from_utf8(response.body).expect("a text")
        });
        assert_eq!(texts[0], r#"xx Bearer t"1 {"Password":"p&w"}"#);
        assert_eq!(texts[1], r#"{"errors":[{"message":"xx Bearer t\"1 {\"Password\":\"p&w\"}"}]}"#);
        assert!(texts[2].contains(r#"\\\"Password\\\":\\\"p&w\\\""#), "{}", texts[2]);
        assert!(texts[3].contains("Bearer%20t%221%20%7B%22Password"), "{}", texts[3]);
        assert!(texts[4].contains("Bearer t&quot;1 {&quot;Password&quot;:&quot;p&amp;w"), "{}", texts[4]);
        assert_eq!(texts[5], format!("xx {}", "QmVhcmVyIHQiMSB7IlBhc3N3b3JkIjoicCZ3In0="));
        assert_eq!(texts[6], "xx Bearer t\" ~ 1 {\"Passw ~ ord\":\"p&w ~ \"}");
    }
}
