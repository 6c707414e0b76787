//! The main screens as people see them: on a terminal of 80 columns, in both languages. Reviewed like prose.

use crate::support::{World, wholly_on_terminal};
use serde_json::json;

/// A portfolio in which something of everything is to be seen.
fn world() -> World {
    let mut world = World::tidy(5);
    world.environment.insert("USER".to_owned(), "anne".to_owned());
    world.sandbox.hapi().update("Tenants", 1, "CellPhone", json!("voir dossier"));
    world.run(&["sync"]);
    world.run(&["pause", "unit:2", "--reason", "recensement", "--until", "2099-01-01"]);
    world.run(&["unlink", "unit:3"]);
    world.sandbox.hapi().update("Units", 1, "Rent", json!(1234.5));
    world.sandbox.hapi().remove("Units", 5);
    world.sandbox.hapi().switch_off("TenantStorages");
    world.run(&["pull"]);
    world
}

/// What differs from run to run gets a name: times, durations, ids, and the number of calls to HApi.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let mut line = line.to_owned();
        for start in (0..line.len()).rev() {
            let is_time = |rest: &str| {
                let shape: String = rest.chars().take(16).map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
                shape == "9999-99-99 99:99"
            };
            if line.is_char_boundary(start) && is_time(&line[start..]) && !line[start..].starts_with("2099") {
                line.replace_range(start..start + 16, "2026-01-01 00:00");
            }
        }
        let words: Vec<&str> = line.split(' ').collect();
        let masked = words.iter().enumerate().map(|(index, word)| {
            let is_length = words.get(index + 1).is_some_and(|next| next.trim_end_matches([',', ')']) == "s");
            mask(word, is_length)
        });
        out.push_str(&masked.collect::<Vec<_>>().join(" "));
    }
    out
}

fn mask(word: &str, is_length_of_time: bool) -> String {
    if is_length_of_time {
        return word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    }
    let ids: Vec<&str> = word.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 16).collect();
    ids.into_iter().fold(word.to_owned(), |word, id| word.replace(id, "9007199254740993"))
}

#[track_caller]
fn shows(arguments: &[&str], lang: &str, expected: &str) {
    shows_in(&world(), arguments, lang, expected);
}

#[track_caller]
fn shows_in(world: &World, arguments: &[&str], lang: &str, expected: &str) {
    let output = world.on_terminal(&[arguments, &["--lang", lang]].concat());
    let shown = masked(&output.stdout);
    assert!(shown == expected, "{arguments:?} --lang {lang} shows:\n{shown}\ninstead of:\n{expected}");
    for line in shown.lines() {
        assert!(line.chars().count() <= 80, "{} characters: {line}", line.chars().count());
    }
}

#[test]
fn the_table_of_kinds() {
    shows(
        &["status"],
        "en",
        r"hopem-sync · last run (pull) 0 s ago (ok, 0.0 s)
 Kind            Total  ● synced  ● pending  ● error  ‖ paused  ○ unlinked
 Companies           6         6          0        0         0           0
 Buildings           7         7          0        0         0           0
 Units               9         6          1        0         1           1
 Parkings            4         4          0        0         0           0
 Storages            2         2          0        0         0           0
 Tenants             8         6          1        1         0           0
 Parking leases      2         2          0        0         0           0
 Locker leases       –   Hopem module not available (403)
monday.com: 8 of 500 calls today
1 item waits to be taken off the board: hopem-sync push
1 error: hopem-sync status --state error
",
    );
    shows(
        &["status"],
        "fr",
        r"hopem-sync · dernière exécution (pull) il y a 0 s (réussie, 0,0 s)
 Type                Total  ● à jour  ● attente  ● erreur  ‖ pause  ○ dissocié
 Compagnies              6         6          0         0        0           0
 Immeubles               7         7          0         0        0           0
 Unités                  9         6          1         0        1           1
 Stationnements          4         4          0         0        0           0
 Rangements              2         2          0         0        0           0
 Locataires              8         6          1         1        0           0
 Baux stationnement      2         2          0         0        0           0
 Baux casiers            –   module Hopem non disponible (403)
monday.com : 8 appels sur 500 aujourd’hui
1 élément attend d’être retiré du tableau : hopem-sync push
1 erreur : hopem-sync status --state error
",
    );
}

