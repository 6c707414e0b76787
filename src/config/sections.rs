//! The sections of the first level, each with its defaults.

use super::forms;
use super::kinds::endpoint;
use super::layers::Layers;
use super::paths::Paths;
use super::request::Request;
use super::secret::{SecretFiles, find};
use super::settings::{Adopt, Config, MaxDeletes, OnDelete, OnMissing, OnRefused, Sync};
use super::value::Value;
use crate::failure::Failure;
use crate::hapi::{self, ApiKeyOn, PageSize};
use crate::message::ConfigText;
use crate::monday::column::Blanks;
use crate::monday::{self, Route};
use crate::{http, receiver, store};
use std::num::NonZeroU64;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// What people type where there is no value.
const BLANK: [&str; 3] = ["-", "N/D", "N/A"];
const DAY: Duration = Duration::from_secs(86_400);

impl Config {
    /// The settings of HApi, for who needs them all. They are not asked for at loading: `status` or `push` can do without HApi.
    ///
    /// # Errors
    /// Where one that has no default is not set.
    pub(crate) fn required_hapi(&self) -> anyhow::Result<hapi::Access<'_>> {
        self.hapi.access().map_err(|key| {
            let variable = super::known::variable("hapi", key);
            let what = ConfigText::SettingMissing { setting: format!("[hapi] {key}") };
            Failure::usage(what).help(ConfigText::SettingMissingHelp { variable }).into()
        })
    }
}

/// `[hapi]`.
pub(super) fn hapi<'a>(layers: &'a Layers<'a>, paths: &Paths<'_>, files: &mut Vec<SecretFiles>) -> hapi::Settings {
    let section = layers.section("hapi");
    let (password, password_files) = find(&section, "password", "[hapi] password", "hapi_password", paths);
    let (api_key, api_key_files) = find(&section, "api_key", "[hapi] api_key", "hapi_api_key", paths);
    files.extend([password_files, api_key_files]);
    hapi::Settings {
        url: section.read("url", |value| service(value).map(without_api)),
        username: section.read("username", Value::optional).flatten(),
        password,
        api_key,
        page_size: section.read("page_size", page_size).unwrap_or(PageSize::Auto),
        parallel: section.read("parallel", |value| value.integer(1..=16)).unwrap_or(4) as usize,
        api_key_on: section
            .read("api_key_on", |value| value.choice(&[("token", ApiKeyOn::Token), ("all", ApiKeyOn::All)]))
            .unwrap_or(ApiKeyOn::Token),
        subscriptions_endpoint: section.read("subscriptions_endpoint", endpoint),
        subscribe_endpoint: section.read("subscribe_endpoint", endpoint),
        unsubscribe_endpoint: section.read("unsubscribe_endpoint", endpoint),
    }
}

/// `"auto"`, or a number of records.
fn page_size(value: &Value<'_>) -> anyhow::Result<PageSize> {
    match value.text() {
        Ok(text) if text.trim() == "auto" => Ok(PageSize::Auto),
        _ => match value.integer(1..=5_000) {
            Ok(records) => Ok(PageSize::Fixed(records as u32)),
            Err(_) => Err(value.refused(|place, setting| ConfigText::SettingWantsPageSize { place, setting })),
        },
    }
}

/// `[monday]`.
pub(super) fn monday<'a>(layers: &'a Layers<'a>, paths: &Paths<'_>, files: &mut Vec<SecretFiles>) -> monday::Settings {
    let section = layers.section("monday");
    let (token, token_files) = find(&section, "token", "[monday] token", "monday_token", paths);
    files.push(token_files);
    monday::Settings {
        url: section.read("url", service).unwrap_or_else(|| "https://api.monday.com/v2".to_owned()),
        token,
        api_version: section.read("api_version", version).unwrap_or_else(|| "2026-10".to_owned()),
        // 0 is how the file says that there is no cap.
        daily_calls: NonZeroU64::new(section.read("daily_calls", |value| value.integer_from(0)).unwrap_or(500)),
        route: section.read("route", route).unwrap_or(Route::Auto),
        settle: section.read("settle", forms::duration).unwrap_or(MINUTE),
        create_labels: section.read("create_labels", Value::boolean).unwrap_or(false),
    }
}

