//! Header and claims are each one strict JSON object in UTF-8 (RFC 7515, section 4; RFC 7519, section 7.2).

use entra_jwt_verify::token::{Claims, Header, Malformed, Segment};
use entra_jwt_verify::{Algorithm, Error};

use crate::common::{RSA, base64url, header, judge, v2};

fn judge_payload(payload: &[u8]) -> Result<(), Error> {
    let head = base64url(header(&RSA, Algorithm::RS256).to_string());
    judge(&RSA.token_of_segments(Algorithm::RS256, &head, &base64url(payload)))
}

fn judge_header(head: &[u8]) -> Result<(), Error> {
    judge(&RSA.token_of_segments(Algorithm::RS256, &base64url(head), &base64url(v2().to_string())))
}

/// Texts that are not one JSON object, or not JSON at all, each made from one that would pass.
fn not_one_object(object: &str) -> Vec<String> {
    let inner = &object[1..object.len() - 1];
    vec![
        " ".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        "1".to_owned(),
        "\"text\"".to_owned(),
        "[]".to_owned(),
        format!("[{object}]"),
        format!("{{{inner}"),
        format!("{{{inner},}}"),
        format!("{object}x"),
        format!("{object}{object}"),
        format!("{object}\0"),
        format!("{object},"),
        format!("{{{inner},'a':1}}"),
        format!("{{{inner},a:1}}"),
        format!("{{{inner},\"a\":'b'}}"),
        format!("{{{inner},\"a\":01}}"),
        format!("{{{inner},\"a\":0x1}}"),
        format!("{{{inner},\"a\":+1}}"),
        format!("{{{inner},\"a\":.5}}"),
        format!("{{{inner},\"a\":1.}}"),
        format!("{{{inner},\"a\":NaN}}"),
        format!("{{{inner},\"a\":Infinity}}"),
        format!("{{{inner},\"a\":\"\u{1}\"}}"),
        format!("{{{inner},\"a\":\"\\x41\"}}"),
        format!("{{{inner},\"a\":\"\\ud800\"}}"),
        format!("{{{inner},\"\\udc00\":1}}"),
        format!("{{{inner},\"a\":1e400}}"),
        format!("{{{inner},\"a\":-1e400}}"),
        format!("{{{inner},\"a\":undefined}}"),
        format!("{{{inner}/* */}}"),
        format!("\u{a0}{object}"),
        format!("callback({object})"),
        // RFC 8259, section 8.1: a parser may ignore a byte order mark; two that disagree are a risk.
        format!("\u{feff}{object}"),
    ]
}

#[test]
fn claims_are_one_strict_json_object() {
    assert_eq!(judge_payload(v2().to_string().as_bytes()), Ok(()));
    for text in not_one_object(&v2().to_string()) {
        let refused = Err(Error::TokenMalformed(Malformed::Json(Segment::Payload)));
        assert_eq!(judge_payload(text.as_bytes()), refused, "{text}");
    }
}

#[test]
fn the_header_is_one_strict_json_object() {
    let head = header(&RSA, Algorithm::RS256).to_string();
    assert_eq!(judge_header(head.as_bytes()), Ok(()));
    for text in not_one_object(&head) {
        let refused = Err(Error::TokenMalformed(Malformed::Json(Segment::Header)));
        assert_eq!(judge_header(text.as_bytes()), refused, "{text}");
    }
}

#[test]
fn white_space_of_json_is_allowed() {
    let spaced = v2().to_string().replace(',', " ,\r\n\t");
    assert_eq!(judge_payload(format!(" {spaced}\n").as_bytes()), Ok(()));
}

#[test]
fn refuses_what_is_not_utf8() {
    let with_bytes = |object: &str, bytes: &[u8]| {
        let mut text = object.as_bytes()[..object.len() - 1].to_vec();
        text.extend_from_slice(b",\"name\":\"");
        text.extend_from_slice(bytes);
        text.extend_from_slice(b"\"}");
        text
    };
    let (claims, head) = (v2().to_string(), header(&RSA, Algorithm::RS256).to_string());
    for bytes in [
        b"\xff".as_slice(),
        b"\xfe",
        b"\x80",
        b"\xc3",
        b"\xf0\x9f\x94",
        b"\xc0\xaf",                 // overlong "/"
        b"\xc0\x80",                 // overlong NUL
        b"\xe0\x80\xaf",             // overlong in three
        b"\xed\xa0\x80",             // a surrogate
        b"\xed\xa0\x80\xed\xb0\x80", // CESU-8
        b"\xf4\x90\x80\x80",         // beyond U+10FFFF
        b"\xf8\x88\x80\x80\x80",     // five bytes
    ] {
        assert_eq!(
            judge_payload(&with_bytes(&claims, bytes)),
            Err(Error::TokenMalformed(Malformed::Utf8(Segment::Payload))),
            "{bytes:x?}"
        );
        assert_eq!(
            judge_header(&with_bytes(&head, bytes)),
            Err(Error::TokenMalformed(Malformed::Utf8(Segment::Header))),
            "{bytes:x?}"
        );
    }
    for text in ["é", "ł", "\u{800}", "\u{ffff}", "\u{1f511}", "\u{10ffff}"] {
        assert_eq!(judge_payload(&with_bytes(&claims, text.as_bytes())), Ok(()), "{text}");
        assert_eq!(judge_header(&with_bytes(&head, text.as_bytes())), Ok(()), "{text}");
    }
}

