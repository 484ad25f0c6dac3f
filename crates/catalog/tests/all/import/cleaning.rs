//! What cells become.

use super::{Lab, outcome};
use sluice_catalog::import::{ImportOptions, Input, preview};
use sluice_model::EntityKind;
use std::io::Cursor;

#[test]
fn a_company_with_every_column() {
    let mut lab = Lab::new();
    let report = lab.companies(
        "crm.csv",
        0,
        "Company Name,Legal name,Website,LinkedIn,Size,# Employees,Industry,Phone,Street,Zip,City,State,Country,lat,lng,Founded,Revenue,Type,Tags,Technologies,Total Funding,Last Funding Date,ID,Shoe size\n\
         Acme,Acme GmbH,HTTPS://www.Acme.de/en, de.linkedin.com/company/ACME ,201 to 500,\"1,234\",Software,+49 30 1,Weg 1,10115,Berlin,BE,Germany,52.5,\"13,4\",1988-05-01,$1.5M,Privately Held,a; b ;A,Rust;N/A,2 Mio,01.02.2024,42,9\n",
    );
    assert_eq!(outcome(&report), [1, 0, 0, 0]);
    assert_eq!(report.mapping.unmapped, ["Shoe size"]);
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let acme = lab.company("dom:acme.de").unwrap();
    assert_eq!(acme.legal_name.as_deref(), Some("Acme GmbH"));
    assert_eq!(acme.website_url.as_deref(), Some("HTTPS://www.Acme.de/en"));
    assert_eq!(acme.linkedin_url.as_deref(), Some("https://www.linkedin.com/company/acme"));
    assert_eq!((acme.headcount.as_deref(), acme.employees), (Some("201-500"), Some(1234)));
    assert_eq!((acme.founded_year, acme.revenue), (Some(1988), Some(1_500_000)));
    assert_eq!(acme.company_type.as_deref(), Some("PRIVATELY_HELD"));
    assert_eq!(
        (acme.keywords, acme.technologies),
        (vec!["a".to_owned(), "b".to_owned()], vec!["Rust".to_owned()])
    );
    let funding = acme.funding.unwrap();
    assert_eq!((funding.total_amount, funding.date.as_deref()), (Some(2_000_000), Some("2024-02-01")));
    let place = acme.location.headquarter;
    assert_eq!((place.city.as_deref(), place.street.as_deref()), (Some("Berlin"), Some("Weg 1")));
    assert_eq!(place.coordinates.map(|c| (c.lat, c.lng)), Some((52.5, 13.4)));
    assert_eq!((acme.external_id.as_deref(), acme.source.as_deref()), (Some("42"), Some("crm")));
    assert_eq!(acme.observed_at, Some(super::day(0)));
    assert_eq!((acme.created_at, acme.updated_at), (Some(super::day(1)), Some(super::day(1))));
}

#[test]
fn german_headers_and_semicolons() {
    let mut lab = Lab::new();
    let report = lab.people(
        "kontakte.csv",
        0,
        "\u{feff}Vorname;Nachname;Firma;Webseite;Ort;PLZ;Land;E-Mail;Telefon;Position;Geburtsdatum;Kenntnisse;Anzahl Mitarbeiter\r\n\
         Jürgen;Groß;Müller GmbH;www.mueller.de;Köln;50667;Deutschland;J.Gross@Mueller.de;0221 1;Geschäftsführer;3.1.1970;Vertrieb;1.200\r\n",
    );
    assert_eq!(outcome(&report), [1, 0, 0, 0]);
    assert_eq!(report.mapping.unmapped, Vec::<String>::new());
    assert_eq!(report.counts.companies_created, 1);
    let person = lab.person("em:j.gross@mueller.de").unwrap();
    assert_eq!((person.first_name.as_str(), person.last_name.as_str()), ("Jürgen", "Groß"));
    assert_eq!((person.city.as_deref(), person.postal_code.as_deref()), (Some("Köln"), Some("50667")));
    assert_eq!(
        (person.birth_date.as_deref(), person.seniority.as_deref()),
        (Some("1970-01-03"), Some("c_suite"))
    );
    let company = lab.company("dom:mueller.de").unwrap();
    assert_eq!((company.headcount.as_deref(), company.employees), (Some("1001-5000"), Some(1200)));
    assert_eq!(company.website_url.as_deref(), Some("https://www.mueller.de"));

    let report = lab.companies(
        "firmen.tsv",
        0,
        "Firma\tWebseite\tBranche\tStraße\tOrt\tLand\tGründungsjahr\tMitarbeiterzahl\nSchmidt AG\tschmidt.at\tBau\tRing 1\tWien\tÖsterreich\t1950\t45\n",
    );
    assert_eq!((outcome(&report), report.mapping.unmapped.len()), ([1, 0, 0, 0], 0));
    let company = lab.company("dom:schmidt.at").unwrap();
    assert_eq!((company.founded_year, company.headcount.as_deref()), (Some(1950), Some("11-50")));
}

