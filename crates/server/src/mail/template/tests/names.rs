//! Whatever somebody is called, it stays a name.

use super::*;

#[test]
fn a_name_cannot_become_markup() {
    // As many brackets and quotes as with a tame name: nothing that was typed has become a tag or an attribute.
    let shape = |html: &str| ['<', '>', '"', '\''].map(|c| html.matches(c).count());
    for name in NASTY_NAMES {
        for ((mail, nasty), (_, tame)) in rendered(name).iter().zip(rendered("Mara")) {
            assert_eq!(shape(&nasty.html), shape(&tame.html), "{name} in {}", tag(mail));
            assert!(!nasty.html.contains("1337") && !nasty.text.contains("1337"), "a name was evaluated");
        }
    }
}

#[test]
fn a_name_is_not_escaped_in_the_text() {
    for mail in mails("O'Neill & \"Sons\" <1999> {{ 7*191 }}") {
        let text = render(&mail).text;
        assert!(text.contains("Hello O'Neill & \"Sons\" <1999> {{ 7*191 }},"), "{text}");
    }
}

#[test]
fn a_name_cannot_become_a_link() {
    for (typed, pieces) in [
        ("http://evil.example", vec!["http", ":", "/", "/", "evil", ".", "example"]),
        ("www.evil.example", vec!["www", ".", "evil", ".", "example"]),
        ("Booking.com", vec!["Booking", ".", "com"]),
        ("a@evil.example", vec!["a", "@", "evil", ".", "example"]),
        (r"\\evil\share", vec![r"\", r"\", "evil", r"\", "share"]),
        ("evil\u{3002}example", vec!["evil", "\u{3002}", "example"]),
        ("J. Smith & Co. KG.", vec!["J. Smith & Co. KG."]),
    ] {
        assert_eq!(harmless(typed), pieces.join("\u{200C}"), "{typed}");
    }
    for name in NASTY_NAMES {
        for (_, Rendered { subject, html, text, .. }) in rendered(name) {
            for part in [subject, html, text] {
                for looks_like_a_link in
                    ["http://evil", "www.evil", "evil.example", "a@evil", "mailto:a", r"\\evil"]
                {
                    assert!(!part.contains(looks_like_a_link), "{looks_like_a_link} in {part}");
                }
            }
        }
    }
}

#[test]
fn a_name_cannot_reorder_the_sentence() {
    for (_, Rendered { subject, html, text, .. }) in rendered("over\u{202E}ride\u{2067}d\u{202C}") {
        for part in [subject, html, text] {
            let overrides = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
            assert!(!part.contains(overrides), "{part}");
        }
    }
    let Rendered { html, text, .. } = render(&Mail::PasswordChanged { name: "مريم".into() });
    assert!(text.contains("Hello \u{2068}مريم\u{2069},"));
    assert!(html.contains("Hello <span class=\"name\" dir=\"auto\">\u{2068}مريم\u{2069}</span>,"));
}

#[test]
fn a_subject_is_one_short_line() {
    for name in NASTY_NAMES {
        for (_, Rendered { subject, .. }) in rendered(name) {
            assert!(!subject.is_empty() && subject.trim() == subject);
            assert!(!subject.contains(|c: char| c.is_control() || c == '\u{2028}'), "{subject:?}");
            assert!(subject.chars().count() <= SUBJECT_MAX, "{subject}");
        }
    }
    let ended =
        Mail::AccessEnded { name: "Jo".into(), place_name: "Long ".repeat(40), kind: EndedAccess::Account };
    let subject = render(&ended).subject;
    assert!(subject.ends_with("Long… has ended"), "the point of the sentence is kept: {subject}");
}

#[test]
fn a_name_does_not_break_a_line_of_the_text() {
    let lines = |name| rendered(name).iter().map(|(_, mail)| mail.text.lines().count()).collect::<Vec<_>>();
    for name in NASTY_NAMES {
        assert_eq!(lines(name), lines("Mara"), "{name:?}");
    }
}
