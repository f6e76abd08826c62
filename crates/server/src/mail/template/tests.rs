use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::LazyLock;

use portal_api_types::AccountStatus;

use super::*;
use crate::mail::EndedAccess;

mod languages;
mod names;

static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::default);

const PORTAL: &str = "https://portal.example";
const ACTION: &str = "https://portal.example/join?a=1&b=2#token=Zk3x9QpL0vR7sT2uW5yA8bC1dE4fG6hJ9kM0nP3qR5t";

const NASTY_NAMES: [&str; 12] = [
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' O'Neill & Sons &amp; &lt;b&gt;",
    "{{ 7*191 }} {% raw %} {# not a comment #}",
    "</mj-text><mj-raw><a href=x>",
    "<!-- <![CDATA[ ]]> -->",
    "Two\r\nBcc: victim@evil.example\r\n\r\nlines\u{0}\u{85}\u{2028}x",
    "Pay at http://evil.example/login or www.evil.example",
    "evil.example\u{ff0e}com \\\\evil\\share mailto:a@evil.example",
    "over\u{202E}ride\u{2066}d",
    "מכולת הצפון 24",
    "W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W01234567\
     W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W0123456789W0123",
];

/// Every mail in every wording, with this name wherever there is one.
fn mails(name: &str) -> Vec<Mail> {
    let n = || name.to_owned();
    let expires_at = DateTime::from_timestamp(1_796_133_933, 0).expect("a valid time");
    let employee = |role: &str| Mail::EmployeeInvitation {
        inviter_name: n(),
        firm_name: n(),
        invitee_name: n(),
        role: role.to_owned(),
        expires_at,
    };
    let member = |role: &str| Mail::MemberInvitation {
        inviter_name: n(),
        account_name: n(),
        invitee_name: n(),
        role: role.to_owned(),
        expires_at,
    };
    let ended = |kind| Mail::AccessEnded { name: n(), place_name: n(), kind };
    let status = |status: &AccountStatus| Mail::AccountStatusChanged {
        name: n(),
        account_name: n(),
        operator_name: n(),
        status: *status,
    };
    let off = |kind: &str| {
        let kind = kind.to_owned();
        Mail::WebhookDisabled { name: n(), account_name: n(), host_name: n(), kind }
    };
    [
        Mail::FirmInvitation { inviter_name: n(), account_name: n(), company_name: n(), expires_at },
        employee("admin"),
        employee("bookkeeper"),
        employee("of a later version"),
        member("owner"),
        member("member"),
        member("of a later version"),
        Mail::Registration { name: n(), account_name: n(), expires_at },
        Mail::AlreadyRegistered { name: n() },
        Mail::PasswordReset { name: n(), expires_at },
        Mail::ClientConnected { account_name: n(), owner_name: n(), firm_name: n() },
        Mail::AccountGiven { name: n(), account_name: n(), operator_name: n() },
        ended(EndedAccess::Account),
        ended(EndedAccess::Firm),
        ended(EndedAccess::Client),
        Mail::PasswordChanged { name: n() },
    ]
    .into_iter()
    .chain(AccountStatus::ALL.iter().map(status))
    .chain(["failing", "gone", "owner_left"].map(off))
    .collect()
}

fn tag(mail: &Mail) -> String {
    let json = serde_json::to_value(mail).expect("a mail is JSON");
    json["template"].as_str().expect("a mail is tagged").to_owned()
}

/// In English.
fn render(mail: &Mail) -> Rendered {
    render_in(Locale::English, mail)
}

fn render_in(locale: Locale, mail: &Mail) -> Rendered {
    TEMPLATES.render(mail, locale, &Links { action: ACTION, portal: PORTAL }).expect("the mail renders")
}

/// Every mail in every wording and language, with this name wherever there is one.
fn rendered(name: &str) -> Vec<(Mail, Rendered)> {
    let all = |locale| mails(name).into_iter().map(move |mail| (render_in(locale, &mail), mail));
    Locale::ALL.iter().flat_map(|locale| all(*locale)).map(|(rendered, mail)| (mail, rendered)).collect()
}

#[test]
fn every_mail_has_its_words_and_no_words_are_left_over() {
    let mails: BTreeSet<_> = mails("Mara").iter().map(tag).chain([COMMON.to_owned()]).collect();
    for locale in Locale::ALL {
        let words: BTreeSet<_> = words(*locale).iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(mails, words, "{locale}");
    }
}

#[test]
fn every_mail_survives_the_outbox() {
    for mail in mails("Mara \"M\" Lindqvist") {
        let json = serde_json::to_string(&mail).expect("a mail is JSON");
        assert_eq!(serde_json::from_str::<Mail>(&json).expect("JSON is a mail"), mail);
    }
    let ended =
        Mail::AccessEnded { name: "Jo".into(), place_name: "Lindqvist".into(), kind: EndedAccess::Client };
    assert_eq!(
        serde_json::to_value(&ended).expect("a mail is JSON"),
        serde_json::json!({"template": "access_ended", "name": "Jo", "place_name": "Lindqvist", "kind": "client"})
    );
}

