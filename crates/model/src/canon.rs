//! One spelling for each identifier: domains, e-mail addresses, LinkedIn URLs, phone numbers, names.
//!
//! Two records are the same when their canonical identifiers are equal, so everything that compares
//! people or companies (import, identity stage, suppression, linking) goes through here.

#[cfg(test)]
mod cases;
mod free_mail;
mod phone;

pub use free_mail::{domain_of_email, is_free_mail};
pub use phone::{is_international_phone, phone, phone_or_same};

use crate::text;
use url::{Host, Url};

/// The registrable domain of a URL, host or domain: lower case, punycode, without scheme, user, port,
/// path and sub-domains (public-suffix list, the ICANN and the private part). `None` for IP addresses,
/// bare public suffixes, and what is no host.
#[must_use]
pub fn domain(input: &str) -> Option<String> {
    let host = host(input)?;
    let found = psl::domain(host.as_bytes())?;
    let registrable = std::str::from_utf8(found.as_bytes()).ok()?;
    // The list's catch-all rule `*` would take any two labels: ask for a suffix that is really listed.
    (found.suffix().is_known() || reserved(registrable)).then(|| registrable.to_owned())
}

/// Names that RFC 2606 and RFC 6761 reserve for examples and tests: usable as data, never on the net.
fn reserved(domain: &str) -> bool {
    ["test", "example", "invalid", "localhost"].iter().any(|tld| domain.rsplit('.').next() == Some(tld))
}

/// The host of a URL, or of a bare host with or without path: lower case, punycode, no final dot.
#[must_use]
pub fn host(input: &str) -> Option<String> {
    let input = input.trim();
    if input.is_empty() || input.len() > 2048 || input.contains(char::is_whitespace) {
        return None;
    }
    if is_plain_host(input) {
        return Some(input.to_owned());
    }
    let url = if input.contains("://") {
        Url::parse(input).ok()?
    } else {
        Url::parse(&format!("http://{}", input.trim_start_matches('/'))).ok()?
    };
    match url.host()? {
        Host::Domain(host) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
            (host.contains('.') && plain && host.len() <= 253 && host.split('.').all(|l| !l.is_empty()))
                .then_some(host)
        }
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// Whether this already is what [`host`] returns, without asking the URL parser: lower-case labels, none of them
/// empty or in punycode, the last one no number.
fn is_plain_host(input: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with("xn--")
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    input.len() <= 253
        && input.rsplit_once('.').is_some_and(|(_, last)| last.starts_with(|c: char| c.is_ascii_lowercase()))
        && input.split('.').all(label)
}

/// An e-mail address: trimmed, lower case, its host in punycode. No provider's own rules are applied
/// (dots and plus tags stay). `None` for what has no local part or no host with a dot.
#[must_use]
pub fn email(input: &str) -> Option<String> {
    let input = input.trim();
    let (local, at_host) = input.rsplit_once('@')?;
    let plain = !local.is_empty()
        && local.len() <= 64
        && !local.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '@' | '<' | '>' | ',' | ';')
        });
    if !plain || at_host.contains(['/', ':', '?', '#', '@']) {
        return None;
    }
    Some(format!("{}@{}", local.to_lowercase(), host(at_host)?))
}

/// The LinkedIn profile URL of a person as `https://www.linkedin.com/in/<slug>`.
#[must_use]
pub fn linkedin_person(input: &str) -> Option<String> {
    linkedin(input, &["in", "pub"]).map(|slug| format!("https://www.linkedin.com/in/{slug}"))
}

/// The LinkedIn page of a company as `https://www.linkedin.com/company/<slug>`.
#[must_use]
pub fn linkedin_company(input: &str) -> Option<String> {
    linkedin(input, &["company", "school", "showcase"])
        .map(|slug| format!("https://www.linkedin.com/company/{slug}"))
}

fn linkedin(input: &str, sections: &[&str]) -> Option<String> {
    let input = input.trim();
    // The canonical spelling itself needs no parser.
    if let Some((section, slug)) =
        input.strip_prefix("https://www.linkedin.com/").and_then(|path| path.split_once('/'))
        && sections.contains(&section)
        && !slug.is_empty()
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return (input.len() <= 2048).then(|| slug.to_owned());
    }
    if domain(input)? != "linkedin.com" {
        return None;
    }
    let url = if input.contains("://") { Url::parse(input) } else { Url::parse(&format!("https://{input}")) };
    let url = url.ok()?;
    let mut segments = url.path_segments()?.filter(|segment| !segment.is_empty());
    let section = segments.next()?.to_ascii_lowercase();
    let slug = segments.next()?.to_lowercase();
    (sections.contains(&section.as_str()) && !slug.is_empty()).then_some(slug)
}

