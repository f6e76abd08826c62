//! The tables, as diesel sees them. The migrations define them and say what they mean.
#![expect(missing_docs, reason = "the macros write public items; the migrations document the columns")]

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        email_display -> Text,
        name -> Text,
        password_hash -> Text,
        status -> Text,
        created_at -> Timestamp,
        locale -> Text,
        name_key -> Text,
    }
}

diesel::table! {
    registrations (token_hash) {
        token_hash -> Text,
        email -> Text,
        email_display -> Text,
        name -> Text,
        account_name -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        locale -> Text,
    }
}

diesel::table! {
    password_resets (token_hash) {
        token_hash -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        created_at -> Timestamp,
        replaced_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        name -> Text,
        name_key -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        external_id -> Nullable<Text>,
        status -> Text,
    }
}

diesel::table! {
    account_members (account_id, user_id) {
        account_id -> Text,
        user_id -> Text,
        role -> Text,
        created_at -> Timestamp,
        name_key -> Text,
    }
}

diesel::table! {
    firms (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        email_display -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        name_key -> Text,
        status -> Text,
        account_count -> BigInt,
    }
}

diesel::table! {
    employees (id) {
        id -> Text,
        firm_id -> Text,
        user_id -> Nullable<Text>,
        email -> Text,
        email_display -> Text,
        name -> Text,
        name_key -> Text,
        role -> Text,
        status -> Text,
        created_at -> Timestamp,
        last_active_at -> Nullable<Timestamp>,
        account_count -> BigInt,
    }
}

diesel::table! {
    firm_accounts (firm_id, account_id) {
        firm_id -> Text,
        account_id -> Text,
        connected_at -> Timestamp,
        name_key -> Text,
        employee_count -> BigInt,
        unassigned -> Bool,
    }
}

diesel::table! {
    assignments (employee_id, account_id) {
        firm_id -> Text,
        employee_id -> Text,
        account_id -> Text,
        created_at -> Timestamp,
        name_key -> Text,
    }
}

diesel::table! {
    account_blocks (account_id, user_id) {
        account_id -> Text,
        user_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        kind -> Text,
        email -> Text,
        email_display -> Text,
        name -> Text,
        account_id -> Nullable<Text>,
        firm_id -> Nullable<Text>,
        employee_id -> Nullable<Text>,
        role -> Nullable<Text>,
        inviter_id -> Nullable<Text>,
        operator_id -> Nullable<Text>,
        token_hash -> Text,
        state -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    address_locks (email) {
        email -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    activity (id) {
        id -> Text,
        at -> Timestamp,
        action -> Text,
        actor_id -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        account_id -> Nullable<Text>,
        account_name -> Nullable<Text>,
        firm_id -> Nullable<Text>,
        firm_name -> Nullable<Text>,
        target_id -> Nullable<Text>,
        target_name -> Nullable<Text>,
        ip -> Nullable<Text>,
        detail -> Text,
        operator_id -> Nullable<Text>,
        operator_name -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        recipient -> Text,
        mail -> Text,
        token_seed -> Nullable<Text>,
        token_hash -> Nullable<Text>,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
        claimed_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        locale -> Text,
    }
}

diesel::table! {
    rate_limits (key) {
        key -> Text,
        started_at -> Timestamp,
        ends_at -> Timestamp,
        count -> BigInt,
    }
}

diesel::table! {
    operator_keys (id) {
        id -> Text,
        name -> Text,
        secret_hash -> Text,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        account_id -> Text,
        owner_id -> Text,
        name -> Text,
        secret_hash -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        last_used_ip -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (id) {
        id -> Text,
        body_hash -> Text,
        answer -> Nullable<Text>,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    revoked_tokens (jti) {
        jti -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    // The view that is the rule of access; its key is nominal.
    account_access (user_id, account_id, rank) {
        user_id -> Text,
        account_id -> Text,
        role -> Text,
        rank -> Integer,
        firm_id -> Nullable<Text>,
        employee_id -> Nullable<Text>,
        name_key -> Text,
        user_name -> Text,
        account_name -> Text,
        account_created_at -> Timestamp,
        external_id -> Nullable<Text>,
        firm_name -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        account_id -> Nullable<Text>,
        made_by -> Nullable<Text>,
        url -> Text,
        description -> Text,
        events -> Text,
        secret_seed -> Text,
        old_secret_seed -> Nullable<Text>,
        old_secret_until -> Nullable<Timestamp>,
        disabled_reason -> Nullable<Text>,
        failing_since -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    keys_in_use (id) {
        id -> Integer,
        link_key -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    operator_lock (id) {
        id -> Integer,
        version -> BigInt,
    }
}

diesel::table! {
    // The view of the webhooks that are told something now.
    live_webhooks (id) {
        id -> Text,
        account_id -> Nullable<Text>,
        events -> Text,
    }
}

diesel::table! {
    webhook_deliveries (position) {
        position -> BigInt,
        id -> Text,
        webhook_id -> Text,
        lane -> Text,
        event_id -> Text,
        event_type -> Text,
        payload -> Text,
        state -> Text,
        next_attempt_at -> Timestamp,
        claimed_until -> Nullable<Timestamp>,
        attempts -> Text,
        response -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account_access,
    account_blocks,
    account_members,
    accounts,
    activity,
    api_keys,
    assignments,
    employees,
    firm_accounts,
    firms,
    invitations,
    live_webhooks,
    operator_keys,
    outbox,
    password_resets,
    refresh_tokens,
    registrations,
    revoked_tokens,
    sessions,
    users,
    webhook_deliveries,
    webhooks,
);