#[test]
fn what_is_wrong() {
    shows(
        &["status", "--state", "error"],
        "en",
        r#" ● error  tenant:1  cyr Guy
    column "Cellulaire" (`CellPhone` in Hopem): `voir dossier` is no valid phone
    number for `CA`
    correct it in Hopem, or map it in `[entities.tenant.columns]`
"#,
    );
    shows(
        &["status", "--state", "error"],
        "fr",
        r" ● erreur  tenant:1  cyr Guy
    colonne « Cellulaire » (`CellPhone` dans Hopem) : `voir dossier` n’est pas
    un numéro de téléphone valide pour `CA`
    corriger dans Hopem, ou dans `[entities.tenant.columns]`
",
    );
}

#[test]
fn the_story_of_a_paused_unit() {
    shows(
        &["status", "unit:2"],
        "en",
        r#"‖ paused  unit:2  1067CHEVRE – 1
  received    2026-01-01 00:00 (0 s ago)
  pushed      2026-01-01 00:00 (0 s ago)
  item        9007199254740993 on board "Unités" (9007199254740993)
  address
  https://sandbox.monday.com/boards/9007199254740993/pulses/9007199254740993
  parent      building:5 1067 du Chevreau (synced)
  children    Tenants: 1 error
  child       tenant:1 cyr Guy (error)
  paused      since 2026-01-01 00:00 · by anne · until 2099-01-01 00:00 ·
              recensement
  change      2026-01-01 00:00 (run 1)  create  "Immeuble" ∅ → 9007199254740993,
              name ∅ → 1067CHEVRE – 1, "Loyer" ∅ → 950, "Pièces" ∅ → 4.5,
              "Occupation" ∅ → Vacant, "Adresse" ∅ → 1067 du Chevreau, Lévis,
              "Code" ∅ → 1, "Clé Hopem" ∅ → unit:2
"#,
    );
    shows(
        &["status", "unit:2"],
        "fr",
        r"‖ en pause  unit:2  1067CHEVRE – 1
  reçu        2026-01-01 00:00 (il y a 0 s)
  transmis    2026-01-01 00:00 (il y a 0 s)
  élément     9007199254740993 du tableau « Unités » (9007199254740993)
  adresse
  https://sandbox.monday.com/boards/9007199254740993/pulses/9007199254740993
  parent      building:5 1067 du Chevreau (à jour)
  enfants     Locataires : 1 erreur
  enfant      tenant:1 cyr Guy (erreur)
  pause       depuis 2026-01-01 00:00 · par anne · jusqu’au 2099-01-01 00:00 ·
              recensement
  changement  2026-01-01 00:00 (exécution 1)  créer  « Immeuble » ∅ →
              9007199254740993, nom ∅ → 1067CHEVRE – 1, « Loyer » ∅ → 950,
              « Pièces » ∅ → 4.5, « Occupation » ∅ → Vacant, « Adresse » ∅ →
              1067 du Chevreau, Lévis, « Code » ∅ → 1, « Clé Hopem » ∅ → unit:2
",
    );
}

#[test]
fn the_story_of_a_failed_tenant() {
    shows(
        &["status", "tenant:1"],
        "en",
        r#"● error  tenant:1  cyr Guy
  received    2026-01-01 00:00 (0 s ago)
  pushed      2026-01-01 00:00 (0 s ago)
  item        9007199254740993 on board "Locataires" (9007199254740993)
  address
  https://sandbox.monday.com/boards/9007199254740993/pulses/9007199254740993
  parent      building:5 1067 du Chevreau (synced)
  parent      unit:2 1067CHEVRE – 1 (paused)
  error       column "Cellulaire" (`CellPhone` in Hopem): `voir dossier` is no
              valid phone number for `CA`
  to do       correct it in Hopem, or map it in `[entities.tenant.columns]`
  tries       1; not retried until it changes or is resynced
  change      2026-01-01 00:00 (run 1)  create  "Pays" ∅ → Canada, "Courriel" ∅
              → locataire1@exemple.ca, "Immeuble" ∅ → 9007199254740993, "Unité"
              ∅ → 9007199254740993, name ∅ → cyr Guy, "No locataire" ∅ → 1,
              "Statut" ∅ → Ancien, "Clé Hopem" ∅ → tenant:1, "Bail" ∅ →
              2007-07-01/2018-07-01
"#,
    );
    shows(
        &["status", "tenant:1"],
        "fr",
        r"● erreur  tenant:1  cyr Guy
  reçu        2026-01-01 00:00 (il y a 0 s)
  transmis    2026-01-01 00:00 (il y a 0 s)
  élément     9007199254740993 du tableau « Locataires » (9007199254740993)
  adresse
  https://sandbox.monday.com/boards/9007199254740993/pulses/9007199254740993
  parent      building:5 1067 du Chevreau (à jour)
  parent      unit:2 1067CHEVRE – 1 (en pause)
  erreur      colonne « Cellulaire » (`CellPhone` dans Hopem) : `voir dossier`
              n’est pas un numéro de téléphone valide pour `CA`
  à faire     corriger dans Hopem, ou dans `[entities.tenant.columns]`
  essais      1; plus d’essai avant un changement ou une resynchronisation
  changement  2026-01-01 00:00 (exécution 1)  créer  « Pays » ∅ → Canada,
              « Courriel » ∅ → locataire1@exemple.ca, « Immeuble » ∅ →
              9007199254740993, « Unité » ∅ → 9007199254740993, nom ∅ → cyr Guy,
              « No locataire » ∅ → 1, « Statut » ∅ → Ancien, « Clé Hopem » ∅ →
              tenant:1, « Bail » ∅ → 2007-07-01/2018-07-01
",
    );
}

