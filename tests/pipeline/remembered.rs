//! Tokens that were verified before: found by their exact bytes, and judged by everything that time can change.

use std::time::Duration;

use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{ClockTolerance, Error, TokenCache, TokenId, verify};
use serde_json::{Value, json};

use crate::common::{CLIENT, NOW, OTHER_RSA, RSA, TENANT, policy, sign, time, v2};

fn answer(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// Verifies a token with these keys and remembers it.
fn remember(tokens: &TokenCache, keys: &KeySet, token: &str) -> TokenId {
    let options = json!({ "tenantId": TENANT, "clientId": CLIENT, "maxTokenLength": 1_048_576 });
    let policy = policy(&options).unwrap();
    let mut scratch = Scratch::default();
    let verified = verify(token.as_bytes(), &policy, keys, time(NOW), &mut scratch).unwrap();
    tokens.remember(token.as_bytes(), &verified, 0).unwrap()
}

#[test]
fn a_token_that_waited_for_its_key_is_found_and_not_counted_again() {
    let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
    let token = sign(v2());
    let recall_again = |token: &str| tokens.recall_again(token.as_bytes(), ClockTolerance::ZERO, time(NOW));
    assert_eq!(recall_again(&token), None);
    let id = remember(&tokens, &keys, &token);
    assert_eq!(recall_again(&token), Some(Ok(id)));
    assert_eq!(tokens.counts(), (1, 0, 0));
}

#[test]
fn a_token_is_found_by_its_exact_bytes_only() {
    let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
    let token = sign(v2());
    assert_eq!(tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW)), None);
    remember(&tokens, &keys, &token);
    assert!(matches!(
        tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW)),
        Some(Ok(_))
    ));
    // The end alone decides where a token is looked for; what stands before it decides whether it is found.
    for position in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[position] ^= 1;
        assert_eq!(
            tokens.recall(&changed, ClockTolerance::ZERO, time(NOW)),
            None,
            "at {position}"
        );
    }
    for other in [
        &token[1..],
        &token[..token.len() - 1],
        "",
        &format!("A{token}"),
        &format!("{token}A"),
    ] {
        assert_eq!(
            tokens.recall(other.as_bytes(), ClockTolerance::ZERO, time(NOW)),
            None,
            "{other}"
        );
    }
}

#[test]
fn the_time_is_judged_each_time_and_as_exactly_as_before() {
    let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
    let token = sign(v2().with("nbf", "1767225599.5").with("exp", "1767225600.5"));
    remember(&tokens, &keys, &token);
    let recall = |tolerance: f64, now| {
        let tolerance = ClockTolerance::new(Duration::from_secs_f64(tolerance)).unwrap();
        tokens.recall(token.as_bytes(), tolerance, time(now)).unwrap().map(drop)
    };
    assert_eq!(recall(0.0, 1_767_225_599.5), Ok(()));
    assert_eq!(recall(0.0, 1_767_225_599.25), Err(Error::TokenNotActive));
    assert_eq!(recall(0.0, 1_767_225_600.25), Ok(()));
    assert_eq!(
        recall(0.0, 1_767_225_600.5),
        Err(Error::TokenExpired { missing: false })
    );
    assert_eq!(recall(5.0, 1_767_225_594.5), Ok(()));
    assert_eq!(recall(5.0, 1_767_225_594.25), Err(Error::TokenNotActive));
    assert_eq!(recall(5.0, 1_767_225_605.25), Ok(()));
    assert_eq!(
        recall(5.0, 1_767_225_605.5),
        Err(Error::TokenExpired { missing: false })
    );
    // A clock that was set back makes it valid again: it never was anything else.
    assert_eq!(recall(0.0, NOW), Ok(()));
}

#[test]
fn a_remembered_token_is_compared_with_the_largest_numbers_without_overflow() {
    let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
    let token = sign(v2().with("exp", "1.7976931348623157e308"));
    remember(&tokens, &keys, &token);
    let longest = ClockTolerance::new(ClockTolerance::MAX).unwrap();
    let recall = |now| tokens.recall(token.as_bytes(), longest, time(now)).unwrap().map(drop);
    assert_eq!(recall(NOW), Ok(()));
    assert_eq!(recall(1e300), Ok(()));
    assert_eq!(recall(f64::MAX), Err(Error::TokenExpired { missing: false }));
    assert_eq!(recall(0.0), Err(Error::TokenNotActive));
}

#[test]
fn a_token_without_nbf_is_active_at_any_time() {
    let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
    let token = sign(v2().without("nbf"));
    remember(&tokens, &keys, &token);
    assert!(matches!(
        tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(0.0)),
        Some(Ok(_))
    ));
}

