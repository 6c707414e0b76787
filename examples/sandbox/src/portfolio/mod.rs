//! A made-up portfolio of buildings in Quebec, as HApi would send it: the same seed gives the same portfolio.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value, json};

use crate::hapi::{Hapi, KINDS};
use crate::random::Random;

mod names;

use names::{
    BAD_EMAILS, BAD_PHONES, BUILDINGS, CITIES, COMMENTS, COMPANIES, FIRMS, FIRST_NAMES, LAST_NAMES, ODD_NAMES, STREETS,
};

/// The length that building codes are padded to.
const CODE_LENGTH: usize = 10;

/// How many of the buildings, the first ones, are those of HApi's integrator document.
const DOCUMENTED_BUILDINGS: usize = 6;

/// A portfolio, ready to be filled into the HApi half.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    sets: BTreeMap<&'static str, Vec<Value>>,
}

impl Portfolio {
    /// A portfolio with this many units (and some more), about 3.5 times as many records in all, and the mess of real
    /// data.
    pub fn new(seed: u64, units: usize) -> Portfolio {
        Generator::new(seed, true).run(units)
    }

    /// The same without values that monday refuses, ambiguous codes and dangling references.
    pub fn tidy(seed: u64, units: usize) -> Portfolio {
        Generator::new(seed, false).run(units)
    }

    /// The records of one set, by its standard name.
    pub fn records(&self, set: &str) -> &[Value] {
        self.sets.get(set).map_or(&[], Vec::as_slice)
    }

    /// How many records there are in all sets.
    pub fn total(&self) -> usize {
        self.sets.values().map(Vec::len).sum()
    }

    /// Adds all records to the sets of `hapi`.
    pub fn fill(&self, hapi: &mut Hapi) {
        for (_, set) in KINDS {
            for record in self.records(set) {
                hapi.insert(set, record.clone());
            }
        }
    }
}

/// Running numbers that leave out those of the documented samples.
struct Ids {
    last: i64,
    reserved: &'static [i64],
}

impl Ids {
    fn without(reserved: &'static [i64]) -> Ids {
        Ids { last: 0, reserved }
    }

    fn next(&mut self) -> i64 {
        self.last += 1;
        while self.reserved.contains(&self.last) {
            self.last += 1;
        }
        self.last
    }
}

/// What a unit, a tenant or a parking needs to know of its building.
#[derive(Debug, Clone)]
struct Place {
    company: i64,
    division: i64,
    /// Padded.
    code: String,
    area_code: &'static str,
    /// How many units it has so far.
    units: usize,
}

/// A tenant who may rent a parking or a locker.
struct Renter {
    id: i64,
    building: usize,
}

struct Generator {
    random: Random,
    is_messy: bool,
    sets: BTreeMap<&'static str, Vec<Value>>,
    divisions: Vec<(i64, i64)>,
    places: Vec<Place>,
    renters: Vec<Renter>,
    unit_ids: Ids,
    tenant_ids: Ids,
    tenant_no: i64,
}

