//! The API page: the OpenAPI document for people.

use crate::Api;
use crate::schema::{limits, resolve, table, type_of};
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

struct Endpoint<'d> {
    method: &'static str,
    path: &'d str,
    operation: &'d Value,
}

/// How a request says who sends it.
struct Credential {
    /// As a header.
    header: String,
    /// The same in a shell, where the secret is in a variable.
    in_shell: String,
}

impl Credential {
    fn of(document: &Value) -> Self {
        let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
        let name = schemes.into_iter().flatten().find_map(|(_, scheme)| scheme.get("name")?.as_str());
        let (header, in_shell) = match name {
            Some(name) => (format!("{name}: <key>"), format!("{name}: $KEY")),
            None => ("Authorization: Bearer <token>".to_owned(), "Authorization: Bearer $TOKEN".to_owned()),
        };
        Self { header, in_shell }
    }
}

/// The whole page of one of these APIs.
pub fn render(api: &Api, apis: &[Api]) -> Markup {
    let document = &api.document;
    let credential = Credential::of(document);
    let endpoints = endpoints(document);
    let tags: Vec<&Value> = document.get("tags").and_then(Value::as_array).into_iter().flatten().collect();
    let title = text(&document["info"], "title");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/docs/style.css";
            }
            body {
                nav {
                    h1 { "Sluice" }
                    ul.apis {
                        @for other in apis {
                            li {
                                a href=(other.page) aria-current=[(other.page == api.page).then_some("page")] {
                                    (text(&other.document["info"], "title").trim_start_matches("Sluice "))
                                }
                            }
                        }
                    }
                    @for tag in &tags {
                        h2 { (text(tag, "name")) }
                        ul {
                            @for endpoint in endpoints.iter().filter(|endpoint| endpoint.is_tagged(text(tag, "name"))) {
                                li { a href={ "#" (endpoint.anchor()) } { (method(endpoint.method)) " " (prose(endpoint.summary())) } }
                            }
                        }
                    }
                }
                main {
                    header {
                        h1 { (title) }
                        p { (prose(text(&document["info"], "description"))) }
                        p {
                            "Send " code { (credential.header) } " with every request. The same as a document for programs: "
                            a href=(api.document_path) { "openapi.json" } "."
                        }
                    }
                    @for tag in &tags {
                        section {
                            h2 { (text(tag, "name")) }
                            p { (prose(text(tag, "description"))) }
                            @for endpoint in endpoints.iter().filter(|endpoint| endpoint.is_tagged(text(tag, "name"))) {
                                (endpoint.render(document, &credential))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn endpoints(document: &Value) -> Vec<Endpoint<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                item.get(*method).map(|operation| Endpoint { method, path, operation })
            })
        })
        .collect()
}

fn text<'d>(value: &'d Value, key: &str) -> &'d str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Text in which words between backticks are code.
pub fn prose(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn method(name: &str) -> Markup {
    html! { span class={ "method " (name) } { (name.to_uppercase()) } }
}

impl Endpoint<'_> {
    fn is_tagged(&self, tag: &str) -> bool {
        let mut tags = self.operation.get("tags").and_then(Value::as_array).into_iter().flatten();
        tags.any(|known| known == tag)
    }

    fn anchor(&self) -> &str {
        text(self.operation, "operationId")
    }

    fn summary(&self) -> &str {
        let text = text(self.operation, "summary");
        text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
    }

    fn render(&self, document: &Value, credential: &Credential) -> Markup {
        let parameters: Vec<&Value> =
            self.operation.get("parameters").and_then(Value::as_array).into_iter().flatten().collect();
        let body = self.operation.pointer("/requestBody/content/application~1json/schema");
        html! {
            article id=(self.anchor()) {
                h3 { (method(self.method)) " " code.path { (self.path) } }
                p { (prose(text(self.operation, "summary"))) " " (prose(text(self.operation, "description"))) }
                @if !parameters.is_empty() {
                    h4 { "Parameters" }
                    table.fields {
                        @for parameter in parameters {
                            tr {
                                td { code { (text(parameter, "name")) } @if parameter["required"] == true { span.required { "*" } } }
                                td.type { (text(parameter, "in")) ", " (type_of(document, &parameter["schema"])) (limits(&parameter["schema"])) }
                                td { (prose(text(parameter, "description"))) }
                            }
                        }
                    }
                }
                @if let Some(body) = body {
                    h4 { "Body" }
                    p { (prose(text(resolve(document, body), "description"))) }
                    (table(document, body))
                }
                h4 { "Replies" }
                @for (status, reply) in self.operation["responses"].as_object().into_iter().flatten() {
                    (self.reply(document, status, reply))
                }
                h4 { "Try it" }
                pre { (self.curl(body.is_some(), credential)) }
            }
        }
    }

    fn reply(&self, document: &Value, status: &str, reply: &Value) -> Markup {
        let schema = reply.pointer("/content/application~1json/schema").filter(|_| status.starts_with('2'));
        html! {
            div.reply {
                span class={ "status s" (status.chars().next().unwrap_or('5')) } { (status) } " "
                (prose(text(reply, "description")))
                @if let Some(schema) = schema {
                    details { summary { (type_of(document, schema)) } (table(document, schema)) }
                }
            }
        }
    }

    fn curl(&self, has_body: bool, credential: &Credential) -> String {
        let mut lines = vec![format!("curl -X {} \"$SLUICE{}\"", self.method.to_uppercase(), self.path)];
        lines.push(format!("  -H \"{}\"", credential.in_shell));
        if has_body {
            lines.push("  -H 'Content-Type: application/json' -d '{…}'".to_owned());
        }
        lines.join(" \\\n")
    }
}
