//! Which crate may see which: the shape of the house, held by the build.

use serde_json::Value;

/// Our crates with those of ours that they may depend on.
const INSIDE: [(&str, &[&str]); 11] = [
    ("sluice-model", &[]),
    ("sluice-testdb", &[]),
    ("sluice-store", &["sluice-model"]),
    ("sluice-catalog", &["sluice-model"]),
    ("sluice-connect", &["sluice-model"]),
    ("sluice-fakes", &["sluice-model"]),
    ("sluice-app", &["sluice-model", "sluice-store", "sluice-catalog", "sluice-connect"]),
    ("sluice-api", &["sluice-model", "sluice-app"]),
    ("sluice-ui", &["sluice-model", "sluice-app"]),
    ("sluice", BELOW_SERVER),
    ("sluice-testkit", BELOW_SERVER),
];
const BELOW_SERVER: &[&str] = &[
    "sluice-model",
    "sluice-store",
    "sluice-catalog",
    "sluice-connect",
    "sluice-fakes",
    "sluice-app",
    "sluice-api",
    "sluice-ui",
];
/// Tools that may depend on whatever they need.
const FREE: [&str; 2] = ["sluice-bench", "xtask"];
/// Crates whose tests arrange what they look at in the store and the catalog.
const ARRANGING: [&str; 3] = ["sluice-app", "sluice-api", "sluice-ui"];
/// For tests only.
const TESTKIT: &str = "sluice-testkit";
/// What speaks like the vendors, for tests and for the demo.
const FAKES: &str = "sluice-fakes";
/// The databases of tests, which the kit hands on.
const TESTDB: &str = "sluice-testdb";

/// Libraries that only some crates may know.
const OUTSIDE: [(&str, &[&str]); 12] = [
    ("rusqlite", &["sluice-store"]),
    ("tokio-postgres", &["sluice-store"]),
    ("deadpool-postgres", &["sluice-store"]),
    ("tokio-rustls", &["sluice-store", "sluice-connect"]),
    ("rustls-native-certs", &["sluice-store", "sluice-connect"]),
    ("tantivy", &["sluice-catalog"]),
    ("hyper", &["sluice-catalog"]),
    ("hyper-util", &["sluice-catalog"]),
    ("reqwest", &["sluice-connect"]),
    ("axum", &["sluice-api", "sluice-ui", "sluice", "sluice-testkit", "sluice-fakes"]),
    ("clap", &["sluice"]),
    ("maud", &["sluice-ui"]),
];

