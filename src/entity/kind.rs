//! The one table of the eight kinds: everything that differs per kind is answered here, by exhaustive `match`.

use serde::{Deserialize, Serialize};

/// One of the eight kinds of entity, in the order in which they are pushed: parents before children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A company's division (HApi's companies-divisions).
    Company,
    /// A building.
    Building,
    /// A unit (apartment) of a building.
    Unit,
    /// A parking space.
    Parking,
    /// A storage space (locker).
    Storage,
    /// A tenant: current, future or departed.
    Tenant,
    /// The rental of a parking space.
    ParkingLease,
    /// The rental of a storage space.
    LockerLease,
}

/// How the parent of an entity is found, unless the configuration says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultRelation {
    /// These own properties equal the parent's properties of the second name.
    Fields(&'static [(&'static str, &'static str)]),
    /// The parent of that name of the parent of this kind (a lease's building is its parking's).
    Through(Kind),
}

const BUILDING_FIELDS: DefaultRelation = DefaultRelation::Fields(&[
    ("CompanyNo", "CompanyNo"),
    ("DivisionNo", "DivisionNo"),
    ("BuildingCode", "BuildingCode"),
]);

impl Kind {
    /// All kinds, parents before children.
    pub const ALL: [Kind; 8] = [
        Kind::Company,
        Kind::Building,
        Kind::Unit,
        Kind::Parking,
        Kind::Storage,
        Kind::Tenant,
        Kind::ParkingLease,
        Kind::LockerLease,
    ];

