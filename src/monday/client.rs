//! One call to monday, and what its answer means.

use crate::config::{Monday, Secret};
use crate::http::Http;

/// The client: shared by all threads that call.
#[derive(Debug)]
pub struct Client<'a> {
    http: &'a Http,
    settings: &'a Monday,
    token: Secret,
}

impl<'a> Client<'a> {
    /// Takes the settings and reads the token; nothing is sent yet.
    pub fn new(http: &'a Http, settings: &'a Monday) -> anyhow::Result<Client<'a>> {
        Ok(Client { http, settings, token: settings.token.read()? })
    }
}