/// `[sync]`.
pub(super) fn sync<'a>(layers: &'a Layers<'a>) -> Sync {
    let section = layers.section("sync");
    let on_delete = [("archive", OnDelete::Archive), ("delete", OnDelete::Delete), ("keep", OnDelete::Keep)];
    let on_missing = [("report", OnMissing::Report), ("recreate", OnMissing::Recreate), ("unlink", OnMissing::Unlink)];
    let on_refused = [("clear", OnRefused::Clear), ("keep", OnRefused::Keep)];
    let adopt = [("key", Adopt::Key), ("identity", Adopt::Identity), ("off", Adopt::Off)];
    Sync {
        on_delete: section.read("on_delete", |value| value.choice(&on_delete)).unwrap_or(OnDelete::Archive),
        on_missing: section.read("on_missing", |value| value.choice(&on_missing)).unwrap_or(OnMissing::Report),
        adopt: section.read("adopt", |value| value.choice(&adopt)).unwrap_or(Adopt::Key),
        verify_every: section.read("verify_every", forms::duration_or_never).unwrap_or(Some(DAY)),
        max_deletes: section.read("max_deletes", max_deletes).unwrap_or(MaxDeletes::Share(0.1)),
        on_refused: section.read("on_refused", |value| value.choice(&on_refused)).unwrap_or(OnRefused::Clear),
        blank: Blanks::new(section.read("blank", blank).unwrap_or_else(|| BLANK.map(str::to_owned).to_vec())),
        full_every: section.read("full_every", forms::duration).unwrap_or(DAY),
        keep_deleted: section.read("keep_deleted", forms::duration).unwrap_or(90 * DAY),
        ping_url: section.read("ping_url", ping_address).flatten(),
    }
}

/// The values that mean nothing; none may be listed.
fn blank(value: &Value<'_>) -> anyhow::Result<Vec<String>> {
    value.clone().structured()?.elements().iter().map(Value::plain).collect()
}

/// `[store]`.
pub(super) fn store<'a>(layers: &'a Layers<'a>, request: &Request<'_>, paths: &Paths<'_>) -> store::Settings {
    let section = layers.section("store");
    let (path, origin) = section.kept(request.store_path(section.value("path").as_ref(), paths)).unwrap_or_default();
    if let Some(origin) = &origin {
        section.note("path", origin.to_string());
    }
    store::Settings { path, origin, keep_runs: section.read("keep_runs", |value| value.integer_from(1)).unwrap_or(500) }
}

/// `[listen]`.
pub(super) fn listen<'a>(
    layers: &'a Layers<'a>,
    paths: &Paths<'_>,
    files: &mut Vec<SecretFiles>,
) -> receiver::Settings {
    let section = layers.section("listen");
    let (secret, secret_files) = find(&section, "secret", "[listen] secret", "webhook_secret", paths);
    files.push(secret_files);
    receiver::Settings {
        address: section.read("address", address_to_bind).unwrap_or_else(|| "127.0.0.1:8787".to_owned()),
        header: section.read("header", header).unwrap_or_else(|| "X-Hopem-Sync-Token".to_owned()),
        secret,
        gather: section.read("gather", forms::duration).unwrap_or(Duration::from_secs(1)),
    }
}

/// `[network]`.
pub(super) fn network<'a>(layers: &'a Layers<'a>) -> http::Settings {
    let section = layers.section("network");
    http::Settings {
        timeout: section.read("timeout", forms::some_duration).unwrap_or(Duration::from_secs(90)),
        retries: section.read("retries", |value| value.integer(0..=20)).unwrap_or(6) as u32,
        retry_base: section.read("retry_base", forms::duration).unwrap_or(Duration::from_millis(500)),
        max_wait: section.read("max_wait", forms::duration).unwrap_or(5 * MINUTE),
    }
}