#[test]
fn what_was_verified_with_a_key_is_forgotten_with_the_key() {
    let remembered = |end: &dyn Fn(KeySet) -> Option<KeySet>| {
        let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
        let token = sign(v2());
        remember(&tokens, &keys, &token);
        let keys = end(keys);
        let recalled = tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW));
        drop(keys);
        recalled.map(|verdict| verdict.map(drop))
    };
    let hour = Duration::from_secs(3600);
    let merged_with = |jwk: Value| {
        move |mut keys: KeySet| {
            keys.merge(answer(std::slice::from_ref(&jwk)), hour);
            Some(keys)
        }
    };
    // Kept: nothing happens, the same key again, an answer that lacks it.
    assert_eq!(remembered(&Some), Some(Ok(())));
    assert_eq!(remembered(&merged_with(RSA.jwk())), Some(Ok(())));
    assert_eq!(remembered(&merged_with(OTHER_RSA.jwk())), Some(Ok(())));
    // Forgotten: other numbers or another meaning under its name, too old, the whole set gone.
    assert_eq!(
        remembered(&merged_with(OTHER_RSA.jwk_with(&json!({ "kid": "rsa-1" })))),
        None
    );
    assert_eq!(remembered(&merged_with(RSA.jwk_with(&json!({ "alg": "PS256" })))), None);
    assert_eq!(
        remembered(&merged_with(RSA.jwk_with(&json!({ "issuer": "else" })))),
        None
    );
    let too_old = |mut keys: KeySet| {
        keys.forget(2 * hour, |_| hour);
        Some(keys)
    };
    assert_eq!(remembered(&too_old), None);
    assert_eq!(remembered(&|_| None), None);
}

#[test]
fn no_more_is_remembered_than_there_is_room_for() {
    let (tokens, keys) = (TokenCache::new(8), KeySet::from(answer(&[RSA.jwk()])));
    for number in 0..64 {
        remember(&tokens, &keys, &sign(v2().with("jti", &format!("\"{number}\""))));
        assert!(tokens.counts().0 <= 8);
    }
    assert_eq!(tokens.counts().0, 8);
    // As many as there is room for stay, however their bytes fall.
    let tokens = TokenCache::new(300);
    for number in 0..300 {
        remember(&tokens, &keys, &sign(v2().with("jti", &format!("\"{number}\""))));
    }
    assert_eq!(tokens.counts().0, 300);
    // A long token takes the room of several.
    let (tokens, long) = (TokenCache::new(8), "x".repeat(12_000));
    for number in 0..8 {
        remember(&tokens, &keys, &sign(v2().with("jti", &format!("\"{number}{long}\""))));
        assert!(tokens.counts().0 <= 2, "{number}");
    }
}

#[test]
fn a_number_is_that_of_one_token_for_ever() {
    let (tokens, keys) = (TokenCache::new(2), KeySet::from(answer(&[RSA.jwk()])));
    let token = |number: usize| sign(v2().with("jti", &format!("\"{number}\"")));
    let mut given = Vec::new();
    // More than there is room for: a token that comes back after it was pushed out is a new one.
    for round in 0..3 {
        for number in 0..5 {
            let (token, now) = (token(number), time(NOW));
            let remembered = tokens
                .recall(token.as_bytes(), ClockTolerance::ZERO, now)
                .and_then(Result::ok);
            let of_token = remembered.unwrap_or_else(|| remember(&tokens, &keys, &token));
            assert_eq!(
                tokens.recall(token.as_bytes(), ClockTolerance::ZERO, now),
                Some(Ok(of_token)),
                "{round}"
            );
            given.push((number, of_token));
        }
    }
    for (number, of_token) in &given {
        assert!(
            given
                .iter()
                .all(|(other, of_other)| other == number || of_other != of_token)
        );
    }
}

#[test]
fn hits_and_misses_are_counted() {
    let (tokens, keys) = (TokenCache::new(10), KeySet::from(answer(&[RSA.jwk()])));
    let token = sign(v2());
    assert_eq!(tokens.counts(), (0, 0, 0));
    assert_eq!(tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW)), None);
    remember(&tokens, &keys, &token);
    assert!(matches!(
        tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW)),
        Some(Ok(_))
    ));
    assert_eq!(
        tokens
            .recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW + 1e9))
            .unwrap()
            .unwrap_err()
            .code(),
        "ERR_TOKEN_EXPIRED"
    );
    assert_eq!(tokens.counts(), (1, 2, 1));
    drop(keys);
    assert_eq!(tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW)), None);
    assert_eq!(tokens.counts(), (0, 2, 2));
}
