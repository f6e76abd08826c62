//! To which addresses the portal speaks when a user has named them: those of the public internet, and the ranges that the
//! operator allows. Else a webhook would be a way to reach what only the portal's own machine can reach.
//!
//! The rule is a list of what may be, not of what may not: in IPv6 only global unicast (`2000::/3`) without what is reserved in
//! it. An IPv4 address in IPv6 clothes (mapped, NAT64) is judged by what it is. The registries: IANA IPv4 and IPv6
//! Special-Purpose Address (RFC 6890 and its successors).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;
use portal_api_types::{ErrorCode, InvalidValue, MAX_WEBHOOK_URL, WEBHOOK_URL};
use regex::Regex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What the document says of a URL.
#[expect(clippy::unwrap_used, reason = "a constant, which a test compiles")]
static DOCUMENTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(WEBHOOK_URL).unwrap());

/// The rule, with the ranges that the operator allows. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    allowed: Arc<[IpNet]>,
}

impl Targets {
    /// The rule, with these ranges allowed besides.
    pub fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.into() }
    }

    fn is_allowed_range(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|range| range.contains(&address) || range.contains(&address.to_canonical()))
    }

    /// Whether the portal speaks to this address: by TLS to public ones, and by whatever to those of the operator's ranges.
    pub fn admits(&self, address: IpAddr, tls: bool) -> bool {
        self.is_allowed_range(address) || (tls && is_public(address))
    }

    /// Checks a URL as the target of requests, and answers its normal form. A host that is a name is checked when it is
    /// spoken to: what it means may change.
    ///
    /// # Errors
    /// A sentence for whoever has typed it.
    pub fn check(&self, typed: &str) -> Result<String, InvalidValue> {
        let refuse = |detail: &str| Err(InvalidValue::new(ErrorCode::InvalidValue, detail));
        if typed.len() > MAX_WEBHOOK_URL {
            return refuse("The URL is too long: use at most 2,047 characters.");
        }
        let Ok(url) = Url::parse(typed) else {
            return refuse("This is not a URL such as https://hooks.example.com/portal.");
        };
        let tls = match url.scheme() {
            "https" => true,
            "http" if !self.allowed.is_empty() => false,
            "http" => return refuse("Use https: what webhooks tell is not for everybody on the way."),
            _ => return refuse("The URL must begin with https://."),
        };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return refuse("The URL may have neither a user, nor a password, nor a fragment (#...).");
        }
        let Some(host) = url.host() else { return refuse("The URL has no host.") };
        match literal(&host) {
            Some(address) if !self.admits(address, tls) => {
                return refuse(if !tls && is_public(address) {
                    "Use https: the portal speaks http only to addresses that its operator has allowed."
                } else {
                    "The portal does not speak to this address: it is not a public one."
                });
            }
            // Who parses URLs as browsers do takes much for one. In a range of the operator's, hosts may have any name.
            None if self.allowed.is_empty() && !DOCUMENTED.is_match(typed) => {
                return refuse(
                    "Write the URL as https://, the full name of a host, and a path. Other letters than a to z are written as \
                     xn-- in the name and percent-encoded in the path, and there are no spaces.",
                );
            }
            _ => {}
        }
        // A path that was left out is written.
        if url.as_str().len() > MAX_WEBHOOK_URL + 1 {
            return refuse("The URL is too long: use at most 2,047 characters.");
        }
        Ok(url.into())
    }

    /// Whether a request to this URL may begin: its host is a name, which the resolver checks, or an address that is admitted.
    pub(super) fn admits_host(&self, url: &Url) -> bool {
        let tls = url.scheme() == "https";
        match url.host() {
            Some(host) => literal(&host).is_none_or(|address| self.admits(address, tls)),
            None => false,
        }
    }
}

fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    }
}

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // "This network", private, loopback.
        [0 | 10 | 127, ..] => false,
        // Shared between providers and their customers (RFC 6598).
        [100, 64..=127, ..] => false,
        // Link-local.
        [169, 254, ..] => false,
        // Private.
        [172, 16..=31, ..] => false,
        // Private; protocol assignments, documentation, the old 6to4 relays, AS112, AMT.
        [192, 168, ..] | [192, 0, 0 | 2, _] | [192, 88, 99, _] => false,
        [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => false,
        // Benchmarks, documentation.
        [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => false,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => false,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inside) = embedded_v4(address) {
        return is_public_v4(inside);
    }
    let [a, b, ..] = address.segments();
    // Global unicast, all else is local, multicast or not given to anybody.
    let global = a & 0xE000 == 0x2000;
    let reserved = match a {
        // Protocol assignments, with Teredo, ORCHID and benchmarks (2001::/23), and documentation.
        0x2001 => b < 0x0200 || b == 0x0DB8,
        // 6to4, which leads to whatever IPv4 address is in it.
        0x2002 => true,
        // AS112 and documentation.
        0x2620 => b == 0x004F && address.segments()[2] == 0x8000,
        0x3FFF => b < 0x1000,
        _ => false,
    };
    global && !reserved
}

/// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291 section 2.5.5.2), or translated by the network's NAT64
/// (RFC 6052), which networks without IPv4 reach everybody by.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let inside = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xFFFF) | (0x64, 0xFF9B, 0, 0, 0, 0) => Some(inside),
        _ => None,
    }
}