#[test]
fn a_building_shows_its_children_those_in_trouble_first() {
    let world = World::tidy(40);
    world.run(&["sync"]).expect(0);
    let building = world.query(
        "SELECT value FROM (SELECT json_extract(record, '$.BuildingCode') value FROM records r JOIN entities e
         ON e.id = r.entity WHERE e.kind = 'unit') GROUP BY value ORDER BY count(*) DESC LIMIT 1",
    );
    let query = |what: &str, kind: &str| {
        world.query(&format!(
            "SELECT {what} FROM records r JOIN entities e ON e.id = r.entity WHERE e.kind = '{kind}'
             AND json_extract(record, '$.BuildingCode') = '{}' ORDER BY CAST(key AS INTEGER)",
            building[0]
        ))
    };
    let entity = query("'building:' || key", "building").remove(0);
    let units = query("'unit:' || key", "unit");
    assert!(units.len() > 10, "{units:?}");
    world.run(&["pause", &units[units.len() - 1]]).expect(0);
    let story = world.run(&["status", &entity, "--json"]).expect(0).json();
    let relations = &story["entities"][0]["relations"];
    assert_eq!(relations["company"]["state"], "synced", "{relations}");
    let children = relations["children"].as_array().expect("children");
    let of_kind = |kind: &str| children.iter().filter(|child| child["kind"] == kind).count();
    assert_eq!((of_kind("unit"), of_kind("parking")), (units.len(), query("key", "parking").len()));
    assert_eq!(children[0]["entity"], units[units.len() - 1].as_str(), "the paused one first");
    assert!(children.iter().all(|child| child["item_id"].is_string() && child["name"].is_string()), "{relations}");
    for (lang, more, paused) in [("en", "… and ", "1 paused"), ("fr", "… et ", "1 en pause")] {
        let shown = world.on_terminal(&["status", &entity, "--lang", lang]).stdout;
        let left = format!("{more}{}", children.len() - 10);
        assert!(shown.contains(&left) && shown.contains(&format!("hopem-sync status {entity} -v")), "{shown}");
        assert!(shown.contains(paused) && shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }
    let whole = world.on_terminal(&["status", &entity, "-v"]).stdout;
    assert_eq!(whole.matches("\n  child  ").count(), children.len(), "{whole}");
    let piped = world.run(&["status", &entity]).expect(0).stdout;
    assert_eq!(piped.matches("\nchild\t").count(), children.len(), "{piped}");
}

#[test]
fn past_runs() {
    shows(
        &["runs"],
        "en",
        r" Run  Command  Started           Took   Outcome          Done
   2  pull     2026-01-01 00:00  0.0 s  ok (0)           38 read · 1 changed ·
                                                         1 gone
   1  sync     2026-01-01 00:00  0.0 s  partly done (3)  39 read · 39 new · 39
                                                         created · 1 failed
",
    );
    shows(
        &["runs"],
        "fr",
        r" No  Commande  Début             Durée  Résultat       Fait
  2  pull      2026-01-01 00:00  0,0 s  réussie (0)    38 lus · 1 modifié · 1
                                                       disparu
  1  sync      2026-01-01 00:00  0,0 s  partielle (3)  39 lus · 39 nouveaux ·
                                                       39 créés · 1 en échec
",
    );
}

