//! The store's schema and how older stores are brought up to date.

use crate::text::{nfc, trimmed};
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Map, Value};

/// Marks a file as one of ours, in SQLite's header ("HoSy").
pub(super) const APPLICATION_ID: i32 = 0x486f_5379;

/// Every step from an empty file to today's schema. A step that was released never changes; the next one repairs it.
const MIGRATIONS: &[&str] = &[
    include_str!("schema_001_pipeline.sql"),
    include_str!("schema_002_events.sql"),
    include_str!("schema_003_screens.sql"),
    include_str!("schema_004_causes.sql"),
    include_str!("schema_005_caseless.sql"),
    include_str!("schema_006_ages.sql"),
    include_str!("schema_007_cleared.sql"),
    include_str!("schema_008_guard.sql"),
    include_str!("schema_009_database.sql"),
    include_str!("schema_010_erase.sql"),
    include_str!("schema_011_doubts.sql"),
    include_str!("schema_012_boards.sql"),
    include_str!("schema_013_properties.sql"),
    include_str!("schema_014_values.sql"),
    include_str!("schema_015_clock.sql"),
    include_str!("schema_016_notices.sql"),
    include_str!("schema_017_structure.sql"),
    include_str!("schema_018_imports.sql"),
    include_str!("schema_019_call_sizes.sql"),
    include_str!("schema_020_words.sql"),
    include_str!("schema_021_processed.sql"),
    include_str!("schema_022_page_sizes.sql"),
    include_str!("schema_023_newest_item.sql"),
    include_str!("schema_024_urgency.sql"),
    include_str!("schema_025_source.sql"),
    include_str!("schema_026_faults.sql"),
    include_str!("schema_027_reported.sql"),
];

/// What the first [`WHOLE_STEPS`] steps come to: a store that is made new begins with it, since they take seven times as long. It need
/// not be written anew with each step: later ones follow it.
const WHOLE: &str = include_str!("schema_024_whole.sql");
/// The steps that [`WHOLE`] stands for.
const WHOLE_STEPS: usize = 24;

/// The step with which keys come into Unicode's composed form.
const COMPOSES_KEYS: usize = 5;

/// The step with which what stands in place of sent values leaves their column.
const SPLITS_SENT: usize = 14;

