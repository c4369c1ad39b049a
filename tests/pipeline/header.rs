//! The JOSE header: `alg`, `typ`, and the members that refuse a token or are ignored (RFC 7515, section 4).

use entra_jwt_verify::token::Malformed;
use entra_jwt_verify::{Algorithm, AlgorithmProblem, Error, UseProblem};
use serde_json::json;

use crate::common::{Judge, RSA, Signer, header, judge, v2};

/// A token with RS256's signature over a header that differs in one member.
fn with_member(name: &str, json: &str) -> String {
    RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256).with(name, json), v2())
}

#[test]
fn each_of_the_nine_algorithms_is_accepted_where_it_is_allowed() {
    let all = Algorithm::ALL.map(Algorithm::name);
    for algorithm in Algorithm::ALL {
        let token = Signer::of(algorithm).sign(algorithm, &v2());
        assert_eq!(
            Judge::with(json!({ "algorithms": all })).judge(&token),
            Ok(()),
            "{algorithm}"
        );
        assert_eq!(
            Judge::with(json!({ "algorithms": algorithm.name() })).judge(&token),
            Ok(()),
            "{algorithm}"
        );
        let others: Vec<&str> = all.into_iter().filter(|&name| name != algorithm.name()).collect();
        assert_eq!(
            Judge::with(json!({ "algorithms": others })).judge(&token),
            Err(Error::TokenAlgorithm(AlgorithmProblem::NotAllowed)),
            "{algorithm}"
        );
    }
}

#[test]
fn only_rs256_is_allowed_by_default() {
    for algorithm in Algorithm::ALL {
        let verdict = judge(&Signer::of(algorithm).sign(algorithm, &v2()));
        let expected = if algorithm == Algorithm::RS256 {
            Ok(())
        } else {
            Err(Error::TokenAlgorithm(AlgorithmProblem::NotAllowed))
        };
        assert_eq!(verdict, expected, "{algorithm}");
    }
}

#[test]
fn a_signature_of_one_algorithm_does_not_pass_for_another() {
    let all = Judge::with(json!({ "algorithms": Algorithm::ALL.map(Algorithm::name) }));
    let rsa = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| !algorithm.name().starts_with("ES"));
    for made in rsa.clone() {
        for named in rsa.clone().filter(|&named| named != made) {
            let token = RSA.token(made, header(&RSA, named), v2());
            assert_eq!(all.judge(&token), Err(Error::TokenSignature), "{made} as {named}");
        }
    }
}

#[test]
fn refuses_unsigned_symmetric_and_unknown_algorithms() {
    let all = Judge::with(json!({ "algorithms": Algorithm::ALL.map(Algorithm::name) }));
    for alg in [
        r#""none""#,
        r#""None""#,
        r#""NONE""#,
        r#""""#,
        r#""HS256""#,
        r#""HS384""#,
        r#""HS512""#,
        r#""EdDSA""#,
        r#""ES256K""#,
        r#""RSA-OAEP""#,
        r#""rs256""#,
        r#""RS256 ""#,
        r#"" RS256""#,
        r#""RS256\u0000""#,
        r#""RS2567""#,
        "null",
        "true",
        "0",
        "256",
        r#"["RS256"]"#,
        r#"{"RS256":1}"#,
    ] {
        assert_eq!(
            all.judge(&with_member("alg", alg)),
            Err(Error::TokenAlgorithm(AlgorithmProblem::Unsupported)),
            "{alg}"
        );
    }
    let without = RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256).without("alg"), v2());
    assert_eq!(
        all.judge(&without),
        Err(Error::TokenAlgorithm(AlgorithmProblem::Unsupported))
    );
}

