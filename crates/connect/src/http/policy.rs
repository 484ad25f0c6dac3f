//! Which addresses may be called.

use super::call::Traffic;
use crate::error::{ConnectError, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Ports that pages are fetched from.
const PAGE_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Names that lead within, whatever they resolve to: RFC 6761, RFC 6762, and the private-use domain `internal`, where
/// clouds keep their metadata.
const NAMES_WITHIN: [&str; 4] = ["localhost", "localdomain", "internal", "local"];

/// Networks of IPv4 that are not the open internet: the IANA special-purpose registry (RFC 6890) as far as it is not
/// globally reachable, multicast, and the address at which a large cloud keeps its metadata.
const WITHIN_4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The one network of IPv6 whose addresses are given out for the open internet (RFC 4291 §2.4).
const GLOBAL_6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What in it is not: protocol assignments with Teredo, benchmarks and ORCHID; 6to4, which names an IPv4 address that
/// a relay would call; documentation.
const WITHIN_6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// IPv4 written as IPv6, and IPv4 behind a translator (RFC 6052): as good as the address within.
const CARRIES_4: [(Ipv6Addr, u32); 2] =
    [(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), (Ipv6Addr::new(0x0064, 0xff9b, 0, 0, 0, 0, 0, 0), 96)];

/// Whether an address is one of the open internet. What is not known to be is not.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) => {
            if CARRIES_4.iter().any(|net| in_net_6(address, *net)) {
                let [.., a, b, c, d] = address.octets();
                return is_public_4(Ipv4Addr::new(a, b, c, d));
            }
            in_net_6(address, GLOBAL_6) && !WITHIN_6.iter().any(|net| in_net_6(address, *net))
        }
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let in_net = |(net, bits): (Ipv4Addr, u32)| {
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or_default();
        address.to_bits() & mask == net.to_bits()
    };
    !WITHIN_4.into_iter().any(in_net)
}

fn in_net_6(address: Ipv6Addr, (net, bits): (Ipv6Addr, u32)) -> bool {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
    address.to_bits() & mask == net.to_bits()
}

/// Which addresses one client may call.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub allow_private: bool,
    pub allowed: Vec<SocketAddr>,
    pub for_pages: bool,
}

impl Policy {
    /// Checks what can be told from a URL alone: scheme, user, port, names that lead within, addresses.
    pub fn check(&self, url: &Url, traffic: Traffic) -> Result<()> {
        if !matches!(url.scheme(), "http" | "https") {
            return refuse(format!("only http and https, not {}", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("a URL with a user or a password".to_owned());
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if self.allow_private {
            return Ok(());
        }
        let is_named = self.knows(traffic) && self.allowed.iter().any(|allowed| allowed.port() == port);
        if traffic == Traffic::Page && !PAGE_PORTS.contains(&port) && !is_named {
            return refuse(format!("port {port} for a page"));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            // An address that is allowed may have a name within, which is looked up by the same rule.
            Some(Host::Domain(name)) if is_named || !is_name_within(name) => return Ok(()),
            Some(Host::Domain(name)) => return refuse(format!("{name} leads within")),
            None => return refuse("a URL without a host".to_owned()),
        };
        let admitted = is_public(address) || (is_named && self.admits(address, port));
        if admitted { Ok(()) } else { refuse(format!("{address} is an address within")) }
    }

    /// Whether the addresses that are allowed are so for this traffic: as a rule no page leads there, whoever links to it.
    pub fn knows(&self, traffic: Traffic) -> bool {
        traffic == Traffic::Service || self.for_pages
    }

    /// Whether this address may be called at this port.
    pub fn admits(&self, address: IpAddr, port: u16) -> bool {
        self.allow_private
            || is_public(address)
            || self.allowed.contains(&SocketAddr::new(address.to_canonical(), port))
    }
}

fn is_name_within(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.is_empty() || NAMES_WITHIN.iter().any(|end| name.rsplit('.').next() == Some(end))
}

fn refuse<T>(what: String) -> Result<T> {
    Err(ConnectError::Forbidden(what))
}
