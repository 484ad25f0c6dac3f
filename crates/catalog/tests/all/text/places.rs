//! Places under other names: countries, regions of the world, states, towns.

use sluice_catalog::text::{Address, country_code, place_query, place_tokens};
use sluice_model::filter::Level;

#[test]
fn countries_have_codes_and_names() {
    for (name, code) in [
        ("DE", Some("DE")),
        ("deu", Some("DE")),
        ("Allemagne", Some("DE")),
        ("Österreich", Some("AT")),
        ("Oesterreich", Some("AT")),
        ("Suisse", Some("CH")),
        ("Czechia", Some("CZ")),
        ("Türkiye", Some("TR")),
        ("U.K.", Some("GB")),
        ("USA", Some("US")),
        ("États-Unis", Some("US")),
        ("Korea, Republic of", Some("KR")),
        ("Viet Nam", Some("VN")),
        ("Trinidad and Tobago", Some("TT")),
        ("Timor-Leste", Some("TL")),
        ("Kap Verde", Some("CV")),
        ("Libye", Some("LY")),
        ("YEM", Some("YE")),
        ("Samoa", Some("WS")),
        ("DACH", None),
        ("Bavaria", None),
        ("", None),
    ] {
        assert_eq!(country_code(name).as_deref(), code, "{name}");
    }
}

#[test]
fn places_are_found_by_other_names() {
    let mut wrong = Vec::new();
    for (level, value, country, state, city, fits) in [
        (Level::Any, "DACH region", "CH", "", "", true),
        (Level::Any, "DACH", "LI", "", "", false),
        (Level::Any, "the Nordics", "Finland", "", "", true),
        (Level::Any, "Scandinavia", "Finland", "", "", false),
        (Level::Any, "Benelux", "Belgique", "", "", true),
        (Level::Any, "Baltics", "Lettland", "", "", true),
        (Level::Any, "UK&I", "Ireland", "", "", true),
        (Level::Any, "Iberia", "Portugal", "", "", true),
        (Level::Any, "CEE", "Poland", "", "", true),
        (Level::Any, "Mittel- und Osteuropa", "Rumänien", "", "", true),
        (Level::Any, "EU27", "Norway", "", "", false),
        (Level::Any, "Eurozone", "Sweden", "", "", false),
        (Level::Any, "Eurozone", "Finland", "", "", true),
        (Level::Any, "EFTA", "Schweiz", "", "", true),
        (Level::Any, "GCC", "Saudi Arabia", "", "", true),
        (Level::Any, "GCC", "Egypt", "", "", false),
        (Level::Any, "MENA", "Morocco", "", "", true),
        (Level::Any, "MEA", "Nigeria", "", "", true),
        (Level::Any, "EMEA", "India", "", "", false),
        (Level::Any, "Europe, Middle East & Africa", "Qatar", "", "", true),
        (Level::Any, "APAC", "Australia", "", "", true),
        (Level::Any, "LATAM", "Brasil", "", "", true),
        (Level::Any, "North America", "Canada", "", "", true),
        (Level::Any, "US & Canada", "Mexico", "", "", false),
        (Level::Any, "V4", "Slovakia", "", "", true),
        (Level::Any, "West Africa", "Ghana", "", "", true),
        (Level::State, "Jalisco", "Mexico", "JAL", "Guadalajara", true),
        (Level::State, "Nuevo León", "MX", "Nuevo Leon", "", true),
        (Level::State, "Minas Gerais", "Brazil", "MG", "", true),
        (Level::State, "Goiás", "Brasilien", "GO", "", true),
        (Level::State, "Orissa", "India", "Odisha", "", true),
        (Level::State, "Steiermark", "Austria", "Styria", "", true),
        (Level::State, "Graubuenden", "CH", "GR", "", true),
        (Level::State, "Bâle-Ville", "Switzerland", "Basel-Stadt", "", true),
        (Level::State, "Catalonia", "ES", "Cataluña", "Barcelona", true),
        (Level::State, "Lombardei", "Italy", "Lombardia", "Milan", true),
        (Level::State, "Flanders", "Belgium", "Vlaanderen", "", true),
        (Level::State, "PACA", "France", "Provence-Alpes-Côte d'Azur", "", true),
        (Level::State, "Wales", "GB", "England", "", false),
        (Level::Any, "Pays de Galles", "Wales", "", "", true),
        (Level::Any, "New South Wales", "AU", "NSW", "Sydney", true),
        (Level::City, "Genf", "CH", "GE", "Genève", true),
        (Level::City, "München", "DE", "", "Munich", true),
        (Level::City, "Nice", "FR", "", "Nizza", true),
        (Level::City, "Liège", "BE", "", "Lüttich", true),
        (Level::City, "Saragossa", "ES", "", "Zaragoza", true),
        (Level::City, "Gurgaon", "IN", "HR", "Gurugram", true),
        (Level::City, "Canton", "CN", "", "Guangzhou", true),
        (Level::City, "Le Caire", "EG", "", "Cairo", true),
        (Level::City, "Tokio", "JP", "", "Tokyo", true),
        (Level::City, "St. Louis", "US", "MO", "Saint Louis", true),
        (Level::City, "Freiburg", "DE", "", "Fribourg", false),
        (Level::Any, "Köln, Deutschland", "Germany", "NRW", "Cologne", true),
        (Level::Any, "Köln, Schweiz", "Germany", "NRW", "Cologne", false),
        (Level::Any, "Zürich, CH", "Switzerland", "Zurich", "Zuerich", true),
        (Level::Any, "Toronto, ON", "Canada", "Ontario", "Toronto", true),
    ] {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let address = Address { country: some(country), state: some(state), city: some(city) };
        if place_query(level, value).fits(&place_tokens(address)) != fits {
            wrong.push(format!("{level:?} {value} on {country}, {state}, {city} should be {fits}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
