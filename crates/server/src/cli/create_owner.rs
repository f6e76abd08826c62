//! `portal create-owner`.

use std::io::BufRead;

use clap::Args;
use portal_api_types::{Email, Locale, Name, NewPassword, Registration};

use super::{CommandError, in_runtime};
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::registration::create_owner::{create, prepare};
use crate::jobs::outbox::token_link;

/// Who, and how.
#[derive(Debug, Args)]
pub(super) struct CreateOwner {
    /// The person's name.
    #[arg(long)]
    name: Name,
    /// The person's e-mail: what they sign in with.
    #[arg(long)]
    email: Email,
    /// The name of the person's first account: usually the business.
    #[arg(long, value_name = "NAME")]
    account: Name,
    /// The language of the person's mails: `en` or `es`.
    #[arg(long, default_value_t)]
    locale: Locale,
    /// Read the password from standard input (one line), and make the login at once.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    pub(super) config: Config,
}

/// Makes the owner, and answers what to do next.
pub(super) fn run(arguments: CreateOwner) -> Result<String, CommandError> {
    let CreateOwner { name, email, account, locale, password_stdin, config } = arguments;
    let password = if password_stdin { Some(read_password()?) } else { None };
    let app = App::open(config, Clock::default())?;
    in_runtime(app.prepare())?;
    let ctx = app.ctx(None, Some("portal create-owner".to_owned()), locale);
    let (who, what) = (email.to_string(), account.to_string());
    let wish = Registration { name, email, account_name: account, locale: Some(locale) };
    let taken = || {
        CommandError::Refused(format!("{who} has a login already: sign in, and open another account there"))
    };
    match password {
        Some(password) => {
            if !in_runtime(create(&app.services, ctx, wish, password))? {
                return Err(taken());
            }
            Ok(format!("{who} can sign in now, and owns the account {what}."))
        }
        None => {
            let token = in_runtime(prepare(&app.services, ctx, wish))?.ok_or_else(taken)?;
            let link = token_link(app.config.public_url(), "join", &token);
            Ok(format!(
                "Give this link to {who}: it works once, for 7 days, and no mail was sent. Whoever opens it chooses \
                 the password and owns the account {what}.\n{link}"
            ))
        }
    }
}

fn read_password() -> Result<NewPassword, CommandError> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(StartError::from)?;
    let typed = line.strip_suffix('\n').unwrap_or(&line);
    let typed = typed.strip_suffix('\r').unwrap_or(typed);
    typed.parse().map_err(|invalid: portal_api_types::InvalidValue| CommandError::Refused(invalid.detail))
}
