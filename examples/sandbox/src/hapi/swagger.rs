//! What HApi says of itself: the Swagger document and the page that shows it, as Swashbuckle makes both.

use serde_json::{Map, Value, json};

use super::properties::{Type, type_name, type_of};
use super::{Hapi, JSON, Set};
use crate::server::{Request, Response};

/// Where and how the document is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwaggerSettings {
    /// Where it is.
    pub place: SwaggerPlace,
    /// Whether it is in version 2 of OpenAPI.
    pub is_version_2: bool,
    /// Whether it does not say what the sets answer, as of actions that return no type.
    pub leaves_answers_out: bool,
    /// Whether document and page want a login.
    pub needs_login: bool,
}

/// Where the Swagger document is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SwaggerPlace {
    /// At `/swagger/v1/swagger.json`.
    #[default]
    Usual,
    /// At this path, which only the page names.
    At(String),
    /// At this path, which only a script of the page names.
    InScript(String),
    /// Nowhere, and there is no page.
    Nowhere,
}

/// The page of Swashbuckle up to its version 6; `{}` stands for the document's address.
const PAGE: &str = "<!DOCTYPE html>\n<html><body><script>\nvar configObject = \
    JSON.parse('{\"urls\":[{\"url\":\"{}\",\"name\":\"HApi\"}],\"deepLinking\":false}');\n</script></body></html>\n";
/// The page of later versions.
const BARE_PAGE: &str =
    "<!DOCTYPE html>\n<html><body><script src=\"index.js\" charset=\"utf-8\"></script></body></html>\n";

impl Hapi {
    /// The answer to a request for the document or the page.
    pub(super) fn answer_about_itself(&self, request: &Request) -> Option<Response> {
        let settings = &self.settings.swagger;
        let path = request.path.to_ascii_lowercase();
        let (document, page, script) = match &settings.place {
            SwaggerPlace::Nowhere => return None,
            SwaggerPlace::Usual => ("/swagger/v1/swagger.json", PAGE.replace("{}", "v1/swagger.json"), None),
            SwaggerPlace::At(path) => (path.as_str(), PAGE.replace("{}", path), None),
            SwaggerPlace::InScript(path) => (path.as_str(), BARE_PAGE.to_owned(), Some(path)),
        };
        let (kind, body) = match path.as_str() {
            "/swagger/index.html" => ("text/html;charset=utf-8", page),
            "/swagger/index.js" => ("application/javascript", format!("const a = {{\"url\":\"{}\"}};", script?)),
            path if path == document.to_ascii_lowercase() => (JSON, self.swagger().to_string()),
            _ => return None,
        };
        if settings.needs_login && !self.knows_token_of(request) {
            return Some(Response::empty(401));
        }
        Some(match request.method.as_str() {
            "GET" => Response::with_body(200, kind, body),
            _ => Response::empty(405).with_header("allow", "GET"),
        })
    }

    /// The document. A set that is refused stands in it too: it is the same for all of the vendor's clients.
    fn swagger(&self) -> Value {
        let is_version_2 = self.settings.swagger.is_version_2;
        let mut paths: Map<String, Value> =
            self.sets.iter().map(|set| (format!("/api/{}", set.route), json!({"get": self.operation(set)}))).collect();
        let subscribe = json!({"properties": {"ResponseUrl": {"type": "string"}, "ResponseHeaders": {"type": "string"},
            "Entities": {"type": "array", "items": {"enum": self.settings.webhooks.entities, "type": "string"}}}});
        let post = match is_version_2 {
            true => json!({"parameters": [{"in": "body", "name": "body", "schema": subscribe}], "responses": {}}),
            false => json!({"requestBody": {"content": {"application/json": {"schema": subscribe}}}, "responses": {}}),
        };
        paths.insert("/api/Token".to_owned(), json!({"post": {"responses": {}}}));
        paths.insert(format!("/api/{}", self.settings.webhooks.subscribe.path), json!({"get": {}, "post": post}));
        let types: Map<String, Value> =
            self.sets.iter().map(|set| (type_name(set.name).to_owned(), record(set))).collect();
        match is_version_2 {
            true => json!({"swagger": "2.0", "info": {"title": "HApi"}, "paths": paths, "definitions": types}),
            false => json!({"openapi": "3.0.1", "info": {"title": "HApi"}, "paths": paths,
                "components": {"schemas": types}}),
        }
    }

    fn operation(&self, set: &Set) -> Value {
        let settings = &self.settings.swagger;
        let root = if settings.is_version_2 { "#/definitions" } else { "#/components/schemas" };
        let list = json!({"type": "array", "items": {"$ref": format!("{root}/{}", type_name(set.name))}});
        let answer = match (settings.leaves_answers_out, settings.is_version_2) {
            (true, _) => json!({"description": "Success"}),
            (false, true) => json!({"description": "Success", "schema": list}),
            (false, false) => json!({"description": "Success", "content": {"application/json": {"schema": list}}}),
        };
        json!({"tags": [set.route], "responses": {"200": answer}})
    }
}

fn record(set: &Set) -> Value {
    let property = |name: &&str| ((*name).to_owned(), described(type_of(name)));
    json!({"type": "object", "properties": set.properties.iter().map(property).collect::<Map<String, Value>>(),
        "additionalProperties": false})
}

fn described(of: Type) -> Value {
    match of {
        Type::Number => json!({"type": "number", "format": "double"}),
        Type::Text => json!({"type": "string", "nullable": true}),
        Type::Date => json!({"type": "string", "format": "date-time", "nullable": true}),
        Type::Boolean => json!({"type": "boolean"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(hapi: &mut Hapi, path: &str) -> (u16, String) {
        let (method, path) = ("GET".to_owned(), path.to_owned());
        let response = hapi.answer(&Request { method, path, query: None, headers: Vec::new(), body: Vec::new() });
        (response.status, String::from_utf8(response.body).expect("answers are UTF-8"))
    }

    #[test]
    fn the_document_names_sets_properties_and_what_may_be_subscribed() {
        let mut hapi = Hapi::new();
        let (status, body) = get(&mut hapi, "/swagger/v1/swagger.json");
        let document: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((status, &document["openapi"]), (200, &json!("3.0.1")));
        assert_eq!(document["components"]["schemas"]["Unit"]["properties"]["Rent"]["type"], "number");
        assert!(body.contains("TenantParking") && document["paths"]["/api/Units"]["get"].is_object());
        assert!(get(&mut hapi, "/swagger/index.html").1.contains("v1/swagger.json"));
    }

    #[test]
    fn it_may_be_elsewhere_behind_a_login_or_nowhere() {
        let mut hapi = Hapi::new();
        hapi.settings.swagger.place = SwaggerPlace::InScript("/docs/hapi.json".to_owned());
        assert_eq!(get(&mut hapi, "/swagger/v1/swagger.json").0, 404);
        assert!(get(&mut hapi, "/swagger/index.js").1.contains("/docs/hapi.json"));
        assert_eq!(get(&mut hapi, "/docs/hapi.json").0, 200);
        hapi.settings.swagger.needs_login = true;
        assert_eq!(get(&mut hapi, "/docs/hapi.json").0, 401);
        hapi.settings.swagger.place = SwaggerPlace::Nowhere;
        assert_eq!(get(&mut hapi, "/swagger/index.html").0, 404);
    }
}
