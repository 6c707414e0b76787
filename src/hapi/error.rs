//! What may go wrong with a question to HApi.

use crate::http::StopReason;
use crate::message::{HapiText, Why};
use std::time::Duration;

/// Reason why records could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// 403 or 404: the module is not bought, or there is no such set.
    Unavailable {
        /// The status.
        status: u16,
    },
    /// The answer broke off, or was a 500, each time: it may hold a record that HApi cannot deliver.
    BadPage(HapiText),
    /// What answers there is not HApi: a web page, a redirect.
    WrongAddress(HapiText),
    /// 400 or another refusal of this request.
    Refused {
        /// The status.
        status: u16,
        /// What HApi said, shortened.
        answer: String,
    },
    /// No usable answer after all repetitions.
    Down(HapiText),
    /// HApi could not be asked, each time: this machine gives no more open files.
    NoHandles(HapiText),
    /// HApi asks for a longer pause than a run may make.
    NotBefore(Duration),
    /// A signal, or the end of the time allowed.
    Stopped(StopReason),
    /// A refused login, a missing secret: nothing can be read at all.
    Fatal(anyhow::Error),
}

impl ReadError {
    /// Whether nothing else can be read either.
    pub(crate) fn concerns_all(&self) -> bool {
        matches!(self, ReadError::Fatal(_) | ReadError::Stopped(_) | ReadError::NotBefore(_))
    }
}

/// Reason why a body is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotDecoded {
    /// Whether it begins as it should and breaks off.
    pub(crate) is_cut: bool,
    /// Whether it is a web page.
    pub(crate) is_web_page: bool,
    /// Why, in words.
    pub(crate) why: Why,
}

impl From<String> for NotDecoded {
    fn from(why: String) -> NotDecoded {
        NotDecoded { is_cut: false, is_web_page: false, why: why.into() }
    }
}
