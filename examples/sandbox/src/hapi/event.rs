//! What HApi sends its subscribers: an event, and the shapes that its JSON may take. Knows nothing of who gets it.

use serde_json::{Map, Value};

use super::properties::type_name;

/// The sets whose events carry more than an `Id`: the name in the event, and the property that it comes from.
const RELATIONS: [(&str, [(&str, &str); 2]); 2] = [
    ("TenantParkings", [("tenantId", "TenantId"), ("parkingId", "ParkingId")]),
    ("TenantStorages", [("tenantId", "TenantId"), ("storageId", "StorageId")]),
];

/// A change that subscribers are notified of.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The `Id` of the record.
    pub id: i64,
    /// The kind of record in the singular: `TenantParking`.
    pub entity: String,
    /// `Event::UPDATE`, `Event::DELETE`, `Event::INSERT`, or anything else that a client should survive.
    pub status: i64,
    /// What goes into `AdditionalInformationJson`; only the relation tables have any.
    pub additional: Option<Map<String, Value>>,
}

impl Event {
    /// A record was changed.
    pub const UPDATE: i64 = 1;
    /// A record was deleted.
    pub const DELETE: i64 = 2;
    /// A record was added.
    pub const INSERT: i64 = 3;

    /// An event without additional information.
    pub fn new(entity: &str, id: i64, status: i64) -> Event {
        Event { id, entity: entity.to_owned(), status, additional: None }
    }

    /// The same with this in its additional information, behind what is there.
    #[must_use]
    pub fn with_additional(mut self, name: &str, value: impl Into<Value>) -> Event {
        self.additional.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// What happened to a record of this set; `None` if it has no whole `Id` to be named by.
    pub(super) fn of(set: &str, record: &Value, status: i64) -> Option<Event> {
        let id = record.get("Id")?;
        // An Id may be spelt `7.0`.
        let whole = id.as_f64().filter(|id| id.fract() == 0.0).map(|id| id as i64);
        let event = Event::new(type_name(set), id.as_i64().or(whole)?, status);
        let relation = RELATIONS.iter().find(|(known, _)| *known == set);
        Some(relation.iter().flat_map(|(_, names)| names).fold(event, |event, (name, property)| {
            event.with_additional(name, record.get(*property).cloned().unwrap_or_default())
        }))
    }

    /// `{"tenantId": 7535, "parkingId": 1445}`, spaced as in the vendor's document.
    fn additional_text(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .additional
            .as_ref()?
            .iter()
            .map(|(name, value)| format!("{}: {value}", Value::from(name.as_str())))
            .collect();
        Some(format!("{{{}}}", pairs.join(", ")))
    }
}

/// How an event is written down. Only one example was ever published, and that one is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The shape of `AdditionalInformationJson`.
    pub additional: Additional,
    /// How the names of the properties are spelt.
    pub names: Names,
    /// Whether `Id` is a text: `"1472"`.
    pub id_is_text: bool,
    /// The value of `DatabaseName`.
    pub database_name: String,
    /// Replaces the name of the entity.
    pub entity: Option<String>,
    /// Replaces the whole body.
    pub body: Option<String>,
}

/// The shape of `AdditionalInformationJson`. Where an event has nothing to say, the property is left out by the first
/// three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Additional {
    /// A string that holds JSON.
    #[default]
    Text,
    /// An object.
    Object,
    /// As the vendor's document of October 2024 has it, which no JSON parser accepts.
    AsPrinted,
    /// `null`.
    Null,
    /// `""`.
    Empty,
    /// The property is left out.
    Missing,
}

/// How property names are spelt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Names {
    /// `DatabaseName`.
    #[default]
    Pascal,
    /// `databaseName`, as ASP.NET does unless set otherwise.
    Camel,
    /// `databasename`.
    Lower,
}

impl Default for Payload {
    fn default() -> Payload {
        Payload {
            additional: Additional::default(),
            names: Names::default(),
            id_is_text: false,
            database_name: "DEV/ALEX".to_owned(),
            entity: None,
            body: None,
        }
    }
}

impl Payload {
    /// The default with another shape of `AdditionalInformationJson`.
    pub fn with(additional: Additional) -> Payload {
        Payload { additional, ..Payload::default() }
    }

    /// Every shape that a receiver should survive, each with a name, the default (`text`) first.
    pub fn shapes() -> Vec<(&'static str, Payload)> {
        let usual = Payload::default;
        vec![
            ("text", usual()),
            ("object", Payload::with(Additional::Object)),
            ("printed", Payload::with(Additional::AsPrinted)),
            ("null", Payload::with(Additional::Null)),
            ("empty", Payload::with(Additional::Empty)),
            ("missing", Payload::with(Additional::Missing)),
            ("text-id", Payload { id_is_text: true, ..usual() }),
            ("camel", Payload { names: Names::Camel, ..usual() }),
            ("lower", Payload { names: Names::Lower, ..usual() }),
            ("foreign", Payload { database_name: "PROD/OTHER".to_owned(), ..usual() }),
            ("unknown", Payload { entity: Some("WorkOrder".to_owned()), ..usual() }),
            ("garbage", Payload { body: Some("<html>Service Unavailable".to_owned()), ..usual() }),
        ]
    }

