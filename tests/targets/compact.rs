//! Any bytes as a compact serialization: what is decoded has one spelling, the one that was given.

use entra_jwt_verify::token::CompactToken;

use crate::case::Case;

const MAX_LENGTH: usize = 16_384;

pub fn run(token: &[u8]) {
    let Ok(compact) = CompactToken::parse(token, MAX_LENGTH) else {
        return;
    };
    assert!(token.is_ascii() && token.len() <= MAX_LENGTH);
    let segments: Vec<&[u8]> = token.split(|&byte| byte == b'.').collect();
    assert_eq!(segments.len(), 3);
    let mut buffer = vec![0xaa; 7];
    let decoded = [
        compact.decode_header(&mut buffer).map(|text| text.as_bytes().to_vec()),
        compact.decode_payload(&mut buffer).map(|text| text.as_bytes().to_vec()),
        compact.decode_signature(&mut buffer).cloned(),
    ];
    for (segment, bytes) in segments.into_iter().zip(decoded) {
        if let Ok(bytes) = bytes {
            assert_eq!(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes).as_bytes(), segment);
        }
    }
}

pub fn examples() -> Vec<Vec<u8>> {
    let mut examples = super::texts(&[
        "e30.e30.AA",
        "e30.e30.",
        "e30.e30=.AA",
        "e30.e31.AB",
        "..",
        "e30.e30.AA.e30.e30",
    ]);
    examples.push(Case::read().token);
    examples
}
