//! What HApi says of itself, found wherever it stands.

use crate::support::World;
use hopem_sandbox::Api;
use hopem_sandbox::hapi::{SwaggerPlace, SwaggerSettings};
use hopem_sync::config::{Config, Request};
use hopem_sync::hapi::{Client, Description, ReadError, TokenFile};
use hopem_sync::host::Host;
use std::sync::Arc;

/// What the client finds, and at which paths it asked.
fn described(world: &World) -> (Result<Description, ReadError>, Vec<String>) {
    world.sandbox.clear_requests();
    let request = Request { config_flag: Some(world.path("config.toml")), ..Request::new(&world.environment) };
    let config = Config::load(&request).expect("a configuration").config;
    let host = Host::system();
    let stop = Arc::new(host.stop().expect("a stop"));
    let http = host.http(config.network.clone(), stop.clone(), &world.environment);
    let client =
        Client::new(&http, config.hapi.access().expect("all settings"), &stop, TokenFile::beside(&world.store()))
            .expect("a client");
    let found = client.describe();
    (found, world.sandbox.requests(Api::Hapi).into_iter().map(|request| request.path).collect())
}

#[test]
fn the_document_is_found_wherever_it_stands_and_without_a_login_where_it_needs_none() {
    let world = World::bare();
    let (page, usual) = ("/swagger/index.html", "/swagger/v1/swagger.json");
    let places = [
        (SwaggerPlace::Usual, vec![usual]),
        (SwaggerPlace::At("/docs/hapi.json".to_owned()), vec![usual, page, "/docs/hapi.json"]),
        (SwaggerPlace::InScript("/docs/h.json".to_owned()), vec![usual, page, "/swagger/index.js", "/docs/h.json"]),
    ];
    for (place, asked) in places {
        for (is_version_2, leaves_answers_out) in [(false, false), (true, false), (false, true), (true, true)] {
            let place = place.clone();
            let settings = SwaggerSettings { place, is_version_2, leaves_answers_out, needs_login: false };
            world.sandbox.hapi().settings.swagger = settings.clone();
            let (found, paths) = described(&world);
            let found = found.unwrap_or_else(|error| panic!("{error:?} with {settings:?}"));
            assert_eq!(found.sets.len(), 8, "{settings:?}");
            let unit = found.set("Units").and_then(|set| set.properties.clone()).expect("its properties");
            assert!(unit.iter().any(|property| property.name == "NumberOfRooms"), "{settings:?}");
            assert_eq!(found.is_subscribable("tenantparking"), Some(true), "{settings:?}");
            assert_eq!(paths, asked, "{settings:?}");
        }
    }
}

#[test]
fn one_behind_a_login_is_read_with_it_and_none_is_no_failure() {
    let world = World::bare();
    world.sandbox.hapi().settings.swagger.needs_login = true;
    let (found, paths) = described(&world);
    assert_eq!(found.expect("a document").sets.len(), 8);
    assert_eq!(paths, ["/swagger/v1/swagger.json", "/api/Token", "/swagger/v1/swagger.json"]);
    world.sandbox.hapi().settings.swagger.place = SwaggerPlace::Nowhere;
    let (found, _) = described(&world);
    assert!(matches!(found, Err(ReadError::Unavailable { status: 404 })), "{found:?}");
}