#[test]
fn one_run() {
    shows(
        &["runs", "1"],
        "en",
        r#"run 1 · sync · 2026-01-01 00:00 · partly done (3)
Partly done in 0.0 s
  pull    39 read · 39 new · 0 changed · 0 gone
  push    39 created · 0 updated · 0 archived · 0 unchanged · 1 failed
  calls   16 to HApi · 8 to monday
 ●  tenant:1
    column "Cellulaire" (`CellPhone` in Hopem): `voir dossier` is no valid phone
    number for `CA`
    correct it in Hopem, or map it in `[entities.tenant.columns]`
1 entity failed: hopem-sync status --state error
"#,
    );
    shows(
        &["runs", "1"],
        "fr",
        r"exécution 1 · sync · 2026-01-01 00:00 · partielle (3)
Fait en partie en 0,0 s
  pull    39 lus · 39 nouveaux · 0 modifié · 0 disparu
  push    39 créés · 0 mis à jour · 0 archivé · 0 inchangé · 1 en échec
  appels  16 à HApi · 8 à monday
 ●  tenant:1
    colonne « Cellulaire » (`CellPhone` dans Hopem) : `voir dossier` n’est pas
    un numéro de téléphone valide pour `CA`
    corriger dans Hopem, ou dans `[entities.tenant.columns]`
1 entité en échec : hopem-sync status --state error
",
    );
}

/// A first load shows what three new items of each board will hold, and how many there are besides.
#[test]
fn the_plan_of_a_first_load_shows_samples() {
    let world = World::tidy(5);
    world.run(&["pull"]).expect(0);
    let plan = |arguments: &[&str]| world.on_terminal(&[&["push", "--dry-run", "unit"], arguments].concat()).stdout;
    let (english, whole, french) = (plan(&["--lang", "en"]), plan(&["-v"]), plan(&["--lang", "fr"]));
    let units = |plan: &str| plan.lines().filter(|line| line.contains("unit:") && line.contains('+')).count();
    assert_eq!((units(&english), units(&whole)), (3, 10), "{english}");
    for line in
        ["  + create    unit:1            ", "      \"Clé Hopem\": unit:1\n", "  … and 7 more (create); all with -v\n"]
    {
        assert!(english.contains(line), "{line} is not in\n{english}");
    }
    assert!(french.contains("  … et 7 de plus (créer); tous avec -v\n") && !whole.contains('…'), "{french}\n{whole}");
    assert!(english.lines().all(|line| line.chars().count() <= 80), "{english}");
}

#[test]
fn the_plan_of_a_dry_run() {
    let world = world();
    shows_in(
        &world,
        &["sync", "--dry-run"],
        "en",
        r#"unit → board "Unités" (9007199254740993)
  ~ unlink    unit:3
  - archive   unit:5            no longer in Hopem
  ~ update    unit:1            "Loyer" 950 → 1234.5
tenant → board "Locataires" (9007199254740993)
  ~ update    tenant:2          "Unité" 9007199254740993 → ∅
  ~ update    tenant:3          "Unité" 9007199254740993 → ∅
  ~ update    tenant:5          "Unité" 9007199254740993 → ∅
38 read · 0 new · 0 changed · 0 gone
Plan: 0 to create, 4 to update, 1 to archive, 32 unchanged: 3 monday calls (491
  left today). Nothing was written.
"#,
    );
    shows_in(
        &world,
        &["sync", "--dry-run"],
        "fr",
        r#"unit → tableau "Unités" (9007199254740993)
  ~ dissocier unit:3
  - archiver  unit:5            n’est plus dans Hopem
  ~ modifier  unit:1            « Loyer » 950 → 1234.5
tenant → tableau "Locataires" (9007199254740993)
  ~ modifier  tenant:2          « Unité » 9007199254740993 → ∅
  ~ modifier  tenant:3          « Unité » 9007199254740993 → ∅
  ~ modifier  tenant:5          « Unité » 9007199254740993 → ∅
38 lus · 0 nouveau · 0 modifié · 0 disparu
Plan : 0 à créer, 4 à modifier, 1 à archiver, 32 inchangés : 3 appels à monday
  (encore 490 aujourd’hui). Rien n’a été écrit.
"#,
    );
}

