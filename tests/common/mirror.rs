//! What the boards should show, worked out from HApi's records alone. It shares nothing with the program: it is the second
//! opinion that the tests compare the boards with. For tidy portfolios and the standard configuration.

use hopem_sandbox::monday::StandardBoard;
use hopem_sandbox::{Hapi, KINDS, Monday};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// Kind and key -> what its item shows: the name as `name`, relations as selectors.
pub(crate) type Shown = BTreeMap<String, Map<String, Value>>;

/// HApi's records by set.
pub(crate) type Sets = BTreeMap<&'static str, Vec<Value>>;

/// Everything that the boards show otherwise than HApi's records want it, duplicates included.
pub(crate) fn differences(hapi: &Hapi, monday: &Monday, boards: &[StandardBoard]) -> Vec<String> {
    let (wanted, (shown, mut differences)) = (wanted(hapi), shown(monday, boards));
    let selectors: BTreeSet<&String> = wanted.keys().chain(shown.keys()).collect();
    for selector in selectors {
        match (wanted.get(selector), shown.get(selector)) {
            (Some(_), None) => differences.push(format!("{selector}: no item")),
            (None, Some(_)) => differences.push(format!("{selector}: an item too many")),
            (Some(wanted), Some(shown)) if wanted != shown => {
                let columns: BTreeSet<&String> = wanted.keys().chain(shown.keys()).collect();
                let differing = columns.into_iter().filter(|column| wanted.get(*column) != shown.get(*column));
                differences.extend(differing.map(|column| {
                    format!("{selector} {column}: wanted {:?}, shown {:?}", wanted.get(column), shown.get(column))
                }));
            }
            _ => {}
        }
    }
    differences
}

/// What the boards should show.
pub(crate) fn wanted(hapi: &Hapi) -> Shown {
    wanted_of(&KINDS.iter().map(|(_, set)| (*set, hapi.records(set).to_vec())).collect())
}

/// What the boards should show of these records.
pub(crate) fn wanted_of(sets: &Sets) -> Shown {
    let mut wanted = Shown::new();
    for (kind, set) in KINDS {
        for record in &sets[set] {
            let mut values = columns(sets, kind, record);
            values.retain(|_, value| !value.is_null() && *value != json!([]));
            wanted.insert(selector(kind, record), values);
        }
    }
    wanted
}

/// What the boards show, and what is wrong with them as such.
pub(crate) fn shown(monday: &Monday, boards: &[StandardBoard]) -> (Shown, Vec<String>) {
    let (mut shown, mut differences) = (Shown::new(), Vec::new());
    let key_of = |id: &Value| {
        let item = id.as_str().and_then(|id| monday.item(id)).filter(|item| item.state == "active");
        item.and_then(|item| item.values.get("text_key").cloned()).unwrap_or_else(|| json!(format!("gone {id}")))
    };
    for board in boards {
        differences
            .extend(monday.duplicate_keys(&board.board_id, board.key_column).iter().map(|key| format!("{key}: twice")));
        for item in monday.items(&board.board_id).into_iter().filter(|item| item.state == "active") {
            let mut values: Map<String, Value> = item.values.into_iter().collect();
            let key = values.remove("text_key").and_then(|key| key.as_str().map(str::to_owned));
            for (column, value) in &mut values {
                let number = |name: &str| value[name].as_str().map(shortest).unwrap_or_default();
                if column == "location_place" {
                    *value = json!(format!("{}|{}", number("lat"), number("lng")));
                } else if column == "link_site" {
                    *value = value["url"].clone();
                } else if let (true, Value::Array(ids)) = (column.starts_with("link_"), &*value) {
                    *value = ids.iter().map(key_of).collect();
                }
            }
            values.insert("name".to_owned(), json!(item.name));
            match key {
                Some(key) => _ = shown.insert(key, values),
                None => differences.push(format!("{} `{}` has no key", board.kind, item.name)),
            }
        }
    }
    (shown, differences)
}

/// `unit:1472`, `company:3-1`.
pub(crate) fn selector(kind: &str, record: &Value) -> String {
    match kind {
        "company" => format!("company:{}-{}", record["CompanyNo"], record["DivisionNo"]),
        _ => format!("{kind}:{}", record["Id"]),
    }
}

/// What is not blank of two texts, separated where neither is.
fn joined(texts: [String; 2], separator: &str) -> String {
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
    texts.join(separator)
}