    /// The name in selectors, configuration, JSON and key columns: `parking-lease`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Company => "company",
            Kind::Building => "building",
            Kind::Unit => "unit",
            Kind::Parking => "parking",
            Kind::Storage => "storage",
            Kind::Tenant => "tenant",
            Kind::ParkingLease => "parking-lease",
            Kind::LockerLease => "locker-lease",
        }
    }

    /// The plural that people read on an English screen.
    pub fn plural_en(self) -> &'static str {
        match self {
            Kind::Company => "Companies",
            Kind::Building => "Buildings",
            Kind::Unit => "Units",
            Kind::Parking => "Parkings",
            Kind::Storage => "Storages",
            Kind::Tenant => "Tenants",
            Kind::ParkingLease => "Parking leases",
            Kind::LockerLease => "Locker leases",
        }
    }

    /// The plural that people read on a French screen.
    pub fn plural_fr(self) -> &'static str {
        match self {
            Kind::Company => "Compagnies",
            Kind::Building => "Immeubles",
            Kind::Unit => "Unités",
            Kind::Parking => "Stationnements",
            Kind::Storage => "Rangements",
            Kind::Tenant => "Locataires",
            Kind::ParkingLease => "Baux stationnement",
            Kind::LockerLease => "Baux casiers",
        }
    }

    /// Every spelling accepted on the command line, in lower case; the first is [`Kind::name`].
    pub fn spellings(self) -> &'static [&'static str] {
        match self {
            Kind::Company => &["company", "companies", "compagnie", "compagnies"],
            Kind::Building => &["building", "buildings", "immeuble", "immeubles"],
            Kind::Unit => &["unit", "units", "unité", "unités", "unite", "unites"],
            Kind::Parking => &["parking", "parkings", "stationnement", "stationnements"],
            Kind::Storage => &["storage", "storages", "rangement", "rangements"],
            Kind::Tenant => &["tenant", "tenants", "locataire", "locataires"],
            Kind::ParkingLease => &[
                "parking-lease",
                "parking-leases",
                "bail-stationnement",
                "bail-stationnements",
                "baux-stationnement",
                "baux-stationnements",
            ],
            Kind::LockerLease => {
                &["locker-lease", "locker-leases", "bail-casier", "bail-casiers", "baux-casier", "baux-casiers"]
            }
        }
    }

    /// The kind of any accepted spelling, whatever its case, the form of its accents, and what surrounds it and shows nothing.
    pub fn parse(text: &str) -> Option<Kind> {
        let folded = crate::text::caseless(text.trim()).trim().replace('_', "-");
        Kind::ALL.into_iter().find(|kind| kind.spellings().contains(&folded.as_str()))
    }

    /// The kind whose spelling is nearest to `text`, for "did you mean".
    pub fn nearest(text: &str) -> Option<&'static str> {
        let spellings = Kind::ALL.into_iter().flat_map(|kind| kind.spellings().iter().copied());
        crate::text::nearest(&text.to_lowercase(), spellings)
    }

    /// The HApi entity set that holds this kind, unless the configuration says otherwise.
    ///
    /// Source: `LedgerDivisions`, `Buildings`, `Units`, `Tenants` stand in HApi's integrator document (October 2024) and
    /// `TenantParkings` in its webhook sample; the others are inferred, hence settable.
    pub fn default_endpoint(self) -> &'static str {
        match self {
            Kind::Company => "LedgerDivisions",
            Kind::Building => "Buildings",
            Kind::Unit => "Units",
            Kind::Parking => "Parkings",
            Kind::Storage => "Storages",
            Kind::Tenant => "Tenants",
            Kind::ParkingLease => "TenantParkings",
            Kind::LockerLease => "TenantStorages",
        }
    }

    /// The properties whose values name an entity of this kind.
    pub fn default_key(self) -> &'static [&'static str] {
        match self {
            Kind::Company => &["CompanyNo", "DivisionNo"],
            _ => &["Id"],
        }
    }

    /// The item name, unless the configuration says otherwise; of documented properties only.
    pub fn default_name(self) -> &'static str {
        match self {
            Kind::Company => "{CompanyNo}-{DivisionNo}",
            Kind::Building => "{Name}",
            Kind::Unit => "{BuildingCode} – {UnitCode}",
            Kind::Tenant => "{LastName}, {FirstName}",
            Kind::Parking | Kind::Storage | Kind::ParkingLease | Kind::LockerLease => "",
        }
    }

    /// The parents of this kind and how each is found.
    pub fn default_relations(self) -> &'static [(Kind, DefaultRelation)] {
        match self {
            Kind::Company => &[],
            Kind::Building => {
                &[(Kind::Company, DefaultRelation::Fields(&[("CompanyNo", "CompanyNo"), ("DivisionNo", "DivisionNo")]))]
            }
            Kind::Unit | Kind::Parking | Kind::Storage => &[(Kind::Building, BUILDING_FIELDS)],
            Kind::Tenant => &[
                (Kind::Building, BUILDING_FIELDS),
                (
                    Kind::Unit,
                    DefaultRelation::Fields(&[
                        ("CompanyNo", "CompanyNo"),
                        ("DivisionNo", "DivisionNo"),
                        ("BuildingCode", "BuildingCode"),
                        ("UnitCode", "UnitCode"),
                    ]),
                ),
            ],
            Kind::ParkingLease => &[
                (Kind::Parking, DefaultRelation::Fields(&[("ParkingId", "Id")])),
                (Kind::Tenant, DefaultRelation::Fields(&[("TenantId", "Id")])),
                (Kind::Building, DefaultRelation::Through(Kind::Parking)),
            ],
            Kind::LockerLease => &[
                (Kind::Storage, DefaultRelation::Fields(&[("StorageId", "Id")])),
                (Kind::Tenant, DefaultRelation::Fields(&[("TenantId", "Id")])),
                (Kind::Building, DefaultRelation::Through(Kind::Storage)),
            ],
        }
    }

    /// The position in [`Kind::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_finds_its_kind_and_no_other() {
        for kind in Kind::ALL {
            for spelling in kind.spellings() {
                assert_eq!(Kind::parse(spelling), Some(kind), "{spelling}");
                assert_eq!(Kind::parse(&spelling.to_uppercase()), Some(kind), "{spelling}");
            }
        }
        assert_eq!(Kind::parse("unite\u{301}"), Some(Kind::Unit));
        assert_eq!(Kind::parse("invoice"), None);
        assert_eq!(Kind::nearest("tenent"), Some("tenant"));
    }

    #[test]
    fn parents_come_before_their_children() {
        for kind in Kind::ALL {
            for (parent, _) in kind.default_relations() {
                assert!(parent < &kind, "{parent} before {kind}");
            }
        }
    }
}