#[test]
fn how_columns_came_to_what_was_sent() {
    let world = world();
    shows_in(
        &world,
        &["explain", "tenant:1"],
        "en",
        r#"● error  tenant:1  cyr Guy

name  name  ● same
  {LastName} {FirstName}: LastName "cyr", FirstName "Guy" → cyr Guy
  monday was sent this value already

"Clé Hopem"  text  ● same
  Id 1 → tenant:1
  monday was sent this value already

"Entreprise"  checkbox  ● same
  IsCompany false → ∅
  monday was sent this value already

"Pays"  country  ● same
  CountryCode "CA" → CA → Canada
  monday was sent this value already

"Courriel"  email  ● same
  EmailAddress "locataire1@exemple.ca" → locataire1@exemple.ca
  monday was sent this value already

"Immeuble"  board_relation  ● same
  item of the building: CompanyNo 3, DivisionNo 1, BuildingCode "1067CHEVRE" →
    building:5 → 9007199254740993
  monday was sent this value already

"Unité"  board_relation  ● same
  item of the unit: CompanyNo 3, DivisionNo 1, BuildingCode "1067CHEVRE",
    UnitCode "1" → unit:2 → 9007199254740993
  monday was sent this value already

"No locataire"  numbers  ● same
  TenantNo 1.0 → 1
  monday was sent this value already

"Cellulaire"  phone  ● refused
  CellPhone "voir dossier" → voir dossier → ∅
  `voir dossier` is no valid phone number for `CA`; its column is cleared, so
    that no former value stands there; correct it in Hopem, or map it in
    `[entities.tenant.columns]`

"Statut"  status  ● same
  TenantType "D" → D → Ancien
  monday was sent this value already

"Commentaire"  text  ● same
  Comment null → ∅
  monday was sent this value already

"Bail"  timeline  ● same
  {LeaseStart}/{LeaseEnd}: LeaseStart "2007-07-01", LeaseEnd
    "2018-07-01T00:00:00" → 2007-07-01/2018-07-01T00:00:00 →
    2007-07-01/2018-07-01
  monday was sent this value already

Read from Hopem 2026-01-01 00:00; as it is there now: hopem-sync show-json
  tenant:1 --live; as the board is now: hopem-sync status --drift tenant:1
"#,
    );
    shows_in(
        &world,
        &["explain", "tenant:1"],
        "fr",
        r#"● erreur  tenant:1  cyr Guy

nom  name  ● identique
  {LastName} {FirstName} : LastName "cyr", FirstName "Guy" → cyr Guy
  monday a déjà reçu cette valeur

« Clé Hopem »  text  ● identique
  Id 1 → tenant:1
  monday a déjà reçu cette valeur

« Entreprise »  checkbox  ● identique
  IsCompany false → ∅
  monday a déjà reçu cette valeur

« Pays »  country  ● identique
  CountryCode "CA" → CA → Canada
  monday a déjà reçu cette valeur

« Courriel »  email  ● identique
  EmailAddress "locataire1@exemple.ca" → locataire1@exemple.ca
  monday a déjà reçu cette valeur

« Immeuble »  board_relation  ● identique
  élément du parent (immeubles) : CompanyNo 3, DivisionNo 1, BuildingCode
    "1067CHEVRE" → building:5 → 9007199254740993
  monday a déjà reçu cette valeur

« Unité »  board_relation  ● identique
  élément du parent (unités) : CompanyNo 3, DivisionNo 1, BuildingCode
    "1067CHEVRE", UnitCode "1" → unit:2 → 9007199254740993
  monday a déjà reçu cette valeur

« No locataire »  numbers  ● identique
  TenantNo 1.0 → 1
  monday a déjà reçu cette valeur

« Cellulaire »  phone  ● refusé
  CellPhone "voir dossier" → voir dossier → ∅
  `voir dossier` n’est pas un numéro de téléphone valide pour `CA`; sa colonne
    est vidée, pour qu’aucune ancienne valeur n’y reste; corriger dans Hopem, ou
    dans `[entities.tenant.columns]`

« Statut »  status  ● identique
  TenantType "D" → D → Ancien
  monday a déjà reçu cette valeur

« Commentaire »  text  ● identique
  Comment null → ∅
  monday a déjà reçu cette valeur

« Bail »  timeline  ● identique
  {LeaseStart}/{LeaseEnd} : LeaseStart "2007-07-01", LeaseEnd
    "2018-07-01T00:00:00" → 2007-07-01/2018-07-01T00:00:00 →
    2007-07-01/2018-07-01
  monday a déjà reçu cette valeur

Lu dans Hopem le 2026-01-01 00:00; tel qu’il y est maintenant : hopem-sync
  show-json tenant:1 --live; le tableau tel qu’il est maintenant : hopem-sync
  status --drift tenant:1
"#,
    );
}

