//! The mails that the portal sends, and their words.
//!
//! A [`Mail`] says what happened. It lies in the outbox as JSON, so it holds no secret: the link, which does, is made
//! when the mail is sent and comes in as [`Links`]. The words of a mail are one file in each language's folder, such as
//! `templates/en/`, written as prose; three layouts make of it the plain text, the MJML that becomes the HTML, and the subject line.
//!
//! Names are typed by strangers, and a mail from us lends them our voice. Everything that a template prints goes
//! through [`print_value`], which makes it safe; no template has to remember to.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, context};
use mrml::prelude::parser::ParserOptions;
use mrml::prelude::parser::noop_loader::NoopIncludeLoader;
use mrml::prelude::render::RenderOptions;
use portal_api_types::{AccountStatus, Locale};
use serde::{Deserialize, Serialize};

use super::words::words;

/// What a mail tells its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Mail {
    /// A store owner invites an accounting company; the link leads to joining.
    FirmInvitation {
        /// The owner who invites.
        inviter_name: String,
        /// The account that the company is to work in.
        account_name: String,
        /// The company, as the owner calls it.
        company_name: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// A firm's admin invites an employee; the link leads to joining.
    EmployeeInvitation {
        /// The admin who invites.
        inviter_name: String,
        /// The firm to join.
        firm_name: String,
        /// The person invited.
        invitee_name: String,
        /// `admin` or `bookkeeper`.
        role: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// An owner invites a person into an account without a firm; the link leads to joining.
    MemberInvitation {
        /// The owner who invites.
        inviter_name: String,
        /// The account to join.
        account_name: String,
        /// The person invited.
        invitee_name: String,
        /// `owner` or `member`.
        role: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// Somebody signed up; the link proves the address and leads to choosing a password.
    Registration {
        /// The person who signed up.
        name: String,
        /// The account that will be opened.
        account_name: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// Somebody signed up with an address that has a login; the link leads to signing in.
    AlreadyRegistered {
        /// The person whose login it is.
        name: String,
    },
    /// Somebody forgot a password; the link leads to choosing another.
    PasswordReset {
        /// The person whose login it is.
        name: String,
        /// When the link stops working.
        expires_at: DateTime<Utc>,
    },
    /// To a firm: a client has connected it; the link leads to the portal.
    ClientConnected {
        /// The client account.
        account_name: String,
        /// The owner who connected it.
        owner_name: String,
        /// The firm.
        firm_name: String,
    },
    /// Access is gone; the link leads to the portal.
    AccessEnded {
        /// Whom the mail addresses: a person, or a firm for [`EndedAccess::Client`].
        name: String,
        /// The account or firm that can no longer be opened.
        place_name: String,
        /// Which kind of access it was.
        kind: EndedAccess,
    },
    /// The operator has given somebody who has a login an account; the link leads to the portal.
    AccountGiven {
        /// The person who owns it now.
        name: String,
        /// The account.
        account_name: String,
        /// How people see the operator.
        operator_name: String,
    },
    /// To an owner: the operator has suspended, resumed or closed the account; the link leads to the portal.
    AccountStatusChanged {
        /// The owner.
        name: String,
        /// The account.
        account_name: String,
        /// How people see the operator.
        operator_name: String,
        /// What the account is now.
        status: AccountStatus,
    },
    /// To an owner: the portal has switched a webhook off; the link leads to the portal.
    WebhookDisabled {
        /// The owner.
        name: String,
        /// The account that the webhook is of.
        account_name: String,
        /// The host that events were posted to.
        host_name: String,
        /// `failing`, `gone` or `owner_left`.
        kind: String,
    },
    /// A password was changed; the link leads to 'forgot password', for the case that it was somebody else.
    PasswordChanged {
        /// The person whose login it is.
        name: String,
    },
}

/// Which access has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedAccess {
    /// A person's access to an account.
    Account,
    /// A person's employment at a firm.
    Firm,
    /// A whole firm's access to a client account.
    Client,
}

impl Mail {
    fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Mail::FirmInvitation { expires_at, .. }
            | Mail::EmployeeInvitation { expires_at, .. }
            | Mail::MemberInvitation { expires_at, .. }
            | Mail::Registration { expires_at, .. }
            | Mail::PasswordReset { expires_at, .. } => Some(*expires_at),
            Mail::AlreadyRegistered { .. }
            | Mail::ClientConnected { .. }
            | Mail::AccessEnded { .. }
            | Mail::AccountGiven { .. }
            | Mail::AccountStatusChanged { .. }
            | Mail::WebhookDisabled { .. }
            | Mail::PasswordChanged { .. } => None,
        }
    }
}

