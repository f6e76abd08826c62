//! Whatever comes in place of a token.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::test::TestRequest;
use portal_api_types::{SessionId, UserId};
use proptest::prelude::*;

use super::*;
use crate::auth::actor::bearer;

/// A portal that signs, and a token of it.
struct Ours {
    tokens: Tokens,
    token: String,
    _directory: tempfile::TempDir,
}

static OURS: LazyLock<Ours> = LazyLock::new(|| {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let keys = Keys::open(directory.path(), &clock).unwrap();
    let tokens = Tokens::new(Arc::new(keys), clock.clone(), "https://portal.test");
    let (user, session) =
        (UserId::from_uuid(uuid_at(clock.now())), SessionId::from_uuid(uuid_at(clock.now())));
    let token = tokens.issue_identity(&user, &session).unwrap();
    Ours { tokens, token, _directory: directory }
});

fn is_refused(token: &str) -> bool {
    OURS.tokens.check_identity(token).is_err() && OURS.tokens.check_account(token).is_err()
}

proptest! {
    #[test]
    fn no_other_token_is_taken_for_ours(
        text in any::<String>(),
        header in "[a-zA-Z+0-9]{0,8}",
        claims in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let (kid, rest) = OURS.token.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let encoded = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let other = |alg: &str| encoded(format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"{header}"}}"#).as_bytes());
        for token in [
            text.clone(),
            format!("{text}.{text}.{text}"),
            format!("{kid}.{}.{signature}", encoded(&claims)),
            format!("{kid}.{}.", encoded(&claims)),
            format!("{}.{body}.{signature}", other("EdDSA")),
            format!("{}.{body}.", other("none")),
            format!("{}.{body}.{}", other(&header), encoded(&claims)),
            format!("{kid}.{body}.{signature}{header}."),
        ] {
            prop_assert!(is_refused(&token), "{}", token);
        }
    }

    #[test]
    fn a_letter_more_or_less_or_another_one_and_it_is_not_ours(
        at in any::<prop::sample::Index>(),
        letter in "[A-Za-z0-9_.=-]",
    ) {
        let token = &OURS.token;
        let at = at.index(token.len());
        let (before, behind) = token.split_at(at);
        let changed = format!("{before}{letter}{}", &behind[1..]);
        prop_assert_eq!(is_refused(&changed), changed != *token, "{}", changed);
        let shorter = format!("{before}{}", &behind[1..]);
        prop_assert!(is_refused(before) && is_refused(&shorter), "{}", shorter);
        let longer = format!("{before}{letter}{behind}");
        prop_assert!(is_refused(&longer), "{}", longer);
    }

    #[test]
    fn no_header_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..60), text in any::<String>()) {
        for value in [
            bytes,
            text.clone().into_bytes(),
            format!("Bearer {text}").into_bytes(),
            format!("bearer  {text} ").into_bytes(),
        ] {
            let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
            let request = TestRequest::default().insert_header((header::AUTHORIZATION, value)).to_http_request();
            if let Ok(token) = bearer(&request) {
                prop_assert!(is_refused(token));
            }
        }
    }
}
