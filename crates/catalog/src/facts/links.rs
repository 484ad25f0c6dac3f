//! Pages in social networks.

use super::{Sink, TermField};
use crate::text;
use sluice_model::filter::NETWORKS;
use sluice_model::{Company, Person, canon};

/// The hosts of the networks, in the order of [`NETWORKS`].
const HOSTS: [&[&str]; NETWORKS.len()] = [
    &["linkedin.com"],
    &["twitter.com", "x.com"],
    &["facebook.com", "fb.com"],
    &["instagram.com"],
    &["github.com"],
    &["xing.com"],
    &["youtube.com", "youtu.be"],
    &["tiktok.com"],
    &["medium.com"],
    &["stackoverflow.com"],
];

/// Addresses and networks of the pages of one record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    pub addresses: Vec<String>,
    pub networks: Vec<&'static str>,
}

impl Links {
    fn of<'l>(links: impl Iterator<Item = &'l String>) -> Self {
        let mut out = Self::default();
        for link in links {
            let Some(address) = address(link) else { continue };
            if let Some(network) = network(&address)
                && !out.networks.contains(&network)
            {
                out.networks.push(network);
            }
            if !out.addresses.contains(&address) {
                out.addresses.push(address);
            }
        }
        out
    }

    pub fn tell(&self, sink: &mut impl Sink) {
        self.addresses.iter().for_each(|address| sink.term(TermField::SocialLink, address));
        self.networks.iter().for_each(|network| sink.term(TermField::Network, network));
    }
}

/// The pages of a person, the LinkedIn profile among them.
pub(crate) fn of_person(person: &Person) -> Links {
    Links::of(person.linkedin_url.iter().chain(&person.social_links))
}

/// The pages of a company, the LinkedIn page among them.
pub(crate) fn of_company(company: &Company) -> Links {
    Links::of(company.linkedin_url.iter().chain(&company.social_links))
}

/// An address as it is compared: folded, without scheme, `www.`, query and closing slash.
#[must_use]
pub fn address(link: &str) -> Option<String> {
    if let Some(page) = canon::linkedin_person(link).or_else(|| canon::linkedin_company(link)) {
        return bare(&page);
    }
    bare(link)
}

fn bare(link: &str) -> Option<String> {
    let folded = text::fold(link);
    let rest = folded.split_once("://").map_or(folded.as_str(), |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/');
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The network of a bare address.
fn network(address: &str) -> Option<&'static str> {
    let host = address.split('/').next().unwrap_or_default();
    let known =
        |name: &&str| host.strip_suffix(*name).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    let place = HOSTS.iter().position(|hosts| hosts.iter().any(known))?;
    NETWORKS.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::{address, network};

    #[test]
    fn addresses_are_compared_bare() {
        for (link, expected, of) in [
            ("https://www.LinkedIn.com/in/Ann-Lee/?x=1", "linkedin.com/in/ann-lee", Some("LINKEDIN")),
            ("http://x.com/ann", "x.com/ann", Some("TWITTER")),
            ("de-de.facebook.com/acme/", "de-de.facebook.com/acme", Some("FACEBOOK")),
            ("notx.com/ann", "notx.com/ann", None),
        ] {
            let bare = address(link).unwrap_or_default();
            assert_eq!((bare.as_str(), network(&bare)), (expected, of), "{link}");
        }
        assert_eq!(address("https://"), None);
    }
}
