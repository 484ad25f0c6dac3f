//! Providers of mailboxes that anybody can have: an address there says nothing about an employer.

use super::domain;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether anybody can have a mailbox under this registrable domain.
#[must_use]
pub fn is_free_mail(domain: &str) -> bool {
    static HOSTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let lines = include_str!("../../data/free_mail.txt").lines();
        lines.filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
    });
    HOSTS.contains(domain)
}

/// The domain of the organisation that an address belongs to, unless it is at a free-mail provider.
#[must_use]
pub fn domain_of_email(email: &str) -> Option<String> {
    let (_, host) = email.rsplit_once('@')?;
    domain(host).filter(|domain| !is_free_mail(domain))
}

#[cfg(test)]
mod tests {
    use super::{domain_of_email, is_free_mail};

    #[test]
    fn an_address_at_a_provider_has_no_domain() {
        for (email, expected) in [
            ("ann@acme.io", Some("acme.io")),
            ("ann@mail.eu.acme.co.uk", Some("acme.co.uk")),
            ("ann@xn--bcher-kva.de", Some("xn--bcher-kva.de")),
            ("ann@gmail.com", None),
            ("ann@mail.gmail.com", None),
            ("ann@yahoo.co.uk", None),
            ("ann@notgmail.com", Some("notgmail.com")),
            ("ann@co.uk", None),
            ("ann", None),
        ] {
            assert_eq!(domain_of_email(email).as_deref(), expected, "{email}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_a_canonical_domain_and_there_once() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("../../data/free_mail.txt").lines() {
            if !line.starts_with('#') {
                assert_eq!(super::domain(line).as_deref(), Some(line));
                assert!(seen.insert(line), "{line} twice");
                assert!(is_free_mail(line));
            }
        }
        assert!(seen.len() > 200, "{}", seen.len());
    }
}
