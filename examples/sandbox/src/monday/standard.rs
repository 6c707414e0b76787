//! Eight boards like those of a property manager, and the configuration of `hopem-sync` that goes with them. One table
//! makes both, so that they agree.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Monday;

/// The text column that holds `unit:1472`.
const KEY_COLUMN: &str = "text_key";

/// One of the eight boards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardBoard {
    /// As in `[entities.unit]`.
    pub kind: &'static str,
    /// Numeric string.
    pub board_id: String,
    /// Name of the board.
    pub name: String,
    /// Id of the column by which items are found again.
    pub key_column: &'static str,
}

struct Kind {
    kind: &'static str,
    board: &'static str,
    /// Template of the items' names.
    item: &'static str,
    columns: &'static [Column],
}

/// Id, title, type and its settings, and what goes in, in TOML.
struct Column(&'static str, &'static str, Type, &'static str);

enum Type {
    Plain(&'static str),
    Labels(&'static str, &'static [&'static str]),
    /// Connects to the board of this kind, which comes before in the table.
    Connect(&'static str),
}

use Type::{Connect, Labels, Plain};

const COMPANY: Kind = Kind {
    kind: "company",
    board: "Compagnies",
    item: "{Name}",
    columns: &[
        Column("numbers_company", "No compagnie", Plain("numbers"), r#"{ field = "CompanyNo", type = "numbers" }"#),
        Column("numbers_division", "No division", Plain("numbers"), r#"{ field = "DivisionNo", type = "numbers" }"#),
        Column("text_city", "Ville", Plain("text"), r#""City""#),
    ],
};

const BUILDING: Kind = Kind {
    kind: "building",
    board: "Immeubles",
    item: "{Name}",
    columns: &[
        Column("text_code", "Code", Plain("text"), r#""BuildingCode""#),
        Column("text_street", "Adresse", Plain("text"), r#""CivicNoAndStreet""#),
        Column("text_city", "Ville", Plain("text"), r#""City""#),
        Column("text_postal", "Code postal", Plain("text"), r#""PostalCode""#),
        Column("numbers_year", "Année", Plain("numbers"), r#"{ field = "ConstructionYear", type = "numbers" }"#),
        Column("link_site", "Site web", Plain("link"), r#"{ field = "Website", type = "link" }"#),
        Column(
            "location_place",
            "Emplacement",
            Plain("location"),
            r#"{ type = "location", template = "{Latitude}|{Longitude}|{CivicNoAndStreet}" }"#,
        ),
        Column("link_company", "Compagnie", Connect("company"), r#"{ relation = "company" }"#),
    ],
};

const UNIT: Kind = Kind {
    kind: "unit",
    board: "Unités",
    item: "{BuildingCode} – {UnitCode}",
    columns: &[
        Column("text_code", "Code", Plain("text"), r#""UnitCode""#),
        Column(
            "status_occupancy",
            "Occupation",
            Labels("status", &["Vacant", "Loué", "Autre"]),
            r#"{ field = "OccupancyStatus", type = "status", values = { V = "Vacant", L = "Loué" }, default = "Autre" }"#,
        ),
        Column(
            "dropdown_housing",
            "Type de logement",
            Labels("dropdown", &["Appartement", "Commercial"]),
            r#"{ field = "HousingType", type = "dropdown", values = { APP = "Appartement", COM = "Commercial" } }"#,
        ),
        Column("numbers_rooms", "Pièces", Plain("numbers"), r#"{ field = "NumberOfRooms", type = "numbers" }"#),
        Column("numbers_rent", "Loyer", Plain("numbers"), r#"{ field = "Rent", type = "numbers" }"#),
        Column("date_available", "Disponible", Plain("date"), r#"{ field = "AvailableDate", type = "date" }"#),
        Column(
            "text_address",
            "Adresse",
            Plain("text"),
            r#"{ template = "{CivicNoAndStreet}, {City}", of = "building" }"#,
        ),
        Column("link_building", "Immeuble", Connect("building"), r#"{ relation = "building" }"#),
        Column("long_text_comment", "Commentaire", Plain("long_text"), r#"{ field = "Comment", type = "long_text" }"#),
    ],
};

const TENANT: Kind = Kind {
    kind: "tenant",
    board: "Locataires",
    item: "{LastName} {FirstName}",
    columns: &[
        Column("numbers_tenant", "No locataire", Plain("numbers"), r#"{ field = "TenantNo", type = "numbers" }"#),
        Column(
            "status_type",
            "Statut",
            Labels("status", &["Actuel", "Futur", "Ancien", "Ancien commercial", "Autre"]),
            r#"{ field = "TenantType", type = "status", values = { L = "Actuel", A = "Futur", D = "Ancien", H = "Ancien commercial" }, default = "Autre" }"#,
        ),
        Column("email_main", "Courriel", Plain("email"), r#"{ field = "EmailAddress", type = "email" }"#),
        Column(
            "phone_cell",
            "Cellulaire",
            Plain("phone"),
            r#"{ field = "CellPhone", type = "phone", country = "CA" }"#,
        ),
        Column(
            "timeline_lease",
            "Bail",
            Plain("timeline"),
            r#"{ type = "timeline", template = "{LeaseStart}/{LeaseEnd}" }"#,
        ),
        Column("checkbox_company", "Entreprise", Plain("checkbox"), r#"{ field = "IsCompany", type = "checkbox" }"#),
        Column("country_main", "Pays", Plain("country"), r#"{ field = "CountryCode", type = "country" }"#),
        Column("link_unit", "Unité", Connect("unit"), r#"{ relation = "unit" }"#),
        Column("link_building", "Immeuble", Connect("building"), r#"{ relation = "building" }"#),
        Column("text_comment", "Commentaire", Plain("text"), r#"{ field = "Comment", on_edit = "keep" }"#),
    ],
};

const PARKING: Kind = Kind {
    kind: "parking",
    board: "Stationnements",
    item: "{BuildingCode} – {ParkingNo}",
    columns: &[
        Column("text_number", "Numéro", Plain("text"), r#""ParkingNo""#),
        Column("numbers_amount", "Montant", Plain("numbers"), r#"{ field = "Amount", type = "numbers" }"#),
        Column("numbers_width", "Largeur", Plain("numbers"), r#"{ field = "Width", type = "numbers" }"#),
        Column("link_building", "Immeuble", Connect("building"), r#"{ relation = "building" }"#),
        Column("long_text_comment", "Commentaire", Plain("long_text"), r#"{ field = "Comment", type = "long_text" }"#),
    ],
};

const STORAGE: Kind = Kind {
    kind: "storage",
    board: "Rangements",
    item: "{BuildingCode} – {StorageNo}",
    columns: &[
        Column("text_number", "Numéro", Plain("text"), r#""StorageNo""#),
        Column("numbers_amount", "Montant", Plain("numbers"), r#"{ field = "Amount", type = "numbers" }"#),
        Column("numbers_area", "Superficie", Plain("numbers"), r#"{ field = "Area", type = "numbers" }"#),
        Column("link_building", "Immeuble", Connect("building"), r#"{ relation = "building" }"#),
    ],
};

const PARKING_LEASE: Kind = Kind {
    kind: "parking-lease",
    board: "Baux stationnement",
    item: "Bail de stationnement {Id}",
    columns: &[
        Column("date_start", "Début", Plain("date"), r#"{ field = "StartDate", type = "date" }"#),
        Column("date_end", "Fin", Plain("date"), r#"{ field = "EndDate", type = "date" }"#),
        Column("numbers_amount", "Montant", Plain("numbers"), r#"{ field = "Amount", type = "numbers" }"#),
        Column("text_plate", "Plaque", Plain("text"), r#""Plate1""#),
        Column("link_parking", "Stationnement", Connect("parking"), r#"{ relation = "parking" }"#),
        Column("link_tenant", "Locataire", Connect("tenant"), r#"{ relation = "tenant" }"#),
        Column("link_building", "Immeuble", Connect("building"), r#"{ relation = "building" }"#),
    ],
};

const LOCKER_LEASE: Kind = Kind {
    kind: "locker-lease",
    board: "Baux casiers",
    item: "Bail de casier {Id}",
    columns: &[
        Column("date_start", "Début", Plain("date"), r#"{ field = "StartDate", type = "date" }"#),
        Column("date_end", "Fin", Plain("date"), r#"{ field = "EndDate", type = "date" }"#),
        Column("numbers_amount", "Montant", Plain("numbers"), r#"{ field = "Amount", type = "numbers" }"#),
        Column("text_key_no", "No de clé", Plain("text"), r#""KeyNo""#),
        Column("link_storage", "Rangement", Connect("storage"), r#"{ relation = "storage" }"#),
        Column("link_tenant", "Locataire", Connect("tenant"), r#"{ relation = "tenant" }"#),
        Column("link_building", "Immeuble", Connect("building"), r#"{ relation = "building" }"#),
    ],
};

/// Parents before children.
const KINDS: [Kind; 8] = [COMPANY, BUILDING, UNIT, TENANT, PARKING, STORAGE, PARKING_LEASE, LOCKER_LEASE];

/// Makes the eight boards, empty, with every column type that `hopem-sync` writes on one or another.
pub fn standard_boards(monday: &mut Monday) -> Vec<StandardBoard> {
    let mut boards: Vec<StandardBoard> = Vec::new();
    for kind in KINDS {
        let mut columns = vec![(KEY_COLUMN, "Clé Hopem", "text", Value::Null)];
        for Column(id, title, ty, _) in kind.columns {
            let (ty, settings) = match ty {
                Plain(ty) => (*ty, Value::Null),
                Labels(ty, labels) => (*ty, json!({ "labels": labels })),
                Connect(parent) => {
                    let parent = boards.iter().find(|board| board.kind == *parent);
                    let parent = parent.expect("parents come before children in the table");
                    ("board_relation", json!({ "boardIds": [parent.board_id], "allowMultipleItems": true }))
                }
            };
            columns.push((*id, *title, ty, settings));
        }
        let board_id = monday.add_titled_board(kind.board, &columns);
        boards.push(StandardBoard { kind: kind.kind, board_id, name: kind.board.into(), key_column: KEY_COLUMN });
    }
    boards
}

/// The `[entities.*]` tables for these boards: what goes into each column.
pub fn standard_configuration(boards: &[StandardBoard]) -> String {
    let mut toml = String::new();
    for kind in KINDS {
        let Some(board) = boards.iter().find(|board| board.kind == kind.kind) else { continue };
        let (name, id, key, item) = (kind.kind, &board.board_id, board.key_column, kind.item);
        let head = format!("[entities.{name}]\nboard = {id}\nkey_column = \"{key}\"\nname = \"{item}\"\n");
        let columns = kind.columns.iter().fold(String::new(), |mut text, Column(id, _, _, mapping)| {
            // Writing into a string does not fail.
            let _ = writeln!(text, "{id} = {mapping}");
            text
        });
        toml.push_str(&format!("{head}\n[entities.{name}.columns]\n{columns}\n"));
    }
    toml
}