#[test]
fn refuses_a_claim_twice() {
    // RFC 7519, section 4, lets a parser take the last one; another takes the first, and one of them is fooled.
    for claims in [
        v2().and("aud", r#""other""#),
        v2().and("exp", "1"),
        v2().and("exp", "1767229200"),
        v2().and(r"\u0065xp", "1"),
        v2().and("scp", r#""a""#).and("scp", r#""b""#),
        v2().with("nested", r#"{"a":1,"a":1}"#),
        v2().with("nested", r#"[[{"a":{"b":1,"b":1}}]]"#),
        v2().and("", "1").and("", "1"),
    ] {
        let refused = Err(Error::TokenMalformed(Malformed::DuplicateMember(Segment::Payload)));
        assert_eq!(judge_payload(claims.to_string().as_bytes()), refused, "{claims}");
    }
    let alike = v2()
        .with("EXP", "1")
        .with("nested", r#"{"exp":1}"#)
        .with("other", r#"{"exp":1}"#);
    assert_eq!(judge_payload(alike.to_string().as_bytes()), Ok(()));
}

#[test]
fn refuses_a_claim_twice_however_many_others_there_are() {
    for others in [1, 30, 60, 61, 62, 63, 64, 65, 66, 67, 68, 130, 500] {
        let names = (0..others).map(|number| format!("c{number}"));
        let many = names.fold(v2(), |claims, name| claims.and(&name, "0"));
        assert_eq!(judge_payload(many.to_string().as_bytes()), Ok(()), "{others}");
        for again in [
            "c0".to_owned(),
            format!("c{}", others - 1),
            "aud".to_owned(),
            "azp".to_owned(),
        ] {
            let refused = Err(Error::TokenMalformed(Malformed::DuplicateMember(Segment::Payload)));
            let twice = many.clone().and(&again, "0");
            assert_eq!(
                judge_payload(twice.to_string().as_bytes()),
                refused,
                "{again} of {others}"
            );
        }
    }
}

#[test]
fn refuses_a_header_member_twice() {
    let head = || header(&RSA, Algorithm::RS256);
    for head in [
        head().and("alg", r#""RS256""#),
        head().and("alg", r#""none""#),
        head().and("kid", r#""rsa-1""#),
        head().and(r"\u006bid", r#""rsa-2""#),
        head().with("jwk", r#"{"kty":"RSA","kty":"RSA"}"#),
    ] {
        let refused = Err(Error::TokenMalformed(Malformed::DuplicateMember(Segment::Header)));
        assert_eq!(judge_header(head.to_string().as_bytes()), refused, "{head}");
    }
}

#[test]
fn depth_is_bounded_and_the_bound_is_the_one_that_the_error_names() {
    let arrays = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    for nested in [&arrays as &dyn Fn(usize) -> String, &objects] {
        let Err(Malformed::TooDeep { segment, limit }) = Claims::parse(&nested(10_000)) else {
            panic!("not refused for its depth");
        };
        assert_eq!(segment, Segment::Payload);
        // Recorded tokens nest three levels.
        assert!(limit >= 3);
        assert_eq!(Claims::parse(&nested(limit)).map(drop), Ok(()));
        assert_eq!(
            Claims::parse(&nested(limit + 1)).map(drop),
            Err(Malformed::TooDeep { segment, limit })
        );
        let segment = Segment::Header;
        assert_eq!(Header::parse(&nested(limit)).map(drop), Ok(()));
        assert_eq!(
            Header::parse(&nested(limit + 1)).map(drop),
            Err(Malformed::TooDeep { segment, limit })
        );
    }
}

#[test]
fn brackets_that_never_close_do_not_exhaust_the_stack() {
    for text in [
        "[".repeat(12_000),
        "{\"a\":".repeat(2_400),
        format!("{{\"a\":{}", "[".repeat(12_000)),
    ] {
        assert!(matches!(judge_payload(text.as_bytes()), Err(Error::TokenMalformed(_))));
        assert!(matches!(judge_header(text.as_bytes()), Err(Error::TokenMalformed(_))));
    }
}

#[test]
fn claims_with_names_from_javascript_are_ordinary() {
    let claims = v2()
        .with("__proto__", r#"{"exp":1,"admin":true}"#)
        .with("constructor", "1")
        .with("toString", "null");
    assert_eq!(judge_payload(claims.to_string().as_bytes()), Ok(()));
    let only_inherited = v2().without("exp").with("__proto__", r#"{"exp":1767229200}"#);
    assert_eq!(
        judge_payload(only_inherited.to_string().as_bytes()),
        Err(Error::TokenExpired { missing: true })
    );
}
