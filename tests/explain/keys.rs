//! Keys that cannot be had, or not yet.

use std::cell::Cell;
use std::sync::Arc;

use entra_jwt_verify::explain::{self, Explanation, Question};
use entra_jwt_verify::keys::{FetchCause, KeyLookup, VerifyingKey};
use entra_jwt_verify::policy::Version;
use entra_jwt_verify::token::{KeyReference, Scratch};
use entra_jwt_verify::{Algorithm, Error, Keys};
use serde_json::{Value, json};

use crate::common::{CLIENT, NOW, RSA, TENANT, header, sign, time, v2};
use crate::said::{check, failed, outcomes};

/// Keys that answer as they are told, and count.
struct Answering(KeyLookup, Cell<u32>);

impl Keys for Answering {
    fn look_up(&self, _: &KeyReference<'_>, _: Algorithm, _: Option<Version>) -> KeyLookup {
        self.1.set(self.1.get() + 1);
        self.0.clone()
    }
}

fn explain_by(options: &Value, token: &str, keys: &impl Keys) -> Option<Explanation> {
    let policy = crate::common::policy(options).unwrap();
    let question = Question {
        policy: &policy,
        now: time(NOW),
        clock_ahead: None,
    };
    explain::explain(token.as_bytes(), question, keys, &mut Scratch::default())
}

#[test]
fn without_keys_nobody_can_tell_but_the_claims_are_judged() {
    let unavailable = Error::KeysUnavailable {
        cause: FetchCause::ConnectionRefused(None),
        retry_after: 1,
    };
    let keys = Answering(KeyLookup::Rejected(unavailable.clone()), Cell::new(0));
    let options = json!({ "tenantId": TENANT, "audience": "api://another" });
    let explanation = explain_by(&options, &sign(v2()), &keys).unwrap();
    assert_eq!(explanation.verdict, Err(unavailable));
    assert_eq!(failed(&explanation), ["key", "audience"]);
    assert!(outcomes(&explanation).contains("?signature +claims"));
}

#[test]
fn while_the_key_is_fetched_there_is_no_explanation() {
    let keys = || Answering(KeyLookup::Pending, Cell::new(0));
    let options = json!({ "tenantId": TENANT, "audience": CLIENT });
    assert!(explain_by(&options, &sign(v2()), &keys()).is_none());
    // The verdict needs no key here, the signature does.
    let graph = RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256).with("nonce", "1"),
        v2(),
    );
    assert!(explain_by(&options, &graph, &keys()).is_none());
    assert!(explain_by(&options, "x", &keys()).is_some());
}

#[test]
fn the_key_is_asked_for_once() {
    let key = Arc::new(VerifyingKey::from_jwk(&RSA.jwk()).unwrap());
    let keys = Answering(KeyLookup::Found(key), Cell::new(0));
    let options = json!({ "tenantId": TENANT, "audience": CLIENT });
    assert_eq!(explain_by(&options, &sign(v2()), &keys).unwrap().verdict, Ok(()));
    assert_eq!(keys.1.get(), 1);
}

/// Keys of an authority with metadata, in a set for each version of tokens; notes which was asked for.
struct Discovered {
    key: Arc<VerifyingKey>,
    issuer: &'static str,
    are_by_version: bool,
    asked: Cell<Option<Version>>,
}

impl Keys for Discovered {
    fn look_up(&self, _: &KeyReference<'_>, _: Algorithm, version: Option<Version>) -> KeyLookup {
        self.asked.set(version);
        KeyLookup::Found(Arc::clone(&self.key))
    }

    fn are_by_version(&self) -> bool {
        self.are_by_version
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        Some(self.issuer.into())
    }
}

fn discovered(issuer: &'static str, are_by_version: bool) -> Discovered {
    Discovered {
        key: Arc::new(VerifyingKey::from_jwk(&RSA.jwk()).unwrap()),
        issuer,
        are_by_version,
        asked: Cell::new(None),
    }
}

#[test]
fn the_issuer_of_the_metadata_is_the_one_that_is_expected() {
    let options = json!({ "authority": "https://accounts.example.com", "audience": CLIENT });
    let token = sign(v2().with("iss", "\"https://accounts.example.com\""));
    for (issuer, verdict) in [
        ("https://accounts.example.com", Ok(())),
        ("https://accounts.example.com/", Err("ERR_TOKEN_ISSUER")),
    ] {
        let explanation = explain_by(&options, &token, &discovered(issuer, false)).unwrap();
        assert_eq!(explanation.verdict.clone().map_err(|error| error.code()), verdict);
        assert_eq!(check(&explanation, "issuer").expected.as_deref(), Some(issuer));
    }
}

#[test]
fn the_set_of_the_tokens_version_is_asked() {
    let options = json!({ "tenantId": "common", "allowedTenants": "*", "audience": CLIENT });
    for (are_by_version, asked) in [(true, Some(Version::V2)), (false, None)] {
        let keys = discovered("", are_by_version);
        assert_eq!(explain_by(&options, &sign(v2()), &keys).unwrap().verdict, Ok(()));
        assert_eq!(keys.asked.get(), asked);
    }
}

#[test]
fn metadata_that_was_not_read_is_no_fault_of_the_token() {
    let keys = Answering(KeyLookup::Rejected(Error::Internal), Cell::new(0));
    for (options, not_reached) in [
        (
            json!({ "authority": "https://accounts.example.com", "audience": CLIENT }),
            "?issuer",
        ),
        (
            json!({ "tenantId": "contoso.onmicrosoft.com", "audience": CLIENT }),
            "?issuer ?tenant",
        ),
    ] {
        let explanation = explain_by(&options, &sign(v2()), &keys).unwrap();
        assert!(
            outcomes(&explanation).contains(not_reached),
            "{}",
            outcomes(&explanation)
        );
    }
}
