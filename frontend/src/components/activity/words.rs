//! The actions of the audit trail in words.

use crate::texts::{lowercase, tr};

/// The actions that the trail of an account can hold, for its filter, in the order of the story.
pub(super) const OF_ACCOUNT: [&str; 26] = [
    "account.opened",
    "account.renamed",
    "account.linked",
    "account.suspended",
    "account.resumed",
    "account.closed",
    "firm.invited",
    "firm.connected",
    "firm.disconnected",
    "user.suspended",
    "user.resumed",
    "person.blocked",
    "person.unblocked",
    "member.invited",
    "member.joined",
    "member.removed",
    "invitation.resent",
    "invitation.cancelled",
    "assignment.granted",
    "assignment.revoked",
    "api_key.created",
    "api_key.revoked",
    "webhook.created",
    "webhook.updated",
    "webhook.secret_rotated",
    "webhook.deleted",
];

/// Those that the trail of a firm can hold.
pub(super) const OF_FIRM: [&str; 21] = [
    "firm.connected",
    "firm.disconnected",
    "firm.founded",
    "firm.renamed",
    "firm.suspended",
    "firm.resumed",
    "user.suspended",
    "user.resumed",
    "person.blocked",
    "person.unblocked",
    "invitation.resent",
    "invitation.cancelled",
    "employee.invited",
    "employee.joined",
    "employee.renamed",
    "employee.role_changed",
    "employee.deactivated",
    "employee.reactivated",
    "employee.removed",
    "assignment.granted",
    "assignment.revoked",
];

/// What an action is called; one that only a newer portal knows goes by its own name.
pub(super) fn action(action: &str) -> String {
    let words = match action {
        "account.opened" => tr!(activity.account_opened),
        "account.renamed" => tr!(activity.account_renamed),
        "account.linked" => tr!(activity.account_linked),
        "account.suspended" => tr!(activity.account_suspended),
        "account.resumed" => tr!(activity.account_resumed),
        "account.closed" => tr!(activity.account_closed),
        "firm.invited" => tr!(activity.firm_invited),
        "firm.connected" => tr!(activity.firm_connected),
        "firm.disconnected" => tr!(activity.firm_disconnected),
        "firm.founded" => tr!(activity.firm_founded),
        "firm.renamed" => tr!(activity.firm_renamed),
        "firm.suspended" => tr!(activity.firm_suspended),
        "firm.resumed" => tr!(activity.firm_resumed),
        "user.suspended" => tr!(activity.user_suspended),
        "user.resumed" => tr!(activity.user_resumed),
        "person.blocked" => tr!(activity.person_blocked),
        "person.unblocked" => tr!(activity.person_unblocked),
        "member.invited" => tr!(activity.member_invited),
        "member.joined" => tr!(activity.member_joined),
        "member.removed" => tr!(activity.member_removed),
        "invitation.resent" => tr!(activity.invitation_resent),
        "invitation.cancelled" => tr!(activity.invitation_cancelled),
        "employee.invited" => tr!(activity.employee_invited),
        "employee.joined" => tr!(activity.employee_joined),
        "employee.renamed" => tr!(activity.employee_renamed),
        "employee.role_changed" => tr!(activity.employee_role_changed),
        "employee.deactivated" => tr!(activity.employee_deactivated),
        "employee.reactivated" => tr!(activity.employee_reactivated),
        "employee.removed" => tr!(activity.employee_removed),
        "assignment.granted" => tr!(activity.assignment_granted),
        "assignment.revoked" => tr!(activity.assignment_revoked),
        "api_key.created" => tr!(activity.api_key_created),
        "api_key.revoked" => tr!(activity.api_key_revoked),
        "webhook.created" => tr!(activity.webhook_created),
        "webhook.updated" => tr!(activity.webhook_updated),
        "webhook.secret_rotated" => tr!(activity.webhook_secret_rotated),
        "webhook.deleted" => tr!(activity.webhook_deleted),
        other => return other.to_owned(),
    };
    words.to_owned()
}

/// One of the details of an entry.
pub(super) fn detail(name: &str, value: &str) -> String {
    let value = match value {
        "admin" => tr!(activity.word_admin),
        "bookkeeper" => tr!(common.role_bookkeeper),
        "owner" => tr!(common.role_owner),
        "member" => tr!(common.role_member),
        "failing" => tr!(activity.reason_failing),
        "gone" => tr!(activity.reason_gone),
        "owner_left" => tr!(activity.reason_owner_left),
        other => other,
    };
    match name {
        "email" => tr!(activity.detail_email, value = value),
        "role" => tr!(activity.detail_role, value = value),
        "old_role" => tr!(activity.detail_old_role, value = value),
        "old_name" => tr!(activity.detail_old_name, value = value),
        "scopes" => tr!(activity.detail_scopes, value = value),
        "old_host" => tr!(activity.detail_old_host, value = value),
        "enabled" if value == "yes" => tr!(activity.detail_enabled).to_owned(),
        "enabled" => tr!(activity.detail_disabled).to_owned(),
        "reason" => tr!(activity.detail_reason, value = value),
        other => format!("{other}: {value}"),
    }
}

/// A name as a part of a file's name: letters and digits of any script, anything else is one dash.
pub(super) fn file_part(name: &str) -> String {
    /// A file's name may have 255 bytes.
    const MOST: usize = 40;
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let name = lowercase(&words.collect::<Vec<_>>().join("-"));
    let short: String = name.chars().take(MOST).collect();
    short.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::file_part;

    #[test]
    fn a_name_becomes_a_safe_part_of_a_file_name() {
        for (name, part) in [
            ("Blue Bakery", "blue-bakery"),
            ("../../etc/passwd", "etc-passwd"),
            ("Müller & Söhne, S.A.", "müller-söhne-s-a"),
            ("مخبز الأزرق", "مخبز-الأزرق"),
            ("\u{202e}gpj.exe", "gpj-exe"),
            ("***", ""),
        ] {
            assert_eq!(file_part(name), part, "{name:?}");
        }
        assert_eq!(file_part(&"abc ".repeat(90)), "abc-abc-abc-abc-abc-abc-abc-abc-abc-abc");
    }
}