/// Words of a company name that say its legal form and tell nothing apart.
const LEGAL_FORMS: [&str; 42] = [
    "ab",
    "ag",
    "aktiengesellschaft",
    "as",
    "asa",
    "bhd",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "kgaa",
    "kk",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "oao",
    "oy",
    "oyj",
    "pao",
    "pjsc",
    "plc",
    "pt",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "spa",
    "srl",
    "tbk",
    "the",
];

/// A company name for comparison: its words without legal forms (`ACME Holding Co., Ltd.` → `acme holding`).
/// A name of legal forms alone keeps them. `None` when there is no word.
#[must_use]
pub fn company_name(name: &str) -> Option<String> {
    let words = text::words(name);
    let kept: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !LEGAL_FORMS.contains(word)).collect();
    let name = if kept.is_empty() { words.join(" ") } else { kept.join(" ") };
    (!name.is_empty()).then_some(name)
}

/// A person's full name for comparison: its words, folded. `None` when there is no word.
#[must_use]
pub fn person_name(first: &str, last: &str) -> Option<String> {
    let name = text::words(&format!("{first} {last}")).join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{company_name, domain, email, is_plain_host, linkedin_company, linkedin_person};
    use url::Url;

    #[test]
    fn domains_become_registrable() {
        for (input, expected) in [
            ("https://www.Example.com:8080/path?q#f", Some("example.com")),
            ("sub.shop.acme.co.uk", Some("acme.co.uk")),
            ("bücher.de", Some("xn--bcher-kva.de")),
            ("HTTP://user@ACME.IO.", Some("acme.io")),
            ("acme.example", Some("acme.example")),
            ("co.uk", None),
            ("com", None),
            ("192.168.0.1", None),
            ("http://[::1]/", None),
            ("0x7f.1", None),
            ("not a host", None),
            ("", None),
        ] {
            assert_eq!(domain(input).as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn plain_hosts_are_what_the_parser_makes_of_them() {
        let long = format!("{}.com", "a".repeat(70));
        for host in ["acme.de", "a-b.c0.io", "ab--cd.com", "-a.b-.com", "1.2.3.com", "0x7f.com", &long] {
            assert!(is_plain_host(host), "{host}");
            let url = Url::parse(&format!("http://{host}")).unwrap();
            assert_eq!(url.host_str(), Some(host));
        }
        for host in
            ["1.2.3.4", "0x7f.1", "xn--a.de", "a..b", "a.b.", ".a", "Acme.de", "localhost", "a.b/c", ""]
        {
            assert!(!is_plain_host(host), "{host}");
        }
    }

    #[test]
    fn addresses_and_profiles() {
        assert_eq!(email(" Ann.Lee+x@Mail.Example.COM ").as_deref(), Some("ann.lee+x@mail.example.com"));
        for bad in ["ann", "@example.com", "ann@", "a b@example.com", "ann@localhost", "a@b@example.com"] {
            assert_eq!(email(bad), None, "{bad}");
        }
        let ann = Some("https://www.linkedin.com/in/ann-lee");
        for input in [
            "linkedin.com/in/Ann-Lee/",
            "http://de.linkedin.com/in/ann-lee?x=1",
            "https://www.linkedin.com/in/ann-lee/en",
        ] {
            assert_eq!(linkedin_person(input).as_deref(), ann, "{input}");
        }
        assert_eq!(linkedin_person("https://evil.com/in/ann"), None);
        assert_eq!(linkedin_person("https://linkedin.com/company/acme"), None);
        assert_eq!(
            linkedin_company("linkedin.com/company/Acme/about").as_deref(),
            Some("https://www.linkedin.com/company/acme")
        );
    }

    #[test]
    fn company_names_lose_their_legal_form() {
        for (name, expected) in [
            ("Lvjing Holding Co., Ltd.", Some("lvjing holding")),
            ("The Acme Company", Some("acme")),
            ("Müller GmbH & Co. KG", Some("muller")),
            ("SE", Some("se")),
            ("  ", None),
        ] {
            assert_eq!(company_name(name).as_deref(), expected, "{name}");
        }
    }
}
