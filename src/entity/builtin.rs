//! The kinds that are built in.

use super::KindSpec;

const DIVISION: &[&str] = &["CompanyNo", "DivisionNo"];
const BUILDING: &[&str] = &["CompanyNo", "DivisionNo", "BuildingCode"];
const UNIT: &[&str] = &["CompanyNo", "DivisionNo", "BuildingCode", "UnitCode"];

impl KindSpec {
    /// The kinds that are built in: the rows of the table.
    ///
    /// `LedgerDivisions`, `Buildings`, `Units`, `Tenants` stand in HApi's integrator document (October 2024) and `TenantParkings` in
    /// its webhook sample; the other sets are inferred, hence settable. Item names are made of documented properties only.
    pub fn builtin() -> Vec<KindSpec> {
        [places(), people()].concat()
    }
}

fn places() -> Vec<KindSpec> {
    vec![
        // HApi's companies-divisions.
        KindSpec::new("company")
            .spelled(&["companies", "compagnies"])
            .french("compagnie")
            .plurals("Companies", "Compagnies")
            .entity_set("LedgerDivisions")
            .key(DIVISION)
            .item_name("{CompanyNo}-{DivisionNo}"),
        KindSpec::new("building")
            .spelled(&["buildings", "immeubles"])
            .french("immeuble")
            .plurals("Buildings", "Immeubles")
            .entity_set("Buildings")
            .item_name("{Name}")
            .parent("company", DIVISION),
        // Apartments.
        KindSpec::new("unit")
            .spelled(&["units", "unités", "unite", "unites"])
            .french("unité")
            .plurals("Units", "Unités")
            .entity_set("Units")
            .item_name("{BuildingCode} – {UnitCode}")
            .parent("building", BUILDING)
            .usual_number(200),
        KindSpec::new("parking")
            .spelled(&["parkings", "stationnements"])
            .french("stationnement")
            .plurals("Parkings", "Stationnements")
            .entity_set("Parkings")
            .parent("building", BUILDING),
        // Lockers.
        KindSpec::new("storage")
            .spelled(&["storages", "rangements"])
            .french("rangement")
            .plurals("Storages", "Rangements")
            .entity_set("Storages")
            .parent("building", BUILDING),
    ]
}

fn people() -> Vec<KindSpec> {
    vec![
        // Current, future and departed ones.
        KindSpec::new("tenant")
            .spelled(&["tenants", "locataires"])
            .french("locataire")
            .plurals("Tenants", "Locataires")
            .entity_set("Tenants")
            .item_name("{LastName}, {FirstName}")
            .parent("building", BUILDING)
            .parent("unit", UNIT)
            .usual_number(300),
        KindSpec::new("parking-lease")
            .spelled(&["parking-leases", "bail-stationnements"])
            .french("bail-stationnement")
            .spelled(&["baux-stationnement", "baux-stationnements"])
            .plurals("Parking leases", "Baux stationnement")
            .entity_set("TenantParkings")
            .parent_by("parking", &[("ParkingId", "Id")])
            .parent_by("tenant", &[("TenantId", "Id")])
            .parent_through("building", "parking"),
        KindSpec::new("locker-lease")
            .spelled(&["locker-leases", "bail-casiers", "baux-casier", "baux-casiers"])
            .french("bail-casier")
            .plurals("Locker leases", "Baux casiers")
            .entity_set("TenantStorages")
            .parent_by("storage", &[("StorageId", "Id")])
            .parent_by("tenant", &[("TenantId", "Id")])
            .parent_through("building", "storage"),
    ]
}
