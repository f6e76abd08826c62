//! Each language says the same, in its own words.

use super::*;

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
         Portal contable: {PORTAL}\n"
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
