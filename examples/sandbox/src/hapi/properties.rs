//! The names of the eight kinds, of their entity sets, and of the properties that each set knows.

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
/// Any other name in `$select`, `$filter` or `$orderby` is answered with 400. Only part of these names is documented by the
/// vendor (HApi's integrator document, October 2024); the others are plausible inventions.
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
    (
        "Parkings",
        &["Id", "CompanyNo", "DivisionNo", "BuildingCode", "ParkingNo", "Amount", "Width", "Comment"],
    ),
    (
        "Storages",
        &["Id", "CompanyNo", "DivisionNo", "BuildingCode", "StorageNo", "Amount", "Area"],
    ),
    (
        "TenantParkings",
        &["Id", "ParkingId", "TenantId", "StartDate", "EndDate", "Amount", "Plate1"],
    ),
    (
        "TenantStorages",
        &["Id", "StorageId", "TenantId", "StartDate", "EndDate", "Amount", "KeyNo"],
    ),
];