/// The dependencies that go the wrong way. `metadata` is what `cargo metadata --no-deps` prints.
pub fn faults(metadata: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    if packages.is_empty() {
        found.push("cargo metadata names no package".to_owned());
    }
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if FREE.contains(&name) {
            continue;
        }
        let Some((_, inside)) = INSIDE.iter().find(|(known, _)| *known == name) else {
            found.push(format!("{name} has no place yet: say in xtask/src/directions.rs what it may see"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // `name` is the package's own, whatever it is renamed to here.
            let other = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            let is_ours = ours.contains(&other) || INSIDE.iter().any(|(known, _)| *known == other);
            let arranged = ARRANGING.contains(&name) && BELOW_SERVER.contains(&other);
            let tested = for_tests && (other == TESTKIT || other == TESTDB || other == FAKES || arranged);
            let handed_on = name == TESTKIT && other == TESTDB;
            if is_ours && !inside.contains(&other) && !tested && !handed_on {
                found.push(format!("{name} must not depend on {other}"));
            }
            let owners = OUTSIDE.iter().find(|(library, _)| *library == other);
            if let Some((_, owners)) = owners.filter(|(_, owners)| !owners.contains(&name)) {
                found.push(format!("{name} must not depend on {other}: only {} may", owners.join(", ")));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::faults;
    use serde_json::{Value, json};

    /// Metadata of crates with their dependencies; `dev:` before a name makes it one for tests.
    fn metadata(crates: &[(&str, &[&str])]) -> Value {
        let package = |(name, dependencies): &(&str, &[&str])| {
            let dependencies: Vec<Value> = dependencies
                .iter()
                .map(|dependency| match dependency.strip_prefix("dev:") {
                    Some(dependency) => json!({"name": dependency, "kind": "dev"}),
                    None => json!({"name": dependency, "kind": null}),
                })
                .collect();
            json!({"name": name, "dependencies": dependencies})
        };
        json!({"packages": crates.iter().map(package).collect::<Vec<_>>()})
    }

    #[test]
    fn the_house_as_planned_is_sound() {
        let house = metadata(&[
            ("sluice-model", &["serde", "jiff"]),
            ("sluice-testdb", &[]),
            ("sluice-store", &["sluice-model", "rusqlite", "tokio-postgres", "dev:sluice-testdb"]),
            ("sluice-catalog", &["sluice-model", "tantivy", "hyper", "dev:sluice-testdb"]),
            ("sluice-connect", &["sluice-model", "reqwest", "dev:sluice-fakes"]),
            ("sluice-fakes", &["sluice-model", "axum"]),
            (
                "sluice-app",
                &["sluice-model", "sluice-store", "sluice-catalog", "sluice-connect", "dev:sluice-testkit"],
            ),
            ("sluice-api", &["sluice-app", "sluice-model", "axum", "dev:sluice-testkit", "dev:sluice-store"]),
            ("sluice-ui", &["sluice-app", "sluice-model", "axum", "maud"]),
            ("sluice", &["sluice-api", "sluice-ui", "sluice-store", "axum", "clap"]),
            ("sluice-testkit", &["sluice-api", "sluice-store", "sluice-testdb", "axum"]),
            ("sluice-bench", &["sluice-store", "rusqlite", "tantivy", "clap"]),
            ("xtask", &["serde_json"]),
        ]);
        assert_eq!(faults(&house), Vec::<String>::new());
    }

    #[test]
    fn each_wrong_way_is_named() {
        for (name, dependency, fault) in [
            ("sluice-model", "sluice-store", "sluice-model must not depend on sluice-store"),
            ("sluice-store", "sluice-catalog", "sluice-store must not depend on sluice-catalog"),
            ("sluice-catalog", "sluice-connect", "sluice-catalog must not depend on sluice-connect"),
            ("sluice-app", "sluice-api", "sluice-app must not depend on sluice-api"),
            ("sluice-api", "sluice-store", "sluice-api must not depend on sluice-store"),
            ("sluice-catalog", "dev:sluice-store", "sluice-catalog must not depend on sluice-store"),
            ("sluice-api", "sluice-ui", "sluice-api must not depend on sluice-ui"),
            ("sluice-ui", "sluice-catalog", "sluice-ui must not depend on sluice-catalog"),
            ("sluice-api", "sluice", "sluice-api must not depend on sluice"),
            ("sluice-testkit", "sluice", "sluice-testkit must not depend on sluice"),
            ("sluice-store", "sluice-testdb", "sluice-store must not depend on sluice-testdb"),
            ("sluice-app", "sluice-testkit", "sluice-app must not depend on sluice-testkit"),
            ("sluice-app", "rusqlite", "sluice-app must not depend on rusqlite: only sluice-store may"),
            (
                "sluice-store",
                "dev:reqwest",
                "sluice-store must not depend on reqwest: only sluice-connect may",
            ),
            ("sluice-api", "clap", "sluice-api must not depend on clap: only sluice may"),
        ] {
            assert_eq!(faults(&metadata(&[(name, &[dependency])])), [fault]);
        }
    }

    #[test]
    fn a_crate_without_a_place_and_an_empty_answer_are_faults() {
        assert_eq!(faults(&metadata(&[("sluice-common", &[])])).len(), 1);
        assert_eq!(faults(&json!({})).len(), 1);
    }
}
