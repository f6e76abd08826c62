//! Who is at the other end of a connection.

use actix_web::HttpRequest;
use actix_web::http::header::{self, AcceptLanguage, Header, LanguageTag, Preference, Quality, QualityItem};
use ipnet::IpNet;
use portal_api_types::Locale;

/// The caller's address. `X-Forwarded-For` counts only as far as trusted proxies wrote it: read from its right end, the
/// first address that is not a trusted proxy is the caller's. What stands left of it, anybody may have made up.
pub fn address(request: &HttpRequest, trusted: &[IpNet]) -> Option<String> {
    let is_trusted =
        |ip: &std::net::IpAddr| trusted.iter().any(|network| network.contains(&ip.to_canonical()));
    let mut ip = request.peer_addr()?.ip().to_canonical();
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in forwarded.iter().rev() {
        if !is_trusted(&ip) {
            break;
        }
        match hop.trim().parse::<std::net::IpAddr>() {
            Ok(hop) => ip = hop.to_canonical(),
            Err(_) => break,
        }
    }
    Some(ip.to_string())
}

/// What the browser or program calls itself, cut to what fits a list.
pub fn user_agent(request: &HttpRequest) -> Option<String> {
    let agent = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().filter(|c| !c.is_control()).take(200).collect())
}

/// The language of ours that the browser likes best (RFC 9110 section 12.5.4), else English. Of a tag such as `es-MX` the
/// first part counts.
pub fn locale(request: &HttpRequest) -> Locale {
    let Ok(AcceptLanguage(wishes)) = AcceptLanguage::parse(request) else { return Locale::default() };
    let mut wishes: Vec<_> = wishes.into_iter().filter(|wish| wish.quality > Quality::ZERO).collect();
    // Of equals the first named is the best.
    wishes.sort_by_key(|wish| std::cmp::Reverse(wish.quality));
    let ours = |wish: &QualityItem<Preference<LanguageTag>>| match &wish.item {
        Preference::Specific(tag) => tag.primary_language().to_ascii_lowercase().parse().ok(),
        Preference::Any => Some(Locale::default()),
    };
    wishes.iter().find_map(ours).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut request = TestRequest::default().peer_addr(format!("{peer}:4000").parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        address(&request.to_http_request(), &trusted).unwrap()
    }

    #[test]
    fn attack_31_forwarded_addresses_count_only_from_trusted_proxies() {
        assert_eq!(seen("203.0.113.9", &["192.0.2.1"], &[]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["192.0.2.1"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 192.0.2.1, 10.0.0.2"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "192.0.2.1"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["nonsense"], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn the_best_language_that_there_is() {
        let wish = |value: &str| {
            locale(&TestRequest::default().insert_header((header::ACCEPT_LANGUAGE, value)).to_http_request())
        };
        for spanish in [
            "es",
            "ES",
            "es-MX",
            "es-419,es;q=0.9,en;q=0.8",
            "ca, es;q=0.8, en;q=0.5",
            "en;q=0.3, es;q=0.4",
            "en;q=0, es;q=0.1",
        ] {
            assert_eq!(wish(spanish), Locale::Spanish, "{spanish}");
        }
        for english in [
            "en-GB,en",
            "de, fr;q=0.8",
            "en, es",
            "es;q=0, de",
            "*",
            "de, *;q=0.5, es;q=0.1",
            "",
            "¿?",
            "est",
        ] {
            assert_eq!(wish(english), Locale::English, "{english}");
        }
        assert_eq!(locale(&TestRequest::default().to_http_request()), Locale::English);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[0-9a-f.:, ]{0,40}") {
            for value in [&bytes[..], text.as_bytes(), &[text.as_bytes(), b";q=", &bytes].concat()] {
                let Ok(value) = HeaderValue::from_bytes(value) else { continue };
                let mut request = TestRequest::default().peer_addr("10.0.0.1:4000".parse().unwrap());
                for name in ["x-forwarded-for", "accept-language", "user-agent"] {
                    request = request.append_header((name, value.clone()));
                }
                let request = request.to_http_request();
                let _ = locale(&request);
                let seen = address(&request, &["10.0.0.0/8".parse().unwrap()]).unwrap();
                prop_assert!(seen.parse::<std::net::IpAddr>().is_ok(), "{}", seen);
                let agent = user_agent(&request).unwrap_or_default();
                prop_assert!(agent.chars().count() <= 200 && !agent.chars().any(char::is_control));
            }
        }
    }
}