/// A number with exactly this spelling, such as `1.0`.
fn number(text: &str) -> Value {
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

fn padded(code: &str) -> String {
    format!("{code:<CODE_LENGTH$}")
}

impl Generator {
    fn new(seed: u64, is_messy: bool) -> Generator {
        Generator {
            random: Random(seed),
            is_messy,
            sets: KINDS.iter().map(|(_, set)| (*set, Vec::new())).collect(),
            divisions: Vec::new(),
            places: Vec::new(),
            renters: Vec::new(),
            unit_ids: Ids::without(&[1448, 2731, 2909]),
            tenant_ids: Ids::without(&[7535]),
            tenant_no: 1,
        }
    }

    fn run(mut self, units: usize) -> Portfolio {
        self.companies(units);
        self.documented_buildings();
        self.buildings(units / 18 + 1);
        self.documented_units();
        for number in 0..units {
            self.unit(number, units);
        }
        let parkings = self.spaces("Parkings", units * 45 / 100 + 1);
        let storages = self.spaces("Storages", units / 4 + 1);
        self.documented_lease();
        self.leases("TenantParkings", &parkings, units * 3 / 10);
        self.leases("TenantStorages", &storages, units / 8);
        for (set, records) in &mut self.sets {
            if *set != "LedgerDivisions" {
                // A database gives no order without being asked.
                self.random.shuffle(records);
            }
        }
        Portfolio { sets: self.sets }
    }

    fn add(&mut self, set: &'static str, record: Value) {
        self.sets.entry(set).or_default().push(record);
    }

    /// True with this chance in a messy portfolio, never in a tidy one.
    fn mess(&mut self, per_mille: usize) -> bool {
        self.random.per_mille(per_mille) && self.is_messy
    }

    fn companies(&mut self, units: usize) {
        let mut divisions = vec![(1, 1), (3, 1), (4, 1)];
        for company in (2..).filter(|company| ![3, 4].contains(company)).take(units / 150 + 1) {
            for division in 1..=1 + self.random.below(2) as i64 {
                divisions.push((company, division));
            }
        }
        divisions.sort_unstable();
        for (place, (company, division)) in divisions.iter().enumerate() {
            let name = COMPANIES[place % COMPANIES.len()];
            let city = self.random.pick(&CITIES).0;
            self.add(
                "LedgerDivisions",
                json!({"CompanyNo": company, "DivisionNo": division, "Name": name, "City": city}),
            );
        }
        self.add(
            "LedgerDivisions",
            json!({"CompanyNo": 99, "DivisionNo": 99, "Name": "Compagnie installation", "City": null}),
        );
        self.divisions = divisions;
    }

    fn building(&mut self, id: i64, place: Place, name: Value, street: Value, city: Option<&str>) {
        let (_, postal, _, latitude, longitude) =
            CITIES.iter().find(|(known, ..)| Some(*known) == city).copied().unwrap_or(CITIES[0]);
        let postal = format!("{postal} {}B{}", self.random.below(10), self.random.below(10));
        let year = 1900 + self.random.below(124);
        let website = match self.random.below(10) {
            0 => json!("https://exemple.ca/immeubles?no=1&langue=fr"),
            1 if self.mess(400) => json!("n/a"),
            _ => Value::Null,
        };
        let is_located = self.random.per_mille(600);
        self.add(
            "Buildings",
            json!({
                "Id": id,
                "CompanyNo": place.company,
                "DivisionNo": place.division,
                "BuildingCode": place.code,
                "Name": name,
                "CivicNoAndStreet": street,
                "City": city,
                "PostalCode": postal,
                "ConstructionYear": year,
                "Website": website,
                "Latitude": if is_located { number(latitude) } else { Value::Null },
                "Longitude": if is_located { number(longitude) } else { Value::Null },
            }),
        );
        self.places.push(place);
    }

    /// The buildings of HApi's integrator document. The first three have nothing in front of them when sorted as there.
    fn documented_buildings(&mut self) {
        let samples = [
            (1, 4, "1067CHEVRE", "Maison de repos du Chevreau", Some("1067 du Chevreau"), Some("Lévis")),
            (2, 4, "IBERVILLE5", "Iberville 51566", None, None),
            (3, 1, "100LAURIER", "100 laurier", Some("100 boul laurier"), Some("quebec")),
            (4, 3, "1000PINS", "1000 des Pins", Some("1000 avenue des Pins"), Some("Québec")),
            // The same code as building 1 has, in another company.
            (5, 3, "1067CHEVRE", "1067 du Chevreau", Some("1067 du Chevreau"), Some("Lévis")),
            (628, 3, "1000CHENES", "1000 des Chênes", Some("1000 boul. des Chênes"), Some("Québec")),
        ];
        for (id, company, code, name, street, city) in samples {
            let place = Place { company, division: 1, code: padded(code), area_code: "418", units: 0 };
            self.building(id, place, json!(name), json!(street), city);
        }
    }

    fn buildings(&mut self, count: usize) {
        let mut taken: BTreeSet<(i64, i64, String)> =
            self.places.iter().map(|place| (place.company, place.division, place.code.clone())).collect();
        let mut ids = Ids::without(&[1, 2, 3, 4, 5, 628]);
        let mut made = 0;
        while made < count {
            let (company, division) = self.random.pick(&self.divisions);
            let (street, abbreviation) = self.random.pick(&STREETS);
            let (city, _, area_code, _, _) = self.random.pick(&CITIES);
            let civic = 101 + self.random.below(8900);
            let mut code = padded(&format!("{civic}{abbreviation}").chars().take(CODE_LENGTH).collect::<String>());
            if self.random.per_mille(60) {
                let other = self.random.below(self.places.len());
                code = self.places[other].code.clone();
            }
            // Two buildings of one code in one division make their units ambiguous.
            if !taken.insert((company, division, code.clone())) && !self.mess(300) {
                continue;
            }
            let mut name =
                format!("{} {}", self.random.pick(&BUILDINGS), street.split_once(' ').map_or(street, |(_, rest)| rest));
            // Names that sort before a digit would come before the documented first one.
            if company != 1 && self.mess(60) {
                name = match self.random.below(4) {
                    0 => String::new(),
                    1 => format!("{name} {}", "et ses dépendances, ".repeat(16)),
                    _ => self.random.pick(&ODD_NAMES).to_owned(),
                };
            }
            let place = Place { company, division, code, area_code, units: 0 };
            self.building(ids.next(), place, json!(name), json!(format!("{civic} {street}")), Some(city));
            made += 1;
        }
    }

    /// The units of HApi's integrator document, and one for its tenant.
    fn documented_units(&mut self) {
        let (pins, chevreau) = (3, 4);
        let first = self.unit_ids.next();
        let second = self.unit_ids.next();
        for (id, building, code, rooms) in [
            (first, pins, " ", "4.5"),
            (2909, pins, " 775", "4.5"),
            (1448, pins, " 1", "5.5"),
            (2731, pins, " 2", "3.5"),
            (second, chevreau, " 1", "4.5"),
        ] {
            let place = self.places[building].clone();
            let record = json!({
                "Id": id,
                "CompanyNo": place.company,
                "DivisionNo": place.division,
                "BuildingCode": place.code,
                "UnitCode": code,
                "OccupancyStatus": "V ",
                "HousingType": null,
                "NumberOfRooms": number(rooms),
                "Rent": number("950.00"),
                "AvailableDate": null,
                "Comment": null,
            });
            self.add("Units", record);
        }
        self.tenant(chevreau, "1", "D");
        if let Some(tenant) = self.sets.get_mut("Tenants").and_then(|tenants| tenants.last_mut()) {
            tenant["TenantNo"] = number("1.0");
            tenant["LastName"] = json!("cyr");
            tenant["FirstName"] = json!("Guy");
            tenant["IsCompany"] = json!(false);
        }
    }

    fn comment(&mut self) -> Value {
        if self.mess(8) {
            return json!(format!("{} ", self.random.pick(&COMMENTS)).repeat(90));
        }
        match self.random.below(6) {
            0 => json!(self.random.pick(&COMMENTS)),
            1 => json!(""),
            _ => Value::Null,
        }
    }

    /// A day in the given years, spelt in one of the ways that HApi's consumers must expect.
    fn date(&mut self, from_year: usize, years: usize) -> Value {
        let year = from_year + self.random.below(years);
        let (month, day) =
            if self.random.per_mille(700) { (7, 1) } else { (1 + self.random.below(12), 1 + self.random.below(28)) };
        let day = format!("{year}-{month:02}-{day:02}");
        let shape = self.random.below(12);
        if self.mess(15) {
            return json!(self.random.pick(&["0001-01-01T00:00:00", "à déterminer", "2026-02-30"]));
        }
        match shape {
            0 => json!(format!("{day}T00:00:00-04:00")),
            1 => json!(format!("{day}T00:00:00Z")),
            2 => json!(day),
            3 => json!(format!("{day}T23:59:59.997")),
            4 => json!(""),
            5 => Value::Null,
            _ => json!(format!("{day}T00:00:00")),
        }
    }

    fn amount(&mut self, from: usize, range: usize) -> Value {
        let (whole, cents) = (from + self.random.below(range), self.random.pick(&["00", "00", "50", "25"]));
        if self.mess(12) {
            return json!(self.random.pick(&["N/D", "inclus", "1 250,00 $"]));
        }
        number(&format!("{whole}.{cents}"))
    }

    fn unit(&mut self, number_of_unit: usize, units: usize) {
        // The buildings of the document get no made-up units.
        let building =
            DOCUMENTED_BUILDINGS + number_of_unit * (self.places.len() - DOCUMENTED_BUILDINGS) / units.max(1);
        let place = self.places[building].clone();
        self.places[building].units += 1;
        let door = self.places[building].units;
        let code = match building % 3 {
            0 => format!("{door}"),
            1 => format!("{}{:02}", 1 + door / 8, 1 + door % 8),
            _ => format!("{}-{}", door.div_ceil(2), if door % 2 == 1 { "A" } else { "B" }),
        };
        let is_blank = self.mess(5);
        let code = if is_blank { String::new() } else { code };
        let is_let = self.random.per_mille(840);
        let rooms = self.random.pick(&["1.0", "1.5", "2.5", "3.5", "3.5", "4.5", "4.5", "5.5", "6.0"]);
        let id = self.unit_ids.next();
        let housing = self.random.pick(&[None, None, Some("APP"), Some("COM")]);
        let rent = self.amount(600, 1400);
        let available = if is_let { Value::Null } else { self.date(2026, 2) };
        let comment = self.comment();
        self.add(
            "Units",
            json!({
                "Id": id,
                "CompanyNo": place.company,
                "DivisionNo": place.division,
                "BuildingCode": place.code,
                "UnitCode": format!("{code:>7}"),
                "OccupancyStatus": if is_let { "L " } else { "V " },
                "HousingType": housing,
                "NumberOfRooms": number(rooms),
                "Rent": rent,
                "AvailableDate": available,
                "Comment": comment,
            }),
        );
        self.tenants_of(building, &code, is_let);
    }

    fn tenants_of(&mut self, building: usize, code: &str, is_let: bool) {
        if is_let {
            let current = if self.random.per_mille(180) { 2 } else { 1 };
            for _ in 0..current {
                self.tenant(building, code, "L");
            }
        }
        if self.random.per_mille(if is_let { 200 } else { 500 }) {
            let kind = if self.random.per_mille(150) { "H" } else { "D" };
            self.tenant(building, code, kind);
        }
        if self.random.per_mille(60) {
            self.tenant(building, code, "A");
        }
    }

    fn tenant(&mut self, building: usize, unit: &str, kind: &str) {
        let place = self.places[building].clone();
        let id = self.tenant_ids.next();
        self.tenant_no += 1;
        let is_company = kind == "H" || self.random.per_mille(40);
        let mut last = if is_company { self.random.pick(&FIRMS) } else { self.random.pick(&LAST_NAMES) }.to_owned();
        let first = if is_company { Value::Null } else { json!(self.random.pick(&FIRST_NAMES)) };
        if self.mess(10) {
            last = match self.random.below(3) {
                0 => format!("{last} {}", "et autres cosignataires ".repeat(12)),
                _ => self.random.pick(&ODD_NAMES).to_owned(),
            };
        }
        let email = match self.random.below(10) {
            _ if self.mess(30) => json!(self.random.pick(&BAD_EMAILS)),
            0 | 1 => Value::Null,
            2 => json!(" "),
            _ => json!(format!("locataire{id}@exemple.ca")),
        };
        let phone = self.phone(place.area_code);
        let (mut start, mut end) = match kind {
            "A" => (self.date(2027, 1), self.date(2028, 2)),
            "L" => (self.date(2019, 7), self.date(2027, 3)),
            _ => (self.date(2005, 10), self.date(2016, 9)),
        };
        let is_blank = |date: &Value| date.as_str().is_none_or(str::is_empty);
        if !self.is_messy && is_blank(&start) != is_blank(&end) {
            // Half a period is nothing that a timeline can show.
            (start, end) = (Value::Null, Value::Null);
        }
        let comment = self.comment();
        let country = match self.random.below(12) {
            _ if self.mess(10) => json!("Canada"),
            0 => json!("FR"),
            1 => Value::Null,
            _ => json!("CA"),
        };
        self.add(
            "Tenants",
            json!({
                "CompanyNo": place.company,
                "DivisionNo": place.division,
                "TenantType": kind,
                "TenantNo": number(&format!("{}.0", self.tenant_no)),
                "BuildingCode": place.code,
                "UnitCode": unit,
                "LastName": last,
                "FirstName": first,
                "EmailAddress": email,
                "CellPhone": phone,
                "LeaseStart": start,
                "LeaseEnd": end,
                "Comment": comment,
                "IsCompany": is_company,
                "CountryCode": country,
                "Id": id,
            }),
        );
        if kind == "L" {
            self.renters.push(Renter { id, building });
        }
    }

    fn phone(&mut self, area: &str) -> Value {
        let line = format!("{:02}", self.random.below(100));
        if self.mess(30) {
            return json!(self.random.pick(&BAD_PHONES));
        }
        match self.random.below(8) {
            0 => Value::Null,
            1 => json!("          "),
            2 => json!(format!("{area}55501{line}")),
            3 => json!(format!("+1 {area} 555-01{line}")),
            4 => json!(format!("({area}) 555-01{line}")),
            5 => json!(format!("{area}.555.01{line} ")),
            _ => json!(format!("{area}-555-01{line}")),
        }
    }

    /// Parkings or storages, and the building of each.
    fn spaces(&mut self, set: &'static str, count: usize) -> Vec<(i64, usize)> {
        let mut ids = Ids::without(&[1445]);
        let mut spaces = Vec::new();
        for number_of_space in 1..=count {
            let building = self.random.below(self.places.len());
            let id = ids.next();
            self.space(set, id, building, number_of_space);
            spaces.push((id, building));
        }
        spaces
    }

    fn space(&mut self, set: &'static str, id: i64, building: usize, number_of_space: usize) {
        let place = self.places[building].clone();
        // A lot need not belong to a building.
        let is_outside = self.random.per_mille(if set == "Storages" { 60 } else { 20 });
        let code = if is_outside { padded("") } else { place.code };
        let amount = self.amount(20, 120);
        let measure = number(self.random.pick(&["2.5", "2.75", "3.0", "4.5"]));
        let comment = self.comment();
        let (company, division) = (place.company, place.division);
        let record = if set == "Parkings" {
            json!({"Id": id, "CompanyNo": company, "DivisionNo": division, "BuildingCode": code,
                "ParkingNo": format!("P-{number_of_space:03}"), "Amount": amount, "Width": measure, "Comment": comment})
        } else {
            json!({"Id": id, "CompanyNo": company, "DivisionNo": division, "BuildingCode": code,
                "StorageNo": format!("{number_of_space:>5}"), "Amount": amount, "Area": measure})
        };
        self.add(set, record);
    }

    /// What the webhook in HApi's integrator document speaks of.
    fn documented_lease(&mut self) {
        let pins = 3;
        self.space("Parkings", 1445, pins, 1445);
        let next = self.tenant_ids.last;
        self.tenant_ids.last = 7534;
        // Not reserved for this one draw.
        let reserved = std::mem::take(&mut self.tenant_ids.reserved);
        self.tenant(pins, "775", "L");
        (self.tenant_ids.last, self.tenant_ids.reserved) = (next, reserved);
        self.add(
            "TenantParkings",
            json!({"Id": 1472, "ParkingId": 1445, "TenantId": 7535, "StartDate": "2024-07-01T00:00:00", "EndDate": null,
                "Amount": number("75.00"), "Plate1": "ABC 123"}),
        );
    }

    fn leases(&mut self, set: &'static str, spaces: &[(i64, usize)], count: usize) {
        let mut ids = Ids::without(&[1472]);
        let mut renters: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for renter in &self.renters {
            renters.entry(renter.building).or_default().push(renter.id);
        }
        let everybody: Vec<i64> = self.renters.iter().map(|renter| renter.id).collect();
        for lease in 0..count {
            let (space, building) = spaces[lease * spaces.len() / count];
            let neighbours = renters.get(&building).unwrap_or(&everybody);
            let tenant = if self.mess(10) { json!(999_999) } else { json!(self.random.pick(neighbours)) };
            let (start, end) =
                (self.date(2020, 6), if self.random.per_mille(300) { self.date(2026, 2) } else { Value::Null });
            let amount = self.amount(20, 120);
            let id = ids.next();
            let record = if set == "TenantParkings" {
                let plate = format!(
                    "{}{:02} {}",
                    self.random.pick(&["ABC", "FQE", "Z"]),
                    self.random.below(100),
                    self.random.pick(&["ÉVA", "KLM"])
                );
                json!({"Id": id, "ParkingId": space, "TenantId": tenant, "StartDate": start, "EndDate": end, "Amount": amount,
                    "Plate1": plate})
            } else {
                let key = if self.random.per_mille(200) {
                    Value::Null
                } else {
                    json!(format!("{:04}", self.random.below(10_000)))
                };
                json!({"Id": id, "StorageId": space, "TenantId": tenant, "StartDate": start, "EndDate": end, "Amount": amount,
                    "KeyNo": key})
            };
            self.add(set, record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hapi::PROPERTIES;

    fn find<'a>(portfolio: &'a Portfolio, set: &str, fits: impl Fn(&Value) -> bool) -> &'a Value {
        portfolio.records(set).iter().find(|record| fits(record)).expect("the sample is there")
    }

    #[test]
    fn the_seed_decides_and_the_size_is_as_promised() {
        assert_eq!(Portfolio::new(1, 60), Portfolio::new(1, 60));
        assert_ne!(Portfolio::new(1, 60), Portfolio::new(2, 60));
        let total = Portfolio::new(1, 1500).total();
        assert!((5_000..5_600).contains(&total), "{total}");
        assert!(Portfolio::new(1, 0).total() > 8);
    }

    #[test]
    fn records_have_the_known_properties_in_order_and_ids_are_unique() {
        for portfolio in [Portfolio::new(3, 200), Portfolio::tidy(3, 200)] {
            for (set, properties) in PROPERTIES {
                let mut ids = BTreeSet::new();
                for record in portfolio.records(set) {
                    let names: Vec<&str> = record.as_object().expect("an object").keys().map(String::as_str).collect();
                    assert_eq!(names, properties, "{set}");
                    assert!(set == "LedgerDivisions" || ids.insert(record["Id"].as_i64()), "{set}: {record}");
                }
                assert!(!portfolio.records(set).is_empty());
            }
        }
    }

    #[test]
    fn a_tidy_portfolio_is_unambiguous_and_complete() {
        let portfolio = Portfolio::tidy(5, 300);
        let text = |record: &Value, name: &str| {
            record[name].as_str().map_or(record[name].to_string(), |text| text.trim().to_owned())
        };
        let building = |record: &Value| ["CompanyNo", "DivisionNo", "BuildingCode"].map(|name| text(record, name));
        let buildings: BTreeSet<_> = portfolio.records("Buildings").iter().map(building).collect();
        assert_eq!(buildings.len(), portfolio.records("Buildings").len());
        let units: BTreeSet<_> =
            portfolio.records("Units").iter().map(|unit| (building(unit), text(unit, "UnitCode"))).collect();
        assert_eq!(units.len(), portfolio.records("Units").len());
        for tenant in portfolio.records("Tenants") {
            assert!(units.contains(&(building(tenant), text(tenant, "UnitCode"))), "{tenant}");
        }
        let tenants: BTreeSet<_> = portfolio.records("Tenants").iter().map(|tenant| tenant["Id"].as_i64()).collect();
        for lease in portfolio.records("TenantParkings").iter().chain(portfolio.records("TenantStorages")) {
            assert!(tenants.contains(&lease["TenantId"].as_i64()), "{lease}");
        }
    }

    #[test]
    fn the_documented_samples_are_there() {
        let portfolio = Portfolio::new(9, 40);
        let building = find(&portfolio, "Buildings", |building| building["Id"] == 1);
        assert_eq!(building["Name"], "Maison de repos du Chevreau");
        let mut hapi = Hapi::new();
        portfolio.fill(&mut hapi);
        let unit = find(&portfolio, "Units", |unit| unit["Id"] == 2909);
        assert_eq!(unit["BuildingCode"], "1000PINS  ");
        assert_eq!(unit["NumberOfRooms"].to_string(), "4.5");
        let tenant = find(&portfolio, "Tenants", |tenant| tenant["LastName"] == "cyr");
        assert_eq!((tenant["TenantType"].as_str(), tenant["TenantNo"].to_string()), (Some("D"), "1.0".to_owned()));
        let lease = find(&portfolio, "TenantParkings", |lease| lease["Id"] == 1472);
        assert_eq!((&lease["ParkingId"], &lease["TenantId"]), (&json!(1445), &json!(7535)));
        let first = portfolio
            .records("Buildings")
            .iter()
            .min_by_key(|building| {
                let text = |name: &str| building[name].as_str().unwrap_or_default().to_owned();
                (building["CompanyNo"].as_i64(), building["DivisionNo"].as_i64(), text("Name"))
            })
            .expect("there are buildings");
        assert_eq!(first["BuildingCode"], "100LAURIER");
    }
}
