//! One table of spellings for the identifiers of accounts and prospects.

use super::{domain, domain_of_email, email, linkedin_person, phone_or_same};

const ANN: &str = "https://www.linkedin.com/in/ann-lee";

#[test]
fn domains() {
    for (input, expected) in [
        ("acme.com", Some("acme.com")),
        ("  ACME.com ", Some("acme.com")),
        ("www.acme.com", Some("acme.com")),
        ("WWW.Acme.COM.", Some("acme.com")),
        ("http://acme.com", Some("acme.com")),
        ("https://www.acme.com/", Some("acme.com")),
        ("https://www.acme.com:8443/a/b?c=d#e", Some("acme.com")),
        ("https://user:secret@acme.com/", Some("acme.com")),
        ("//acme.com/path", Some("acme.com")),
        ("acme.com/path", Some("acme.com")),
        ("acme.com:8080", Some("acme.com")),
        ("shop.eu.acme.com", Some("acme.com")),
        ("acme.co.uk", Some("acme.co.uk")),
        ("www.acme.co.uk", Some("acme.co.uk")),
        ("a.b.acme.com.au", Some("acme.com.au")),
        ("acme.co.jp", Some("acme.co.jp")),
        ("bücher.de", Some("xn--bcher-kva.de")),
        ("BÜCHER.de", Some("xn--bcher-kva.de")),
        ("xn--bcher-kva.de", Some("xn--bcher-kva.de")),
        ("https://www.münchen.de/rathaus", Some("xn--mnchen-3ya.de")),
        ("例え.jp", Some("xn--r8jz45g.jp")),
        ("пример.рф", Some("xn--e1afmkfd.xn--p1ai")),
        ("acme.github.io", Some("acme.github.io")),
        ("com", None),
        ("co.uk", None),
        ("github.io", None),
        ("www.co.uk", Some("www.co.uk")),
        ("localhost", None),
        ("acme", None),
        ("192.168.0.1", None),
        ("http://127.0.0.1:80/", None),
        ("2130706433", None),
        ("[2001:db8::1]", None),
        ("acme..com", None),
        ("acme.nosuchsuffix", None),
        ("ac me.com", None),
        ("", None),
    ] {
        assert_eq!(domain(input).as_deref(), expected, "{input}");
    }
}

#[test]
fn addresses() {
    for (input, expected) in [
        ("ann@acme.com", Some("ann@acme.com")),
        (" ANN@ACME.COM\t", Some("ann@acme.com")),
        ("Ann.Lee@acme.com", Some("ann.lee@acme.com")),
        ("ann+crm@gmail.com", Some("ann+crm@gmail.com")),
        ("a.n.n@gmail.com", Some("a.n.n@gmail.com")),
        ("ann@mail.acme.co.uk", Some("ann@mail.acme.co.uk")),
        ("ann@bücher.de", Some("ann@xn--bcher-kva.de")),
        ("ÄNNE@acme.com", Some("änne@acme.com")),
        ("o'brien@acme.com", Some("o'brien@acme.com")),
        ("ann", None),
        ("@acme.com", None),
        ("ann@", None),
        ("ann@acme", None),
        ("ann@@acme.com", None),
        ("ann@acme.com,bob@acme.com", None),
        ("Ann <ann@acme.com>", None),
        ("ann lee@acme.com", None),
        ("ann@192.168.0.1", None),
        ("ann@acme.com/x", None),
        ("", None),
    ] {
        assert_eq!(email(input).as_deref(), expected, "{input}");
    }
}

#[test]
fn profiles() {
    for input in [
        "https://www.linkedin.com/in/ann-lee",
        "https://www.linkedin.com/in/ann-lee/",
        "http://linkedin.com/in/ann-lee",
        "linkedin.com/in/ann-lee",
        "www.LinkedIn.com/in/Ann-Lee/",
        "https://uk.linkedin.com/in/ann-lee",
        "https://m.linkedin.com/in/ann-lee?utm_source=x#about",
        "https://www.linkedin.com/in/ann-lee/details/experience/",
        "  https://www.linkedin.com/IN/ANN-LEE  ",
    ] {
        assert_eq!(linkedin_person(input).as_deref(), Some(ANN), "{input}");
    }
    for input in [
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/",
        "https://linkedin.com.evil.example/in/ann-lee",
        "https://notlinkedin.com/in/ann-lee",
        "https://evil.example/?x=linkedin.com/in/ann-lee",
        "ann-lee",
        "",
    ] {
        assert_eq!(linkedin_person(input), None, "{input}");
    }
}

#[test]
fn what_is_canonical_stays_as_it_is() {
    // Texts put together of parts that mean something to one of the readers.
    let parts = [
        "a",
        "Z",
        "9",
        ".",
        "-",
        "@",
        "/",
        ":",
        "www.",
        "com",
        ".co.uk",
        "ü",
        "linkedin.com/in/",
        "+",
        " ",
        "%20",
    ];
    let mut state: u64 = 42;
    let mut kept = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        for at in 0..=(state >> 60) % 8 {
            let pick = usize::try_from((state >> (8 + at * 6)) & 15).expect("small");
            text.push_str(parts[pick]);
        }
        for read in [domain, email, linkedin_person] {
            if let Some(canonical) = read(&text) {
                kept += 1;
                assert_eq!(read(&canonical).as_ref(), Some(&canonical), "{text}");
            }
        }
        let number = phone_or_same(&text);
        assert_eq!(phone_or_same(&number), number, "{text}");
        if let Some(host) = email(&text).as_deref().and_then(domain_of_email) {
            assert_eq!(domain(&host), Some(host), "{text}");
        }
    }
    assert!(kept > 100, "{kept}");
}
