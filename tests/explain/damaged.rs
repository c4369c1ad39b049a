//! Tokens that are not as they were issued.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::json;

use crate::common::{Judge, OTHER_RSA, P256, RSA, base64url, header, sign, v1, v2};
use crate::said::{assert_hint, explain, explain_with, failed, findings};

#[test]
fn what_is_around_a_token_or_in_it_is_told() {
    let token = sign(v2());
    for (text, what) in [
        (format!("Bearer {token}"), "Bearer"),
        (format!("Bearer%20{token}"), "Bearer"),
        (format!("\"{token}\"\n"), "quotes"),
        (format!("'{token}"), "quotes"),
        (format!(" {token}"), "white space"),
        (format!("{token},"), "other text"),
        (format!("access_token={token}&expires_in=3599"), "other text"),
        (token.replace('.', ".\n"), "line breaks"),
        (format!("{}\n{}", &token[..80], &token[80..]), "line breaks"),
    ] {
        let explanation = explain(&text);
        assert_eq!(findings(&explanation)[0], "not-only-a-token", "{text}");
        assert!(
            explanation.findings[0].message.contains(what),
            "{}",
            explanation.findings[0].message
        );
        assert_hint(&explanation, failed(&explanation)[0], "alone behind Bearer");
    }
    assert_eq!(findings(&explain(&token)), [""; 0]);
}

#[test]
fn a_cut_is_certain_from_the_length_of_the_signature() {
    let token = sign(v2());
    for missing in [2, 40, 340] {
        let explanation = explain(&token[..token.len() - missing]);
        assert_eq!(findings(&explanation), ["cut-off-token"], "{missing}");
        let message = &explanation.findings[0].message;
        assert!(
            message.contains(&format!("the last {missing} of the 342 characters")),
            "{message}"
        );
        assert_hint(&explanation, "signature", "whole");
    }
    // The key is not known: no RSA signature is that short.
    let unknown = RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256).with("kid", "\"x\""),
        v2(),
    );
    assert_eq!(findings(&explain(&unknown)), ["unknown-key"]);
    assert!(findings(&explain(&unknown[..unknown.len() - 1])).contains(&"cut-off-token"));
    // The algorithm says how long it is.
    let ec = P256.token(Algorithm::ES256, header(&P256, Algorithm::ES256), v2());
    let options = || json!({ "algorithms": ["ES256"] });
    assert_eq!(findings(&explain_with(options(), &ec)), [""; 0]);
    assert!(findings(&explain_with(options(), &ec[..ec.len() - 2])).contains(&"cut-off-token"));
}

#[test]
fn a_cut_is_certain_from_what_is_missing() {
    let token = sign(v2());
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    for (text, what) in [
        (header.to_owned(), "only its header"),
        (header[..20].to_owned(), "ends in its header"),
        (format!("{header}.{claims}"), "signature is missing"),
        (format!("{header}.{claims}."), "signature is missing"),
        (format!("{header}.{}", &claims[..40]), "ends in its claims"),
        (format!("{}.{claims}.{signature}", &header[4..]), "beginning is missing"),
        (format!("{}...{}", &token[..20], &token[token.len() - 20..]), "dots"),
    ] {
        let explanation = explain(&text);
        assert!(
            findings(&explanation).contains(&"cut-off-token"),
            "{text}: {:?}",
            findings(&explanation)
        );
        let said = format!("{:?}", explanation.findings);
        assert!(said.contains(what), "{said}");
    }
    // A token that says that it is not signed lacks nothing.
    let unsigned = format!("{}.{claims}.", base64url(r#"{"alg":"none"}"#));
    assert!(!findings(&explain(&unsigned)).contains(&"cut-off-token"));
}

#[test]
fn a_token_that_was_encoded_again_is_told() {
    let token = sign(v2());
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    for (text, what) in [
        (token.replace('.', "%2E"), "percent-encoded"),
        (format!("{header}.{claims}.{signature}=="), "standard base64"),
        (format!("{header}.{claims}.{}+/", &signature[..340]), "standard base64"),
        (token.to_lowercase(), "one case"),
        (token.to_uppercase(), "one case"),
    ] {
        let explanation = explain(&text);
        assert!(
            findings(&explanation).contains(&"changed-token"),
            "{text}: {:?}",
            findings(&explanation)
        );
        assert!(
            explanation.findings[0].message.contains(what),
            "{}",
            explanation.findings[0].message
        );
    }
}

#[test]
fn a_token_that_is_not_what_its_key_signed_is_told_where_it_is_ours() {
    let forged = OTHER_RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), v2());
    let explanation = explain(&forged);
    assert_eq!(
        (explanation.verdict.clone(), findings(&explanation)),
        (Err(Error::TokenSignature), vec!["changed-token"])
    );
    assert_hint(&explanation, "signature", "exactly as");
    // Of Graph and of others there is another reason.
    let graph = OTHER_RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256).with("nonce", "\"n\""),
        v1(),
    );
    assert_eq!(findings(&explain(&graph)), ["graph-token"]);
    let foreign = OTHER_RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256),
        v2().with("iss", "\"https://a.example\""),
    );
    assert_eq!(findings(&explain(&foreign)), ["other-issuer"]);
}

#[test]
fn whose_token_it_is_is_said_before_that_it_is_cut() {
    let foreign = sign(v2().with("iss", "\"https://accounts.google.com\""));
    let explanation = Judge::with(json!({})).explain(&foreign[..foreign.len() - 20]);
    assert_eq!(findings(&explanation), ["other-issuer", "cut-off-token"]);
}

#[test]
fn one_missing_character_is_said_to_be_one() {
    let token = sign(v1());
    let explanation = explain(&token[..token.len() - 1]);
    assert_eq!(findings(&explanation), ["cut-off-token"]);
    assert!(
        explanation.findings[0]
            .message
            .ends_with("the last of the 342 characters of its signature is missing")
    );
}
