//! Where one can go from an answer: what was made, or is in a list, can be read, changed and deleted by the ids that it has.

use utoipa::Modify;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;

/// Adds them.
pub(super) struct Links;

/// Which answers lead to which operations.
struct Way {
    from: &'static [&'static str],
    to: &'static [&'static str],
    /// The parameters there, each by an expression over the request and its answer.
    by: &'static [(&'static str, &'static str)],
}

const FIRM: (&str, &str) = ("firm_id", "$request.path.firm_id");

const WAYS: &[Way] = &[
    Way {
        from: &["invite_firm", "add_member"],
        to: &["cancel_invitation", "resend_invitation"],
        by: &[("id", "$response.body#/invitation_id")],
    },
    Way { from: &["invite_firm"], to: &["disconnect_firm"], by: &[("firm_id", "$response.body#/firm_id")] },
    Way {
        from: &["list_account_users"],
        to: &["disconnect_firm"],
        by: &[("firm_id", "$response.body#/firms/0/firm_id")],
    },
    Way {
        from: &["list_account_users"],
        to: &["block_person", "unblock_person"],
        by: &[
            ("firm_id", "$response.body#/firms/0/firm_id"),
            ("employee_id", "$response.body#/firms/0/people/0/employee_id"),
        ],
    },
    Way {
        from: &["list_account_users"],
        to: &["remove_member"],
        by: &[("user_id", "$response.body#/members/0/user_id")],
    },
    Way { from: &["create_api_key"], to: &["revoke_api_key"], by: &[("id", "$response.body#/id")] },
    Way { from: &["list_api_keys"], to: &["revoke_api_key"], by: &[("id", "$response.body#/items/0/id")] },
    Way { from: &["create_webhook"], to: WEBHOOK, by: &[("id", "$response.body#/id")] },
    Way { from: &["list_webhooks"], to: WEBHOOK, by: &[("id", "$response.body#/items/0/id")] },
    Way {
        from: &["test_webhook"],
        to: &["redeliver_webhook"],
        by: &[("id", "$request.path.id"), ("delivery_id", "$response.body#/id")],
    },
    Way { from: &["create_operator_webhook"], to: OPERATOR_WEBHOOK, by: &[("id", "$response.body#/id")] },
    Way {
        from: &["list_operator_webhooks"],
        to: OPERATOR_WEBHOOK,
        by: &[("id", "$response.body#/items/0/id")],
    },
    Way {
        from: &["test_operator_webhook"],
        to: &["redeliver_operator_webhook"],
        by: &[("id", "$request.path.id"), ("delivery_id", "$response.body#/id")],
    },
    Way { from: &["open_account"], to: &["enter_account"], by: &[("account_id", "$response.body#/id")] },
    Way {
        from: &["list_my_accounts"],
        to: &["enter_account"],
        by: &[("account_id", "$response.body#/items/0/id")],
    },
    Way { from: &["list_sessions"], to: &["end_session"], by: &[("id", "$response.body#/items/0/id")] },
    Way {
        from: &["read_me"],
        to: &[
            "read_firm",
            "list_employees",
            "list_firm_accounts",
            "list_firm_activity",
            "export_employees",
            "export_assignments",
            "import_csv",
        ],
        by: &[("firm_id", "$response.body#/firms/0/firm_id")],
    },
    Way { from: &["invite_employee"], to: EMPLOYEE, by: &[FIRM, ("id", "$response.body#/id")] },
    Way { from: &["list_employees"], to: EMPLOYEE, by: &[FIRM, ("id", "$response.body#/items/0/id")] },
    Way {
        from: &["list_employee_accounts"],
        to: &["revoke_account"],
        by: &[FIRM, ("id", "$request.path.id"), ("account_id", "$response.body#/items/0/id")],
    },
    Way {
        from: &["list_firm_accounts"],
        to: &["read_firm_account", "list_account_employees", "disconnect_account"],
        by: &[FIRM, ("account_id", "$response.body#/items/0/id")],
    },
    Way { from: &["create_account", "upsert_account"], to: ANY_ACCOUNT, by: &[("id", "$response.body#/id")] },
    Way { from: &["list_accounts"], to: ANY_ACCOUNT, by: &[("id", "$response.body#/items/0/id")] },
    Way {
        from: &["list_firms"],
        to: &["read_any_firm", "suspend_firm", "resume_firm"],
        by: &[("id", "$response.body#/items/0/id")],
    },
    Way {
        from: &["list_users"],
        to: &["read_any_user", "suspend_user", "resume_user"],
        by: &[("id", "$response.body#/items/0/id")],
    },
];

const WEBHOOK: &[&str] = &[
    "read_webhook",
    "update_webhook",
    "rotate_webhook_secret",
    "test_webhook",
    "list_webhook_deliveries",
    "delete_webhook",
];
const OPERATOR_WEBHOOK: &[&str] = &[
    "read_operator_webhook",
    "update_operator_webhook",
    "rotate_operator_webhook_secret",
    "test_operator_webhook",
    "list_operator_webhook_deliveries",
    "delete_operator_webhook",
];
const EMPLOYEE: &[&str] = &[
    "read_employee",
    "update_employee",
    "resend_employee_invitation",
    "list_employee_accounts",
    "read_departure",
    "hand_over_accounts",
    "remove_employee",
];
const ANY_ACCOUNT: &[&str] = &[
    "read_any_account",
    "update_account",
    "add_owner",
    "suspend_account",
    "resume_account",
    "close_account",
];

impl Modify for Links {
    fn modify(&self, document: &mut OpenApi) {
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            let id = operation.operation_id.clone().unwrap_or_default();
            for way in WAYS.iter().filter(|way| way.from.contains(&id.as_str())) {
                lead(operation, way);
            }
        }
    }
}

fn lead(operation: &mut Operation, way: &Way) {
    let successes = operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2'));
    for (_, response) in successes {
        let RefOr::T(response) = response else { continue };
        for to in way.to {
            let link = LinkBuilder::new().operation_id(*to);
            let link = way.by.iter().fold(link, |link, (name, value)| link.parameter(*name, *value));
            response.links.insert((*to).to_owned(), link.build().into());
        }
    }
}