/// The addresses in a mail. They may hold a one-time token, so this has no `Debug`.
pub struct Links<'a> {
    /// Where the button leads.
    pub action: &'a str,
    /// The portal's public address, for whoever would rather type it than follow a link.
    pub portal: &'a str,
}

/// A mail, ready to be sent. It holds the link, so this has no `Debug`.
pub struct Rendered {
    /// The language.
    pub locale: Locale,
    /// The subject: one line, at most 150 characters.
    pub subject: String,
    /// The body in HTML.
    pub html: String,
    /// The body in plain text.
    pub text: String,
}

/// Why a mail cannot be rendered. It is our mistake in a template, never a matter of what somebody typed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The template is wrong, or wants a value that the mail does not have.
    #[error("a mail template cannot be filled in")]
    Fill(#[from] Error),
    /// What the template yields is not MJML.
    #[error("a mail template does not yield valid MJML")]
    Parse(#[from] mrml::prelude::parser::Error),
    /// The MJML cannot be turned into HTML.
    #[error("a mail cannot be laid out")]
    Layout(#[from] mrml::prelude::render::Error),
}

/// The forms that the words take. Each is the suffix of a template's name, and thereby chooses how values are printed.
const LAYOUTS: [(&str, &str); 3] = [
    (HTML, include_str!("templates/layout.mjml")),
    (TEXT, include_str!("templates/layout.txt")),
    (LINE, include_str!("templates/layout.line")),
];
const HTML: &str = "html";
const TEXT: &str = "text";
const LINE: &str = "line";

/// What all mails of a language share: no mail, but what they extend.
const COMMON: &str = "common";

const SUBJECT_MAX: usize = 150;
/// A name of 200 characters must not push the point of the sentence out of the subject.
const NAME_IN_SUBJECT_MAX: usize = 60;

/// All templates, compiled.
pub struct Templates {
    env: Environment<'static>,
}

impl Templates {
    /// Compiles the templates, which are part of the program.
    pub fn new() -> Result<Self, TemplateError> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|name| match name.rsplit_once('.') {
            Some((_, TEXT)) => AutoEscape::Custom(TEXT.into()),
            Some((_, LINE)) => AutoEscape::Custom(LINE.into()),
            _ => AutoEscape::Html,
        });
        env.set_formatter(print_value);
        env.add_filter("paragraphs", |text: &str| {
            paragraphs(text).map(Value::from_safe_string).collect::<Vec<_>>()
        });
        for (form, layout) in LAYOUTS {
            env.add_template_owned(format!("layout.{form}"), layout)?;
        }
        for locale in Locale::ALL {
            for (mail, words) in words(*locale) {
                if *mail == COMMON {
                    env.add_template_owned(format!("{locale}/{COMMON}"), *words)?;
                    continue;
                }
                for (form, _) in LAYOUTS {
                    env.add_template_owned(format!("{locale}/{mail}.{form}"), *words)?;
                }
            }
        }
        Ok(Self { env })
    }

    /// Writes the mail out in this language, with these links.
    pub fn render(&self, mail: &Mail, locale: Locale, links: &Links) -> Result<Rendered, TemplateError> {
        let fields = Value::from(Serde(mail));
        let tag = fields.get_attr("template")?;
        let expires = mail.expires_at().map(parts);
        let fill = |form: &str, context: Value| {
            self.env.get_template(&format!("{locale}/{tag}.{form}"))?.render(context! {
                layout => format!("layout.{form}"),
                expires => expires.clone(),
                ..context
            })
        };

        let lines = fill(LINE, fields.clone())?;
        let (subject, preheader) = lines.trim().split_once('\n').unwrap_or((&lines, ""));
        let subject = shorten(subject.trim(), SUBJECT_MAX);

        let text = fill(
            TEXT,
            context! { action => safe(links.action), portal => safe(links.portal), ..fields.clone() },
        )?;
        let mjml = fill(
            HTML,
            context! {
                action => safe(&escape_html(links.action)),
                portal => safe(&escape_html(links.portal)),
                subject => safe(&escape_html(&subject)),
                preheader => safe(&escape_html(preheader)),
                ..fields
            },
        )?;
        Ok(Rendered { locale, subject, html: lay_out(&mjml)?, text: tidy(&text) })
    }
}

