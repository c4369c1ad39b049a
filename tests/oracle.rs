//! A second opinion: whatever we accept, `jsonwebtoken` accepts too. The other way round does not hold; it is laxer.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

mod common;

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use common::{Case, Judge, Signer, header, judge_case, read, say, shared, v1, v2, vectors};
use entra_jwt_verify::Algorithm;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

/// What the oracle is asked to validate beside the signature.
#[derive(Default)]
struct Expected<'a> {
    issuer: Option<&'a str>,
    audiences: Vec<&'a str>,
    /// `exp` and `nbf`, by the oracle's own clock, which cannot be set.
    time: bool,
}

/// `None` for ES512, which the oracle does not know.
fn oracle_accepts(token: &str, jwk: &Value, algorithm: Algorithm, expected: &Expected<'_>) -> Option<bool> {
    let Ok(algorithm) = algorithm.name().parse() else {
        assert_eq!(algorithm, Algorithm::ES512, "the oracle has no name for it");
        return None;
    };
    let mut validation = Validation::new(algorithm);
    validation.leeway = 0;
    validation.validate_exp = expected.time;
    validation.validate_nbf = expected.time;
    validation.required_spec_claims = HashSet::from(["exp", "iss", "aud"].map(str::to_owned));
    validation.validate_aud = !expected.audiences.is_empty();
    if validation.validate_aud {
        validation.set_audience(&expected.audiences);
    }
    if let Some(issuer) = expected.issuer {
        validation.set_issuer(&[issuer]);
    }
    let key = serde_json::from_value::<Jwk>(jwk.clone())
        .ok()
        .and_then(|jwk| DecodingKey::from_jwk(&jwk).ok());
    Some(key.is_some_and(|key| decode::<Value>(token, &key, &validation).is_ok()))
}

#[test]
fn the_oracle_accepts_our_tokens_of_every_algorithm_it_knows() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut agreed = Vec::new();
    for algorithm in Algorithm::ALL {
        let signer = Signer::of(algorithm);
        for claims in [v1(), v2()] {
            let claims = claims
                .with("iat", &now.to_string())
                .with("nbf", &(now - 5).to_string())
                .with("exp", &(now + 3600).to_string());
            let token = signer.token(algorithm, header(signer, algorithm), &claims);
            #[allow(clippy::cast_precision_loss, reason = "seconds of this century")]
            let judge = Judge::with(json!({ "algorithms": algorithm.name() })).at(now as f64);
            assert_eq!(judge.judge(&token), Ok(()), "{algorithm}");
            let values: Value = serde_json::from_str(&claims.to_string()).unwrap();
            let expected = Expected {
                issuer: values["iss"].as_str(),
                audiences: vec![values["aud"].as_str().unwrap()],
                time: true,
            };
            if let Some(accepts) = oracle_accepts(&token, &signer.jwk(), algorithm, &expected) {
                assert!(accepts, "{algorithm} {claims}");
                agreed.push(algorithm);
            }
        }
    }
    assert_eq!(agreed.len(), 16, "eight algorithms, two versions");
}

#[test]
fn the_oracle_tells_good_from_bad() {
    // An oracle that accepts everything would agree with us about everything that we accept.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = v2().with("exp", &(now + 60).to_string()).with("nbf", &now.to_string());
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", common::TENANT);
    let expected = || Expected {
        issuer: Some(&issuer),
        audiences: vec![common::CLIENT],
        time: true,
    };
    let accepts = |token: &str, jwk: &Value, expected: &Expected<'_>| {
        oracle_accepts(token, jwk, Algorithm::RS256, expected).unwrap()
    };
    let (token, jwk) = (common::sign(&claims), common::RSA.jwk());
    assert!(accepts(&token, &jwk, &expected()));
    assert!(!accepts(&token, &common::OTHER_RSA.jwk(), &expected()));
    let claims_of_another = format!(
        "{}{}",
        common::sign(v1()).rsplit_once('.').unwrap().0,
        &token[token.rfind('.').unwrap()..]
    );
    assert!(!accepts(&claims_of_another, &jwk, &expected()));
    assert!(!accepts(
        &common::sign(claims.clone().with("exp", "1")),
        &jwk,
        &expected()
    ));
    assert!(!accepts(
        &common::sign(claims.with("aud", "\"other\"")),
        &jwk,
        &expected()
    ));
    let other_issuer = Expected {
        issuer: Some("other"),
        ..expected()
    };
    assert!(!accepts(&token, &jwk, &other_issuer));
}