#[test]
fn what_people_did_on_the_boards() {
    let world = world();
    let items = world.query("SELECT item_id FROM entities WHERE kind = 'building' ORDER BY id");
    world.sandbox.monday().edit_by_hand(&items[0], "name", &json!("à la main"));
    world.sandbox.monday().archive_by_hand(&items[1]);
    let copied = json!({"text_key": "building:3"});
    world.sandbox.monday().create_item_by_hand(&world.boards[1].board_id, "copie", &copied);
    shows_in(
        &world,
        &["status", "--drift", "building"],
        "en",
        r" Entity      item              Column  Last sent            On the board
 building:1  9007199254740993  name    Maison de repos du   à la main
                                       Chevreau
 building:2  9007199254740993                               the item was
                                                            deleted, archived
                                                            or moved off its
                                                            board
 building:3  9007199254740993                               another item bears
                                                            its key; see:
                                                            hopem-sync status
                                                            --duplicates
",
    );
    shows_in(
        &world,
        &["status", "--drift", "building"],
        "fr",
        r" Entité      élément           Colonne  Dernier envoi        Sur le tableau
 building:1  9007199254740993  nom      Maison de repos du   à la main
                                        Chevreau
 building:2  9007199254740993                                l’élément a été
                                                             supprimé, archivé
                                                             ou déplacé hors de
                                                             son tableau
 building:3  9007199254740993                                un autre élément
                                                             porte sa clé;
                                                             voir : hopem-sync
                                                             status
                                                             --duplicates
",
    );
    shows_in(
        &world,
        &["status", "--duplicates", "building"],
        "en",
        r"building:3  9007199254740993, 9007199254740993
    9007199254740993 is the one that is kept up to date: delete the others on
    monday; to keep 9007199254740993 instead: hopem-sync unlink building:3
    --archive-item && hopem-sync push building:3 && hopem-sync link building:3
    9007199254740993
",
    );
    shows_in(
        &world,
        &["status", "--duplicates", "building"],
        "fr",
        r"building:3  9007199254740993, 9007199254740993
    9007199254740993 est celui qui est tenu à jour : supprimer les autres dans
    monday; pour garder plutôt 9007199254740993 : hopem-sync unlink building:3
    --archive-item && hopem-sync push building:3 && hopem-sync link building:3
    9007199254740993
",
    );
}

#[test]
fn which_item_an_entity_may_belong_to() {
    let world = world();
    shows_in(
        &world,
        &["link", "unit:3"],
        "en",
        r" candidate  unit:3  9007199254740993  6965IBERVI – 1  key column
to attach one of them: hopem-sync link unit:3 9007199254740993
",
    );
    shows_in(
        &world,
        &["link", "unit:3"],
        "fr",
        r" candidat  unit:3  9007199254740993  6965IBERVI – 1  colonne clé
pour en associer un : hopem-sync link unit:3 9007199254740993
",
    );
}

#[test]
fn which_subscriptions_there_are() {
    let world = world();
    shows_in(
        &world,
        &["subscribe"],
        "en",
        r" ○ LedgerDivision  company        not subscribed
 ○ Building        building       not subscribed
 ○ Unit            unit           not subscribed
 ○ Parking         parking        not subscribed
 ○ Storage         storage        not subscribed
 ○ Tenant          tenant         not subscribed
 ○ TenantParking   parking-lease  not subscribed
 ○ TenantStorage   locker-lease   not subscribed
to subscribe: hopem-sync subscribe add company building unit parking storage
  tenant parking-lease locker-lease --url URL
",
    );
    shows_in(
        &world,
        &["subscribe"],
        "fr",
        r" ○ LedgerDivision  company        non abonné
 ○ Building        building       non abonné
 ○ Unit            unit           non abonné
 ○ Parking         parking        non abonné
 ○ Storage         storage        non abonné
 ○ Tenant          tenant         non abonné
 ○ TenantParking   parking-lease  non abonné
 ○ TenantStorage   locker-lease   non abonné
pour s’abonner : hopem-sync subscribe add company building unit parking storage
  tenant parking-lease locker-lease --url URL
",
    );
}

