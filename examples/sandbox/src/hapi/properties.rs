//! The names of the eight kinds, of their entity sets, and of the properties that each set knows.

use serde_json::{Number, Value};

/// The eight kinds and the entity set that each is read from, parents before children.
pub const KINDS: [(&str, &str); 8] = [
    ("company", "LedgerDivisions"),
    ("building", "Buildings"),
    ("unit", "Units"),
    ("tenant", "Tenants"),
    ("parking", "Parkings"),
    ("storage", "Storages"),
    ("parking-lease", "TenantParkings"),
    ("locker-lease", "TenantStorages"),
];

/// The properties of each set, in the order in which a whole record has them.
///
/// Any other name in `$select`, `$filter` or `$orderby` is answered with 400. Only part of these names is documented by
/// the vendor (HApi's integrator document, October 2024); the others are plausible inventions.
pub const PROPERTIES: [(&str, &[&str]); 8] = [
    ("LedgerDivisions", &["CompanyNo", "DivisionNo", "Name", "City"]),
    (
        "Buildings",
        &[
            "Id",
            "CompanyNo",
            "DivisionNo",
            "BuildingCode",
            "Name",
            "CivicNoAndStreet",
            "City",
            "PostalCode",
            "ConstructionYear",
            "Website",
            "Latitude",
            "Longitude",
        ],
    ),
    (
        "Units",
        &[
            "Id",
            "CompanyNo",
            "DivisionNo",
            "BuildingCode",
            "UnitCode",
            "OccupancyStatus",
            "HousingType",
            "NumberOfRooms",
            "Rent",
            "AvailableDate",
            "Comment",
        ],
    ),
    (
        "Tenants",
        &[
            "CompanyNo",
            "DivisionNo",
            "TenantType",
            "TenantNo",
            "BuildingCode",
            "UnitCode",
            "LastName",
            "FirstName",
            "EmailAddress",
            "CellPhone",
            "LeaseStart",
            "LeaseEnd",
            "Comment",
            "IsCompany",
            "CountryCode",
            "Id",
        ],
    ),
    ("Parkings", &["Id", "CompanyNo", "DivisionNo", "BuildingCode", "ParkingNo", "Amount", "Width", "Comment"]),
    ("Storages", &["Id", "CompanyNo", "DivisionNo", "BuildingCode", "StorageNo", "Amount", "Area"]),
    ("TenantParkings", &["Id", "ParkingId", "TenantId", "StartDate", "EndDate", "Amount", "Plate1"]),
    ("TenantStorages", &["Id", "StorageId", "TenantId", "StartDate", "EndDate", "Amount", "KeyNo"]),
];

/// What a property holds, as far as comparisons care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Number,
    Text,
    Date,
    Boolean,
}

impl Type {
    /// The name that OData has for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Number => "Edm.Decimal",
            Type::Text => "Edm.String",
            Type::Date => "Edm.DateTimeOffset",
            Type::Boolean => "Edm.Boolean",
        }
    }
}

/// The type of a known property.
pub(super) fn type_of(property: &str) -> Type {
    match property {
        "Id" | "CompanyNo" | "DivisionNo" | "TenantNo" | "NumberOfRooms" | "Rent" | "ConstructionYear" | "Latitude"
        | "Longitude" | "Amount" | "Width" | "Area" | "ParkingId" | "StorageId" | "TenantId" => Type::Number,
        "AvailableDate" | "LeaseStart" | "LeaseEnd" | "StartDate" | "EndDate" => Type::Date,
        "IsCompany" => Type::Boolean,
        _ => Type::Text,
    }
}

/// The name of the type behind a set, for messages.
pub(super) fn type_name(set: &str) -> &str {
    set.strip_suffix('s').unwrap_or(set)
}

/// Reads a value that somebody typed for this property: `null`, or what its type wants, or else text.
pub fn typed_value(property: &str, text: &str) -> Value {
    match (text, type_of(property)) {
        ("null", _) => Value::Null,
        ("true", Type::Boolean) => Value::Bool(true),
        ("false", Type::Boolean) => Value::Bool(false),
        (_, Type::Number) => text.parse::<Number>().map_or_else(|_| Value::from(text), Value::Number),
        _ => Value::from(text),
    }
}
