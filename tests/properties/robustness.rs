//! No input makes the core panic. A panic fails these tests whatever else they say.

use std::cell::RefCell;
use std::sync::LazyLock;

use entra_jwt_verify::Error;
use entra_jwt_verify::keys::JwkSet;
use entra_jwt_verify::token::{Claims, CompactToken, Header, Scratch};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Judge, P256, RSA, base64url, header, v2};

static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::with(json!({})));

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Bytes with many dots and few letters, so that some of them get further than the first check.
fn tokenish() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop_oneof![1 => Just(b'.'), 6 => prop::sample::select(b"AEeyJ-_09+/= \xff".as_slice())],
        0..200,
    )
}

fn read_all(token: &[u8]) -> bool {
    let mut buffer = Vec::new();
    let Ok(compact) = CompactToken::parse(token, 16_384) else {
        return false;
    };
    let header = compact
        .decode_header(&mut buffer)
        .is_ok_and(|text| Header::parse(text).is_ok());
    let claims = compact
        .decode_payload(&mut buffer)
        .is_ok_and(|text| Claims::parse(text).is_ok());
    compact.decode_signature(&mut buffer).is_ok() && header && claims
}

fn is_of_the_token(error: &Error) -> bool {
    !matches!(
        error,
        Error::Internal | Error::Config { .. } | Error::KeysUnavailable { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn any_bytes_are_refused(token in prop_oneof![vec(any::<u8>(), 0..300), tokenish()]) {
        read_all(&token);
        let error = JUDGE.judge_bytes(&token).unwrap_err();
        prop_assert!(is_of_the_token(&error), "{error:?}");
    }

    #[test]
    fn any_text_is_read_or_refused_as_header_and_claims(text in any::<String>()) {
        let is_json_object = serde_json::from_str::<serde_json::Map<String, Value>>(&text).is_ok();
        prop_assert!(is_json_object || (Claims::parse(&text).is_err() && Header::parse(&text).is_err()));
    }

    #[test]
    fn any_segments_that_are_base64url_are_read_or_refused(
        header in vec(any::<u8>(), 1..200),
        payload in vec(any::<u8>(), 1..200),
        signature in vec(any::<u8>(), 1..300),
    ) {
        let token = [header, payload, signature].map(base64url).join(".");
        read_all(token.as_bytes());
        let verdict = JUDGE.judge(&token);
        prop_assert!(verdict.is_err());
    }

    #[test]
    fn any_json_in_a_header_is_judged(name in "alg|typ|kid|x5t|nonce|crit|b64|zip|jwk|x5c", value in json_value()) {
        let head = header(&RSA, entra_jwt_verify::Algorithm::RS256).with(&name, &value.to_string());
        // Unsigned; only a member that changes nothing gets as far as the signature.
        let token = format!("{}.{}.AAAA", base64url(head.to_string()), base64url(v2().to_string()));
        let error = JUDGE.judge(&token).unwrap_err();
        prop_assert!(is_of_the_token(&error), "{error:?}");
    }

    #[test]
    fn any_document_is_a_key_set_or_is_not(bytes in vec(any::<u8>(), 0..300), value in json_value()) {
        prop_assert!(JwkSet::parse(&bytes).is_err());
        // No tree of such short text holds a key.
        let set = json!({ "keys": value }).to_string();
        prop_assert!(JwkSet::parse(set.as_bytes()).is_err());
    }
}

#[test]
fn a_buffer_of_any_former_content_changes_no_verdict() {
    // `verify` reuses its buffers: what stood in them must not become a part of the next token.
    let options =
        json!({ "tenantId": crate::common::TENANT, "clientId": crate::common::CLIENT, "algorithms": ["ES256"] });
    let policy = crate::common::policy(&options).unwrap();
    let document = json!({ "keys": [P256.jwk()] }).to_string();
    let keys = entra_jwt_verify::keys::KeySet::from(JwkSet::parse(document.as_bytes()).unwrap());
    let good = P256.sign(entra_jwt_verify::Algorithm::ES256, &v2());
    let scratch = RefCell::new(Scratch::default());
    proptest!(|(before in prop_oneof![tokenish(), Just(good.clone().into_bytes())], cut in 0..good.len())| {
        let judge = |token: &[u8]| {
            entra_jwt_verify::verify(token, &policy, &keys, crate::common::time(crate::common::NOW), &mut scratch.borrow_mut()).is_ok()
        };
        judge(&before);
        prop_assert!(judge(good.as_bytes()));
        judge(&before);
        prop_assert!(!judge(&good.as_bytes()[..cut]));
    });
}
