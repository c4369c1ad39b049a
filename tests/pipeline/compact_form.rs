//! Length, ASCII, three segments, strict base64url (RFC 7515, sections 2 and 7.1).

use entra_jwt_verify::token::{Malformed, Segment};
use entra_jwt_verify::{Algorithm, Error};
use serde_json::json;

use crate::common::{Judge, RSA, base64url, header, judge, sign, v2};

fn refused(malformed: Malformed) -> Result<(), Error> {
    Err(Error::TokenMalformed(malformed))
}

#[test]
fn no_token_is_another_thing_than_a_bad_one() {
    assert_eq!(judge(""), Err(Error::TokenMissing));
    assert_eq!(judge(" "), refused(Malformed::Segments { found: 1 }));
}

#[test]
fn a_token_as_long_as_the_limit_passes_and_one_byte_more_does_not() {
    let token = sign(v2());
    let limited_to = |limit: usize| Judge::with(json!({ "maxTokenLength": limit })).judge(&token);
    assert_eq!(limited_to(token.len()), Ok(()));
    let limit = token.len() - 1;
    assert_eq!(limited_to(limit), refused(Malformed::TooLong { limit }));
}

#[test]
fn the_limit_is_16_384_bytes_by_default() {
    let padded_to = |length: usize| {
        // No segment has 1 modulo 4 characters, so header and payload both give way until the length is met.
        let padded = |in_header: usize, in_payload: usize| {
            let pad = |characters: usize| format!("\"{}\"", "x".repeat(characters));
            let header = header(&RSA, Algorithm::RS256).with("rh", &pad(in_header));
            RSA.token(Algorithm::RS256, header, v2().with("pad", &pad(in_payload)))
        };
        let roughly = (length - padded(0, 0).len()) / 4 * 3;
        (0..3)
            .flat_map(|in_header| (roughly - 4..roughly + 4).map(move |in_payload| padded(in_header, in_payload)))
            .find(|token| token.len() == length)
            .expect("a token of this length")
    };
    assert_eq!(judge(&padded_to(16_384)), Ok(()));
    assert_eq!(
        judge(&"a".repeat(16_385)),
        refused(Malformed::TooLong { limit: 16_384 })
    );
}

#[test]
fn the_length_is_looked_at_before_anything_else() {
    let garbage = "é.".repeat(20_000);
    assert_eq!(judge(&garbage), refused(Malformed::TooLong { limit: 16_384 }));
}

#[test]
fn refuses_a_byte_outside_ascii_wherever_it_is() {
    let token = sign(v2());
    for position in [0, token.find('.').unwrap(), token.rfind('.').unwrap() + 1, token.len()] {
        let mut bytes = token.clone().into_bytes();
        bytes.insert(position, 0xc3);
        assert_eq!(
            Judge::with(json!({})).judge_bytes(&bytes),
            refused(Malformed::NotAscii),
            "at {position}"
        );
    }
}

#[test]
fn a_signed_token_has_three_segments() {
    let token = sign(v2());
    let (signing_input, signature) = token.rsplit_once('.').unwrap();
    for (text, found) in [
        (signing_input.replace('.', ""), 1),
        (signing_input.to_owned(), 2),
        (format!("{token}."), 4),
        (format!(".{token}"), 4),
        (format!("{signing_input}..{signature}"), 4),
        (format!("{token}.a.b.c"), 6),
    ] {
        assert_eq!(judge(&text), refused(Malformed::Segments { found }), "{text}");
    }
}

#[test]
fn five_segments_are_an_encrypted_token() {
    assert_eq!(judge(&format!("{}.a.b", sign(v2()))), refused(Malformed::Encrypted));
    assert_eq!(judge("...."), refused(Malformed::Encrypted));
}

#[test]
fn refuses_a_token_with_something_before_or_after_it() {
    let token = sign(v2());
    for text in [
        format!("Bearer {token}"),
        format!(" {token}"),
        format!("\n{token}"),
        format!("\"{token}\""),
    ] {
        assert_eq!(judge(&text), refused(Malformed::Base64(Segment::Header)), "{text:?}");
    }
    for text in [
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}\0"),
        format!("{token}\""),
    ] {
        assert_eq!(judge(&text), refused(Malformed::Base64(Segment::Signature)), "{text:?}");
    }
}

