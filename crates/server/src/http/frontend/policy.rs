//! The Content-Security-Policy of a page of the app: what the build has put into it, and nothing from elsewhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The policy of this page. Its own inline scripts and styles are named by their hashes, so that no other can run;
/// `wasm-unsafe-eval` lets WebAssembly run and no text.
pub(super) fn of(page: &str) -> String {
    // Browsers hash what they have parsed, and that has line feeds only.
    let page = page.replace("\r\n", "\n");
    let elements = elements(&page);
    let hashes = |name: &str| {
        let inline = elements.iter().filter(|element| element.name == name && !element.has("src"));
        inline.fold(String::new(), |all, element| format!("{all} '{}'", hash(element.text)))
    };
    let base = if elements.iter().any(|element| element.name == "base") { "'self'" } else { "'none'" };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{}; style-src 'self'{}; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri {base}; form-action 'none'; \
         frame-ancestors 'none'",
        hashes("script"),
        hashes("style"),
    )
}

fn hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(digest.as_ref()))
}

/// An element that this policy is about.
struct Element<'a> {
    name: &'static str,
    attributes: &'a str,
    text: &'a str,
}

impl Element<'_> {
    /// Whether it has this attribute.
    fn has(&self, attribute: &str) -> bool {
        // Names stand outside of quotes: every other piece between quotes of one kind.
        let mut outside = String::new();
        let mut quote = None;
        for c in self.attributes.chars() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                None => outside.push(c),
            }
        }
        let mut names = outside.split(|c: char| c.is_ascii_whitespace() || c == '/');
        names.any(|name| name.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case(attribute)))
    }
}

/// The scripts, styles and bases of a page. The page is our own build's; what is missed here is not let in but kept out.
fn elements(page: &str) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end + 3..]);
            continue;
        }
        rest = &rest[1..];
        let names = ["script", "style", "base"];
        let Some(name) = names.into_iter().find(|name| begins_with_name(rest, name)) else { continue };
        let Some((attributes, after)) = split_tag(&rest[name.len()..]) else { break };
        rest = after;
        let mut text = "";
        if name != "base" {
            let end = find_ignoring_case(rest, &format!("</{name}")).unwrap_or(rest.len());
            (text, rest) = rest.split_at(end);
        }
        found.push(Element { name, attributes, text });
    }
    found
}

/// Whether a tag has this name, and not a longer one.
fn begins_with_name(tag: &str, name: &str) -> bool {
    tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && tag[name.len()..].starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'))
}

/// The attributes of a tag, and what follows it. A `>` in quotes does not end it.
fn split_tag(tag: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let end = tag.find(|c| {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => return c == '>',
        }
        false
    })?;
    Some((&tag[..end], &tag[end + 1..]))
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    // Lower case of ASCII only, which moves no byte.
    text.to_ascii_lowercase().find(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_and_styles_are_let_in_by_their_hashes_and_no_others() {
        // The hash of `alert(1);` by `openssl dgst -sha256 -binary | base64`.
        let alert = "'sha256-5jFwrAK0UV47oFbVg/iCCBbxD8X1w+QvoOUepu4C2YA='";
        let page = "<!doctype html><html><head><!-- <script>no()</script> -->\
            <link rel=stylesheet href=/input.css><SCRIPT type=\"module\" data-a='x > y src=1'>alert(1);</SCRIPT>\
            <script src=\"/app.js\"></script><scripty>x</scripty></head></html>";
        let policy = of(page);
        assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' {alert};")), "{policy}");
        assert!(policy.contains("style-src 'self';") && policy.contains("base-uri 'none';"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let styled = of("<base href=\"/\"><style>alert(1);</style>");
        assert!(styled.contains(&format!("style-src 'self' {alert};")), "{styled}");
        assert!(
            styled.contains("base-uri 'self';") && styled.contains("script-src 'self' 'wasm-unsafe-eval';")
        );
        assert_eq!(of("<script>a\r\nb</script>"), of("<script>a\nb</script>"), "as browsers hash it");
    }

    #[test]
    fn a_page_that_is_cut_off_lets_nothing_in() {
        for page in ["", "<", "<script", "<script src='", "<!--", "<style"] {
            assert!(!of(page).contains("sha256-"), "{page}");
        }
    }
}
