//! What becomes of a delivery after a try: it was taken, or is tried again with growing pauses for a day, or is given up. A
//! webhook that has taken nothing for five days is switched off, and so is one whose receiver says that it is gone.

use chrono::TimeDelta;
use portal_api_types::{WebhookAttempt, WebhookDisabledReason};

use super::switch_off::switch_off;
use crate::clock::random_bytes;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome};
use crate::store::deliveries::{self, Claimed};
use crate::store::webhooks;

/// How long a delivery is tried, from when it was written.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);
/// How long a webhook may take nothing, before a delivery that is given up switches it off.
const OFF_AFTER: TimeDelta = TimeDelta::days(5);
/// What waits behind a delivery that was given up is not tried in the same breath.
const PAUSE_AFTER_LOSS: TimeDelta = TimeDelta::minutes(1);
/// "Gone" (RFC 9110 section 15.5.11): by the specification of webhooks, the receiver does not want any more.
const GONE: u16 = 410;

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Delivered,
    /// It is tried again later.
    Deferred,
    /// It was given up, and by that the webhook was switched off for this reason, if it was.
    Failed(Option<WebhookDisabledReason>),
}

/// Notes a try, with how the answer began.
pub fn settle(
    conn: &mut Conn,
    ctx: &Ctx,
    claimed: &Claimed,
    attempt: &WebhookAttempt,
    response: Option<&str>,
) -> Outcome<Verdict> {
    let webhook = &claimed.due.webhook_id;
    if attempt.error.is_none() {
        deliveries::finish(conn, claimed, attempt, response, "delivered", ctx.now)?;
        webhooks::note_success(conn, webhook)?;
        return Ok(Verdict::Delivered);
    }
    webhooks::note_failure(conn, webhook, ctx.now)?;
    let gone = attempt.response_status == Some(GONE);
    if !gone && ctx.now - claimed.created_at < GIVE_UP_AFTER {
        let next = ctx.now + back_off(claimed.attempts.len());
        deliveries::defer(conn, claimed, attempt, response, next)?;
        pause_lane(conn, claimed, next)?;
        return Ok(Verdict::Deferred);
    }
    deliveries::finish(conn, claimed, attempt, response, "failed", ctx.now)?;
    pause_lane(conn, claimed, ctx.now + PAUSE_AFTER_LOSS)?;
    let reason = if gone {
        Some(WebhookDisabledReason::Gone)
    } else {
        (failing_for(conn, ctx, claimed)? >= OFF_AFTER).then_some(WebhookDisabledReason::Failing)
    };
    let Some(reason) = reason else { return Ok(Verdict::Failed(None)) };
    Ok(Verdict::Failed(switch_off(conn, ctx, webhook, reason)?.then_some(reason)))
}

fn pause_lane(conn: &mut Conn, claimed: &Claimed, until: crate::clock::Time) -> Outcome<()> {
    if claimed.due.is_by_hand() { Ok(()) } else { deliveries::defer_lane(conn, &claimed.due, until) }
}

fn failing_for(conn: &mut Conn, ctx: &Ctx, claimed: &Claimed) -> Outcome<TimeDelta> {
    let since = webhooks::by_id(conn, &claimed.due.webhook_id)?.and_then(|webhook| webhook.failing_since);
    Ok(since.map_or(TimeDelta::zero(), |since| ctx.now - since))
}

/// 5, 15, 45, ... seconds up to four hours, and up to a tenth more, so that not all come back at once: about 13 tries a day.
fn back_off(attempts: usize) -> TimeDelta {
    let exponent = u32::try_from(attempts.min(8)).unwrap_or(8);
    let millis = (5_000 * 3_i64.pow(exponent)).min(4 * 3_600_000);
    let [random] = random_bytes::<1>();
    TimeDelta::milliseconds(millis + millis / 10 * i64::from(random) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_four_hours_and_fill_a_day_with_a_dozen_tries() {
        let mut waited = TimeDelta::zero();
        let mut tries = 1;
        while waited < GIVE_UP_AFTER {
            let pause = back_off(tries - 1);
            assert!(pause >= TimeDelta::seconds(5) && pause <= TimeDelta::minutes(264), "{pause}");
            waited += pause;
            tries += 1;
        }
        assert!((12..=15).contains(&tries), "{tries}");
    }
}