fn columns(sets: &Sets, kind: &str, record: &Value) -> Map<String, Value> {
    let text = |property: &str| text(record, property).map_or(Value::Null, Value::from);
    let number = |property: &str| number(record, property);
    let date = |property: &str| date(record, property);
    let building = || of_building(sets, record);
    let link = |kind: &str, record: Option<&Value>| match record {
        Some(record) => json!([selector(kind, record)]),
        None => json!([]),
    };
    let named = |name: String| {
        let name = name.trim();
        json!(if name.is_empty() { selector(kind, record) } else { name.to_owned() })
    };
    let plain = |property: &str| text(property).as_str().unwrap_or_default().to_owned();
    let columns = match kind {
        "company" => json!({
            "name": named(plain("Name")),
            "numbers_company": number("CompanyNo"),
            "numbers_division": number("DivisionNo"),
            "text_city": text("City"),
        }),
        "building" => {
            let (latitude, longitude) = (number("Latitude"), number("Longitude"));
            let place = latitude.as_str().zip(longitude.as_str()).map(|(lat, lng)| format!("{lat}|{lng}"));
            let company = ["CompanyNo", "DivisionNo"].map(|property| record[property].to_string());
            let of_company = |candidate: &&Value| {
                ["CompanyNo", "DivisionNo"].map(|property| candidate[property].to_string()) == company
            };
            json!({
                "name": named(plain("Name")),
                "text_code": text("BuildingCode"),
                "text_street": text("CivicNoAndStreet"),
                "text_city": text("City"),
                "text_postal": text("PostalCode"),
                "numbers_year": number("ConstructionYear"),
                "link_site": text("Website"),
                "location_place": place,
                "link_company": link("company", only(sets["LedgerDivisions"].iter().filter(of_company))),
            })
        }
        "unit" => {
            let address = building().map(|building| {
                joined(
                    ["CivicNoAndStreet", "City"].map(|property| self::text(building, property).unwrap_or_default()),
                    ", ",
                )
            });
            json!({
                "name": named(joined(["BuildingCode", "UnitCode"].map(plain), " – ")),
                "text_code": text("UnitCode"),
                "status_occupancy": label(record, "OccupancyStatus", &[("V", "Vacant"), ("L", "Loué")]),
                "dropdown_housing": match plain("HousingType").as_str() {
                    "APP" => json!(["Appartement"]),
                    "COM" => json!(["Commercial"]),
                    _ => json!([]),
                },
                "numbers_rooms": number("NumberOfRooms"),
                "numbers_rent": number("Rent"),
                "date_available": date("AvailableDate"),
                "text_address": address,
                "link_building": link("building", building()),
                "long_text_comment": text("Comment"),
            })
        }
        "tenant" => {
            let types = [("L", "Actuel"), ("A", "Futur"), ("D", "Ancien"), ("H", "Ancien commercial")];
            let (from, to) = (date("LeaseStart"), date("LeaseEnd"));
            let place = place(record, true);
            let of_unit = |unit: &&Value| place.is_some() && self::place(unit, true) == place;
            json!({
                "name": named(format!("{} {}", plain("LastName"), plain("FirstName"))),
                "numbers_tenant": number("TenantNo"),
                "status_type": label(record, "TenantType", &types),
                "email_main": text("EmailAddress"),
                "phone_cell": phone(&plain("CellPhone")),
                "timeline_lease": if from.is_null() { Value::Null } else { json!({"from": from, "to": to}) },
                "checkbox_company": if record["IsCompany"] == true { json!(true) } else { Value::Null },
                "country_main": text("CountryCode"),
                "link_unit": link("unit", only(sets["Units"].iter().filter(of_unit))),
                "link_building": link("building", building()),
                "text_comment": text("Comment"),
            })
        }
        "parking" => json!({
            "name": named(joined(["BuildingCode", "ParkingNo"].map(plain), " – ")),
            "text_number": text("ParkingNo"),
            "numbers_amount": number("Amount"),
            "numbers_width": number("Width"),
            "link_building": link("building", building()),
            "long_text_comment": text("Comment"),
        }),
        "storage" => json!({
            "name": named(joined(["BuildingCode", "StorageNo"].map(plain), " – ")),
            "text_number": text("StorageNo"),
            "numbers_amount": number("Amount"),
            "numbers_area": number("Area"),
            "link_building": link("building", building()),
        }),
        lease => {
            let (space_kind, set, id, own, property, title) = match lease {
                "parking-lease" => ("parking", "Parkings", "ParkingId", "text_plate", "Plate1", "stationnement"),
                _ => ("storage", "Storages", "StorageId", "text_key_no", "KeyNo", "casier"),
            };
            let by_id = |set: &str, id: &Value| sets[set].iter().find(|candidate| candidate["Id"] == *id);
            let space = by_id(set, &record[id]);
            let mut columns = json!({
                "name": format!("Bail de {title} {}", record["Id"]),
                "date_start": date("StartDate"),
                "date_end": date("EndDate"),
                "numbers_amount": number("Amount"),
                "link_tenant": link("tenant", by_id("Tenants", &record["TenantId"])),
                "link_building": link("building", space.and_then(|space| of_building(sets, space))),
            });
            columns[own] = text(property);
            columns[format!("link_{space_kind}")] = link(space_kind, space);
            columns
        }
    };
    columns.as_object().cloned().unwrap_or_default()
}

/// The building that a record names; none where it names none, or several.
fn of_building<'s>(sets: &'s Sets, record: &Value) -> Option<&'s Value> {
    let place = place(record, false)?;
    only(sets["Buildings"].iter().filter(|building| self::place(building, false).as_ref() == Some(&place)))
}

/// What a building, or a unit, is named by.
fn place(record: &Value, with_unit: bool) -> Option<Vec<String>> {
    let mut place = vec![record["CompanyNo"].to_string(), record["DivisionNo"].to_string()];
    place.push(text(record, "BuildingCode")?);
    if with_unit {
        place.push(text(record, "UnitCode")?);
    }
    Some(place)
}

fn only<'s>(mut found: impl Iterator<Item = &'s Value>) -> Option<&'s Value> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn text(record: &Value, property: &str) -> Option<String> {
    let text: String = record[property].as_str()?.trim().nfc().collect();
    (!text.is_empty()).then_some(text)
}

fn number(record: &Value, property: &str) -> Value {
    if record[property].is_null() { Value::Null } else { json!(shortest(&record[property].to_string())) }
}

fn shortest(number: &str) -> String {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => number.to_owned(),
    }
}

fn date(record: &Value, property: &str) -> Value {
    text(record, property).map_or(Value::Null, |text| json!(text[..10]))
}

fn label(record: &Value, property: &str, labels: &[(&str, &str)]) -> Value {
    let Some(code) = text(record, property) else { return Value::Null };
    let known = labels.iter().find(|(known, _)| *known == code);
    json!(known.map_or("Autre", |(_, label)| label))
}

/// All numbers of the portfolio are North American.
fn phone(text: &str) -> Value {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 => Value::Null,
        10 => json!(format!("+1{digits}")),
        _ => json!(format!("+{digits}")),
    }
}
