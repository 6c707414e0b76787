//! The effective configuration as one JSON object, and as lines for people. No secret is in either.

use super::{Screen, Style, Tone};
use crate::config::{
    Adopt, Column, Config, KindConfig, MaxDeletes, Notify, NotifyFormat, NotifyLevel, OnDelete, OnEdit, OnMissing,
    OnRefused, Select, Source, Sync, Threshold,
};
use crate::entity::Relation;
use crate::hapi::{self, ApiKeyOn, PageSize};
use crate::message::{Lang, ScreenText};
use crate::monday::{self, Route};
use crate::secret::SecretSource;
use crate::text::harmless;
use crate::{http, receiver};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

/// What stands for a secret that is set.
const MASK: &str = "***";

/// Screen of `config show`: the configuration, with the origin of each setting if those are given.
pub(crate) struct Settings<'c> {
    pub(crate) config: &'c Config,
    pub(crate) origins: Option<&'c BTreeMap<String, String>>,
}

impl Screen for Settings<'_> {
    fn document(&self) -> impl Serialize {
        let mut object = object(self.config);
        if let (Some(origins), Value::Object(members)) = (self.origins, &mut object) {
            members.insert("origins".to_owned(), json!(origins));
        }
        object
    }

    fn text(&self, style: Style<'_>) -> String {
        let mut lines = Vec::new();
        flatten("", &object(self.config), &mut lines);
        let path = self.config.file.display().to_string();
        let head = style.text(ScreenText::ConfigFile { path });
        let lines = lines.into_iter().map(|(setting, value)| {
            let line = format!("{setting} = {value}");
            match self.origins {
                Some(origins) => with_origin(line, nearest_origin(origins, &setting), style),
                None => line,
            }
        });
        std::iter::once(head).chain(lines).map(|line| format!("{line}\n")).collect()
    }
}

fn with_origin(line: String, origin: Option<&str>, style: Style<'_>) -> String {
    let origin = origin.map_or_else(|| style.text(ScreenText::DefaultOrigin {}), harmless);
    let origin = format!("# {origin}");
    let fits = line.chars().count() + 2 + origin.chars().count() <= style.out.width;
    let gap = if fits || !style.out.is_terminal { style.out.gap() } else { "\n    " };
    format!("{line}{gap}{}", style.paint(Tone::Faint, &origin))
}

/// A setting's origin; what is part of a table or a list came with the whole.
fn nearest_origin<'o>(origins: &'o BTreeMap<String, String>, setting: &str) -> Option<&'o str> {
    let mut name = setting;
    loop {
        if let Some(origin) = origins.get(name) {
            return Some(origin);
        }
        name = name.rsplit_once('.')?.0;
    }
}

/// `section.key` and the value of each setting.
fn flatten(path: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, lines);
            }
        }
        Value::Object(_) | Value::Null => {}
        _ => lines.push((path.to_owned(), harmless(&value.to_string()))),
    }
}

fn object(config: &Config) -> Value {
    let entities: Map<String, Value> =
        config.kinds.iter().map(|kind| (kind.kind.name().to_owned(), entity_object(kind))).collect();
    json!({
        "file": config.file.display().to_string(),
        "language": config.language.map(|lang| match lang { Lang::En => "en", Lang::Fr => "fr" }),
        "hapi": hapi_object(&config.hapi),
        "monday": monday_object(&config.monday),
        "sync": sync_object(&config.sync),
        "store": { "path": config.store.path.display().to_string(), "keep_runs": config.store.keep_runs },
        "listen": listen_object(&config.listen),
        "notify": notify_object(&config.notify),
        "network": network_object(&config.network),
        "entities": entities,
    })
}

fn hapi_object(hapi: &hapi::Settings) -> Value {
    json!({
        "url": hapi.url.as_deref().unwrap_or_default(),
        "username": hapi.username.as_deref().unwrap_or_default(),
        "password": secret(&hapi.password),
        "api_key": secret(&hapi.api_key),
        "page_size": match hapi.page_size {
            PageSize::Auto | PageSize::AutoFrom(_) => json!("auto"),
            PageSize::Fixed(records) => json!(records),
        },
        "parallel": hapi.parallel,
        "api_key_on": match hapi.api_key_on { ApiKeyOn::Token => "token", ApiKeyOn::All => "all" },
        "subscriptions_endpoint": hapi.subscriptions_endpoint,
        "subscribe_endpoint": hapi.subscribe_endpoint,
        "unsubscribe_endpoint": hapi.unsubscribe_endpoint,
    })
}

fn notify_object(notify: &Notify) -> Value {
    json!({
        "url": secret(&notify.url),
        "format": match notify.format {
            NotifyFormat::Generic => "generic",
            NotifyFormat::Slack => "slack",
            NotifyFormat::Teams => "teams",
        },
        "command": notify.command,
        "level": match notify.level { NotifyLevel::Warning => "warning", NotifyLevel::Critical => "critical" },
        "max_age": threshold(notify.max_age, |seconds| duration(Duration::from_secs(seconds))),
        "max_errors": threshold(notify.max_errors, |number| number.to_string()),
        "max_pending": threshold(notify.max_pending, |number| number.to_string()),
    })
}

fn threshold(threshold: Threshold, text: fn(u64) -> String) -> String {
    let critical = threshold.critical.map(|critical| format!(",{}", text(critical))).unwrap_or_default();
    format!("{}{critical}", text(threshold.warning))
}

