//! Any bytes as an answer with keys: no panic, and what was made of it can be looked up and merged.

#![no_main]

use std::time::Duration;

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{JwkSet, KeySet, KeyMatch};
use entra_jwt_verify::token::KeyReference;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: &[u8]| {
    let Ok(set) = JwkSet::parse(answer) else { return };
    let mut keys = KeySet::from(set);
    let names: Vec<_> = keys
        .ages(Duration::ZERO)
        .map(|(key, _)| key.name().to_owned())
        .collect();
    for name in names {
        for reference in [
            KeyReference::Kid(name.as_str().into()),
            KeyReference::X5t(name.as_str().into()),
        ] {
            for algorithm in Algorithm::ALL {
                if let KeyMatch::Found(key) = keys.find(&reference, algorithm) {
                    assert!(!key.verify(algorithm, b"header.payload", b"no signature"));
                }
            }
        }
    }
    keys.merge(
        JwkSet::parse(answer).expect("it was parsed before"),
        Duration::from_secs(1),
    );
});
