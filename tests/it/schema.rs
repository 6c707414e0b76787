//! Every document that can be sent is valid against monday's own schema.
//!
//! The schema is monday's, so it is not kept here: `MONDAY_SCHEMA` names the file, for instance one that
//! `https://api.monday.com/v2/get_schema?format=sdl&version=2026-10` gave.

use crate::mirror;
use crate::support::World;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use hopem_sandbox::Portfolio;

fn schema() -> Option<Valid<Schema>> {
    let Some(file) = std::env::var_os("MONDAY_SCHEMA") else {
        eprintln!("skipped: MONDAY_SCHEMA names no schema");
        return None;
    };
    let text = std::fs::read_to_string(&file).expect("the schema can be read");
    // monday writes the built-in scalars out.
    let schema = Schema::builder().ignore_builtin_redefinitions().parse(text, "schema.graphql").build();
    let schema = schema.and_then(Schema::validate);
    Some(schema.unwrap_or_else(|errors| panic!("the schema is none: {}", errors.errors)))
}

fn check(schema: &Valid<Schema>, query: &str) {
    if let Err(errors) = ExecutableDocument::parse_and_validate(schema, query, "document.graphql") {
        panic!("{query}\n{}", errors.errors);
    }
}

#[test]
fn every_document_is_valid_against_mondays_schema() {
    let Some(schema) = schema() else { return };
    for document in hopem_sync::monday::documents::every_document() {
        check(&schema, &document.query);
    }
}

#[test]
fn whatever_a_sync_sent_is_valid_against_mondays_schema() {
    let Some(schema) = schema() else { return };
    let world = World::of(&Portfolio::tidy(1, 6));
    world.doc("sync", 0);
    mirror::assert_equal(&world, "after the first load");
    world.sandbox.hapi().remove("Tenants", 7535);
    world.doc("sync", 0);
    let documents = world.sandbox.monday().documents();
    assert!(documents.len() > 5, "{documents:?}");
    for document in documents {
        check(&schema, &document);
    }
}
