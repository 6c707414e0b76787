//! Values on their way to a column: those that mean nothing, those that cannot be sent, and the forms in which one and the same
//! value comes.

use crate::support::World;
use hopem_sandbox::Portfolio;
use hopem_sandbox::monday::ItemView;
use serde_json::{Value, json};

/// A small portfolio.
fn world() -> World {
    World::of(&Portfolio::tidy(3, 6))
}

impl World {
    /// Sets a property of a record that is there.
    fn set_value(&self, set: &str, id: i64, property: &str, value: Value) {
        assert!(self.sandbox.hapi().update(set, id, property, value), "{set} {id}");
    }

    /// The id of the first record of a set.
    fn first(&self, set: &str) -> i64 {
        self.sandbox.hapi().records(set)[0]["Id"].as_i64().expect("an id")
    }

    #[track_caller]
    fn item_of(&self, kind: &str, id: i64) -> ItemView {
        self.item(kind, &id.to_string()).unwrap_or_else(|| panic!("no item of {kind}:{id}"))
    }

    /// What a column of an entity's item shows; `None`: nothing.
    #[track_caller]
    fn shows(&self, kind: &str, id: i64, column: &str) -> Option<Value> {
        self.item_of(kind, id).values.get(column).cloned()
    }
}

fn number(phone: &str) -> Option<Value> {
    Some(json!(phone))
}

#[test]
fn a_value_that_cannot_be_sent_clears_its_column_once_and_a_right_one_heals_it() {
    let world = world();
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("418 656-2131"));
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), number("+14186562131"));

    world.set_value("Tenants", tenant, "CellPhone", json!("à venir"));
    let plan = world.doc("sync --dry-run", 3);
    let expected = json!({ "phone_cell": { "old": "+14186562131", "new": null } });
    assert_eq!(plan["plan"][0]["columns"], expected, "{plan:#}");
    world.forget_calls();
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"][0]["column"], "phone_cell");
    assert_eq!(run["push"]["tenant"]["updated"], 1);
    assert_eq!(world.written(), [json!({ "phone_cell": null }).as_object().cloned().expect("an object")]);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), None);
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error");

    let again = world.doc("sync", 0);
    assert_eq!(again["monday_calls"], 0, "it is cleared once");
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error", "and stays red");
    let reported = world.doc(&format!("explain tenant:{tenant} phone_cell"), 0);
    assert_eq!(reported["columns"][0]["status"], "refused", "{reported:#}");
    let diff = world.doc(&format!("show-json tenant:{tenant} --diff"), 0);
    assert_eq!(diff["phone_cell"], json!({ "sent": null, "mapped": null, "same": true }));

    world.set_value("Tenants", tenant, "CellPhone", json!("418 656-0000"));
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), number("+14186560000"));
    assert_eq!(world.state(&format!("tenant:{tenant}")), "synced");
}

#[test]
fn a_cleared_column_is_no_difference_to_a_verification_and_a_hand_edit_of_it_is() {
    let mut world = world();
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("à venir"));
    world.doc("sync", 3);
    world.set("SYNC_VERIFY_EVERY", "1ms");
    let quiet = world.doc("sync", 0);
    assert_eq!(quiet["push"]["tenant"]["updated"], 0, "{quiet:#}");
    let item = world.item_of("tenant", tenant).id;
    let by_hand = json!({ "phone": "14186562131", "countryShortName": "CA" });
    world.sandbox.monday().edit_by_hand(&item, "phone_cell", &by_hand);
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), None, "nothing stands there as if Hopem said so");
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error");
}

#[test]
fn with_on_refused_keep_the_former_value_stays_and_the_entity_is_red() {
    let mut world = world();
    world.set("SYNC_ON_REFUSED", "keep");
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("418 656-2131"));
    world.doc("sync", 0);
    world.set_value("Tenants", tenant, "CellPhone", json!("à venir"));
    let run = world.doc("sync", 3);
    assert_eq!(run["push"]["tenant"]["updated"], 0);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), number("+14186562131"));
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error");
}

