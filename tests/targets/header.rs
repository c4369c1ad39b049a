//! Any text as a header: what is read stands there, what is not understood is refused, and the header that was kept from the token
//! before is not taken for this one.

use std::cell::RefCell;

use entra_jwt_verify::token::{CompactToken, Header, HeaderCache, KeyReference};
use serde_json::Value;

thread_local! {
    static CACHE: RefCell<HeaderCache> = RefCell::default();
}

pub fn run(bytes: &[u8]) {
    let token = format!("{}.e30.AA", base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes));
    let Ok(compact) = CompactToken::parse(token.as_bytes(), 1 << 20) else {
        return;
    };
    let mut buffer = Vec::new();
    let fresh = compact.decode_header(&mut buffer).and_then(Header::parse);
    CACHE.with_borrow_mut(|cache| {
        for _ in 0..2 {
            match (cache.read(&compact), &fresh) {
                (Ok(kept), Ok(fresh)) => assert_eq!(format!("{kept:?}"), format!("{fresh:?}")),
                (Err(kept), Err(fresh)) => assert_eq!(kept, *fresh),
                (kept, fresh) => panic!("{kept:?} and {fresh:?}"),
            }
        }
    });
    let Ok(header) = fresh else { return };
    let members: Value = serde_json::from_slice(bytes).expect("a header is JSON");
    for name in ["crit", "b64", "enc", "zip"] {
        assert!(members.get(name).is_none(), "{name}");
    }
    let named = match header.key {
        Some(KeyReference::Kid(kid)) => members.get("kid").is_some_and(|it| *it == *kid),
        Some(KeyReference::X5t(x5t)) => {
            members.get("kid").is_none() && members.get("x5t").is_some_and(|it| *it == *x5t)
        }
        Some(KeyReference::Unnamed) | None => members.get("kid").is_none() && members.get("x5t").is_none(),
    };
    assert!(named, "{members}");
    let algorithm = members.get("alg").and_then(Value::as_str);
    assert!(
        header.algorithm.is_none_or(|it| algorithm == Some(it.name())),
        "{members}"
    );
    assert_eq!(header.has_nonce, members.get("nonce").is_some());
}

pub fn examples() -> Vec<Vec<u8>> {
    super::texts(&[
        r#"{"typ":"JWT","alg":"RS256","kid":"a","x5t":"a"}"#,
        r#"{"typ":"at+jwt","alg":"ES256","x5t":"a"}"#,
        r#"{"typ":"application/at+jwt","alg":"PS512","kid":"","nonce":"x"}"#,
        r#"{"alg":"none","crit":["exp"],"b64":false,"enc":"A256GCM","zip":"DEF"}"#,
    ])
}