#[test]
fn an_algorithm_may_be_spelled_with_escapes() {
    // RFC 8259, section 8.3: strings compare after unescaping.
    assert_eq!(judge(&with_member("alg", r#""\u0052S256""#)), Ok(()));
    let escaped_name = header(&RSA, Algorithm::RS256)
        .without("alg")
        .with(r"\u0061lg", r#""RS256""#);
    assert_eq!(judge(&RSA.token(Algorithm::RS256, escaped_name, v2())), Ok(()));
}

#[test]
fn typ_may_be_absent_or_that_of_an_access_token() {
    let without = RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256).without("typ"), v2());
    assert_eq!(judge(&without), Ok(()));
    for typ in [
        "JWT",
        "jwt",
        "Jwt",
        "at+jwt",
        "AT+JWT",
        "application/jwt",
        "application/at+jwt",
        "APPLICATION/AT+JWT",
    ] {
        assert_eq!(judge(&with_member("typ", &format!("\"{typ}\""))), Ok(()), "{typ}");
    }
}

#[test]
fn refuses_the_typ_of_another_kind_of_token() {
    for typ in [
        r#""""#,
        r#""JWE""#,
        r#""JOSE""#,
        r#""dpop+jwt""#,
        r#""logout+jwt""#,
        r#""id_token+jwt""#,
        r#""at+jwt ""#,
        r#""application/""#,
        r#""application/application/jwt""#,
        r#""text/jwt""#,
        r#""JWT\u0000""#,
        r#""JWTs""#,
        "null",
        "1",
        "true",
        r#"["JWT"]"#,
        "{}",
    ] {
        assert_eq!(
            judge(&with_member("typ", typ)),
            Err(Error::TokenUse(UseProblem::Typ)),
            "{typ}"
        );
    }
}

#[test]
fn refuses_every_critical_extension() {
    // RFC 7515, section 4.1.11: none is understood, and what an empty list or another type means is nowhere defined.
    for crit in [r#"["exp"]"#, r#"["b64"]"#, "[]", r#""exp""#, "null", "false", "0", "{}"] {
        let token = with_member("crit", crit);
        assert_eq!(judge(&token), Err(Error::TokenMalformed(Malformed::Critical)), "{crit}");
    }
}

#[test]
fn refuses_b64_whatever_it_says() {
    // RFC 7797, section 7: a JWT must not use it.
    for b64 in ["false", "true", r#""false""#, "null"] {
        let token = with_member("b64", b64);
        assert_eq!(
            judge(&token),
            Err(Error::TokenMalformed(Malformed::UnencodedPayload)),
            "{b64}"
        );
    }
}

#[test]
fn refuses_members_of_encrypted_tokens() {
    for (name, value) in [("enc", r#""A256GCM""#), ("zip", r#""DEF""#), ("zip", "null")] {
        let token = with_member(name, value);
        assert_eq!(
            judge(&token),
            Err(Error::TokenMalformed(Malformed::EncryptionMember)),
            "{name}"
        );
    }
}

#[test]
fn a_key_that_a_token_brings_is_ignored() {
    let foreign = crate::common::OTHER_RSA.jwk();
    for (name, value) in [
        ("jku", r#""https://attacker.example/keys""#.to_owned()),
        ("x5u", r#""https://attacker.example/cert.pem""#.to_owned()),
        ("jwk", foreign.to_string()),
        ("x5c", r#"["MIIB"]"#.to_owned()),
        ("x5t#S256", "1".to_owned()),
    ] {
        assert_eq!(judge(&with_member(name, &value)), Ok(()), "{name}");
        // Signed with the key that it brings, under the name of ours.
        let forged = crate::common::OTHER_RSA.token(
            Algorithm::RS256,
            header(&RSA, Algorithm::RS256).with(name, &value),
            v2(),
        );
        assert_eq!(judge(&forged), Err(Error::TokenSignature), "{name}");
    }
}

#[test]
fn unknown_members_are_ignored() {
    // RFC 7515, section 4: header parameters that are not understood. Entra writes `rh` in some tokens.
    assert_eq!(judge(&with_member("rh", r#""0.Ao8D""#)), Ok(()));
    assert_eq!(judge(&with_member("cty", "[{},null,1.5]")), Ok(()));
}