#[test]
fn a_label_that_is_missing_clears_its_column_until_it_is_there() {
    let world = world();
    world.edit(
        r#"values = { V = "Vacant", L = "Loué" }, default = "Autre""#,
        r#"values = { V = "Vacant", L = "Loué", R = "Réservé" }"#,
    );
    let unit = world.first("Units");
    world.set_value("Units", unit, "OccupancyStatus", json!("V"));
    world.doc("sync", 0);
    let vacant = world.shows("unit", unit, "status_occupancy");
    assert!(vacant.is_some());
    world.set_value("Units", unit, "OccupancyStatus", json!("R"));
    world.doc("sync", 3);
    assert_eq!(world.shows("unit", unit, "status_occupancy"), None, "it is vacant no more");
    let board = world.board("unit").to_owned();
    world.sandbox.monday().add_label(&board, "status_occupancy", "Réservé");
    world.doc(&format!("resync unit:{unit}"), 0);
    assert_eq!(world.shows("unit", unit, "status_occupancy"), Some(json!("Réservé")));
    assert_eq!(world.state(&format!("unit:{unit}")), "synced");
}

#[test]
fn a_new_item_is_made_without_what_cannot_be_sent() {
    let world = world();
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("à venir"));
    world.set_value("Tenants", tenant, "EmailAddress", json!("marie@exemple.ca"));
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1), "{run:#}");
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), None);
    assert!(world.shows("tenant", tenant, "email_main").is_some());
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
}

#[test]
fn what_monday_itself_refuses_clears_its_column_too() {
    let world = world();
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("418 656-2131"));
    world.doc("sync", 0);
    world.sandbox.monday().refuse_values("phone_cell", "4186560000");
    world.set_value("Tenants", tenant, "CellPhone", json!("418 656-0000"));
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1), "{run:#}");
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), None);
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0, "it is cleared once");
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error");
    let reported = world.doc(&format!("explain tenant:{tenant} phone_cell"), 0);
    assert_eq!(reported["columns"][0]["status"], "held", "{reported:#}");

    world.sandbox.monday().take_all_values();
    world.doc(&format!("resync tenant:{tenant}"), 0);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), number("+14186560000"));
    assert_eq!(world.state(&format!("tenant:{tenant}")), "synced");
}

#[test]
fn a_column_that_cannot_be_cleared_is_tried_once_and_not_in_every_run() {
    let world = world();
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("418 656-2131"));
    world.doc("sync", 0);
    world.sandbox.monday().refuse_values("phone_cell", "null");
    world.set_value("Tenants", tenant, "CellPhone", json!("à venir"));
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1), "{run:#}");
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), number("+14186562131"));
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
    assert_eq!(world.state(&format!("tenant:{tenant}")), "error");
}

#[test]
fn masks_and_words_that_mean_nothing_are_blank() {
    let world = world();
    let tenant = world.first("Tenants");
    for mask in ["(   )    -    ", "(___) ___-____", "-", "000-000-0000", "N/D", "n/a", "+1 (___) ___-____"] {
        world.set_value("Tenants", tenant, "CellPhone", json!("418 656-2131"));
        world.doc("sync", 0);
        world.set_value("Tenants", tenant, "CellPhone", json!(mask));
        world.doc("sync", 0);
        assert_eq!(world.shows("tenant", tenant, "phone_cell"), None, "{mask}");
        assert_eq!(world.state(&format!("tenant:{tenant}")), "synced", "{mask}");
    }
    world.set_value("Tenants", tenant, "EmailAddress", json!("-"));
    world.set_value("Tenants", tenant, "LastName", json!("N/D"));
    world.set_value("Tenants", tenant, "FirstName", json!("-"));
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "email_main"), None);
    assert_eq!(world.item_of("tenant", tenant).name, format!("tenant:{tenant}"));
}