/// The version that this program writes, in `PRAGMA user_version`.
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Runs the missing steps in one transaction together with the new number.
pub(super) fn migrate(connection: &mut Connection) -> anyhow::Result<()> {
    if version(connection)? >= newest() {
        return Ok(());
    }
    // Rebuilding a parent table would cascade to its children.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been faster.
    let mut done = usize::try_from(version(&transaction)?)?;
    if done == 0 {
        transaction.execute_batch(WHOLE)?;
        done = WHOLE_STEPS;
    }
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    if done < COMPOSES_KEYS {
        compose_keys(&transaction)?;
    }
    if done < SPLITS_SENT {
        split_sent(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", newest())?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    let broken =
        transaction.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get::<_, u64>(0))?;
    anyhow::ensure!(broken == 0, "the migration would leave {broken} rows without their parent");
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

/// Writes keys as records spell them from here on: composed, without what shows nothing around a value. Otherwise such an entity
/// would be met as a new one, and the one that is stored would be missing.
fn compose_keys(connection: &Connection) -> rusqlite::Result<()> {
    for table in ["entities", "pauses"] {
        let query = format!("SELECT DISTINCT kind, key FROM {table} WHERE key GLOB '*[^ -~]*'");
        let keys: Vec<(String, String)> = connection
            .prepare(&query)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        // Where both forms are there, each stays what it is.
        let mut write =
            connection.prepare(&format!("UPDATE OR IGNORE {table} SET key = ?3 WHERE kind = ?1 AND key = ?2"))?;
        for (kind, key) in keys {
            let parts: Vec<&str> = key.split('-').map(trimmed).collect();
            write.execute([kind.as_str(), key.as_str(), &nfc(&parts.join("-"))])?;
        }
    }
    Ok(())
}

/// Moves what stood in place of sent values, as `{"text": …, "seen": true}` or `{"text": …, "again": true}`, into columns of their own.
fn split_sent(connection: &Connection) -> anyhow::Result<()> {
    let marked = "SELECT entity, columns FROM sent WHERE instr(columns, '\"seen\":') OR instr(columns, '\"again\":')";
    let rows: Vec<(i64, String)> =
        connection.prepare(marked)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut write = connection.prepare("UPDATE sent SET columns = ?2, observed = ?3, resend = ?4 WHERE entity = ?1")?;
    for (entity, columns) in rows {
        let mut values: Map<String, Value> = serde_json::from_str(&columns)?;
        let (mut observed, mut resend) = (Map::new(), Map::new());
        values.retain(|column, value| {
            let texts = match value {
                Value::Object(mark) if mark.contains_key("seen") => &mut observed,
                Value::Object(mark) if mark.contains_key("again") => &mut resend,
                _ => return true,
            };
            texts.insert(column.clone(), value["text"].clone());
            false
        });
        let texts = |texts: Map<String, Value>| (!texts.is_empty()).then(|| Value::Object(texts).to_string());
        write.execute(params![entity, Value::Object(values).to_string(), texts(observed), texts(resend)])?;
    }
    Ok(())
}

/// The version that the store has.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store as the first `steps` left it, with a number of its own.
    fn older(steps: usize) -> Connection {
        let connection = Connection::open_in_memory().expect("a store");
        for step in &MIGRATIONS[..steps] {
            connection.execute_batch(step).expect("a step");
        }
        connection.pragma_update(None, "user_version", steps).expect("a number");
        connection
    }

    /// All that is declared, as SQLite keeps it, without comments and blanks.
    fn declared(connection: &Connection) -> Vec<(String, String)> {
        let query = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
        let mut statement = connection.prepare(query).expect("a query");
        let bare = |sql: String| -> String {
            let lines = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
            lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
        };
        let rows = statement.query_map([], |row| Ok((row.get(0)?, bare(row.get(1)?)))).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    }

    fn text(connection: &Connection, query: &str) -> String {
        connection.query_row(query, [], |row| row.get(0)).expect("a text")
    }

    #[test]
    fn every_older_version_comes_to_the_schema_of_a_new_store() {
        let mut new = older(0);
        migrate(&mut new).expect("made");
        assert!(declared(&new).len() > 60, "{:?}", declared(&new));
        // Each step is the same for whoever comes to it; these are the versions at which something else sets in.
        let special = [1, COMPOSES_KEYS - 1, COMPOSES_KEYS, SPLITS_SENT - 1, SPLITS_SENT, MIGRATIONS.len() - 1];
        for steps in special {
            let mut connection = older(steps);
            migrate(&mut connection).unwrap_or_else(|error| panic!("from version {steps}: {error:#}"));
            assert_eq!(version(&connection), Ok(newest()));
            assert_eq!(declared(&connection), declared(&new), "from version {steps}");
        }
    }

    #[test]
    fn a_migration_that_fails_leaves_the_store_as_it_was() {
        for steps in [1, MIGRATIONS.len() - 1] {
            let mut connection = older(steps);
            connection.pragma_update(None, "foreign_keys", false).expect("a setting");
            let orphan = "INSERT INTO sent (entity, columns) VALUES (7, '{}')";
            connection.execute(orphan, []).expect("a row without its entity");
            let before = declared(&connection);
            let error = migrate(&mut connection).expect_err("the row has no parent").to_string();
            assert!(error.contains("1 rows without their parent"), "{error}");
            assert_eq!(
                (version(&connection).map(|version| version as usize), declared(&connection)),
                (Ok(steps), before)
            );
        }
    }

    /// The step with which SQLite no longer tells since when a change waits.
    const DROPS_TRIGGER: usize = 15;

    #[test]
    fn since_when_a_change_waits_stays_and_sqlite_does_not_tell_it_any_more() {
        let mut connection = older(DROPS_TRIGGER - 1);
        let rows = "INSERT INTO entities (id, kind, key, name, received_at, due, due_since) VALUES
            (1, 'unit', '1', '', '', 1, '2026-11-01T00:00:00.000Z'), (2, 'unit', '2', '', '', 0, '2026-11-02T00:00:00.000Z')";
        connection.execute(rows, []).expect("entities");
        migrate(&mut connection).expect("migrated");
        connection.execute("UPDATE entities SET due = 1", []).expect("due");
        let since = text(&connection, "SELECT group_concat(due_since, ' ') FROM entities");
        assert_eq!(since, "2026-11-01T00:00:00.000Z 2026-11-02T00:00:00.000Z");
    }

    #[test]
    fn who_was_singled_out_by_a_number_is_so_by_its_own_column() {
        let mut connection = older(25);
        let rows = "INSERT INTO entities (id, kind, key, name, received_at) VALUES (1, 'unit', '1', '', ''), (2, 'unit', '2', '', '');
            INSERT INTO call_faults (entity, faults, company, next_at) VALUES
            (1, 1000000, 1, '2026-11-03T00:00:00.000Z'), (2, 3, 12, '2026-11-03T00:00:00.000Z')";
        connection.execute_batch(rows).expect("faults");
        migrate(&mut connection).expect("migrated");
        let query = "SELECT group_concat(entity || ' ' || is_singled_out || ' ' || faults || ' ' || max_batch, ', ') FROM call_faults";
        assert_eq!(text(&connection, query), "1 1 0 1, 2 0 3 12");
    }

    #[test]
    fn what_failed_before_counts_as_reported() {
        let mut connection = older(26);
        let rows = "INSERT INTO entities (id, kind, key, name, received_at) VALUES (1, 'unit', '1', '', '');
            INSERT INTO failures (entity, cause, message, tries, failed_at) VALUES (1, 'server-fault', '{}', 1, '')";
        connection.execute_batch(rows).expect("a failure");
        migrate(&mut connection).expect("migrated");
        assert_eq!(text(&connection, "SELECT CAST(is_reported AS TEXT) FROM failures"), "1");
    }

    #[test]
    fn what_was_notified_and_made_is_kept_from_version_to_version() {
        let mut connection = older(16);
        let reported =
            "INSERT INTO notices (channel, state, told_at) VALUES ('url', 'bad', '2026-11-03T00:00:00.000Z')";
        connection.execute(reported, []).expect("a notice");
        migrate(&mut connection).expect("migrated");
        let notice = text(&connection, "SELECT channel || ' ' || state || ' ' || notified_at FROM notices");
        assert_eq!(notice, "url bad 2026-11-03T00:00:00.000Z");
        // From older stores nobody was notified, and nothing was made.
        let mut connection = older(15);
        migrate(&mut connection).expect("migrated");
        for table in ["notices", "structure_calls", "made_boards"] {
            assert_eq!(text(&connection, &format!("SELECT CAST(count(*) AS TEXT) FROM {table}")), "0", "{table}");
        }
    }

    #[test]
    fn keys_of_an_older_store_come_into_the_form_that_records_give_them() {
        let mut connection = older(COMPOSES_KEYS - 1);
        let keys = ["Loue\u{301}-\u{200b}2", "a", "e\u{301}", "\u{e9}"];
        for key in keys {
            let row = "INSERT INTO entities (kind, key, name, received_at) VALUES ('unit', ?1, '', '')";
            connection.execute(row, [key]).expect("an entity");
        }
        migrate(&mut connection).expect("migrated");
        let mut statement = connection.prepare("SELECT key FROM entities ORDER BY id").expect("a query");
        let found: Vec<String> =
            statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("keys");
        assert_eq!(found, ["Lou\u{e9}-2", "a", "e\u{301}", "\u{e9}"]);
    }

    #[test]
    fn words_that_were_others_are_read_as_they_are_called_now() {
        let mut connection = older(24);
        connection
            .execute_batch(
                "INSERT INTO receiver (id, way, since, seen_at) VALUES (1, 'stdin', '', '');
                 INSERT INTO entities (id, kind, key, name, received_at) VALUES (1, 'unit', '1', '', '');
                 INSERT INTO records (entity, record) VALUES (1, '{}');
                 INSERT INTO batches (id, board, body, idempotency_key, sent_at) VALUES (1, '5', '', '', '');
                 INSERT INTO intents (batch, alias, entity, version, action, columns, withheld) VALUES
                    (1, 'a', 1, 1, 'unkey', '{}', '[]'), (1, 'b', 1, 1, 'delete', '{}', '[]');",
            )
            .expect("rows");
        migrate(&mut connection).expect("migrated");
        assert_eq!(text(&connection, "SELECT source FROM receiver"), "stdin");
        assert_eq!(text(&connection, "SELECT group_concat(action, ' ') FROM intents"), "clear-key delete");
    }

    #[test]
    fn what_was_kept_as_words_comes_into_columns() {
        let mut connection = older(SPLITS_SENT - 1);
        connection
            .execute_batch(
                r#"INSERT INTO routes (purpose, path) VALUES ('in vain', '2026-11-22T05:00:00Z'), ('subscribe', 'x');
                INSERT INTO entities (id, kind, key, name, received_at, send_all) VALUES (1, 'unit', '1', '', '', 2);
                INSERT INTO sent (entity, columns) VALUES
                    (1, '{"a":{"text":null,"seen":true},"b":{"text":"x","again":true},"c":{"text":"y"},"d":null}');"#,
            )
            .expect("rows");
        migrate(&mut connection).expect("migrated");
        let text = |query: &str| text(&connection, query);
        assert_eq!(text("SELECT failed_at FROM subscription_search"), "2026-11-22T05:00:00.000Z");
        assert_eq!(text("SELECT group_concat(purpose) FROM routes"), "subscribe");
        assert_eq!(text("SELECT send_all || ' ' || relink FROM entities"), "1 1");
        assert_eq!(text("SELECT record FROM records"), "null", "every entity has one");
        assert_eq!(
            text("SELECT columns || ' ' || observed || ' ' || resend FROM sent"),
            r#"{"c":{"text":"y"},"d":null} {"a":null} {"b":"x"}"#
        );
    }
}