#[test]
fn the_facets_of_companies_in_three_languages() {
    for header in [
        "name,domain,Technology Stack,Primary NAICS,Last Funding Type,Last Funding Amount,Total Funding,Last Funding On,Annual Revenue,Year Founded,Company Type,Languages",
        "Firma,Domain,Eingesetzte Technologien,NAICS-Code,Letzte Finanzierungsrunde,Letzte Finanzierungssumme,Gesamtfinanzierung,Datum der letzten Finanzierung,Umsatz in EUR,Gründungsjahr,Unternehmenstyp,Unternehmenssprachen",
        "Raison sociale,Domaine,Technologies utilisées,Code NAICS,Type de financement,Dernier montant levé,Montant total levé,Date de financement,Chiffre d'affaires,Année de création,Type d'entreprise,Langues",
    ] {
        let mut lab = Lab::new();
        let report = lab.companies(
            "c.csv",
            0,
            &format!("{header}\nAcme,acme.com,\"Salesforce, AWS\",541511;541512,Series B,12M,$20.5M,2024-02-01,5 Mio,1999,private,\"English, German\"\n"),
        );
        assert_eq!((outcome(&report), report.mapping.unmapped), ([1, 0, 0, 0], Vec::new()), "{header}");
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
        let acme = lab.company("dom:acme.com").unwrap();
        assert_eq!(
            (acme.technologies, acme.naics),
            (list(&["Salesforce", "AWS"]), list(&["541511", "541512"]))
        );
        let funding = acme.funding.unwrap();
        assert_eq!(
            (funding.round.as_deref(), funding.date.as_deref()),
            (Some("Series B"), Some("2024-02-01"))
        );
        assert_eq!((funding.last_amount, funding.total_amount), (Some(12_000_000), Some(20_500_000)));
        assert_eq!((acme.revenue, acme.founded_year), (Some(5_000_000), Some(1999)));
        assert_eq!(acme.company_type.as_deref(), Some("PRIVATELY_HELD"));
        assert_eq!(acme.languages, list(&["English", "German"]));
    }
}

