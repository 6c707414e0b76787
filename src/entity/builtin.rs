//! The kinds that are built in.

use super::KindSpec;

const DIVISION: &[&str] = &["CompanyNo", "DivisionNo"];
const BUILDING: &[&str] = &["CompanyNo", "DivisionNo", "BuildingCode"];
const UNIT: &[&str] = &["CompanyNo", "DivisionNo", "BuildingCode", "UnitCode"];

/// The rows of the table.
///
/// `LedgerDivisions`, `Buildings`, `Units`, `Tenants` stand in HApi's integrator document (October 2024) and `TenantParkings` in
/// its webhook sample; the other sets are inferred, hence settable. Item names are made of documented properties only.
pub(super) fn specs() -> Vec<KindSpec> {
    vec![
        // HApi's companies-divisions.
        KindSpec::new("company")
            .spelled(&["companies", "compagnie", "compagnies"])
            .plurals("Companies", "Compagnies")
            .entity_set("LedgerDivisions")
            .key(DIVISION)
            .item_name("{CompanyNo}-{DivisionNo}"),
        KindSpec::new("building")
            .spelled(&["buildings", "immeuble", "immeubles"])
            .plurals("Buildings", "Immeubles")
            .entity_set("Buildings")
            .item_name("{Name}")
            .parent("company", DIVISION),
        // Apartments.
        KindSpec::new("unit")
            .spelled(&["units", "unité", "unités", "unite", "unites"])
            .plurals("Units", "Unités")
            .entity_set("Units")
            .item_name("{BuildingCode} – {UnitCode}")
            .parent("building", BUILDING)
            .usual_number(200),
        KindSpec::new("parking")
            .spelled(&["parkings", "stationnement", "stationnements"])
            .plurals("Parkings", "Stationnements")
            .entity_set("Parkings")
            .parent("building", BUILDING),
        // Lockers.
        KindSpec::new("storage")
            .spelled(&["storages", "rangement", "rangements"])
            .plurals("Storages", "Rangements")
            .entity_set("Storages")
            .parent("building", BUILDING),
        // Current, future and departed ones.
        KindSpec::new("tenant")
            .spelled(&["tenants", "locataire", "locataires"])
            .plurals("Tenants", "Locataires")
            .entity_set("Tenants")
            .item_name("{LastName}, {FirstName}")
            .parent("building", BUILDING)
            .parent("unit", UNIT)
            .usual_number(300),
        KindSpec::new("parking-lease")
            .spelled(&["parking-leases", "bail-stationnement", "bail-stationnements"])
            .spelled(&["baux-stationnement", "baux-stationnements"])
            .plurals("Parking leases", "Baux stationnement")
            .entity_set("TenantParkings")
            .parent_by("parking", &[("ParkingId", "Id")])
            .parent_by("tenant", &[("TenantId", "Id")])
            .parent_through("building", "parking"),
        KindSpec::new("locker-lease")
            .spelled(&["locker-leases", "bail-casier", "bail-casiers", "baux-casier", "baux-casiers"])
            .plurals("Locker leases", "Baux casiers")
            .entity_set("TenantStorages")
            .parent_by("storage", &[("StorageId", "Id")])
            .parent_by("tenant", &[("TenantId", "Id")])
            .parent_through("building", "storage"),
    ]
}