/// Turns MJML into HTML. Neither an include nor a font can make it read a file or name another server.
fn lay_out(mjml: &str) -> Result<String, TemplateError> {
    let parser = ParserOptions { include_loader: Box::new(NoopIncludeLoader) };
    let options = RenderOptions { disable_comments: true, fonts: Default::default(), ..Default::default() };
    Ok(mrml::parse_with_options(mjml, &parser)?.element.render(&options)?)
}

/// Prints a value into a mail: what we made ourselves as it is, everything else as a name that somebody typed.
fn print_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let typed = if value.is_safe() { None } else { Some(harmless(&value.to_string())) };
    let result = match (typed, state.auto_escape()) {
        (None, _) => out.write_str(&value.to_string()),
        (Some(name), AutoEscape::Html) => out.write_fmt(format_args!(
            "<span class=\"name\" dir=\"auto\">{}</span>",
            escape_html(&isolated(&name))
        )),
        (Some(name), AutoEscape::Custom(form)) if form == TEXT => out.write_str(&isolated(&name)),
        (Some(name), AutoEscape::Custom(form)) if form == LINE => {
            out.write_str(&isolated(&shorten(&name, NAME_IN_SUBJECT_MAX)))
        }
        (Some(_), _) => return Err(Error::new(ErrorKind::BadEscape, "a mail template of an unknown form")),
    };
    Ok(result?)
}

/// A name that neither breaks a line, nor reorders what stands around it, nor becomes a link.
///
/// Mail programs make a link of whatever looks like one, and `Apple http://evil.example` in a mail of ours would look
/// like our advice. So an invisible non-joiner goes around every character that holds an address together. It is not
/// allowed at these places in a domain, so that what a program still takes for a link leads nowhere.
fn harmless(name: &str) -> String {
    const NON_JOINER: char = '\u{200C}';
    let name: Vec<char> = one_line(name).chars().collect();
    let is_within = |i: usize| i > 0 && name[i - 1] != ' ' && name.get(i + 1).is_some_and(|c| *c != ' ');
    let holds = |i: usize| joins_address(name[i]) && is_within(i);
    let mut harmless = String::new();
    for (i, c) in name.iter().enumerate() {
        if i > 0 && (holds(i - 1) || holds(i)) {
            harmless.push(NON_JOINER);
        }
        harmless.push(*c);
    }
    harmless
}

/// The punctuation of web, mail and network addresses, with what domain names accept in place of a dot.
fn joins_address(c: char) -> bool {
    matches!(c, '.' | '@' | ':' | '/' | '\\' | '。' | '．' | '｡' | '＠' | '：' | '／')
}

/// One line without control characters, and without those that override the direction of what follows.
fn one_line(text: &str) -> String {
    let is_unruly =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let words = text.split(|c: char| c.is_whitespace() || is_unruly(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Keeps a name with right-to-left script from pulling the words beside it into its direction.
fn isolated(name: &str) -> Cow<'_, str> {
    let is_right_to_left = |c| {
        matches!(c, '\u{0590}'..='\u{08FF}' | '\u{200F}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    };
    if name.contains(is_right_to_left) { format!("\u{2068}{name}\u{2069}").into() } else { name.into() }
}

fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Escapes for an element's text and for a quoted attribute. Unlike minijinja's it leaves `/` alone: an address stays
/// recognisable to whoever looks into the source.
fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A moment in UTC, in the parts that languages put in different orders.
fn parts(at: DateTime<Utc>) -> Value {
    context! {
        day => safe(&at.format("%-d").to_string()),
        month => at.month(),
        year => safe(&at.format("%Y").to_string()),
        time => safe(&at.format("%H:%M").to_string()),
    }
}

fn safe(text: &str) -> Value {
    Value::from_safe_string(text.to_owned())
}

/// The paragraphs of a text that are parted by blank lines, each as one line.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let blocks: Vec<String> = lines.split(|line| line.is_empty()).map(|block| block.join(" ")).collect();
    blocks.into_iter().filter(|block| !block.is_empty())
}

fn tidy(text: &str) -> String {
    let mut tidy = paragraphs(text).collect::<Vec<_>>().join("\n\n");
    tidy.push('\n');
    tidy
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