#[test]
fn an_empty_segment_is_no_segment() {
    let token = sign(v2());
    let segments: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = segments[..] else {
        panic!()
    };
    for (text, segment) in [
        (format!(".{payload}.{signature}"), Segment::Header),
        (format!("{header}..{signature}"), Segment::Payload),
        (format!("{header}.{payload}."), Segment::Signature),
        ("..".to_owned(), Segment::Header),
    ] {
        assert_eq!(judge(&text), refused(Malformed::Empty(segment)), "{text}");
    }
}

/// Ways to write base64url that RFC 7515, section 2, does not have.
fn sloppy(segment: &str) -> Vec<String> {
    vec![
        format!("{segment}="),
        format!("{segment}=="),
        format!("{segment} "),
        format!("{segment}\n"),
        format!("{segment}\r\n"),
        format!("{}\t{}", &segment[..4], &segment[4..]),
        format!("{}!{}", &segment[..8], &segment[8..]),
        format!("{}%2D{}", &segment[..8], &segment[8..]),
    ]
}

#[test]
fn refuses_sloppy_base64url_even_when_it_was_signed_so() {
    let (head, payload) = (
        base64url(header(&RSA, Algorithm::RS256).to_string()),
        base64url(v2().to_string()),
    );
    let judge = |head: &str, payload: &str| judge(&RSA.token_of_segments(Algorithm::RS256, head, payload));
    assert_eq!(judge(&head, &payload), Ok(()));
    for head in sloppy(&head) {
        assert_eq!(
            judge(&head, &payload),
            refused(Malformed::Base64(Segment::Header)),
            "{head:?}"
        );
    }
    for payload in sloppy(&payload) {
        assert_eq!(
            judge(&head, &payload),
            refused(Malformed::Base64(Segment::Payload)),
            "{payload:?}"
        );
    }
}

#[test]
fn refuses_a_sloppy_signature_segment() {
    let token = sign(v2());
    let (signing_input, signature) = token.rsplit_once('.').unwrap();
    for signature in sloppy(signature) {
        assert_eq!(
            judge(&format!("{signing_input}.{signature}")),
            refused(Malformed::Base64(Segment::Signature)),
            "{signature:?}"
        );
    }
}

#[test]
fn the_alphabet_is_the_one_for_urls() {
    // Both alphabets differ in two characters only, so the bytes are chosen to need them: 0xfb 0xff -> "-_" or "+/".
    let payload = base64url(v2().with("name", r#""ûÿ~~~???>>>""#).to_string());
    assert!(payload.contains('-') && payload.contains('_'));
    let head = base64url(header(&RSA, Algorithm::RS256).to_string());
    let judge = |payload: &str| judge(&RSA.token_of_segments(Algorithm::RS256, &head, payload));
    assert_eq!(judge(&payload), Ok(()));
    for payload in [payload.replace('-', "+"), payload.replace('_', "/")] {
        assert_eq!(judge(&payload), refused(Malformed::Base64(Segment::Payload)));
    }
}

#[test]
fn unused_bits_have_to_be_zero() {
    // A claim of growing length walks through all three lengths modulo 3, of which two leave bits unused.
    let mut with_unused_bits = 0;
    for length in 0..3 {
        let payload = base64url(v2().with("pad", &format!("\"{}\"", "x".repeat(length))).to_string());
        let last = payload.chars().next_back().unwrap();
        let unused = match payload.len() % 4 {
            2 => 0b1111_u8,
            3 => 0b11,
            _ => continue,
        };
        with_unused_bits += 1;
        let head = base64url(header(&RSA, Algorithm::RS256).to_string());
        for bits in 1..=unused {
            let altered = ALPHABET[usize::from(index_of(last) | bits)];
            let payload = format!("{}{}", &payload[..payload.len() - 1], char::from(altered));
            assert_eq!(
                judge(&RSA.token_of_segments(Algorithm::RS256, &head, &payload)),
                refused(Malformed::Base64(Segment::Payload)),
                "{bits:04b}"
            );
        }
    }
    assert_eq!(with_unused_bits, 2);
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn index_of(character: char) -> u8 {
    let index = ALPHABET.iter().position(|&byte| char::from(byte) == character).unwrap();
    u8::try_from(index).unwrap()
}