#[test]
fn what_is_forgotten_and_what_is_not() {
    shows(
        &["forget", "tenant:2", "--yes"],
        "en",
        r"1 entity forgotten
  tenant:2: item 9007199254740993 stays on board 9007199254740993; delete it in
    monday if it is to go too
what Hopem still has comes back with the next pull: remove it there first, or
  leave it out by `filter`
",
    );
    shows(
        &["forget", "tenant:2", "--yes"],
        "fr",
        r"1 entité oubliée
  tenant:2 : l’élément 9007199254740993 reste sur le tableau 9007199254740993;
    le supprimer dans monday s’il doit partir aussi
ce que Hopem a encore reviendra à la prochaine lecture : le retirer d’abord
  là-bas, ou l’exclure par `filter`
",
    );
}

#[test]
fn which_entities_a_command_changed() {
    shows(
        &["pause", "building"],
        "en",
        r" ‖ paused  building:1    Maison de repos du Chevreau
 ‖ paused  building:2    Iberville 51566
 ‖ paused  building:3    100 laurier
 ‖ paused  building:4    1000 des Pins
 ‖ paused  building:5    1067 du Chevreau
 ‖ paused  building:6    Domaine D'Iberville
 ‖ paused  building:628  1000 des Chênes
building: since 2026-01-01 00:00 · by anne · the whole kind
",
    );
    shows(
        &["pause", "building"],
        "fr",
        r" ‖ en pause  building:1    Maison de repos du Chevreau
 ‖ en pause  building:2    Iberville 51566
 ‖ en pause  building:3    100 laurier
 ‖ en pause  building:4    1000 des Pins
 ‖ en pause  building:5    1067 du Chevreau
 ‖ en pause  building:6    Domaine D'Iberville
 ‖ en pause  building:628  1000 des Chênes
building : depuis 2026-01-01 00:00 · par anne · tout le type
",
    );
}

/// How many characters a line takes on a screen: those that only colour it take none.
fn width(line: &str) -> usize {
    let parts = line.split('\u{1b}');
    parts
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
        .map(|part| part.chars().count())
        .sum()
}

#[test]
fn no_line_of_any_command_is_wider_than_its_terminal() {
    let mut world = world();
    world.environment.insert("TERM".to_owned(), "xterm".to_owned());
    let config = std::fs::read_to_string(world.path("config.toml")).expect("a configuration");
    let only = "[entities.parking]\nonly = { Amount = [\"0\"] }\n";
    world.write("config.toml", &config.replace("[entities.parking]\n", only));
    for line in [
        "sync --dry-run",
        "pull unit",
        "status",
        "status unit",
        "status --state error",
        "status --search 1067",
        "status building:5 -v",
        "status tenant:1",
        "status nope",
        "runs",
        "runs 1 --changes",
        "runs 777",
        "explain tenant:1",
        "explain unit",
        "config show --origin",
        "link unit:3",
        "link unit:1 123",
        "status --duplicates",
        "status --drift",
        "resync building:5",
        "pause unit --until 2020-01-01",
        "export unit --where Foo=1",
        "resync unit:3",
        "sync",
    ] {
        for lang in ["en", "fr"] {
            let arguments: Vec<&str> = line.split(' ').chain(["--lang", lang]).collect();
            for columns in ["80", "60"] {
                let mut command = world.command(&arguments);
                command.env("COLUMNS", columns);
                let most: usize = columns.parse().expect("a number");
                let shown = wholly_on_terminal(command);
                // Bars are drawn over one another; what was wiped away does not stand there.
                let lines = shown.lines().map(|line| line.rsplit("\u{1b}[2K").next().unwrap_or_default());
                for shown in lines.filter(|line| !is_one_word(line) && !line.contains('█')) {
                    assert!(width(shown) <= most, "{line} --lang {lang}: {} of {most}: {shown}", width(shown));
                }
            }
        }
    }
}

/// An address, a path or a setting that is longer than a line stays in one piece.
fn is_one_word(line: &str) -> bool {
    line.trim().split(' ').count() == 1 || line.starts_with("entities.")
}
