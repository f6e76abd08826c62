//! Who is at the other end of a connection.

use actix_web::HttpRequest;
use actix_web::http::header;
use ipnet::IpNet;

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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

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
}
