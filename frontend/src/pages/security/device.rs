//! What a browser or program calls itself, in words for a person.

use crate::texts::tr;

/// Names by what they are known by; the first that fits counts, as browsers also name those that they descend from.
const BROWSERS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

/// `Firefox on Linux`; a program by its own name; nothing known has a word, too.
pub(super) fn describe(user_agent: Option<&str>) -> String {
    let Some(user_agent) = user_agent.map(str::trim).filter(|text| !text.is_empty()) else {
        return tr!(security.unknown_program).to_owned();
    };
    match recognise(user_agent) {
        (Some(browser), Some(system)) => {
            tr!(security.browser_on_system, browser = browser, system = system)
        }
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        // Programs begin with their name: `curl/8.5.0`.
        (None, None) => user_agent.split(['/', ' ']).next().unwrap_or(user_agent).chars().take(60).collect(),
    }
}

/// The browser and the system.
fn recognise(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    (find(&BROWSERS), find(&SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_recognised_among_those_they_descend_from() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
                "Firefox",
                "Linux",
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/140.0 Safari/537.36 Edg/140.0"),
                "Edge",
                "Windows",
            ),
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} HeadlessChrome/140.0 Safari/537.36"),
                "Chrome",
                "Linux",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 15) {webkit} Chrome/140.0 Mobile Safari/537.36"),
                "Chrome",
                "Android",
            ),
            (
                format!("Mozilla/5.0 (iPhone; like Mac OS X) {webkit} Version/18.0 Safari/604.1"),
                "Safari",
                "iPhone",
            ),
            (
                format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) {webkit} Version/18.0 Safari/605"),
                "Safari",
                "macOS",
            ),
        ] {
            assert_eq!(recognise(&user_agent), (Some(browser), Some(system)), "{user_agent}");
        }
        assert_eq!(recognise("curl/8.5.0"), (None, None));
    }

    #[test]
    fn a_program_goes_by_its_own_name() {
        assert_eq!(describe(Some("portal-client/0.1.0")), "portal-client");
    }
}
