//! Which addresses may be called: hostile URLs one by one, and all addresses against a table of our own.

use crate::support::{client, names};
use proptest::prelude::*;
use sluice_connect::http::{Call, is_public};
use sluice_connect::{Client, ClientOptions, ConnectError};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Url;

/// URLs that must not be called, by the reason that is given. Spellings of addresses are those that the URL standard
/// folds into one.
const HOSTILE: [(&str, &str); 90] = [
    // Loopback, in every spelling.
    ("http://127.0.0.1/", "127.0.0.1 is an address within"),
    ("http://127.0.0.2/", "127.0.0.2 is an address within"),
    ("http://127.255.255.254/", "127.255.255.254 is an address within"),
    ("http://127.1/", "127.0.0.1 is an address within"),
    ("http://127.0.1/", "127.0.0.1 is an address within"),
    ("http://2130706433/", "127.0.0.1 is an address within"),
    ("http://0x7f000001/", "127.0.0.1 is an address within"),
    ("http://0x7f.0.0.1/", "127.0.0.1 is an address within"),
    ("http://0x7F.1/", "127.0.0.1 is an address within"),
    ("http://0177.0.0.1/", "127.0.0.1 is an address within"),
    ("http://017700000001/", "127.0.0.1 is an address within"),
    ("http://0177.0x0.0.1/", "127.0.0.1 is an address within"),
    ("http://127.0.0.1./", "127.0.0.1 is an address within"),
    ("http://１２７.０.０.１/", "127.0.0.1 is an address within"),
    ("http://127。0。0。1/", "127.0.0.1 is an address within"),
    ("http://%31%32%37.0.0.1/", "127.0.0.1 is an address within"),
    ("http:127.0.0.1/", "127.0.0.1 is an address within"),
    ("http:\\\\127.0.0.1\\", "127.0.0.1 is an address within"),
    ("http://\t127.0.0.1/", "127.0.0.1 is an address within"),
    ("http://[::1]/", "::1 is an address within"),
    ("http://[0:0:0:0:0:0:0:1]/", "::1 is an address within"),
    ("http://[::]/", ":: is an address within"),
    ("http://0/", "0.0.0.0 is an address within"),
    ("http://0.0.0.0/", "0.0.0.0 is an address within"),
    ("http://0.1.2.3/", "0.1.2.3 is an address within"),
    // IPv4 in IPv6.
    ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1 is an address within"),
    ("http://[::ffff:7f00:1]/", "::ffff:127.0.0.1 is an address within"),
    ("http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1 is an address within"),
    ("http://[::ffff:169.254.169.254]/", "::ffff:169.254.169.254 is an address within"),
    ("http://[::127.0.0.1]/", "::7f00:1 is an address within"),
    ("http://[::8.8.8.8]/", "::808:808 is an address within"),
    ("http://[64:ff9b::127.0.0.1]/", "64:ff9b::7f00:1 is an address within"),
    ("http://[64:ff9b::a9fe:a9fe]/", "64:ff9b::a9fe:a9fe is an address within"),
    ("http://[64:ff9b:1::8.8.8.8]/", "64:ff9b:1::808:808 is an address within"),
    ("http://[2002:7f00:1::]/", "2002:7f00:1:: is an address within"),
    ("http://[2002:808:808::1]/", "2002:808:808::1 is an address within"),
    (
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2 is an address within",
    ),
    // Private, link-local, shared.
    ("http://10.0.0.1/", "10.0.0.1 is an address within"),
    ("http://10.255.255.255/", "10.255.255.255 is an address within"),
    ("http://172.16.0.1/", "172.16.0.1 is an address within"),
    ("http://172.31.255.255/", "172.31.255.255 is an address within"),
    ("http://192.168.1.1/", "192.168.1.1 is an address within"),
    ("http://3232235777/", "192.168.1.1 is an address within"),
    ("http://169.254.0.1/", "169.254.0.1 is an address within"),
    ("http://100.64.0.1/", "100.64.0.1 is an address within"),
    ("http://100.127.255.255/", "100.127.255.255 is an address within"),
    ("http://[fc00::1]/", "fc00::1 is an address within"),
    ("http://[fdff::1]/", "fdff::1 is an address within"),
    ("http://[fe80::1]/", "fe80::1 is an address within"),
    ("http://[febf::1]/", "febf::1 is an address within"),
    ("http://[fec0::1]/", "fec0::1 is an address within"),
    // Metadata of clouds.
    ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is an address within"),
    ("http://0xa9fea9fe/", "169.254.169.254 is an address within"),
    ("http://2852039166/", "169.254.169.254 is an address within"),
    ("http://0251.0376.0251.0376/", "169.254.169.254 is an address within"),
    ("http://169.254.170.2/v2/credentials", "169.254.170.2 is an address within"),
    ("http://[fd00:ec2::254]/", "fd00:ec2::254 is an address within"),
    ("http://100.100.100.200/", "100.100.100.200 is an address within"),
    ("http://168.63.129.16/", "168.63.129.16 is an address within"),
    ("http://192.0.0.192/", "192.0.0.192 is an address within"),
    // Documentation, benchmarks, multicast, reserved, broadcast.
    ("http://192.0.0.1/", "192.0.0.1 is an address within"),
    ("http://192.0.2.1/", "192.0.2.1 is an address within"),
    ("http://192.88.99.1/", "192.88.99.1 is an address within"),
    ("http://198.18.0.1/", "198.18.0.1 is an address within"),
    ("http://198.19.255.255/", "198.19.255.255 is an address within"),
    ("http://198.51.100.1/", "198.51.100.1 is an address within"),
    ("http://203.0.113.1/", "203.0.113.1 is an address within"),
    ("http://224.0.0.1/", "224.0.0.1 is an address within"),
    ("http://239.255.255.255/", "239.255.255.255 is an address within"),
    ("http://240.0.0.1/", "240.0.0.1 is an address within"),
    ("http://255.255.255.255/", "255.255.255.255 is an address within"),
    ("http://[ff02::1]/", "ff02::1 is an address within"),
    ("http://[2001:db8::1]/", "2001:db8::1 is an address within"),
    ("http://[3fff::1]/", "3fff::1 is an address within"),
    ("http://[100::1]/", "100::1 is an address within"),
    ("http://[5f00::1]/", "5f00::1 is an address within"),
    // Names that lead within.
    ("http://localhost/", "localhost leads within"),
    ("http://LOCALHOST/", "localhost leads within"),
    ("http://localhost./", "localhost. leads within"),
    ("http://www.localhost/", "www.localhost leads within"),
    ("http://ⓛocalhost/", "localhost leads within"),
    ("http://metadata.google.internal/", "metadata.google.internal leads within"),
    ("http://metadata.google.internal./", "metadata.google.internal. leads within"),
    ("http://printer.local/", "printer.local leads within"),
    ("http://localhost.localdomain/", "localhost.localdomain leads within"),
    // What is no page.
    ("ftp://a.example/", "only http and https, not ftp"),
    ("file:///etc/passwd", "only http and https, not file"),
    ("http://user@a.example/", "a URL with a user or a password"),
    ("http://a.example:password@b.example/", "a URL with a user or a password"),
    ("http://a.example:22/", "port 22 for a page"),
];

