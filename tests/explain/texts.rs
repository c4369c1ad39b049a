//! Texts of Microsoft's that are not signed tokens. Those that have nothing of a JWT are told in `lib/core/text/`.

use serde_json::json;

use crate::common::{base64url, sign, v2};
use crate::said::{assert_hint, explain, explain_with, failed, findings};

/// A text, with what it is recognised as and what its hint mentions.
fn assert_is(text: &str, name: &str, mention: &str) {
    let explanation = explain(text);
    assert_eq!(findings(&explanation), [name], "{text}");
    assert_hint(&explanation, failed(&explanation)[0], mention);
}

#[test]
fn a_code_of_b2c_is_told_by_its_key() {
    let header = json!({ "kid": "cpimcore_09252015", "ver": "1.0", "zip": "Deflate", "ser": "1.0" });
    let text = format!("{}..a.b.c", base64url(header.to_string()));
    assert_is(&text, "refresh-token", "access_token");
}

#[test]
fn an_opaque_token_of_a_personal_account_is_told() {
    let personal = format!("EwB4A8l6BAAUO9chh8cJscQLmU+LSWpbnr0vmwwAA{}==", "Ab0+".repeat(40));
    assert_is(&personal, "personal-account-token", "requestedAccessTokenVersion 2");
    for text in ["", "x", "EwB", "Ew..", &"E".repeat(100), "undefined"] {
        assert_eq!(findings(&explain(text)), [""; 0], "{text}");
    }
}

#[test]
fn an_encrypted_token_is_told_by_its_header_not_by_its_segments() {
    let header = base64url(json!({ "alg": "RSA-OAEP", "enc": "A256CBC-HS512", "cty": "JWT" }).to_string());
    assert_is(&format!("{header}.a.b.c.d"), "encrypted-token", "Token encryption");
    let explanation = explain(&format!("{}.a.b", sign(v2())));
    assert_eq!(findings(&explanation), [""; 0]);
    let header = base64url(json!({ "alg": "RS256", "enc": "A256GCM" }).to_string());
    assert!(!findings(&explain(&format!("{header}.a.b"))).contains(&"encrypted-token"));
}

#[test]
fn a_token_that_is_too_long_is_told_its_length_and_the_limit_of_node() {
    let token = sign(v2().with("roles", &json!(vec!["Project.ReadWrite.All"; 800]).to_string()));
    let explanation = explain(&token);
    assert_eq!(findings(&explanation), ["token-too-long"]);
    assert!(explanation.findings[0].message.contains(&token.len().to_string()));
    for mention in ["maxTokenLength", "--max-http-header-size", "Token configuration"] {
        assert_hint(&explanation, "form", mention);
    }
    assert_eq!(
        findings(&explain_with(json!({ "maxTokenLength": 100_000 }), &token)),
        [""; 0]
    );
}
