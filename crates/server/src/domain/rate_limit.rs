//! Limits on abuse, counted in the database so that all processes share them.
//!
//! A limit is a number of events in a window that begins with the first one. Whom a counter is about is stored hashed.

use std::collections::HashMap;
use std::net::IpAddr;

use chrono::TimeDelta;
use portal_api_types::{Email, FirmId, Secret, UserId, WebhookId};

use super::{Ctx, Outcome, Refusal};
use crate::auth::link::hash;
use crate::db::Conn;
use crate::store::rate_limits;

/// What is limited.
#[derive(Debug, Clone)]
pub enum Limit {
    /// Failed sign-ins for one e-mail, whether it has a login or not.
    SignInAccount(Email),
    /// Failed sign-ins from one network.
    SignInNetwork(Option<String>),
    /// Wrong secrets for one client id, whether there is such a key or not.
    Client(String),
    /// Wrong secrets of clients from one network.
    ClientNetwork(Option<String>),
    /// Registrations from one network.
    Registration(Option<String>),
    /// Password resets of one e-mail.
    PasswordReset(Email),
    /// Invitations by one person.
    Inviter(UserId),
    /// Invitations by one firm's people together.
    InvitingFirm(FirmId),
    /// Invitations to one address.
    Recipient(Email),
    /// Registrations of one address: counted apart, or strangers could use up what invitations may send.
    RegistrationAddress(Email),
    /// Events that one webhook is sent by hand.
    WebhookByHand(WebhookId),
}

impl Limit {
    /// How many, in which time, and whether the operator's factor applies.
    fn rule(&self) -> (i64, TimeDelta, bool) {
        match self {
            Self::SignInAccount(_) | Self::Client(_) => (10, TimeDelta::minutes(15), false),
            Self::SignInNetwork(_) | Self::ClientNetwork(_) => (100, TimeDelta::minutes(15), true),
            Self::Registration(_) => (20, TimeDelta::hours(1), true),
            Self::PasswordReset(_) | Self::Recipient(_) | Self::RegistrationAddress(_) => {
                (5, TimeDelta::hours(1), true)
            }
            Self::Inviter(_) => (300, TimeDelta::hours(1), true),
            Self::InvitingFirm(_) => (1_000, TimeDelta::hours(1), true),
            Self::WebhookByHand(_) => (60, TimeDelta::hours(1), true),
        }
    }

    fn key(&self) -> String {
        let (kind, whom) = match self {
            Self::SignInAccount(email) => ("sign_in_account", email.as_str().to_owned()),
            Self::SignInNetwork(ip) => ("sign_in_network", network(ip.as_deref())),
            Self::Client(id) => ("client", id.clone()),
            Self::ClientNetwork(ip) => ("client_network", network(ip.as_deref())),
            Self::Registration(ip) => ("registration", network(ip.as_deref())),
            Self::PasswordReset(email) => ("password_reset", email.as_str().to_owned()),
            Self::Inviter(user) => ("inviter", user.to_string()),
            Self::InvitingFirm(firm) => ("inviting_firm", firm.to_string()),
            Self::Recipient(email) => ("recipient", email.as_str().to_owned()),
            Self::RegistrationAddress(email) => ("registration_address", email.as_str().to_owned()),
            Self::WebhookByHand(webhook) => ("webhook_by_hand", webhook.to_string()),
        };
        format!("{kind}:{}", hash(&Secret::new(whom)))
    }

    fn allowed(&self, ctx: &Ctx) -> i64 {
        let (allowed, _, multiplied) = self.rule();
        if multiplied { allowed.saturating_mul(i64::from(ctx.rate_limit_factor)) } else { allowed }
    }
}

/// The network of an address: an IPv4 address itself, an IPv6 address's /64, since one subscriber has at least that much.
pub fn network(ip: Option<&str>) -> String {
    match ip.and_then(|ip| ip.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// Counts one more, and says whether that was one too many. Runs in a transaction of its own: a refusal must count too.
pub fn count(conn: &mut Conn, ctx: &Ctx, limit: &Limit) -> Outcome<Result<(), Refusal>> {
    count_many(conn, ctx, limit, 1)
}

/// Counts several more at once, and says whether those were too many.
pub fn count_many(conn: &mut Conn, ctx: &Ctx, limit: &Limit, by: usize) -> Outcome<Result<(), Refusal>> {
    let (_, window, _) = limit.rule();
    let by = i64::try_from(by).unwrap_or(i64::MAX);
    let counter = rate_limits::raise(conn, &limit.key(), by, ctx.now, ctx.now + window)?;
    if counter.count > limit.allowed(ctx) { Ok(Err(limited(ctx, counter.ends_at))) } else { Ok(Ok(())) }
}

/// Refuses when the limit is reached already, without counting.
pub fn check(conn: &mut Conn, ctx: &Ctx, limit: &Limit) -> Outcome<()> {
    match rate_limits::read(conn, &limit.key(), ctx.now)? {
        Some(counter) if counter.count >= limit.allowed(ctx) => Err(limited(ctx, counter.ends_at).into()),
        _ => Ok(()),
    }
}

/// How many more each of these limits allows now.
pub fn left(conn: &mut Conn, ctx: &Ctx, limits: &[Limit]) -> Outcome<Vec<usize>> {
    let keys: Vec<String> = limits.iter().map(Limit::key).collect();
    let counted: HashMap<String, i64> = rate_limits::read_all(conn, &keys, ctx.now)?.into_iter().collect();
    let left = |(limit, key): (&Limit, &String)| {
        let used = counted.get(key).copied().unwrap_or_default();
        usize::try_from(limit.allowed(ctx).saturating_sub(used)).unwrap_or_default()
    };
    Ok(limits.iter().zip(&keys).map(left).collect())
}

/// Forgets what was counted.
pub fn clear(conn: &mut Conn, limit: &Limit) -> Outcome<()> {
    rate_limits::clear(conn, &limit.key())
}

fn limited(ctx: &Ctx, ends_at: crate::clock::Time) -> Refusal {
    Refusal::RateLimited { retry_after_seconds: (ends_at - ctx.now).num_seconds().max(0) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_31_an_ipv6_network_is_its_64_and_a_mapped_address_is_ipv4() {
        let one = network(Some("2001:db8:1:2:3:4:5:6"));
        assert_eq!(one, network(Some("2001:db8:1:2:ffff::1")));
        assert_ne!(one, network(Some("2001:db8:1:3::1")));
        assert_eq!(network(Some("::ffff:192.0.2.1")), network(Some("192.0.2.1")));
        assert_ne!(network(Some("192.0.2.1")), network(Some("192.0.2.2")));
    }
}
