//! `[listen]` of the configuration.

use crate::failure::Failure;
use crate::message::ConfigText;
use crate::secret::{Secret, SecretSource};
use std::time::Duration;

/// Settings of the receiver, `[listen]`.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Address and port.
    pub(crate) address: String,
    /// The header HApi sends back.
    pub(crate) header: String,
    /// Its value; see [`Settings::secrets`].
    pub(crate) secret: SecretSource,
    /// With `--sync`: how long events are gathered before they are processed.
    pub(crate) gather: Duration,
}

impl Settings {
    /// The secrets that a webhook may bring: one, or two while one is changed for another.
    ///
    /// # Errors
    /// Where there is no secret, or one that cannot stand in a header.
    pub(crate) fn secrets(&self) -> anyhow::Result<Vec<Secret>> {
        let secrets = self.secret.read_two()?;
        // HApi is given the header as `Name:Value`, several of them parted by `;`.
        let can_travel = |byte: u8| byte.is_ascii_graphic() && byte != b';' && byte != b':';
        if !secrets.iter().all(|secret| secret.expose().bytes().all(can_travel)) {
            let what = ConfigText::SecretCannotTravel { setting: self.secret.setting.to_owned() };
            return Err(Failure::usage(what).help(ConfigText::SecretCannotTravelHelp {}).into());
        }
        Ok(secrets)
    }

    /// The secret that HApi is to send: the first.
    ///
    /// # Errors
    /// Where there is no secret, or one that cannot stand in a header.
    pub(crate) fn secret_to_subscribe_with(&self) -> anyhow::Result<Secret> {
        let first = self.secrets()?.into_iter().next();
        first.ok_or_else(|| anyhow::anyhow!("no secret in {}", self.secret.setting))
    }
}
