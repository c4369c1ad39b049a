//! Real tokens and real key sets of Entra, 2013 to 2026, as `../shared/data` has them.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

mod common;

use common::{Judge, base64url, read, say, shared, thumbprint};
use entra_jwt_verify::keys::{JwkSet, JwkSetError, VerifyingKey};
use entra_jwt_verify::token::{Claims, CompactToken, Header, KeyReference, Malformed};
use entra_jwt_verify::{AudienceProblem, Error, IssuerProblem, UseProblem};
use serde_json::{Value, json};

/// A recorded token, with the key that signed it and an instant at which it was valid.
struct Recording {
    id: String,
    token: String,
    jwk: Value,
    verify_at: f64,
    claims: Value,
}

impl Recording {
    fn new(entry: &Value) -> Self {
        let segments: Vec<&str> = entry["token_segments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap())
            .collect();
        let payload = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(segments[1]).unwrap();
        Self {
            id: entry["id"].as_str().unwrap().to_owned(),
            token: segments.join("."),
            jwk: entry["jwk"].clone(),
            verify_at: entry["verify_at"].as_f64().unwrap(),
            claims: serde_json::from_slice(&payload).unwrap(),
        }
    }

    fn is_id_token(&self) -> bool {
        self.id.starts_with("id-token")
    }

    /// The policy of the API that the token was for: its tenant, its audience.
    fn of_tenant(&self) -> Judge {
        Judge::by(&json!({ "tenantId": self.claims["tid"], "audience": self.claims["aud"] })).keys([self.jwk.clone()])
    }

    /// That policy, when the token was valid.
    fn judge(&self) -> Judge {
        self.of_tenant().at(self.verify_at)
    }

    /// What that policy says of the token: an access token passes, an id token breaks the first rule that is only about
    /// access tokens, after signature and times.
    fn verdict(&self) -> Result<(), Error> {
        match self.id.as_str() {
            // Of 2015: its issuer ends with a slash, which is not how Entra writes it now.
            "id-token-v2-33" => Err(Error::TokenIssuer(IssuerProblem::Other)),
            "id-token-v2-43" => Err(Error::TokenUse(UseProblem::NoClient)),
            other if self.is_id_token() => panic!("{other} is new"),
            _ => Ok(()),
        }
    }
}

/// All 18.
fn recordings() -> Vec<Recording> {
    let folder = shared();
    let recordings: Vec<Recording> = read(&folder.join("data/tokens.json"))
        .as_array()
        .unwrap()
        .iter()
        .map(Recording::new)
        .collect();
    assert_eq!(recordings.len(), 18);
    recordings
}

#[test]
#[ignore = "needs the shared vectors"]
fn recorded_access_tokens_verify_for_their_tenant_and_audience() {
    let recordings = recordings();
    for recording in recordings.iter().filter(|recording| !recording.is_id_token()) {
        let verdict = recording.of_tenant().at(recording.verify_at).judge(&recording.token);
        assert_eq!(verdict, Ok(()), "{}", recording.id);
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn recorded_id_tokens_are_refused_as_access_tokens() {
    let mut id_tokens = 0;
    for recording in recordings().iter().filter(|recording| recording.is_id_token()) {
        assert_eq!(
            recording.judge().judge(&recording.token),
            recording.verdict(),
            "{}",
            recording.id
        );
        assert!(recording.verdict().is_err());
        // Naming its issuer does not turn the rules off.
        let options = json!({ "issuer": recording.claims["iss"], "audience": recording.claims["aud"] });
        let by_issuer = Judge::try_by(&options).and_then(|judge| {
            judge
                .keys([recording.jwk.clone()])
                .at(recording.verify_at)
                .judge(&recording.token)
        });
        assert!(by_issuer.is_err(), "{}", recording.id);
        id_tokens += 1;
    }
    assert_eq!(id_tokens, 2);
}

#[test]
#[ignore = "needs the shared vectors"]
fn recorded_tokens_live_from_nbf_until_exp() {
    for recording in recordings() {
        let at = |now: f64| recording.judge().at(now).judge(&recording.token);
        let (nbf, exp) = (
            recording.claims["nbf"].as_f64().unwrap(),
            recording.claims["exp"].as_f64().unwrap(),
        );
        assert_eq!(at(nbf - 1.0), Err(Error::TokenNotActive), "{}", recording.id);
        assert_eq!(at(nbf), recording.verdict(), "{}", recording.id);
        assert_eq!(at(exp - 0.001), recording.verdict(), "{}", recording.id);
        assert_eq!(at(exp), Err(Error::TokenExpired { missing: false }), "{}", recording.id);
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn recorded_tokens_are_for_one_tenant_and_one_audience() {
    for recording in recordings().iter().filter(|recording| !recording.is_id_token()) {
        let judge = |options: &Value| {
            Judge::by(options)
                .keys([recording.jwk.clone()])
                .at(recording.verify_at)
                .judge(&recording.token)
        };
        let (tid, aud) = (&recording.claims["tid"], &recording.claims["aud"]);
        let other_tenant = judge(&json!({ "tenantId": common::TENANT, "audience": aud }));
        assert_eq!(other_tenant.unwrap_err().code(), "ERR_TOKEN_TENANT", "{}", recording.id);
        let other_audience = judge(&json!({ "tenantId": tid, "audience": "api://other" }));
        assert_eq!(
            other_audience,
            Err(Error::TokenAudience(AudienceProblem::NotAccepted)),
            "{}",
            recording.id
        );
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn recorded_tokens_of_2013_to_2015_name_their_key_by_x5t() {
    let mut by_x5t = 0;
    let recordings = recordings();
    for recording in &recordings {
        let mut buffer = Vec::new();
        let compact = CompactToken::parse(recording.token.as_bytes(), 16_384).unwrap();
        let header = Header::parse(compact.decode_header(&mut buffer).unwrap()).unwrap();
        by_x5t += u32::from(matches!(header.key, Some(KeyReference::X5t(_))));
    }
    assert_eq!(by_x5t, 11);
}

#[test]
#[ignore = "needs the shared vectors"]
fn a_recorded_key_is_as_good_by_its_certificate_alone() {
    // The oldest certificates here are of 2012; a change in how they are read would show.
    let mut with_certificate = 0;
    let recordings = recordings();
    for recording in &recordings {
        let Some(certificate) = recording.jwk["x5c"][0].as_str() else {
            continue;
        };
        let x5t = thumbprint(&base64_simd::STANDARD.decode_to_vec(certificate).unwrap());
        assert_eq!(recording.jwk["kid"], x5t, "{}", recording.id);
        let bare = json!({ "kty": "RSA", "kid": x5t, "x5t": x5t, "x5c": [certificate] });
        assert_eq!(
            recording.judge().keys([bare]).judge(&recording.token),
            recording.verdict(),
            "{}",
            recording.id
        );
        with_certificate += 1;
    }
    assert!(with_certificate > 5);
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The neighbour of a character: in the last place of a segment it differs in bits that base64 has to spare.
fn another(character: u8) -> u8 {
    let index = ALPHABET.iter().position(|&it| it == character).unwrap();
    ALPHABET[index ^ 1]
}

#[test]
#[ignore = "needs the shared vectors"]
fn no_character_of_a_recorded_token_may_change() {
    let mut refused = 0_u32;
    for recording in recordings() {
        let judge = recording.judge();
        let first_dot = recording.token.find('.').unwrap();
        let second_dot = recording.token.rfind('.').unwrap();
        for position in (0..recording.token.len()).filter(|&it| it != first_dot && it != second_dot) {
            let mut changed = recording.token.clone().into_bytes();
            changed[position] = another(changed[position]);
            let error = judge.judge_bytes(&changed).unwrap_err();
            // No claim is looked at before the signature has been; only the last character of a segment can
            // leave base64url.
            let ends_segment = position + 1 == second_dot || position + 1 == recording.token.len();
            let expected = match error {
                _ if position < first_dot => true,
                Error::TokenSignature => true,
                Error::TokenMalformed(Malformed::Base64(_)) => ends_segment,
                _ => false,
            };
            assert!(expected, "{} at {position}: {error:?}", recording.id);
            refused += 1;
        }
    }
    say(&format!("recorded: {refused} changes of one character refused"));
}

#[test]
#[ignore = "needs the shared vectors"]
fn every_other_character_in_the_last_place_of_a_segment_is_refused() {
    // Here base64 has bits to spare, and a lenient decoder would read the same bytes.
    for recording in recordings() {
        let judge = recording.judge();
        let ends = [
            recording.token.find('.').unwrap(),
            recording.token.rfind('.').unwrap(),
            recording.token.len(),
        ];
        for last in ends.map(|end| end - 1) {
            for &character in ALPHABET {
                let mut changed = recording.token.clone().into_bytes();
                if changed[last] == character {
                    continue;
                }
                changed[last] = character;
                assert!(
                    judge.judge_bytes(&changed).is_err(),
                    "{} at {last}: {character}",
                    recording.id
                );
            }
        }
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn no_dot_may_be_added_or_taken_away() {
    for recording in recordings() {
        let judge = recording.judge();
        for position in 0..=recording.token.len() {
            let mut longer = recording.token.clone();
            longer.insert(position, '.');
            let refused = Err(Error::TokenMalformed(Malformed::Segments { found: 4 }));
            assert_eq!(judge.judge(&longer), refused, "{} at {position}", recording.id);
        }
        for (position, _) in recording.token.match_indices('.') {
            let mut shorter = recording.token.clone();
            shorter.remove(position);
            let refused = Err(Error::TokenMalformed(Malformed::Segments { found: 2 }));
            assert_eq!(judge.judge(&shorter), refused, "{} at {position}", recording.id);
        }
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn a_recorded_payload_that_is_written_otherwise_is_another_token() {
    for recording in recordings() {
        let segments: Vec<&str> = recording.token.split('.').collect();
        // The same claims in JSON that was written anew.
        let rewritten = format!(
            "{}.{}.{}",
            segments[0],
            base64url(format!("{} ", recording.claims)),
            segments[2]
        );
        assert_eq!(
            recording.judge().judge(&rewritten),
            Err(Error::TokenSignature),
            "{}",
            recording.id
        );
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn claims_of_recorded_tokens_have_the_types_that_are_judged() {
    for recording in recordings() {
        let text = recording.claims.to_string();
        let claims = Claims::parse(&text).unwrap();
        assert_eq!(
            (claims.ill_typed(), claims.ill_typed_entra()),
            (None, None),
            "{}",
            recording.id
        );
    }
}

/// The recorded key sets with their names; some files hold the bare array.
fn key_sets() -> Vec<(String, Value)> {
    let folder = shared();
    let mut sets: Vec<(String, Value)> = std::fs::read_dir(folder.join("data/jwks"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let document = read(&entry.path());
            let set = if document.is_array() {
                json!({ "keys": document })
            } else {
                document
            };
            (entry.file_name().to_string_lossy().into_owned(), set)
        })
        .collect();
    sets.sort_by(|(one, _), (other, _)| one.cmp(other));
    // Not as served, but as Microsoft's own tests of 2014 have it: `alg` is SHA256, `n` is in the other alphabet.
    let fixture = sets
        .iter()
        .position(|(name, _)| name.starts_with("2014-"))
        .expect("the set of 2014");
    let (name, document) = sets.remove(fixture);
    let refused = JwkSet::parse(document.to_string().as_bytes()).map(drop);
    assert!(
        matches!(refused, Err(JwkSetError::NoUsableKey { found: 2, .. })),
        "{name}"
    );
    assert!(sets.len() >= 11);
    sets
}

#[test]
#[ignore = "needs the shared vectors"]
fn every_key_of_every_recorded_set_is_used() {
    for (name, document) in key_sets() {
        let set = JwkSet::parse(document.to_string().as_bytes()).unwrap();
        assert_eq!(set.skipped, [], "{name}");
        assert_eq!(set.keys.len(), document["keys"].as_array().unwrap().len(), "{name}");
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn every_recorded_certificate_is_of_its_key_and_could_stand_in_for_it() {
    let mut certificates = 0;
    let sets = key_sets();
    for (name, document) in &sets {
        for jwk in document["keys"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|jwk| jwk["x5c"].is_array())
        {
            let bare = json!({ "kty": "RSA", "kid": jwk["kid"], "x5t": jwk["x5t"], "x5c": jwk["x5c"] });
            let numbers = json!({ "kty": "RSA", "kid": jwk["kid"], "n": jwk["n"], "e": jwk["e"] });
            let [by_certificate, by_numbers] = [bare, numbers].map(|jwk| VerifyingKey::from_jwk(&jwk).unwrap());
            assert!(by_certificate.is_same_as(&by_numbers), "{name} {}", jwk["kid"]);
            certificates += 1;
        }
    }
    assert!(certificates > 40);
}
