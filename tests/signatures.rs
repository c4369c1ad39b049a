//! The signature layer against Project Wycheproof: compact form, header, key and signature, but no claims, which most
//! of these vectors do not have.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

mod common;

use std::collections::BTreeMap;

use common::{Case, say, vectors};
use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{JwkSet, KeyMatch, KeySet, VerifyingKey};
use entra_jwt_verify::token::{CompactToken, Header, Malformed, Segment};
use serde_json::json;

/// Agreement with the vectors, by what they expect.
#[derive(Default)]
struct Tally {
    accepted: u32,
    refused: u32,
    contentious: u32,
    deviations: Vec<String>,
}

impl Tally {
    fn count(&mut self, case: &Case, accepts: bool) {
        match (case.accepts(), accepts) {
            (true, true) => self.accepted += 1,
            (false, false) => self.refused += 1,
            _ if case.has_flag("contentious") => self.contentious += 1,
            (expected, _) => self.deviations.push(format!("{}: expected {expected}", case.id())),
        }
    }

    /// Nothing but contentious cases deviates, and there was something to agree on.
    fn conclude(&self, file: &str) {
        say(&format!(
            "{file}: {} accepted, {} refused, {} contentious",
            self.accepted, self.refused, self.contentious
        ));
        assert_eq!(self.deviations, [""; 0], "{file}");
        assert!(self.accepted > 20 && self.refused > 100, "{file}: too few cases");
        assert!(self.contentious <= 5, "{file}: more contentious cases than are known");
    }
}

fn raw(file: &str) {
    let cases = vectors(file);
    let mut tally = Tally::default();
    let mut skipped = BTreeMap::new();
    for case in &cases {
        let mut jwk = case.0["jwk"].clone();
        // These keys have no name, and a key without one is not used.
        jwk["kid"] = json!("key");
        let algorithm = Algorithm::from_name(case.0["alg"].as_str().unwrap()).unwrap();
        let bytes = |name: &str| hex(case.0[name].as_str().unwrap());
        let verifies = match VerifyingKey::from_jwk(&jwk) {
            Ok(key) => key.verify(algorithm, &bytes("message_hex"), &bytes("sig_hex")),
            Err(reason) => {
                *skipped.entry(reason.to_string()).or_insert(0_u32) += 1;
                false
            }
        };
        tally.count(case, verifies);
    }
    // The vectors are of signatures: a key that does not load would make them prove nothing.
    assert!(skipped.is_empty(), "{file}: {skipped:?}");
    tally.conclude(file);
}

#[test]
#[ignore = "needs the shared vectors"]
fn rs256_agrees_with_wycheproof() {
    raw("wycheproof-raw-RS256.json");
}

#[test]
#[ignore = "needs the shared vectors"]
fn ps256_agrees_with_wycheproof() {
    raw("wycheproof-raw-PS256.json");
}

#[test]
#[ignore = "needs the shared vectors"]
fn es256_agrees_with_wycheproof() {
    raw("wycheproof-raw-ES256.json");
}

#[test]
#[ignore = "needs the shared vectors"]
fn compact_tokens_agree_with_wycheproof() {
    const FILE: &str = "wycheproof-jws.json";
    let cases = vectors(FILE);
    let mut tally = Tally::default();
    let mut without_payload = 0;
    for case in &cases {
        let token = case.token().expect("every token of Wycheproof is a string");
        if token.contains("..") && case.accepts() {
            // A JWS of nothing is a JWS (RFC 7515, section 7.1); it can never be a set of claims, so ours ends here.
            let refused = CompactToken::parse(token.as_bytes(), 1 << 20).map(drop);
            assert_eq!(refused, Err(Malformed::Empty(Segment::Payload)), "{}", case.id());
            without_payload += 1;
        } else {
            tally.count(case, signature_is_good(&token, case));
        }
    }
    say(&format!(
        "{FILE}: {without_payload} empty payloads refused as no claims"
    ));
    tally.conclude(FILE);
}

/// The examples of the RFCs name no key in half of their headers, which the pipeline refuses before it has looked at the
/// signature. Here each of their signatures is looked at, and four other libraries say what there is to see.
#[test]
#[ignore = "needs the shared vectors"]
fn signatures_of_the_rfcs_agree_with_four_other_libraries() {
    const FILE: &str = "rfc.json";
    let cases = vectors(FILE);
    let (mut good, mut bad) = (0, 0);
    for case in &cases {
        let checked_by = &case.0["signature_checked_by"];
        let Some(expected) = checked_by["cryptography"].as_bool() else {
            continue;
        };
        assert!(
            checked_by.as_object().unwrap().values().all(|by| by == expected),
            "{}",
            case.id()
        );
        assert_eq!(some_key_verifies(case), expected, "{}", case.id());
        if expected {
            good += 1;
        } else {
            bad += 1;
        }
    }
    say(&format!("{FILE}: {good} good signatures, {bad} bad ones"));
    assert!(good > 20 && bad >= 10, "{FILE}: too few cases");
}

/// Whether any key of the set made the signature, whatever the header says about the key.
fn some_key_verifies(case: &Case) -> bool {
    let (mut header, mut signature) = (Vec::new(), Vec::new());
    let token = case.token().unwrap();
    // No payload (a detached one) is no signed text at all.
    let Ok(compact) = CompactToken::parse(token.as_bytes(), 1 << 20) else {
        return false;
    };
    let header = Header::parse(compact.decode_header(&mut header).unwrap()).unwrap();
    let signature = compact.decode_signature(&mut signature).unwrap();
    let named = match &header.key {
        Some(reference) => reference.text(),
        None => "",
    };
    case.0["jwks"]["keys"].as_array().unwrap().iter().any(|jwk| {
        let mut jwk = jwk.clone();
        // Whose name is another's is out; who has none is asked.
        if !named.is_empty() && jwk["kid"].as_str().is_some_and(|kid| kid != named) {
            return false;
        }
        jwk["kid"] = json!("key");
        VerifyingKey::from_jwk(&jwk)
            .is_ok_and(|key| key.verify(header.algorithm.unwrap(), compact.signing_input(), signature))
    })
}

/// Everything up to the signature, as `verify` does it.
fn signature_is_good(token: &str, case: &Case) -> bool {
    let (mut header, mut payload, mut signature) = (Vec::new(), Vec::new(), Vec::new());
    let Ok(compact) = CompactToken::parse(token.as_bytes(), 1 << 20) else {
        return false;
    };
    let Ok(header) = compact.decode_header(&mut header).and_then(Header::parse) else {
        return false;
    };
    let (Some(algorithm), Some(reference)) = (header.algorithm, &header.key) else {
        return false;
    };
    let Ok(set) = JwkSet::parse(case.0["jwks"].to_string().as_bytes()) else {
        return false;
    };
    let KeyMatch::Found(key) = KeySet::from(set).find(reference, algorithm) else {
        return false;
    };
    // A payload of any bytes will do here, as long as it is base64url.
    let payload_is_base64url = matches!(compact.decode_payload(&mut payload), Ok(_) | Err(Malformed::Utf8(_)));
    payload_is_base64url
        && compact
            .decode_signature(&mut signature)
            .is_ok_and(|signature| key.verify(algorithm, compact.signing_input(), signature))
}

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "whole octets");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
