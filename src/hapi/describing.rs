//! Asking an HApi for its Swagger document: at its usual place, else where the page for people says that it is.
//!
//! The vendor's document (October 2024) says that the page is public; where it is not after all, the login is used.

use super::client::Client;
use super::error::{NotDecoded, ReadError};
use super::question::{Body, Judge, Question, Retries, Step, Traffic};
use super::swagger::Description;
use reqwest::{Method, Url};

/// Where ASP.NET puts the document.
const DOCUMENT: &str = "swagger/v1/swagger.json";
/// The page for people.
const PAGE: &str = "swagger/index.html";
/// What newer pages read their settings from.
const SCRIPTS: [&str; 2] = ["swagger-initializer.js", "index.js"];

impl Client<'_> {
    /// What HApi says that it offers. Costs one request where the document is at its usual place, a few where it is not.
    ///
    /// # Errors
    /// [`ReadError::Unavailable`] where there is no document; else where HApi gives no usable answer.
    pub fn describe(&self) -> Result<Description, ReadError> {
        let root = self.root();
        let missing = match self.document(&format!("{root}/{DOCUMENT}")) {
            Err(error @ (ReadError::Unavailable { .. } | ReadError::WrongAddress(_))) => error,
            other => return other,
        };
        match self.named_place(&format!("{root}/{PAGE}"))? {
            Some(url) => self.document(&url),
            None => Err(missing),
        }
    }

    fn document(&self, url: &str) -> Result<Description, ReadError> {
        self.read_openly(url, |body| {
            Description::decode(&body.bytes)
                .map_err(|why| NotDecoded { is_web_page: is_page(&body.bytes), ..why.into() })
        })
    }

    /// Where the page for people, or a script of it, says that the document is.
    fn named_place(&self, page: &str) -> Result<Option<String>, ReadError> {
        let text = |url: &str| self.read_openly(url, |body| Ok(String::from_utf8_lossy(&body.bytes).into_owned()));
        let page_text = match text(page) {
            Err(ReadError::Unavailable { .. } | ReadError::WrongAddress(_)) => return Ok(None),
            other => other?,
        };
        if let Some(url) = document_in(&page_text, page) {
            return Ok(Some(url));
        }
        for script in SCRIPTS.into_iter().filter(|script| page_text.contains(script)) {
            let place = page.replace("index.html", script);
            if let Some(url) = text(&place).ok().and_then(|text| document_in(&text, page)) {
                return Ok(Some(url));
            }
        }
        Ok(None)
    }

    /// Reads what needs no login, and with it where it needs one after all. Asked once: who can do without does not wait.
    fn read_openly<T>(&self, url: &str, decode: fn(Body) -> Result<T, NotDecoded>) -> Result<T, ReadError> {
        let what = format!("GET {}", Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default());
        let (retries, decode) = (Retries::One, Box::new(decode));
        let question = Question { method: Method::GET, url: url.to_owned(), body: None, what, retries, decode };
        let outcome = self.exchange(self.without_login(url)).map_err(ReadError::Fatal)?;
        let circumstances = self.circumstances();
        let policy = circumstances.policy.at_most(0);
        match Judge::default().judge(&question, outcome, &super::question::Circumstances { policy, ..circumstances }) {
            Step::Done(outcome) => outcome,
            Step::RenewToken | Step::Again(_) => self.ask(question, &mut Traffic::default()),
        }
    }
}

fn is_page(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// The address of the document that a page or its script names. One on another host is not asked: this is where a login may go.
fn document_in(text: &str, page: &str) -> Option<String> {
    let page = Url::parse(page).ok()?;
    let quoted = text.split(['"', '\'', '`']).map(|word| word.replace("\\/", "/"));
    let mut addresses = quoted.filter(|word| word.ends_with(".json") && !word.contains(char::is_whitespace));
    addresses.find_map(|address| page.join(&address).ok().filter(|url| url.origin() == page.origin()).map(String::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_where_the_page_says_but_never_on_another_host() {
        let place = |text: &str| document_in(text, "https://h.example/hapi/swagger/index.html");
        for (text, expected) in [
            (r#"JSON.parse('{"urls":[{"url":"v2/swagger.json","name":"HApi"}]}')"#, "/hapi/swagger/v2/swagger.json"),
            (r#"url: "/docs/hapi.json","#, "/docs/hapi.json"),
            (r#""url":"\/docs\/hapi.json""#, "/docs/hapi.json"),
            (r#"a = "https://evil.example/x.json", b = "https://h.example/y.json""#, "/y.json"),
        ] {
            assert_eq!(place(text), Some(format!("https://h.example{expected}")), "{text}");
        }
        assert_eq!(place(r#""https://evil.example/x.json""#), None);
        assert_eq!(place("<html></html>"), None);
    }
}