#[tokio::test]
async fn no_hostile_url_is_called() {
    // Nobody may even look a name up.
    let client = client(ClientOptions::default(), names(&[]));
    let mut wrong = Vec::new();
    for (url, reason) in HOSTILE {
        let parsed = Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        let outcome = client.send(Call::page(parsed)).await.map(|reply| reply.status);
        if outcome != Err(ConnectError::Forbidden(reason.to_owned())) {
            wrong.push((url, outcome));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn what_is_no_address_in_any_spelling_is_no_url() {
    for url in
        ["http://127.0.0.256/", "http://1.2.3.4.5/", "http://0x7f.0x/..", "http://[::1", "http://4294967296/"]
    {
        let parsed = Url::parse(url);
        let is_address = parsed.as_ref().is_ok_and(|url| matches!(url.host(), Some(url::Host::Domain(_))));
        assert!(!is_address, "{url}: {parsed:?}");
    }
}

#[tokio::test]
async fn ports_of_services_are_free() {
    let client = client(ClientOptions { retries: 0, ..ClientOptions::default() }, names(&[]));
    let error = client.send(Call::new("GET", Url::parse("http://a.example:22/").unwrap())).await.unwrap_err();
    assert_eq!(error, ConnectError::Unavailable("a.example cannot be looked up".to_owned()));
}

#[tokio::test]
async fn addresses_within_may_be_allowed_one_by_one_or_all() {
    let server = crate::support::text_server("inside").await;
    let port = server.address().port();
    let get = async |client: &Client, host: &str| {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        client.send(Call::page(url)).await.map(|reply| String::from_utf8(reply.body).unwrap())
    };
    let lookup = || {
        names(&[("inside.example", "127.0.0.1"), ("localhost", "127.0.0.1"), ("other.example", "127.0.0.2")])
    };
    let allowed = ClientOptions { allowed: vec![server.address()], ..ClientOptions::default() };
    // As a rule that is for services: what a page leads to is shown.
    let services = client(allowed.clone(), lookup());
    let at = Url::parse(&format!("http://inside.example:{port}/")).unwrap();
    let status = services.send(Call::new("GET", at)).await.map(|reply| reply.status);
    assert_eq!(status, Ok(200));
    for host in ["127.0.0.1", "inside.example"] {
        let refused = ConnectError::Forbidden(format!("port {port} for a page"));
        assert_eq!(get(&services, host).await, Err(refused), "{host}");
    }
    let one = client(ClientOptions { allowed_for_pages: true, ..allowed }, lookup());
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "inside.example", "localhost"] {
        // The mapped spelling passes the rules; whether the machine connects it is another matter.
        let outcome = get(&one, host).await;
        assert!(!matches!(outcome, Err(ConnectError::Forbidden(_))), "{host}: {outcome:?}");
    }
    assert_eq!(get(&one, "inside.example").await, Ok("inside".to_owned()));
    let within = |what: &str| Err(ConnectError::Forbidden(what.to_owned()));
    assert_eq!(get(&one, "127.0.0.2").await, within("127.0.0.2 is an address within"));
    assert_eq!(get(&one, "other.example").await, within("other.example leads to an address within"));
    // The same address at another port.
    let wrong = Url::parse("http://inside.example/").unwrap();
    let error = one.send(Call::page(wrong)).await.unwrap_err();
    assert_eq!(error, ConnectError::Forbidden("inside.example leads to an address within".to_owned()));

    let all = client(ClientOptions { allow_private_hosts: true, ..ClientOptions::default() }, lookup());
    for host in ["127.0.0.1", "inside.example", "localhost"] {
        assert_eq!(get(&all, host).await, Ok("inside".to_owned()), "{host}");
    }
}

/// The special-purpose registries of IANA for IPv4 and IPv6, written down for these tests from their tables: networks
/// and whether they are globally reachable; a longer prefix goes before a shorter one. Networks for multicast, which
/// have registries of their own, and the metadata address of one cloud are among them.
const REGISTRY_4: [(&str, u8, bool); 22] = [
    ("0.0.0.0", 8, false),
    ("10.0.0.0", 8, false),
    ("100.64.0.0", 10, false),
    ("127.0.0.0", 8, false),
    ("168.63.129.16", 32, false),
    ("169.254.0.0", 16, false),
    ("172.16.0.0", 12, false),
    ("192.0.0.0", 24, false),
    ("192.0.2.0", 24, false),
    ("192.31.196.0", 24, true),
    ("192.52.193.0", 24, true),
    ("192.88.99.0", 24, false),
    ("192.168.0.0", 16, false),
    ("192.175.48.0", 24, true),
    ("198.18.0.0", 15, false),
    ("198.51.100.0", 24, false),
    ("203.0.113.0", 24, false),
    ("224.0.0.0", 4, false),
    ("240.0.0.0", 4, false),
    ("255.255.255.255", 32, false),
    ("8.8.8.0", 24, true),
    ("0.0.0.0", 0, true),
];
const REGISTRY_6: [(&str, u8, bool); 16] = [
    ("::1", 128, false),
    ("::", 128, false),
    ("64:ff9b:1::", 48, false),
    ("100::", 64, false),
    ("100:0:0:1::", 64, false),
    ("2001::", 23, false),
    ("2001:db8::", 32, false),
    ("2002::", 16, false),
    ("2620:4f:8000::", 48, true),
    ("3fff::", 20, false),
    ("5f00::", 16, false),
    ("fc00::", 7, false),
    ("fe80::", 10, false),
    ("ff00::", 8, false),
    ("2000::", 3, true),
    ("::", 0, false),
];

fn in_net(address: u128, net: u128, bits: u8, width: u8) -> bool {
    let shift = u32::from(width - bits);
    address.checked_shr(shift).unwrap_or_default() == net.checked_shr(shift).unwrap_or_default()
}

fn global_4(address: Ipv4Addr) -> bool {
    let is_in = |(net, bits, _): &&(&str, u8, bool)| {
        in_net(address.to_bits().into(), net.parse::<Ipv4Addr>().unwrap().to_bits().into(), *bits, 32)
    };
    REGISTRY_4.iter().filter(is_in).max_by_key(|row| row.1).unwrap().2
}

fn global_6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    for carrier in ["::ffff:0:0", "64:ff9b::"] {
        if in_net(bits, carrier.parse::<Ipv6Addr>().unwrap().to_bits(), 96, 128) {
            return global_4(Ipv4Addr::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap()));
        }
    }
    let is_in = |(net, prefix, _): &&(&str, u8, bool)| {
        in_net(bits, net.parse::<Ipv6Addr>().unwrap().to_bits(), *prefix, 128)
    };
    REGISTRY_6.iter().filter(is_in).max_by_key(|row| row.1).unwrap().2
}

