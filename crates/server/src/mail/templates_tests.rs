use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::LazyLock;

use super::*;

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::new().expect("the templates compile"));

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

/// The pieces of a template between these marks, in order.
fn pieces<'a>(template: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    template.split(open).skip(1).filter_map(|rest| rest.split(close).next()).map(str::trim).collect()
}

#[test]
fn every_language_says_the_same_in_the_same_places() {
    for (locale, (name, english)) in
        Locale::ALL.iter().flat_map(|locale| words(Locale::English).iter().map(move |words| (*locale, words)))
    {
        let (_, other) = words(locale).iter().find(|(other, _)| other == name).expect("it is there");
        assert_eq!(
            pieces(other, "{% block ", " %}"),
            pieces(english, "{% block ", " %}"),
            "{locale}/{name}: blocks"
        );
        // Not how often, which is a matter of style.
        let values = |words| {
            pieces(words, "{{ ", "}}").into_iter().filter(|value| !value.is_empty()).collect::<BTreeSet<_>>()
        };
        assert_eq!(values(other), values(english), "{locale}/{name}: names and dates");
        let cases = |words| {
            ["kind", "role", "status"].map(|field| pieces(words, &format!("if {field} =="), "%}").len())
        };
        assert_eq!(cases(other), cases(english), "{locale}/{name}: cases");
        assert!(locale == Locale::English || !other.contains("\"en/"), "{locale}/{name} extends English");
    }
}

#[test]
fn nothing_is_left_untranslated() {
    // Words that no text of any length goes without, and that the other languages do not have.
    let telling = |locale| match locale {
        Locale::English => [" the ", " you ", " your ", " this ", "Hello", "password", " is ", " has "],
        Locale::Spanish => [" el ", " la ", " su ", " una ", "Hola", "contraseña", " que ", " está"],
    };
    for (mail, Rendered { locale, subject, html, text }) in rendered("Mara") {
        assert!(html.contains(&format!("lang=\"{locale}\"")) && html.contains("dir=\"ltr\""), "{html}");
        let said = format!("{subject}\n{text}\n{}", words_of(&html)).replace(['\n', ',', '.', ':'], " ");
        for other in Locale::ALL {
            let found: Vec<_> = telling(*other).into_iter().filter(|word| said.contains(word)).collect();
            assert_eq!(found.len() >= 3, *other == locale, "{locale} {}: {found:?} in {said}", tag(&mail));
            assert!(*other == locale || found.is_empty(), "{locale} {}: {found:?} in {said}", tag(&mail));
        }
    }
}

/// What a reader of the HTML sees, with what the mail's list previews.
fn words_of(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    body.split('<')
        .filter_map(|tag| tag.split_once('>'))
        .map(|(_, words)| words.trim())
        .collect::<Vec<_>>()
        .join(" ")
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
fn an_invitation_in_spanish_reads_like_one() {
    let rendered = render_in(
        Locale::Spanish,
        &Mail::FirmInvitation {
            inviter_name: "Mara Lindqvist".into(),
            account_name: "Lindqvist Living".into(),
            company_name: "Apple Solutions".into(),
            expires_at: DateTime::from_timestamp(1_796_133_933, 0).expect("a valid time"),
        },
    );
    assert_eq!(rendered.subject, "Lindqvist Living le invita a llevar su contabilidad");
    let text = format!(
        "Invitación para trabajar con Lindqvist Living\n\n\
         Hola, Apple Solutions:\n\n\
         Mara Lindqvist desea que su empresa lleve la contabilidad de Lindqvist Living y envía esta única invitación a \
         su dirección principal.\n\n\
         Al aceptarla, su empresa queda conectada con Lindqvist Living, y usted decide quién de su equipo trabaja en la \
         cuenta. En el mismo paso se conectan los demás clientes que hayan invitado a esta dirección.\n\n\
         Si es su primera vez aquí, elegirá una contraseña después de abrir el enlace. Si ya existe un usuario con esta \
         dirección, se le pedirá su contraseña.\n\n\
         Aceptar la invitación:\n\n\
         {ACTION}\n\n\
         El enlace funciona una sola vez, hasta el 1 de diciembre de 2026 a las 14:05 (UTC). Después, pida otra \
         invitación a Mara Lindqvist.\n\n\
         Si no conoce a Mara Lindqvist o no esperaba este mensaje, ignórelo: no cambia nada mientras la invitación no \
         se acepte. Quien tenga el enlace puede aceptarla en nombre de su empresa; reenvíelo solo a quien esté en \
         condiciones de hacerlo.\n\n\
         --\n\n\
         Recibe este mensaje porque Mara Lindqvist indicó esta dirección como la principal de Apple Solutions.\n\n\
         Portal de contabilidad: {PORTAL}\n"
    );
    assert_eq!(rendered.text, text);
    assert!(rendered.html.contains("hasta el 1 de diciembre de 2026 a las 14:05 (UTC)."));
}

#[test]
fn a_date_has_the_name_of_its_month() {
    for (timestamp, english, spanish) in [
        (1_767_229_200, "until 1 January 2026, 01:00 UTC", "hasta el 1 de enero de 2026 a las 01:00 (UTC)"),
        (
            1_798_754_399,
            "until 31 December 2026, 21:59 UTC",
            "hasta el 31 de diciembre de 2026 a las 21:59 (UTC)",
        ),
    ] {
        let expires_at = DateTime::from_timestamp(timestamp, 0).expect("a valid time");
        let mail = Mail::PasswordReset { name: "Mara".into(), expires_at };
        assert!(render(&mail).text.contains(english), "{}", render(&mail).text);
        assert!(render_in(Locale::Spanish, &mail).text.contains(spanish));
    }
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
        let mut templates = Templates::new().expect("the templates compile");
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
