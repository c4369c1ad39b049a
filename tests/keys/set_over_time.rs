//! Answers merge: a key stays until it was not seen for its life, the same key stays the same object, and a key whose
//! numbers changed under its name takes the old one's place.

use std::sync::Arc;
use std::time::Duration;

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{JwkSet, KeyMatch, KeySet, VerifyingKey};
use entra_jwt_verify::token::KeyReference;
use serde_json::{Value, json};

use crate::common::{Certificate, OTHER_RSA, P256, RSA};

const HOUR: Duration = Duration::from_secs(3600);

fn answer(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn set_of(keys: &[Value]) -> KeySet {
    let mut set = KeySet::default();
    set.merge(answer(keys), Duration::ZERO);
    set
}

fn find(set: &KeySet, kid: &str, algorithm: Algorithm) -> Option<Arc<VerifyingKey>> {
    match set.find(&KeyReference::Kid(kid.into()), algorithm) {
        KeyMatch::Found(key) => Some(key),
        KeyMatch::Unfit | KeyMatch::NotFound | KeyMatch::Ambiguous => None,
    }
}

fn rs256(set: &KeySet, kid: &str) -> Option<Arc<VerifyingKey>> {
    find(set, kid, Algorithm::RS256)
}

fn verifies(key: &VerifyingKey, signer: &crate::common::Signer, algorithm: Algorithm) -> bool {
    key.verify(algorithm, b"message", &signer.signature(algorithm, b"message"))
}

fn age(set: &KeySet, kid: &str, now: Duration) -> Duration {
    let (_, age) = set
        .ages(now)
        .find(|(key, _)| key.name() == kid)
        .expect("the key is there");
    age
}

#[test]
fn a_key_that_a_newer_answer_lacks_stays() {
    // Measured: 337 times in 17 months a key of Entra's vanished and came back.
    let mut set = set_of(&[RSA.jwk(), OTHER_RSA.jwk()]);
    let first = rs256(&set, "rsa-1").unwrap();
    set.merge(answer(&[OTHER_RSA.jwk()]), HOUR);
    assert!(Arc::ptr_eq(&first, &rs256(&set, "rsa-1").unwrap()));
    assert_eq!(set.len(), 2);
    assert_eq!(
        (age(&set, "rsa-1", HOUR), age(&set, "rsa-2", HOUR)),
        (HOUR, Duration::ZERO)
    );
}

#[test]
fn a_key_that_is_repeated_stays_the_same_object_and_is_younger() {
    let mut set = set_of(&[RSA.jwk()]);
    let first = rs256(&set, "rsa-1").unwrap();
    assert_eq!(age(&set, "rsa-1", HOUR), HOUR);
    set.merge(answer(&[RSA.jwk()]), HOUR);
    assert!(Arc::ptr_eq(&first, &rs256(&set, "rsa-1").unwrap()));
    assert_eq!((set.len(), age(&set, "rsa-1", HOUR)), (1, Duration::ZERO));
}

#[test]
fn a_key_that_is_written_otherwise_is_the_same_key() {
    let mut set = set_of(&[RSA.jwk()]);
    let first = rs256(&set, "rsa-1").unwrap();
    let certificate = Certificate::of_rsa_signer(&RSA);
    for jwk in [
        RSA.jwk_with(&json!({ "use": "sig", "key_ops": ["verify"], "nbf": 1 })),
        RSA.jwk_with(&json!({ "x5c": [certificate.x5c()], "x5t": certificate.x5t() })),
        json!({ "kty": "RSA", "kid": "rsa-1", "x5t": certificate.x5t(), "x5c": [certificate.x5c()] }),
    ] {
        set.merge(answer(&[jwk]), HOUR);
        assert!(Arc::ptr_eq(&first, &rs256(&set, "rsa-1").unwrap()));
        assert_eq!(set.len(), 1);
    }
}

#[test]
fn a_key_whose_numbers_changed_under_its_name_replaces_the_old_one() {
    let mut set = set_of(&[RSA.jwk()]);
    let first = rs256(&set, "rsa-1").unwrap();
    set.merge(answer(&[OTHER_RSA.jwk_with(&json!({ "kid": "rsa-1" }))]), HOUR);
    let second = rs256(&set, "rsa-1").unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert_eq!(set.len(), 1);
    assert!(verifies(&second, &OTHER_RSA, Algorithm::RS256) && !verifies(&second, &RSA, Algorithm::RS256));
}

#[test]
fn a_key_whose_meaning_changed_is_another_object() {
    // What was verified with it was verified under other conditions.
    for changes in [
        json!({ "alg": "RS256" }),
        json!({ "issuer": "https://issuer.example" }),
        json!({ "cloud_instance_name": "microsoftonline.us" }),
    ] {
        let mut set = set_of(&[RSA.jwk()]);
        let first = rs256(&set, "rsa-1").unwrap();
        set.merge(answer(&[RSA.jwk_with(&changes)]), HOUR);
        let second = rs256(&set, "rsa-1").unwrap();
        assert!(!Arc::ptr_eq(&first, &second), "{changes}");
        assert_eq!(set.len(), 1, "{changes}");
        set.merge(answer(&[RSA.jwk_with(&changes)]), HOUR);
        assert!(Arc::ptr_eq(&second, &rs256(&set, "rsa-1").unwrap()), "{changes}");
    }
}

#[test]
fn a_key_that_was_narrowed_to_one_algorithm_no_longer_serves_the_others() {
    let mut set = set_of(&[RSA.jwk()]);
    assert!(find(&set, "rsa-1", Algorithm::PS256).is_some());
    set.merge(answer(&[RSA.jwk_with(&json!({ "alg": "RS256" }))]), HOUR);
    assert!(find(&set, "rsa-1", Algorithm::PS256).is_none());
    assert!(rs256(&set, "rsa-1").is_some());
}

#[test]
fn keys_of_one_name_for_different_algorithms_are_refreshed_each() {
    let narrow = |alg: &str| RSA.jwk_with(&json!({ "alg": alg }));
    let mut set = set_of(&[narrow("RS256"), narrow("PS256")]);
    let (rs, ps) = (
        rs256(&set, "rsa-1").unwrap(),
        find(&set, "rsa-1", Algorithm::PS256).unwrap(),
    );
    set.merge(answer(&[narrow("PS256"), narrow("RS256")]), HOUR);
    assert!(Arc::ptr_eq(&rs, &rs256(&set, "rsa-1").unwrap()));
    assert!(Arc::ptr_eq(&ps, &find(&set, "rsa-1", Algorithm::PS256).unwrap()));
    assert_eq!(set.len(), 2);
}

#[test]
fn a_wider_key_takes_the_place_of_a_narrow_one_for_every_algorithm() {
    let narrow = |alg: &str| RSA.jwk_with(&json!({ "alg": alg }));
    let mut set = set_of(&[narrow("RS256"), narrow("PS256")]);
    set.merge(answer(&[OTHER_RSA.jwk_with(&json!({ "kid": "rsa-1" }))]), HOUR);
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::RS512] {
        let key = find(&set, "rsa-1", algorithm).unwrap();
        assert!(verifies(&key, &OTHER_RSA, algorithm), "{algorithm}");
    }
}