/// An address with http or https and a host, without a login in it: addresses are shown, logins must not be.
fn address(value: &Value<'_>) -> anyhow::Result<String> {
    let text = value.name()?;
    let url = reqwest::Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            Err(value.refused(|place, setting| ConfigText::SettingUrlWithLogin { place, setting }))
        }
        Some(url) if url.scheme() == "http" && !is_loopback(&url) => {
            Err(value.refused(|place, setting| ConfigText::SettingUrlInsecure { place, setting }))
        }
        Some(_) if !text.contains(char::is_whitespace) => Ok(text),
        _ => Err(value.refused(|place, setting| ConfigText::SettingWantsUrl { place, setting })),
    }
}

/// Whether an address that was not read from a setting is one that something may be sent to.
pub(crate) fn is_safe_address(text: &str) -> bool {
    let url = reqwest::Url::parse(text).ok().filter(reqwest::Url::has_host);
    url.is_some_and(|url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)))
}

/// Whether an address never leaves this machine, so that nobody can listen on the way.
fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
    }
}

/// The address of a service, without a trailing slash; what is sent is added behind it.
fn service(value: &Value<'_>) -> anyhow::Result<String> {
    let text = address(value)?;
    if text.contains(['?', '#']) {
        return Err(value.refused(|place, setting| ConfigText::SettingWantsUrl { place, setting }));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The address without the `/api` that everything is behind, in any case.
fn without_api(url: String) -> String {
    match url.rsplit_once('/') {
        Some((start, end)) if end.eq_ignore_ascii_case("api") => start.trim_end_matches('/').to_owned(),
        _ => url,
    }
}

fn ping_address(value: &Value<'_>) -> anyhow::Result<Option<String>> {
    if value.optional()?.is_none() { Ok(None) } else { address(value).map(Some) }
}

/// A version of monday's API: a year and a month.
fn version(value: &Value<'_>) -> anyhow::Result<String> {
    let text = value.text()?.trim().to_owned();
    let is_number = |part: &str, digits| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        Some((year, month))
            if is_number(year, 4)
                && is_number(month, 2)
                && month.parse().is_ok_and(|month| (1..=12).contains(&month)) =>
        {
            Ok(text)
        }
        _ => Err(value.refused(|place, setting| ConfigText::SettingWantsVersion { place, setting })),
    }
}

fn route(value: &Value<'_>) -> anyhow::Result<Route> {
    value.choice(&[("auto", Route::Auto), ("mutations", Route::Mutations), ("bulk", Route::Bulk)])
}

/// `"10%"`, or a number of entities.
fn max_deletes(value: &Value<'_>) -> anyhow::Result<MaxDeletes> {
    let share = || {
        let percent = value.text().ok()?;
        let percent = percent.trim().strip_suffix('%')?.trim_end();
        if !percent.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return None;
        }
        let percent: f64 = percent.parse().ok()?;
        (0.0..=100.0).contains(&percent).then_some(MaxDeletes::Share(percent / 100.0))
    };
    let number = || value.plain().ok()?.trim().parse().ok().map(MaxDeletes::Number);
    share()
        .or_else(number)
        .ok_or_else(|| value.refused(|place, setting| ConfigText::SettingWantsShare { place, setting }))
}

/// An address and a port to listen on; `None` where the text is none.
pub(crate) fn listen_address(text: &str) -> Option<String> {
    let (host, port) = text.trim().rsplit_once(':')?;
    let is_sound = !host.is_empty() && !host.contains(char::is_whitespace) && port.parse::<u16>().is_ok();
    is_sound.then(|| text.trim().to_owned())
}

fn address_to_bind(value: &Value<'_>) -> anyhow::Result<String> {
    listen_address(&value.text()?)
        .ok_or_else(|| value.refused(|place, setting| ConfigText::SettingWantsAddress { place, setting }))
}

