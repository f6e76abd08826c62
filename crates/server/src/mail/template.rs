//! How a mail gets its words.
//!
//! A [`Mail`] says what happened. It lies in the outbox as JSON, so it holds no secret: the link, which does, is made
//! when the mail is sent and comes in as [`Links`]. The words of a mail are one file in each language's folder, such as
//! `templates/en/`, written as prose; three layouts make of it the plain text, the MJML that becomes the HTML, and the subject line.
//!
//! Names are typed by strangers, and a mail from us lends them our voice. Everything that a template prints goes
//! through [`print_value`], which makes it safe; no template has to remember to.

use chrono::{DateTime, Datelike, Utc};
use minijinja::value::{Serde, Value};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, TemplateSource, UndefinedBehavior, context,
};
use mrml::prelude::parser::ParserOptions;
use mrml::prelude::parser::noop_loader::NoopIncludeLoader;
use mrml::prelude::render::RenderOptions;
use portal_api_types::Locale;

use super::message::Mail;
use super::typed::{escape_html, harmless, isolated, shorten};
use super::words::words;

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

/// The templates, each of them compiled when it is first used: all of them together take megabytes.
pub struct Templates {
    env: Environment<'static>,
}

impl Default for Templates {
    /// Those that are part of the program.
    fn default() -> Self {
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
        env.set_loader(|name| Ok(source(name).map(TemplateSource::from)));
        Self { env }
    }
}

impl Templates {
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

/// A template by its name: `layout.FORM`, `LANGUAGE/common`, or `LANGUAGE/MAIL.FORM`.
fn source(name: &str) -> Option<&'static str> {
    let of = |list: &[(&str, &'static str)], name: &str| {
        list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    };
    let Some((language, words_of)) = name.split_once('/') else {
        return of(&LAYOUTS, name.strip_prefix("layout.")?);
    };
    let mail = match words_of.rsplit_once('.') {
        Some((mail, form)) if of(&LAYOUTS, form).is_some() => mail,
        None if words_of == COMMON => COMMON,
        _ => return None,
    };
    of(words(language.parse().ok()?), mail)
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
mod tests;