fn monday_object(monday: &monday::Settings) -> Value {
    json!({
        "url": monday.url,
        "token": secret(&monday.token),
        "api_version": monday.api_version,
        "daily_calls": monday.daily_calls.map_or(0, NonZeroU64::get),
        "route": match monday.route { Route::Auto => "auto", Route::Mutations => "mutations", Route::Bulk => "bulk" },
        "settle": duration(monday.settle),
        "create_labels": monday.create_labels,
    })
}

fn sync_object(sync: &Sync) -> Value {
    json!({
        "on_delete": match sync.on_delete {
            OnDelete::Archive => "archive",
            OnDelete::Delete => "delete",
            OnDelete::Keep => "keep",
        },
        "on_missing": match sync.on_missing {
            OnMissing::Report => "report",
            OnMissing::Recreate => "recreate",
            OnMissing::Unlink => "unlink",
        },
        "adopt": match sync.adopt { Adopt::Key => "key", Adopt::Identity => "identity", Adopt::Off => "off" },
        "verify_every": sync.verify_every.map_or_else(|| "never".to_owned(), duration),
        "max_deletes": max_deletes(sync.max_deletes),
        "on_refused": match sync.on_refused { OnRefused::Clear => "clear", OnRefused::Keep => "keep" },
        "blank": sync.blank.given(),
        "full_every": duration(sync.full_every),
        "keep_deleted": duration(sync.keep_deleted),
        "ping_url": sync.ping_url,
    })
}

fn listen_object(listen: &receiver::Settings) -> Value {
    json!({
        "address": listen.address,
        "header": listen.header,
        "secret": secret(&listen.secret),
        "gather": duration(listen.gather),
    })
}

fn network_object(network: &http::Settings) -> Value {
    json!({
        "timeout": duration(network.timeout),
        "retries": network.retries,
        "retry_base": duration(network.retry_base),
        "max_wait": duration(network.max_wait),
    })
}

fn secret(source: &SecretSource) -> Option<&'static str> {
    source.is_set().then_some(MASK)
}

/// A length of time in the largest unit that leaves no rest.
fn duration(length: Duration) -> String {
    let milliseconds = length.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    match units.into_iter().find(|(_, unit)| milliseconds > 0 && milliseconds.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{}{name}", milliseconds / unit),
        None if milliseconds == 0 => "0".to_owned(),
        None => format!("{milliseconds}ms"),
    }
}

fn max_deletes(most: MaxDeletes) -> Value {
    match most {
        MaxDeletes::Share(share) => json!(format!("{}%", (share * 1_000.0).round() / 10.0)),
        MaxDeletes::Number(number) => json!(number),
    }
}

fn entity_object(entity: &KindConfig) -> Value {
    let relations: Map<String, Value> = entity
        .relations
        .iter()
        .map(|(parent, relation)| (parent.name().to_owned(), relation_value(relation)))
        .collect();
    let columns: Map<String, Value> =
        entity.columns.iter().map(|(id, column)| (id.clone(), column_object(column))).collect();
    json!({
        "enabled": entity.enabled,
        "push": entity.push,
        "endpoint": entity.endpoint,
        "event": entity.event,
        "key": entity.key,
        "filter": entity.filter,
        "only": entity.only,
        "select": match &entity.select {
            Select::Mapped => json!("mapped"),
            Select::All => json!("all"),
            Select::These(properties) => json!(properties),
        },
        "board": entity.board,
        "group": entity.group,
        "key_column": entity.key_column,
        "name": entity.name.as_str(),
        "identity": entity.identity,
        "columns": columns,
        "relations": relations,
    })
}

fn relation_value(relation: &Relation) -> Value {
    match relation {
        Relation::Fields(pairs) => {
            Value::Object(pairs.iter().map(|(own, theirs)| (own.clone(), json!(theirs))).collect())
        }
        Relation::Through(parent) => json!(parent.name()),
    }
}

fn column_object(column: &Column) -> Value {
    let mut object = Map::new();
    let (source, text) = match &column.source {
        Source::Field(property) => ("field", property.clone()),
        Source::Template(template) => ("template", template.as_str().to_owned()),
        Source::Relation(kind) => ("relation", kind.name().to_owned()),
    };
    object.insert(source.to_owned(), json!(text));
    let options = [
        ("of", column.of.map(|kind| json!(kind.name()))),
        ("type", column.column_type.map(|column_type| json!(column_type.name()))),
        ("values", (!column.values.is_empty()).then(|| json!(column.values))),
        ("default", column.default.as_ref().map(|text| json!(text))),
        ("country", column.country.as_ref().map(|text| json!(text))),
        ("time", column.time.then(|| json!(true))),
        ("on_edit", (column.on_edit == OnEdit::Keep).then(|| json!("keep"))),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_people_would() {
        let shown = [0, 500, 60_000, 90_000, 86_400_000, 7_776_000_000].map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(shown, ["0", "500ms", "1m", "90s", "1d", "90d"]);
    }

    #[test]
    fn what_is_part_of_a_table_came_with_the_table() {
        let origins = BTreeMap::from([("entities.unit.only".to_owned(), "config.toml:3:1".to_owned())]);
        assert_eq!(nearest_origin(&origins, "entities.unit.only.Status"), Some("config.toml:3:1"));
        assert_eq!(nearest_origin(&origins, "entities.unit.board"), None);
    }
}