#[test]
#[ignore = "needs the shared vectors"]
fn the_oracle_accepts_every_recorded_token() {
    let folder = shared();
    let recordings = read(&folder.join("data/tokens.json"));
    for entry in recordings.as_array().unwrap() {
        let segments: Vec<&str> = entry["token_segments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap())
            .collect();
        let claims: Value =
            serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(segments[1]).unwrap()).unwrap();
        let (token, jwk) = (segments.join("."), &entry["jwk"]);
        // Ours accepts the access tokens among them; recorded.rs shows what more it looks at.
        let ours = Judge::by(&json!({ "tenantId": claims["tid"], "audience": claims["aud"] }))
            .keys([jwk.clone()])
            .at(entry["verify_at"].as_f64().unwrap());
        let is_id_token = entry["id"].as_str().unwrap().starts_with("id-token");
        assert_eq!(ours.judge(&token).is_ok(), !is_id_token, "{}", entry["id"]);
        let expected = Expected {
            issuer: claims["iss"].as_str(),
            audiences: vec![claims["aud"].as_str().unwrap()],
            time: false,
        };
        assert_eq!(
            oracle_accepts(&token, jwk, Algorithm::RS256, &expected),
            Some(true),
            "{}",
            entry["id"]
        );
    }
}

/// The key of a case that the header names: the oracle is given one key and does not ask what that is for.
fn key_of(case: &Case, token: &str) -> Value {
    let kid = decode_header(token)
        .unwrap_or_else(|error| panic!("{}: {error}", case.id()))
        .kid;
    let keys = case.0["jwks"]["keys"].as_array().unwrap();
    keys.iter()
        .find(|jwk| jwk["kid"].as_str() == kid.as_deref() && jwk["kty"] != "oct" && jwk["use"] != "enc")
        .cloned()
        .unwrap_or_else(|| panic!("{}: no key", case.id()))
}

#[test]
#[ignore = "needs the shared vectors"]
fn the_oracle_accepts_every_vector_that_we_accept() {
    let (mut agreed, mut unknown_to_oracle) = (0, 0);
    for file in ["attacks.json", "rfc.json"] {
        let cases = vectors(file);
        for case in cases
            .iter()
            .filter(|case| case.token().is_some() && judge_case(case).is_ok())
        {
            let token = case.token().unwrap();
            let Some(algorithm) = algorithm_of(&token) else {
                panic!("{}", case.id())
            };
            let mut expected = Expected {
                issuer: case.0["issuer"].as_str(),
                ..Expected::default()
            };
            match &case.0["audience"] {
                Value::String(audience) => expected.audiences.push(audience),
                Value::Array(audiences) => expected.audiences.extend(audiences.iter().filter_map(Value::as_str)),
                _ => {}
            }
            let Some(jwk) = (algorithm != Algorithm::ES512).then(|| key_of(case, &token)) else {
                unknown_to_oracle += 1;
                continue;
            };
            assert_eq!(
                oracle_accepts(&token, &jwk, algorithm, &expected),
                Some(true),
                "{}",
                case.id()
            );
            agreed += 1;
        }
    }
    say(&format!(
        "oracle: {agreed} accepted vectors, {unknown_to_oracle} of ES512 left out"
    ));
    assert!(agreed > 30 && unknown_to_oracle <= 2);
}

/// The algorithm that a header names, read by hand: the oracle's own reader has no ES512.
fn algorithm_of(token: &str) -> Option<Algorithm> {
    let header = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(token.split('.').next()?)
        .ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Algorithm::from_name(header["alg"].as_str()?)
}
