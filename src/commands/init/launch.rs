//! What a command that works before there is a configuration is given.

use super::site::Site;
use super::unfinished::Unfinished;
use crate::config::language;
use crate::host::Host;
use crate::message::Lang;
use crate::options::Global;
use crate::report::Report;
use crate::setup::document::Draft;
use std::collections::BTreeMap;

/// Launch of a command that works before there is a configuration.
pub(crate) struct Launch<'l> {
    /// The global options.
    pub(crate) global: &'l Global,
    /// The environment as it was when the program began.
    pub(crate) environment: &'l BTreeMap<String, String>,
    /// The world outside.
    pub(crate) host: &'l Host,
    /// Where answers go.
    pub(crate) report: Report,
}

impl<'l> Launch<'l> {
    /// The same, speaking the language that the configuration says, or an `init` that was broken off, unless the command line says another.
    pub(super) fn in_language_of(&self, site: &Site, unfinished: &Unfinished) -> Launch<'l> {
        let known = site.text.as_deref().and_then(|text| Draft::of(text, self.report.lang).ok());
        let known = known.as_ref().and_then(|draft| draft.text_of("", "language")).and_then(Lang::of_code);
        let known = known.or_else(|| unfinished.language());
        let lang = language(self.global.lang, known, self.environment);
        let Launch { global, environment, host, .. } = *self;
        Launch { global, environment, host, report: Report { lang, ..self.report.clone() } }
    }
}
