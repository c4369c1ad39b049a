//! The vectorised decoder against one that is written out: it must not be laxer at any length or position.

use entra_jwt_verify::token::{CompactToken, Malformed, Segment};
use proptest::collection::vec;
use proptest::prelude::*;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648, section 5, without padding and with nothing to spare (RFC 7515, section 2).
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text {
        let value = ALPHABET.iter().position(|it| it == byte)?;
        bits = bits << 6 | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
            bits &= (1 << held) - 1;
        }
    }
    // Six bits that are left over are a character that says nothing; fewer have to be zero.
    (held < 6 && bits == 0).then_some(bytes)
}

fn decode_signature(segment: &[u8]) -> Result<Vec<u8>, Malformed> {
    let token = [b"e30.e30.", segment].concat();
    let mut buffer = vec![0xaa; 7];
    CompactToken::parse(&token, 1 << 20)?
        .decode_signature(&mut buffer)
        .cloned()
}

/// Long enough for several vector registers, mostly of the alphabet, with any ASCII in between but the dot.
fn segment() -> impl Strategy<Value = Vec<u8>> {
    let character = prop_oneof![
        400 => prop::sample::select(ALPHABET.as_slice()),
        1 => prop::sample::select(b"+/=@[`{ \n\0\x7f".as_slice()),
        1 => (0_u8..0x80).prop_filter("a dot ends a segment", |&byte| byte != b'.'),
    ];
    vec(character, 1..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn decodes_what_the_reference_decodes_and_nothing_else(segment in segment()) {
        let expected = decode(&segment).ok_or(Malformed::Base64(Segment::Signature));
        prop_assert_eq!(decode_signature(&segment), expected);
    }

    #[test]
    fn one_foreign_character_is_found_wherever_it_stands(
        mut segment in vec(prop::sample::select(ALPHABET.as_slice()), 1..300),
        at: prop::sample::Index,
        foreign in (0_u8..0x80).prop_filter("foreign", |byte| *byte != b'.' && !ALPHABET.contains(byte)),
    ) {
        let at = at.index(segment.len());
        segment[at] = foreign;
        prop_assert_eq!(decode_signature(&segment), Err(Malformed::Base64(Segment::Signature)));
    }

    #[test]
    fn bytes_have_one_spelling(bytes in vec(any::<u8>(), 1..300)) {
        let segment = crate::common::base64url(&bytes);
        prop_assert_eq!(decode_signature(segment.as_bytes()), Ok(bytes));
    }
}
