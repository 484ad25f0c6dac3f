//! What SMART finds: pairs of a filter's value and a record's, written by hand.

use sluice_catalog::reference::text_matches;
use sluice_catalog::text::{Profile, seniority_of};
use sluice_model::filter::Mode;

#[test]
fn titles_are_found_by_role() {
    let mut wrong = Vec::new();
    for (wanted, title, fits) in [
        // abbreviations
        ("VP Engineering", "Vice President of Engineering", true),
        ("VP Engineering", "Assistant to the VP", false),
        ("VP Engineering", "Assistant to the VP of Engineering", false),
        ("VP Engineering", "Executive Assistant to VP Engineering", false),
        ("VP Engineering", "VP, Engineering", true),
        ("VP Engineering", "Senior Vice President, Engineering", true),
        ("VP Engineering", "EVP Engineering & Operations", true),
        ("VP Engineering", "Engineering VP", true),
        ("VP Engineering", "V.P. of Engineering", true),
        ("VP Engineering", "Vice-President Engineering (EMEA)", true),
        ("VP Engineering", "VP Sales", false),
        ("VP Engineering", "President of Engineering", false),
        ("VP Engineering", "Former VP Engineering", false),
        ("VP Engineering", "Assistant Vice President of Engineering", false),
        ("Vice President", "VP Marketing", true),
        ("Vice President", "President", false),
        ("President", "Vice President", false),
        ("President", "President and CEO", true),
        ("SVP", "VP Sales", false),
        ("SVP Sales", "Senior Vice President of Sales", true),
        ("SVP Sales", "Sr. VP Sales", true),
        ("VP", "Vizepräsident Vertrieb", true),
        ("VP Sales", "Vizepräsidentin Vertrieb", true),
        // chief officers
        ("CTO", "Chief Technology Officer", true),
        ("CTO", "Chief Technical Officer", true),
        ("Chief Technology Officer", "CTO & Co-Founder", true),
        ("CTO", "Co-founder/CTO", true),
        ("CTO", "Directeur Technique", true),
        ("CTO", "Assistant to the CTO", false),
        ("CTO", "CTO Assistant", false),
        ("CTO", "Chief of Staff to the CTO", false),
        ("CTO", "Office of the CTO", false),
        ("CTO", "ex-CTO", false),
        ("CTO", "Chief Product and Technology Officer", true),
        ("CTO", "Chief Information Officer", false),
        ("CEO", "Chief Executive Officer", true),
        ("CEO", "Président-Directeur Général", true),
        ("CEO", "PDG", true),
        ("CEO", "Vorstandsvorsitzender", true),
        ("CEO", "Executive Assistant (to the CEO)", false),
        ("CEO", "Assistenz der Geschäftsführung", false),
        ("CFO", "Chief Financial Officer", true),
        ("CFO", "Chief Finance Officer", true),
        ("CFO", "Directrice Administrative et Financière", true),
        ("CMO", "Chief Marketing Officer", true),
        ("CMO", "Chief Medical Officer", false),
        ("COO", "Chief Operating Officer", true),
        ("CIO", "Chief Information Officer", true),
        ("CISO", "Chief Information Security Officer", true),
        ("CHRO", "Chief People Officer", true),
        ("CHRO", "DRH", true),
        ("CRO", "Chief Revenue Officer", true),
        ("CRO", "Chief Risk Officer", false),
        ("Chief Officer", "CTO", true),
        ("Technology", "CTO", true),
        // heads
        ("Head of Sales", "Vertriebsleiter", true),
        ("Head of Sales", "Vertriebsleiterin DACH", true),
        ("Head of Sales", "Leiter Vertrieb", true),
        ("Head of Sales", "Leiterin des Vertriebs", true),
        ("Head of Sales", "Responsable des ventes", true),
        ("Head of Sales", "Sales Head, Europe", true),
        ("Head of Sales", "Head of Marketing", false),
        ("Head of Marketing", "Marketingleitung", true),
        ("Head of Engineering", "Responsable Ingénierie", true),
        ("Head of Development", "Entwicklungsleiter (m/w/d)", true),
        ("Head of HR", "Head of Human Resources", true),
        ("Head of HR", "Personalleiterin", true),
        ("Head of Procurement", "Einkaufsleiter", true),
        ("Head of IT", "IT-Leiter", true),
        ("Leiter Vertrieb", "Head of Sales", true),
        ("Head", "Bauleiter", true),
        // managing directors
        ("Managing Director", "Geschäftsführer", true),
        ("Managing Director", "Geschäftsführerin", true),
        ("Managing Director", "Directeur Général", true),
        ("Managing Director", "Geschaeftsfuehrer", true),
        ("Geschäftsführer", "Managing Director, Germany", true),
        ("Managing Director", "Assistentin der Geschäftsführung", false),
        ("Director", "Directeur commercial", true),
        ("Sales Director", "Directeur Commercial", true),
        ("Sales Director", "Director of Sales", true),
        ("Director", "Direktorin", true),
        ("Finance Director", "Directeur financier", true),
        // words in all their forms
        ("Engineering", "Engineering Intern", true),
        ("Engineer", "Engineering Intern", false),
        ("Software Engineer", "Ingénieur logiciel", true),
        ("Senior Engineer", "Sr Engineer", true),
        ("Senior Engineer", "Sr. Software Engineer", true),
        ("Junior Developer", "Jr. Dev", true),
        ("Software Developer", "Softwareentwicklerin", true),
        ("Developer", "Développeuse web", true),
        ("Project Manager", "Projektleiter", true),
        ("Project Manager", "Chef de projet", true),
        ("Product Manager", "Manager, Products", true),
        ("HR Manager", "Human Resources Manager", true),
        ("Marketing Manager", "Manager of Marketing", true),
        ("Consultant", "Unternehmensberaterin", true),
        ("Accountant", "Buchhalterin", true),
        ("Data Scientist", "Data Science Lead", true),
        ("R&D Manager", "Manager Research & Development", true),
        ("Founder", "Co-Founder", true),
        ("Co-Founder", "Founder", false),
        ("Founder", "Gründer und Geschäftsführer", true),
        ("Owner", "Product Owner", false),
        ("Owner", "Inhaberin", true),
        ("Assistant to the CEO", "Executive Assistant to the CEO", true),
        ("Assistant", "Assistenz der Geschäftsführung", true),
        ("engineering manager", "Manager, Software Engineering", true),
        ("the of", "Head of the Board", false),
        ("", "CEO", false),
        ("!!!", "CEO", false),
    ] {
        if text_matches(Mode::Smart, Profile::Title, wanted, title) != fits {
            wrong.push(format!("{wanted:?} on {title:?} should be {fits}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_texts_and_other_modes() {
    let mut wrong = Vec::new();
    for (mode, profile, wanted, own, fits) in [
        (Mode::Smart, Profile::Text, "machine learning", "Machine Learning (ML)", true),
        (Mode::Smart, Profile::Text, "ML", "machine learning", true),
        (Mode::Smart, Profile::Text, "c++", "C++ programming", true),
        (Mode::Smart, Profile::Text, "c", "C++", false),
        (Mode::Smart, Profile::Text, "R", "R", true),
        (Mode::Smart, Profile::Text, "software", "Software Development", true),
        (Mode::Smart, Profile::Text, "negotiating", "Negotiation", true),
        (Mode::Smart, Profile::Text, "CTO", "Chief Technology Officer", false),
        (Mode::Smart, Profile::Text, "Information Technology & Services", "IT Services", true),
        (Mode::Smart, Profile::Name, "müller", "Anna Muller", true),
        (Mode::Smart, Profile::Name, "Lee Ann", "Ann Lee", true),
        (Mode::Smart, Profile::Name, "Jones", "Jone", false),
        (Mode::Smart, Profile::Company, "ACME Inc.", "Acme Corporation", true),
        (Mode::Smart, Profile::Company, "Acme", "Acme Holding Co., Ltd.", true),
        (Mode::Word, Profile::Title, "vice president", "Senior Vice President, Sales", true),
        (Mode::Word, Profile::Title, "president vice", "Senior Vice President", false),
        (Mode::Word, Profile::Title, "VP", "Vice President", false),
        (Mode::Word, Profile::Title, "president sales", "Vice President, Sales", true),
        (Mode::Strict, Profile::Title, "vice  PRÉSIDENT", "Vice President", true),
        (Mode::Strict, Profile::Title, "vice president", "Vice President, Sales", false),
        (Mode::Strict, Profile::Text, "c#", "C#", true),
    ] {
        if text_matches(mode, profile, wanted, own) != fits {
            wrong.push(format!("{mode:?} {wanted:?} on {own:?} should be {fits}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn seniority_by_title() {
    for (title, seniority) in [
        ("Founder & CEO", Some("founder")),
        ("Chief Technology Officer", Some("c_suite")),
        ("Geschäftsführer", Some("c_suite")),
        ("SVP Sales", Some("vp")),
        ("Vice President", Some("vp")),
        ("Managing Partner", Some("partner")),
        ("Business Owner", Some("owner")),
        ("Product Owner", None),
        ("Director of Engineering", Some("director")),
        ("Vertriebsleiter", Some("head")),
        ("Head of Data", Some("head")),
        ("Engineering Manager", Some("manager")),
        ("Senior Software Engineer", Some("senior")),
        ("Principal Engineer", Some("senior")),
        ("Junior Developer", Some("entry")),
        ("Werkstudentin Marketing", Some("intern")),
        ("Marketing Intern", Some("intern")),
        ("Executive Assistant to the CEO", Some("entry")),
        ("Software Engineer", None),
        ("", None),
    ] {
        assert_eq!(seniority_of(title), seniority, "{title}");
    }
}
