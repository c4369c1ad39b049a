//! ECDSA signatures have two spellings: beside (r, s) there is (r, n − s), which everybody can compute (SECURITY.md). RFC 7518,
//! section 3.4, lets either pass, and issuers make both, so that refusing one would refuse every second good token.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::json;

use crate::common::{Judge, P256, base64url, v2};

/// The order of P-256 (FIPS 186-4, D.1.2.3).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The other spelling of a token's signature.
fn respelt(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(signature).unwrap();
    let mut borrow = 0;
    for (digit, order) in bytes[32..].iter_mut().zip(ORDER).rev() {
        let difference = i16::from(order) - i16::from(*digit) - borrow;
        borrow = i16::from(difference < 0);
        *digit = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{signed}.{}", base64url(&bytes))
}

#[test]
fn another_spelling_of_a_signature_is_as_valid_and_says_nothing_else() {
    let judge = Judge::with(json!({ "algorithms": "ES256" }));
    let token = P256.sign(Algorithm::ES256, &v2());
    let other = respelt(&token);
    assert_ne!(token, other);
    assert_eq!((judge.judge(&token), judge.judge(&other)), (Ok(()), Ok(())));
    // It is a signature over the same claims: with others it is none.
    let (_, signature) = other.rsplit_once('.').unwrap();
    let changed = P256.sign(Algorithm::ES256, &v2().with("roles", "[\"Admin\"]"));
    let (signed, _) = changed.rsplit_once('.').unwrap();
    assert_eq!(
        judge.judge(&format!("{signed}.{signature}")),
        Err(Error::TokenSignature)
    );
}