fn list(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[test]
fn languages_and_education_of_people_in_three_languages() {
    for (header, end) in [
        (
            "First name,Last name,E-mail,Language skills,University,Degree,Major,Education start,Graduation year",
            "2009",
        ),
        (
            "Vorname,Nachname,E-Mail,Sprachkenntnisse,Hochschule,Höchster Abschluss,Studiengang,Studienbeginn,Studienende",
            "heute",
        ),
        ("Prénom,Nom,Courriel,Langues,Université,Diplôme,Filière,Début des études,Fin des études", "06/2009"),
    ] {
        let mut lab = Lab::new();
        let report = lab.people(
            "p.csv",
            0,
            &format!("{header}\nAnn,Lee,ann@example.com,\"English (native, C2), German - B2, French: fluent\",ETH,Master,Physics,2004-10,{end}\n"),
        );
        assert_eq!((outcome(&report), report.mapping.unmapped), ([1, 0, 0, 0], Vec::new()), "{header}");
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
        let ann = lab.person("em:ann@example.com").unwrap();
        let languages: Vec<(&str, Option<&str>)> =
            ann.languages.iter().map(|known| (known.language.as_str(), known.level.as_deref())).collect();
        let expected = [("English", Some("native, C2")), ("German", Some("B2")), ("French", Some("fluent"))];
        assert_eq!(languages, expected);
        let education = &ann.educations[0];
        assert_eq!(education.institution.name.as_deref(), Some("ETH"));
        assert_eq!(
            (education.degree_name.as_deref(), education.field_of_study.as_deref()),
            (Some("Master"), Some("Physics"))
        );
        let ends = [("2009", Some("2009")), ("heute", None), ("06/2009", Some("2009-06"))];
        let expected = ends.iter().find(|(given, _)| *given == end).and_then(|(_, read)| *read);
        assert_eq!(
            (education.dates.start.as_deref(), education.dates.end.as_deref()),
            (Some("2004-10"), expected)
        );
    }
}

#[test]
fn bad_values_are_dropped_and_counted_while_the_row_stays() {
    let mut lab = Lab::new();
    let report = lab.people(
        "p.csv",
        0,
        "first_name,last_name,email,linkedin,birth date,seniority,title,followers,company_domain\n\
         Ann,Lee,not an address,https://example.com/x,04/05/1980,wizard,CTO,many,nothing\n\
         Bob,Ray,bob@example.com;bad@,,,,,,\n",
    );
    assert_eq!(outcome(&report), [2, 0, 0, 0]);
    let warnings: Vec<(&str, u64, u64)> =
        report.warnings.iter().map(|(text, w)| (*text, w.count, w.first_line)).collect();
    assert_eq!(
        warnings,
        [
            ("birth_date: not a date, or could be two", 1, 2),
            ("company_domain: not a domain", 1, 2),
            ("email: not an address", 2, 2),
            ("followers: not a number", 1, 2),
            ("linkedin: not a profile", 1, 2),
            ("seniority: not a known one, taken from the title", 1, 2),
        ]
    );
    let ann = lab.person("nc:ann lee|||").unwrap();
    assert_eq!((ann.emails.len(), ann.linkedin_url, ann.seniority.as_deref()), (0, None, Some("c_suite")));
    assert_eq!(lab.person("em:bob@example.com").unwrap().emails, ["bob@example.com"]);
}

#[test]
fn json_rows_flat_nested_and_whole() {
    let mut lab = Lab::new();
    let report = lab.people(
        "p.ndjson",
        0,
        concat!(
            r#"{"firstName":"Ann","lastName":"Lee","emails":["ann@example.com"],"company":{"name":"Acme","domain":"acme.com"},"skills":["R&D; labs","Rust"]}"#,
            "\n",
            r#"{"id":"0190a6e0-0000-7000-8000-000000000001","firstName":"Bob","lastName":"Ray","jobTitle":null,"phones":null,"companyId":null,"createdAt":"2020-01-01T00:00:00Z","#,
            r#""workExperiences":[{"company":{"name":"Acme Inc.","domain":"www.acme.com"},"dates":{"start":"2020"},"profilePositions":[{"title":"VP Sales"}]},{"company":{"name":"Beta"},"dates":{"start":"2010","end":"2020"},"profilePositions":[]}]}"#,
            "\n",
            r#"{"id":"crm-7","firstName":"Cy","lastName":"Dee","workExperiences":[]}"#,
            "\n",
            r#"{"name":"Eve Fox","title":"Buyer","website":"https://acme.com"}"#,
        ),
    );
    assert_eq!((outcome(&report), report.counts.companies_created), ([4, 0, 0, 0], 1));
    let acme = lab.company("dom:acme.com").unwrap();
    let ann = lab.person("em:ann@example.com").unwrap();
    assert_eq!(
        (ann.company_id, ann.skills),
        (Some(acme.id), vec!["R&D; labs".to_owned(), "Rust".to_owned()])
    );
    let bob =
        lab.writer().get_person("0190a6e0-0000-7000-8000-000000000001".parse().unwrap()).unwrap().unwrap();
    assert_eq!((bob.company_id, bob.job_title.as_deref()), (Some(acme.id), Some("VP Sales")));
    assert_eq!((bob.seniority.as_deref(), bob.work_experiences.len()), (Some("vp"), 2));
    assert_eq!(bob.created_at, Some(super::day(1)), "the catalog's own");
    assert_eq!(lab.person("id:p/crm-7").unwrap().external_id.as_deref(), Some("crm-7"));
    let eve = lab.person(&format!("nc:eve fox|{}", acme.id)).unwrap();
    assert_eq!(eve.work_experiences[0].profile_positions[0].title.as_deref(), Some("Buyer"));

    let report = lab.companies(
        "c.jsonl",
        1,
        r#"{"name":"Acme Corp","domain":"acme.com","employees":1500,"location":{"headquarter":{"city":"Paris","country":"France","state":null},"locations":[]}}"#,
    );
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    let acme = lab.company("dom:acme.com").unwrap();
    assert_eq!((acme.city.as_deref(), acme.headcount.as_deref()), (Some("Paris"), Some("1001-5000")));
    assert_eq!(acme.location.headquarter.country.as_deref(), Some("France"));
}

#[test]
fn a_preview_shows_mapping_and_records_and_writes_nothing() {
    let lab = Lab::new();
    let text = "Name,Web,Colour\nAcme,acme.com,red\n,x,\nBeta,,\n";
    let options = ImportOptions::new(EntityKind::Company, super::day(0), lab.random.clone());
    let input = Input::reader("-", Box::new(Cursor::new(text.as_bytes().to_vec())));
    let shown = preview(&options, input, 3).unwrap();
    assert_eq!(shown.mapping.mapped, [("Name".to_owned(), "name"), ("Web".to_owned(), "website")]);
    assert_eq!(shown.mapping.unmapped, ["Colour"]);
    assert_eq!(shown.records.len(), 2);
    assert_eq!((&shown.records[0]["domain"], shown.records[0].get("id")), (&"acme.com".into(), None));
    assert_eq!(shown.rejected, [(3, "no name".to_owned())]);
    assert_eq!(lab.company("dom:acme.com"), None);
    let input = Input::reader("-", Box::new(Cursor::new(text.as_bytes().to_vec())));
    assert_eq!(preview(&options, input, usize::MAX).unwrap().records.len(), 2, "all rows");
}