    /// The body that notifies `event`.
    pub fn render(&self, event: &Event) -> String {
        if let Some(body) = &self.body {
            return body.clone();
        }
        let text = |text: &str| Value::from(text).to_string();
        let id = event.id.to_string();
        let mut properties = vec![
            ("Id", if self.id_is_text { text(&id) } else { id }),
            ("Entity", text(self.entity.as_ref().unwrap_or(&event.entity))),
            ("Status", event.status.to_string()),
            ("DatabaseName", text(&self.database_name)),
        ];
        if let Some(additional) = self.additional(event) {
            properties.push(("AdditionalInformationJson", additional));
        }
        let properties: Vec<String> =
            properties.iter().map(|(name, value)| format!("{}:{value}", text(&self.names.spell(name)))).collect();
        format!("{{{}}}", properties.join(","))
    }

    fn additional(&self, event: &Event) -> Option<String> {
        let written = event.additional_text();
        match self.additional {
            Additional::Text => written.map(|written| Value::from(written).to_string()),
            Additional::Object => written,
            // It differs from the text by its first two characters, which have changed places.
            Additional::AsPrinted => written
                .map(|written| format!("{{{}", Value::from(written.strip_prefix('{').unwrap_or(written.as_str())))),
            Additional::Null => Some("null".to_owned()),
            Additional::Empty => Some("\"\"".to_owned()),
            Additional::Missing => None,
        }
    }
}

impl Names {
    fn spell(self, name: &str) -> String {
        match self {
            Names::Pascal => name.to_owned(),
            Names::Camel => {
                let (first, rest) = name.split_at(1);
                format!("{}{rest}", first.to_ascii_lowercase())
            }
            Names::Lower => name.to_ascii_lowercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn documented() -> Event {
        let lease = json!({"Id": 1472, "ParkingId": 1445, "TenantId": 7535, "Amount": null});
        Event::of("TenantParkings", &lease, Event::DELETE).expect("it has an Id")
    }

    #[test]
    fn the_documented_example_is_replayed_to_the_letter() {
        assert_eq!(
            Payload::with(Additional::AsPrinted).render(&documented()),
            r#"{"Id":1472,"Entity":"TenantParking","Status":2,"DatabaseName":"DEV/ALEX","AdditionalInformationJson":{"\"tenantId\": 7535, \"parkingId\": 1445}"}"#
        );
    }

    #[test]
    fn every_other_shape_is_json_and_says_the_same() {
        let printed = json!({"tenantId": 7535, "parkingId": 1445});
        let cases = [
            (Additional::Text, Some(json!(r#"{"tenantId": 7535, "parkingId": 1445}"#))),
            (Additional::Object, Some(printed)),
            (Additional::Null, Some(Value::Null)),
            (Additional::Empty, Some(json!(""))),
            (Additional::Missing, None),
        ];
        for (shape, expected) in cases {
            let body: Value = serde_json::from_str(&Payload::with(shape).render(&documented())).expect("JSON");
            assert_eq!(body.get("AdditionalInformationJson"), expected.as_ref(), "{shape:?}");
            assert_eq!((&body["Id"], &body["Status"]), (&json!(1472), &json!(2)));
        }
    }

    #[test]
    fn only_the_documented_shape_and_garbage_are_no_json() {
        let broken: Vec<&str> = Payload::shapes()
            .into_iter()
            .filter(|(_, payload)| serde_json::from_str::<Value>(&payload.render(&documented())).is_err())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(broken, ["printed", "garbage"]);
    }

    #[test]
    fn names_ids_and_entities_are_spelt_as_told() {
        let odd = Payload {
            names: Names::Camel,
            id_is_text: true,
            entity: Some("WorkOrder".to_owned()),
            database_name: "X".to_owned(),
            ..Payload::default()
        };
        let event = Event::new("Unit", 7, 9);
        assert_eq!(odd.render(&event), r#"{"id":"7","entity":"WorkOrder","status":9,"databaseName":"X"}"#);
        assert!(Payload { names: Names::Lower, ..odd }.render(&event).contains(r#""databasename":"X""#));
    }

    #[test]
    fn a_record_without_a_whole_id_makes_no_event() {
        let of = |record: Value| Event::of("Units", &record, Event::UPDATE).map(|event| event.id);
        assert_eq!(of(json!({"Id": 7.0})), Some(7));
        for record in [json!({}), json!({"Id": 7.5}), json!({"Id": "7"}), json!({"Id": null})] {
            assert_eq!(of(record.clone()), None, "{record}");
        }
    }
}