#[test]
fn an_invitation_says_who_what_until_when_and_why() {
    let rendered = render(&Mail::FirmInvitation {
        inviter_name: "Mara Lindqvist".into(),
        account_name: "Lindqvist Living".into(),
        company_name: "Apple Solutions".into(),
        expires_at: DateTime::from_timestamp(1_796_133_933, 0).expect("a valid time"),
    });
    assert_eq!(rendered.subject, "Lindqvist Living invites you as its accounting company");
    for said in [
        "Hello Apple Solutions,",
        "Mara Lindqvist would like your company",
        "The link works once, until 1 December 2026, 14:05 UTC. After that, ask Mara Lindqvist",
        "If you do not know Mara Lindqvist or did not expect this, ignore this message",
        "You receive this message because Mara Lindqvist gave this address",
    ] {
        assert!(rendered.text.contains(said), "{said:?} is missing in {}", rendered.text);
    }
    assert!(rendered.html.contains("until 1 December 2026, 14:05 UTC"));
    assert!(rendered.text.is_ascii(), "plain names make a plain mail");
}

#[test]
fn a_role_has_its_own_words() {
    let texts: BTreeSet<_> = rendered("Mara").into_iter().map(|(_, rendered)| rendered.text).collect();
    assert_eq!(texts.len(), rendered("Mara").len());
}

#[test]
fn the_text_has_the_link_once_on_a_line_of_its_own() {
    for (_, Rendered { text, .. }) in rendered("Mara") {
        assert_eq!(text.matches(ACTION).count(), 1, "{text}");
        assert_eq!(text.lines().filter(|line| *line == ACTION).count(), 1, "{text}");
    }
}

#[test]
fn the_portal_as_the_link_is_not_repeated_below() {
    for (mail, locale) in
        mails("Mara").iter().flat_map(|mail| Locale::ALL.iter().map(move |locale| (mail, *locale)))
    {
        let rendered = TEMPLATES
            .render(mail, locale, &Links { action: PORTAL, portal: PORTAL })
            .expect("the mail renders");
        assert_eq!(rendered.text.matches(PORTAL).count(), 1, "{}", rendered.text);
    }
}

#[test]
fn the_html_has_the_link_unbroken_on_the_button_and_to_copy() {
    let action = ACTION.replace('&', "&amp;");
    for (_, Rendered { html, .. }) in rendered("Mara") {
        assert_eq!(html.matches(&format!("href=\"{action}\"")).count(), 2);
        assert_eq!(html.matches(&format!(">{action}</a>")).count(), 1);
    }
}

#[test]
fn the_html_fetches_nothing() {
    for name in NASTY_NAMES {
        for (_, Rendered { html, .. }) in rendered(name) {
            for (at, _) in html.match_indices("http").filter(|(at, _)| html[at + 4..].starts_with([':', 's']))
            {
                let ours =
                    [PORTAL, "http://www.w3.org/1999/xhtml"].iter().any(|url| html[at..].starts_with(url));
                assert!(ours, "{}", &html[at..].chars().take(80).collect::<String>());
            }
            for fetches in ["url(", "@import", "<img", "<link", "<script", "<iframe", " src=", " background="]
            {
                assert!(!html.contains(fetches), "{fetches} in {html}");
            }
        }
    }
}

#[test]
fn the_list_of_mails_previews_the_preheader() {
    for (_, Rendered { html, .. }) in rendered("Mara & Co") {
        let (_, hidden) = html.split_once("<div style=\"display:none;").expect("there is a preheader");
        let preheader = hidden.split(['>', '<']).nth(1).expect("it has words");
        assert!((20..150).contains(&preheader.len()), "{preheader}");
    }
}

#[test]
fn a_broken_template_does_not_tell_the_link() {
    for broken in [
        "{{ action }}{{ missing }}",
        "{{ action.missing.missing }}",
        "<mjml><mj-body><a href='{{ action }}'>",
    ] {
        let mut templates = Templates::default();
        templates.env.add_template("en/registration.html", broken).expect("it compiles");
        let registration =
            mails("Mara").into_iter().find(|mail| tag(mail) == "registration").expect("it is there");
        let Err(error) =
            templates.render(&registration, Locale::English, &Links { action: ACTION, portal: PORTAL })
        else {
            unreachable!("{broken} cannot be rendered")
        };
        let told = format!("{error} {error:?} {error:#?} {:#?}", error.source());
        assert!(!told.contains("Zk3x9QpL0vR7"), "{told}");
    }
}