#[test]
fn a_key_is_forgotten_when_it_was_not_seen_for_longer_than_its_life() {
    let mut set = set_of(&[RSA.jwk(), OTHER_RSA.jwk()]);
    set.merge(answer(&[OTHER_RSA.jwk()]), HOUR);
    // Nothing is due before the older key's hour is over, and its last instant still counts.
    assert_eq!(set.forget(HOUR, |_| HOUR), Some(HOUR));
    assert_eq!(set.len(), 2);
    let later = HOUR + Duration::from_nanos(1);
    assert_eq!(set.forget(later, |_| HOUR), Some(2 * HOUR));
    assert!(rs256(&set, "rsa-1").is_none() && rs256(&set, "rsa-2").is_some());
    assert_eq!(set.forget(3 * HOUR, |_| HOUR), None);
    assert!(set.is_empty());
}

#[test]
fn a_key_that_came_back_after_it_was_forgotten_is_there_again() {
    let mut set = set_of(&[RSA.jwk()]);
    assert_eq!(set.forget(HOUR, |_| Duration::ZERO), None);
    assert!(rs256(&set, "rsa-1").is_none());
    set.merge(answer(&[RSA.jwk()]), 2 * HOUR);
    assert!(verifies(&rs256(&set, "rsa-1").unwrap(), &RSA, Algorithm::RS256));
}

#[test]
fn the_life_of_a_key_may_depend_on_when_it_was_seen() {
    let mut set = set_of(&[RSA.jwk()]);
    set.merge(answer(&[OTHER_RSA.jwk()]), HOUR);
    let due = set.forget(HOUR, |seen| if seen == HOUR { 10 * HOUR } else { Duration::ZERO });
    assert_eq!((set.len(), due), (1, Some(11 * HOUR)));
    assert!(rs256(&set, "rsa-2").is_some());
}

#[test]
fn a_set_is_bounded_and_the_keys_seen_longest_ago_go_first() {
    let mut set = KeySet::default();
    for round in 0..5_u32 {
        let keys: Vec<Value> = (0..100)
            .map(|number| P256.jwk_with(&json!({ "kid": format!("{round}-{number}") })))
            .collect();
        set.merge(answer(&keys), HOUR * round);
    }
    assert_eq!(set.len(), 300);
    for round in 0..5 {
        let is_there = find(&set, &format!("{round}-99"), Algorithm::ES256).is_some();
        assert_eq!(is_there, round >= 2, "{round}");
    }
}