#[test]
fn blank_may_name_dates_and_words_of_one_s_own() {
    let mut world = world();
    world.set("SYNC_BLANK", r#"["9999-12-31", "1900-01-01", "aucun"]"#);
    let unit = world.first("Units");
    for date in ["9999-12-31T00:00:00", "1900-01-01T00:00:00", "/Date(253402214400000)/"] {
        world.set_value("Units", unit, "AvailableDate", json!("2026-07-01T00:00:00"));
        world.doc("sync", 0);
        assert_eq!(world.shows("unit", unit, "date_available"), Some(json!("2026-07-01")));
        world.set_value("Units", unit, "AvailableDate", json!(date));
        world.doc("sync", 0);
        assert_eq!(world.shows("unit", unit, "date_available"), None, "{date}");
    }
    world.set_value("Units", unit, "AvailableDate", json!("/Date(1767225600000)/"));
    world.set_value("Units", unit, "Comment", json!("Aucun"));
    world.doc("sync", 0);
    assert_eq!(world.shows("unit", unit, "date_available"), Some(json!("2026-01-01")));
    assert_eq!(world.shows("unit", unit, "long_text_comment"), None);
    let shown = world.doc("config show", 0);
    assert_eq!(shown["sync"]["blank"], json!(["9999-12-31", "1900-01-01", "aucun"]));
    assert_eq!(shown["sync"]["on_refused"], "clear");
}

#[test]
fn an_extension_is_left_out_of_a_phone_column_and_stays_in_a_text() {
    let world = world();
    world
        .edit("text_comment = { field = \"Comment\", on_edit = \"keep\" }", "text_comment = { field = \"CellPhone\" }");
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "CellPhone", json!("418 555-1212 poste 12"));
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "phone_cell"), number("+14185551212"));
    assert_eq!(world.shows("tenant", tenant, "text_comment"), Some(json!("418 555-1212 poste 12")));
}