/// The name of an HTTP header.
fn header(value: &Value<'_>) -> anyhow::Result<String> {
    let text = value.text()?.trim().to_owned();
    if reqwest::header::HeaderName::from_bytes(text.as_bytes()).is_err() {
        return Err(value.refused(|place, setting| ConfigText::SettingWantsHeader { place, setting }));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, config, problem, variable_problem};
    use super::*;

    #[test]
    fn a_bad_value_is_refused_with_its_place_and_what_was_expected() {
        for (toml, message) in [
            ("language = 3", "1:12: `language` must be text in quotes"),
            ("language = 'de'", "1:12: `language` cannot be `de`; expected one of `fr`, `en`"),
            ("hapi = 3", "1:8: `hapi` must be a table"),
            ("[[hapi]]", "1:1: `hapi` must be a table"),
            ("[hapi]\npage_size = 5001", "2:13: `page_size` must be `auto`, or a whole number from 1 to 5,000"),
            ("[hapi]\npage_size = '500'", "2:13: `page_size` must be `auto`, or a whole number from 1 to 5,000"),
            ("[hapi]\nparallel = 0", "2:12: `parallel` must be a whole number from 1 to 16"),
            ("[monday]\ndaily_calls = -1", "2:15: `daily_calls` must be a whole number, 0 or more"),
            ("[monday]\ncreate_labels = 'yes'", "2:17: `create_labels` must be true or false"),
            ("[monday]\napi_version = '2026-13'", "2:15: `api_version` must be a year and a month such as `2026-10`"),
            ("[monday]\nroute = 'fast'", "2:9: `route` cannot be `fast`; expected one of `auto`, `mutations`, `bulk`"),
            ("[monday]\nsettle = 60", "2:10: `settle` must be a duration such as `500ms`, `60s`, `5m`, `24h` or `90d`"),
            (
                "[sync]\non_delete = 'archived'",
                "2:13: `on_delete` cannot be `archived`; did you mean `archive`? (one of `archive`, `delete`, `keep`)",
            ),
            (
                "[sync]\nadopt = 'everything'",
                "2:9: `adopt` cannot be `everything`; expected one of `key`, `identity`, `off`",
            ),
            (
                "[sync]\nverify_every = 'often'",
                "2:16: `verify_every` must be a duration such as `24h` or `90d`, or `never`",
            ),
            (
                "[sync]\nfull_every = 'never'",
                "2:14: `full_every` must be a duration such as `500ms`, `60s`, `5m`, `24h` or `90d`",
            ),
            (
                "[sync]\nmax_deletes = '110%'",
                "2:15: `max_deletes` must be a share such as `10%`, at most `100%`, or a whole number",
            ),
            (
                "[sync]\non_refused = 'cleared'",
                "2:14: `on_refused` cannot be `cleared`; did you mean `clear`? (one of `clear`, `keep`)",
            ),
            ("[sync]\nblank = [{}]", "2:10: `blank` must be text, a number, true or false"),
            ("[network]\nretries = 21", "2:11: `retries` must be a whole number from 0 to 20"),
            ("[network]\ntimeout = '0'", "2:11: `timeout` must be longer than 0"),
            ("[listen]\naddress = '8787'", "2:11: `address` must be an address and a port such as `127.0.0.1:8787`"),
            (
                "[listen]\nheader = 'a b'",
                "2:10: `header` must be the name of an HTTP header such as `X-Hopem-Sync-Token`",
            ),
        ] {
            assert_eq!(problem(toml), format!("config.toml:{message}"), "{toml}");
        }
    }

    #[test]
    fn a_bad_variable_is_refused_by_its_name() {
        assert_eq!(
            variable_problem("HOPEM_SYNC_HAPI_PAGE_SIZE", "many"),
            "HOPEM_SYNC_HAPI_PAGE_SIZE: `page_size` must be `auto`, or a whole number from 1 to 5,000"
        );
        assert_eq!(
            variable_problem("HOPEM_SYNC_ENTITIES_UNIT_KEY", "[\"Id\""),
            "HOPEM_SYNC_ENTITIES_UNIT_KEY: `key` must be written as in the file, such as `[\"a\", \"b\"]` or `{ a = \"b\" }`"
        );
    }

    #[test]
    fn addresses_lose_their_end_and_need_a_host() {
        for url in ["https://h.example", "https://h.example/", "https://h.example/api", "https://h.example/API/"] {
            assert_eq!(config(&format!("[hapi]\nurl = '{url}'")).hapi.url.as_deref(), Some("https://h.example"));
        }
        let config_of_loopback = config("[hapi]\nurl = 'http://127.0.0.1:8080/x/api'");
        assert_eq!(config_of_loopback.hapi.url.as_deref(), Some("http://127.0.0.1:8080/x"));
        assert_eq!(config("[monday]\nurl = 'http://localhost:1/v2/'").monday.url, "http://localhost:1/v2");
        for url in [
            "http://h.example",
            "http://10.0.0.1",
            "http://127.0.0.1.example",
            "http://[::2]:80",
            "http://localhost.example",
        ] {
            for setting in ["[hapi]\nurl", "[monday]\nurl", "[sync]\nping_url"] {
                let message = problem(&format!("{setting} = '{url}'"));
                assert!(message.contains("url` must begin with `https://`"), "{url}: {message}");
            }
        }
        for url in ["http://[::1]:80/x", "http://127.9.9.9", "http://LOCALHOST:1", "http://a.localhost"] {
            assert_eq!(config(&format!("[sync]\nping_url = '{url}'")).sync.ping_url.as_deref(), Some(url));
        }
        for url in ["h.example", "ftp://h.example", "https://", "file:///x", "https://h.example/?a=b", "https://a b"] {
            let message = problem(&format!("[hapi]\nurl = '{url}'"));
            assert!(message.starts_with("config.toml:2:7: `url` must be an address"), "{url}: {message}");
        }
        let ping = "https://hc.example/ping/1?rid=2";
        assert_eq!(config(&format!("[sync]\nping_url = '{ping}'")).sync.ping_url.as_deref(), Some(ping));
    }

    #[test]
    fn max_deletes_is_a_share_or_a_number() {
        for (text, expected) in [
            ("'10%'", MaxDeletes::Share(0.1)),
            ("'0%'", MaxDeletes::Share(0.0)),
            ("'2.5 %'", MaxDeletes::Share(0.025)),
            ("25", MaxDeletes::Number(25)),
            ("'25'", MaxDeletes::Number(25)),
        ] {
            assert_eq!(config(&format!("[sync]\nmax_deletes = {text}")).sync.max_deletes, expected, "{text}");
        }
        for text in ["'-1%'", "0.1", "true", "'%'", "'inf%'", "-1"] {
            assert!(problem(&format!("[sync]\nmax_deletes = {text}")).contains("max_deletes"), "{text}");
        }
    }

    #[test]
    fn durations_may_be_zero_and_verification_may_never_be_due() {
        let config = config("[monday]\nsettle = 0\n[sync]\nverify_every = 'never'\n[network]\nretry_base = '0'\n");
        assert_eq!((config.monday.settle, config.network.retry_base), (Duration::ZERO, Duration::ZERO));
        assert_eq!(config.sync.verify_every, None);
    }

    #[test]
    fn hapi_without_an_address_fails_where_hapi_is_needed() {
        let folder = Folder::new("[hapi]\nurl = 'https://h'");
        let message = folder.message_of(folder.config().required_hapi().map(|_| ()));
        assert_eq!(message, "`[hapi] username` is not set");
        assert!(config("[hapi]\nurl = 'https://h'\nusername = 'u'").required_hapi().is_ok());
    }
}