/// Any address, those of the registries and round their borders above all.
fn addresses_4() -> impl Strategy<Value = Ipv4Addr> {
    let near = (0..REGISTRY_4.len(), any::<u32>(), -2_i64..3, any::<bool>()).prop_map(
        |(row, random, off, inside)| {
            let (net, bits, _) = REGISTRY_4[row];
            let net = net.parse::<Ipv4Addr>().unwrap().to_bits();
            let host = u32::MAX.checked_shr(bits.into()).unwrap_or_default();
            let border = if random & 1 == 0 { net } else { net | host };
            let address = if inside {
                net | (random & host)
            } else {
                border.wrapping_add_signed(i32::try_from(off).unwrap())
            };
            Ipv4Addr::from_bits(address)
        },
    );
    prop_oneof![near, any::<u32>().prop_map(Ipv4Addr::from_bits)]
}

fn addresses_6() -> impl Strategy<Value = Ipv6Addr> {
    let near = (0..REGISTRY_6.len(), any::<u128>(), -2_i128..3, any::<bool>()).prop_map(
        |(row, random, off, inside)| {
            let (net, bits, _) = REGISTRY_6[row];
            let net = net.parse::<Ipv6Addr>().unwrap().to_bits();
            let host = u128::MAX.checked_shr(bits.into()).unwrap_or_default();
            let border = if random & 1 == 0 { net } else { net | host };
            Ipv6Addr::from_bits(if inside { net | (random & host) } else { border.wrapping_add_signed(off) })
        },
    );
    let carried = (addresses_4(), any::<bool>()).prop_map(|(inner, mapped)| {
        let carrier: Ipv6Addr = if mapped { "::ffff:0:0" } else { "64:ff9b::" }.parse().unwrap();
        Ipv6Addr::from_bits(carrier.to_bits() | u128::from(inner.to_bits()))
    });
    prop_oneof![near, carried, any::<u128>().prop_map(Ipv6Addr::from_bits)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_ipv4_address_is_public_when_it_is_globally_reachable(address in addresses_4()) {
        prop_assert_eq!(is_public(IpAddr::V4(address)), global_4(address), "{}", address);
    }

    #[test]
    fn an_ipv6_address_is_public_when_it_is_globally_reachable(address in addresses_6()) {
        prop_assert_eq!(is_public(IpAddr::V6(address)), global_6(address), "{}", address);
    }
}