#[test]
fn both_unicode_forms_of_a_text_are_one_label_one_building_and_one_value() {
    let world = world();
    let unit = world.first("Units");
    let building = world.sandbox.hapi().record("Units", unit).expect("a unit")["BuildingCode"].clone();
    let is_there = |record: &Value| record["BuildingCode"] == building;
    world.edit(r#"L = "Loué""#, "\"Loue\u{301}\" = \"Loue\u{301}\"");
    {
        let mut hapi = world.sandbox.hapi();
        hapi.update_where("Units", is_there, "BuildingCode", json!("CHE\u{300}VRE"));
        hapi.update_where("Tenants", is_there, "BuildingCode", json!("CHE\u{300}VRE"));
        hapi.update_where("Parkings", is_there, "BuildingCode", json!("CHE\u{300}VRE"));
        hapi.update_where("Storages", is_there, "BuildingCode", json!("CHE\u{300}VRE"));
        hapi.update_where("Buildings", is_there, "BuildingCode", json!("CH\u{c8}VRE"));
        hapi.update("Units", unit, "OccupancyStatus", json!("Lou\u{e9}"));
        hapi.update("Units", unit, "Comment", json!("De\u{301}ja\u{300} vu"));
    }
    world.doc("sync", 0);
    assert_eq!(world.shows("unit", unit, "status_occupancy"), Some(json!("Lou\u{e9}")));
    assert_eq!(world.shows("unit", unit, "long_text_comment"), Some(json!("D\u{e9}j\u{e0} vu")));
    assert!(world.shows("unit", unit, "link_building").is_some(), "the building is found");
    world.set_value("Units", unit, "Comment", json!("D\u{e9}ja\u{300} vu"));
    let run = world.doc("sync", 0);
    assert_eq!(run["push"]["unit"]["updated"], 0, "another form is no other text");
}

#[test]
fn codes_are_found_without_case_where_one_fits_and_exactly_where_two_do() {
    let world = world();
    let (unit, building) = (world.first("Units"), world.first("Buildings"));
    let record = world.sandbox.hapi().record("Buildings", building).expect("a building").clone();
    let code = record["BuildingCode"].as_str().expect("a code").trim().to_owned();
    let is_there = |record: &Value| record["BuildingCode"].as_str().is_some_and(|other| other.trim() == code);
    {
        let mut hapi = world.sandbox.hapi();
        hapi.update_where("Buildings", is_there, "BuildingCode", json!("1067CHEVRE"));
        for set in ["Units", "Tenants", "Parkings", "Storages"] {
            hapi.update_where(set, is_there, "BuildingCode", json!("1067CHEVRE"));
        }
        for (property, value) in [("CompanyNo", &record["CompanyNo"]), ("DivisionNo", &record["DivisionNo"])] {
            hapi.update("Units", unit, property, value.clone());
        }
        hapi.update("Units", unit, "BuildingCode", json!("1067chevre"));
        hapi.update("Units", unit, "OccupancyStatus", json!("v"));
    }
    world.doc("sync", 0);
    let item = world.item_of("building", building).id;
    assert_eq!(world.shows("unit", unit, "link_building"), Some(json!([item])));
    assert_eq!(world.shows("unit", unit, "status_occupancy"), Some(json!("Vacant")));
    let story = world.doc(&format!("status building:{building}"), 0);
    let children = story["entities"][0]["relations"]["children"].to_string();
    assert!(children.contains(&format!("unit:{unit}")), "{children}");

    let mut twin = record;
    twin["Id"] = json!(9_001);
    twin["BuildingCode"] = json!("1067chevre");
    world.sandbox.hapi().insert("Buildings", twin);
    world.doc("sync", 0);
    let item = world.item_of("building", 9_001).id;
    assert_eq!(world.shows("unit", unit, "link_building"), Some(json!([item])), "the one that is exact");
}

#[test]
fn a_code_that_means_nothing_names_no_parent_and_is_no_news() {
    for (code, reported) in [("N/D", 0), ("inconnu", 1)] {
        let world = world();
        let tenant = world.first("Tenants");
        world.set_value("Tenants", tenant, "UnitCode", json!(code));
        let run = world.doc("sync", 0);
        assert_eq!(run["notes"].as_array().map(Vec::len), Some(reported), "{code}: {run:#}");
        assert_eq!(world.shows("tenant", tenant, "link_unit"), None);
        assert!(world.shows("tenant", tenant, "link_building").is_some());
    }
}

#[test]
fn only_lets_a_code_through_whatever_its_case() {
    let world = world();
    world.edit("[entities.unit.columns]", "only = { OccupancyStatus = [\"V\", \"L\"] }\n[entities.unit.columns]");
    let unit = world.first("Units");
    for (status, state) in [("V", "synced"), ("v", "synced"), ("X", "off")] {
        world.set_value("Units", unit, "OccupancyStatus", json!(status));
        world.doc("sync --allow-deletes", 0);
        assert_eq!(world.state(&format!("unit:{unit}")), state, "{status}");
    }
}

#[test]
fn numbers_sites_and_addresses_are_read_as_people_write_them() {
    let world = world();
    let (unit, tenant, building) = (world.first("Units"), world.first("Tenants"), world.first("Buildings"));
    world.set_value("Units", unit, "Rent", json!("1\u{a0}234,56 $"));
    world.set_value("Units", unit, "NumberOfRooms", json!("4½"));
    world.set_value("Tenants", tenant, "EmailAddress", json!("marie@exemple.ca; jean@exemple.ca"));
    world.set_value("Buildings", building, "Website", json!("exemple.ca"));
    world.set_value("Buildings", building, "Latitude", json!("46,81"));
    world.set_value("Buildings", building, "Longitude", json!("-71,21"));
    world.doc("sync", 0);
    assert_eq!(world.shows("unit", unit, "numbers_rent"), Some(json!("1234.56")));
    assert_eq!(world.shows("unit", unit, "numbers_rooms"), Some(json!("4.5")));
    assert_eq!(world.shows("tenant", tenant, "email_main"), Some(json!("marie@exemple.ca")));
    let sent = world.doc(&format!("show-json tenant:{tenant} --sent"), 0);
    assert_eq!(sent["email_main"]["text"], "marie@exemple.ca, jean@exemple.ca");
    assert_eq!(
        world.shows("building", building, "link_site").map(|site| site["url"].clone()),
        Some(json!("https://exemple.ca"))
    );
    assert_eq!(
        world.shows("building", building, "location_place").map(|place| place["lat"].clone()),
        Some(json!("46.81"))
    );
}

#[test]
fn a_key_typed_in_another_way_names_the_same_entity() {
    let world = world();
    let unit = world.first("Units");
    world.doc("sync", 0);
    for typed in [format!("Units:{unit}"), format!("unite\u{301}:{unit}"), format!("\u{feff}unit:{unit}\u{200b}")] {
        let found = world.run(&["status", &typed, "--json"]).expect(0).json();
        assert_eq!(found["entities"][0]["entity"], format!("unit:{unit}"), "{typed}");
    }
}

#[test]
fn a_name_is_cut_between_signs_and_stands_on_one_line() {
    let world = world();
    let tenant = world.first("Tenants");
    let family = "👩\u{200d}👩\u{200d}👧";
    world.set_value("Tenants", tenant, "LastName", json!(format!("{}{family}", "é".repeat(252))));
    world.set_value("Tenants", tenant, "FirstName", json!("x"));
    world.doc("sync", 0);
    assert_eq!(world.item_of("tenant", tenant).name, "é".repeat(252));
    world.set_value("Tenants", tenant, "LastName", json!("Co\u{302}te\u{301}\r\n\u{7}"));
    world.set_value("Tenants", tenant, "FirstName", json!("\u{200b}\u{feff}"));
    world.set_value("Tenants", tenant, "Comment", json!("a\u{0}b\u{1b}c\nd"));
    world.doc("sync", 0);
    assert_eq!(world.item_of("tenant", tenant).name, "C\u{f4}t\u{e9}");
    assert_eq!(world.shows("tenant", tenant, "text_comment"), Some(json!("abc\nd")));
}

#[test]
fn the_texts_of_an_item_are_kept_within_what_monday_holds_of_one() {
    let world = world();
    world.edit("text_comment = { field = \"Comment\", on_edit = \"keep\" }", "text_comment = \"Comment\"");
    world.edit("name = \"{LastName} {FirstName}\"", "name = \"{LastName}\"");
    let tenant = world.first("Tenants");
    world.set_value("Tenants", tenant, "Comment", json!("court"));
    world.doc("sync", 0);
    world.set_value("Tenants", tenant, "Comment", json!("é".repeat(32_765)));
    let run = world.doc("sync", 3);
    assert_eq!(run["failures"][0]["column"], "text_comment", "{run:#}");
    assert_eq!(world.shows("tenant", tenant, "text_comment"), None, "the former text would be wrong");
    world.set_value("Tenants", tenant, "Comment", json!("é".repeat(30_000)));
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "text_comment"), Some(json!("é".repeat(30_000))));
}

#[test]
fn a_country_s_other_name_is_tried_where_the_first_is_refused() {
    let world = world();
    let tenant = world.first("Tenants");
    world.sandbox.monday().refuse_values("country_main", "\"United States\"");
    world.set_value("Tenants", tenant, "CountryCode", json!("US"));
    world.doc("sync", 0);
    assert_eq!(world.shows("tenant", tenant, "country_main"), Some(json!("US")));
    let sent = world.doc(&format!("show-json tenant:{tenant} --sent"), 0);
    assert_eq!(sent["country_main"]["countryName"], "United States of America");
    assert_eq!(world.state(&format!("tenant:{tenant}")), "synced");
    assert_eq!(world.doc("sync", 0)["monday_calls"], 0);
}