/// Resolves names to addresses that are admitted only. The connection goes to the very address that was checked; there is no
/// second look-up that could answer otherwise.
pub(super) struct Resolver {
    pub(super) targets: Targets,
    pub(super) tls: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (targets, tls) = (self.targets.clone(), self.tls);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> =
                found.filter(|address| targets.admits(address.ip(), tls)).collect();
            if admitted.is_empty() {
                return Err(NotAdmitted.into());
            }
            let admitted: Addrs = Box::new(admitted.into_iter());
            Ok(admitted)
        })
    }
}

/// A name leads nowhere that the portal speaks to.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address that the portal speaks to")]
pub(super) struct NotAdmitted;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for address in [
            "1.1.1.1",
            "93.184.215.14",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001:80e::200e",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(public(address), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1.1.1.1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:0a00:0001::1",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "4000::1",
            "fc00::1",
            "fd12:3456:789a::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn a_range_of_the_operator_is_spoken_to_also_without_tls_and_in_ipv6_clothes() {
        let targets = Targets::new(&["127.0.0.0/8".parse().unwrap(), "fd00::/16".parse().unwrap()]);
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "fd00::7"] {
            assert!(targets.admits(address.parse().unwrap(), false), "{address}");
        }
        assert!(!targets.admits("1.1.1.1".parse().unwrap(), false), "public ones by TLS only");
        assert!(targets.admits("1.1.1.1".parse().unwrap(), true));
        assert!(!targets.admits("10.0.0.1".parse().unwrap(), true));
    }

    #[test]
    fn a_url_is_checked_when_it_is_typed() {
        let targets = Targets::default();
        for good in [
            "https://hooks.example.com/portal?key=1",
            "https://hooks.example.com:65535/?sp=%2Frun&to=a+b@c.example;v=1,2!",
            "https://1.1.1.1:8443/",
            "https://xn--bcher-kva.example/b%C3%BCcher",
        ] {
            targets.check(good).unwrap();
        }
        assert_eq!(targets.check("https://HOOKS.example.com").unwrap(), "https://hooks.example.com/");
        let long = format!("https://hooks.example.com/{}", "x".repeat(MAX_WEBHOOK_URL));
        for bad in [
            "",
            "hooks.example.com",
            "http://hooks.example.com/",
            "ftp://hooks.example.com/",
            "file:///etc/passwd",
            "https://user@hooks.example.com/",
            "https://user:password@hooks.example.com/",
            "https://hooks.example.com/#here",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://１２７.0.0.1/",
            // What browsers would take for a URL, and the document does not.
            " https://hooks.example.com/",
            "https:hooks.example.com/",
            "https:\\\\hooks.example.com\\",
            "https://@hooks.example.com/",
            "https://hooks.example.com:/",
            "https://hooks.example.com:0443/",
            "https://hooks.example.com:65536/",
            "https://hooks.example.com/two words",
            "https://hooks.example.com/\u{7f}",
            "https://hooks.ex\nample.com/",
            "https://h%6Foks.example.com/",
            "https://bücher.example/",
            "https://hooks/",
            &long,
        ] {
            assert_eq!(targets.check(bad).unwrap_err().code, ErrorCode::InvalidValue, "{bad}");
        }
        let targets = Targets::new(&["127.0.0.0/8".parse().unwrap()]);
        targets.check("http://127.0.0.1:9000/hook").unwrap();
        targets.check("http://localhost:9000/hook").unwrap();
        targets.check("http://10.0.0.1/").unwrap_err();
        targets.check("http://1.1.1.1/").unwrap_err();
    }

    proptest! {
        #[test]
        fn what_the_document_says_is_taken(url in proptest::string::string_regex(WEBHOOK_URL.trim_matches(['^', '$'])).unwrap()) {
            prop_assume!(url.len() <= 1_024);
            Targets::default().check(&url).unwrap();
        }

        #[test]
        fn no_spelling_of_an_address_gets_past_the_rule(
            text in any::<String>(),
            host in "[0-9a-fxA-FX.:%\\[\\]]{1,20}",
            four in any::<u32>(),
            six in any::<u128>(),
        ) {
            let (v4, v6) = (Ipv4Addr::from(four), Ipv6Addr::from(six));
            let mapped = v4.to_ipv6_mapped();
            for host in [
                text.clone(),
                host,
                v4.to_string(),
                four.to_string(),
                format!("{four:#x}"),
                format!("[{v6}]"),
                format!("[{mapped}]"),
            ] {
                let typed = format!("https://{host}/{text}");
                let Ok(normal) = Targets::default().check(&typed) else { continue };
                let again = Targets::default().check(&normal).unwrap();
                prop_assert_eq!(&again, &normal, "{}", typed);
                let url = Url::parse(&normal).unwrap();
                prop_assert!(matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) || DOCUMENTED.is_match(&typed));
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(literal(&url.host().unwrap()).is_none_or(is_public), "{} became {}", typed, normal);
            }
            prop_assert_eq!(is_public(v4.into()), is_public(mapped.into()), "{} in IPv6 clothes", v4);
        }
    }
}
