//! What goes wrong, as data.

use hopem_sandbox::{Api, Response};

/// Fault that strikes one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection: the request is never sent.
    Refused,
    /// The connection breaks before the request is read.
    LostBefore,
    /// The work is done, and the connection breaks before the answer.
    LostAfter,
    /// The work is done, and no answer ever comes.
    Hang,
    /// This is answered without doing the work.
    Status(u16),
    /// The work is done, and this is answered.
    StatusAfter(u16),
    /// Too many requests: come back after so many seconds.
    Limit(u64),
    /// The work takes so many seconds longer.
    Slow(u64),
}

impl Fault {
    /// What is answered instead.
    pub(crate) fn answer(&self, api: Api) -> Response {
        let json = |status: u16, body: String| Response::with_body(status, "application/json", body);
        match (self, api) {
            (Fault::Limit(seconds), Api::Hapi) => Response::empty(429).with_header("retry-after", &seconds.to_string()),
            (Fault::Limit(seconds), Api::Monday) => json(
                429,
                format!(
                    r#"{{"errors":[{{"message":"Minute rate limit exceeded","extensions":{{"code":"MINUTE_RATE_LIMIT_EXCEEDED","retry_in_seconds":{seconds}}}}}]}}"#
                ),
            ),
            (Fault::Status(500) | Fault::StatusAfter(500), Api::Monday) => {
                json(500, r#"{"errors":[{"message":"Internal server error"}]}"#.to_owned())
            }
            (Fault::Status(status) | Fault::StatusAfter(status), _) => {
                Response::with_body(*status, "text/html", "<html>no</html>")
            }
            _ => Response::empty(500),
        }
    }
}

/// Strike of a fault: which request of a run it hits, counted from 0 over both APIs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) request: u64,
    pub(crate) fault: Fault,
}

/// Moment at which a run is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Just before its n-th request is sent.
    BeforeSending(u64),
    /// Just after: it is on its way.
    AfterSending(u64),
    /// When what came of it has arrived, and nothing of it is recorded.
    BeforeReading(u64),
    /// When it looks at the clock for the n-th time: anywhere, in a transaction for instance.
    AtReading(u64),
}
