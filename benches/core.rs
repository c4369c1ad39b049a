//! `cargo bench --bench core`: the core without JavaScript.

mod case;

use case::Case;
use divan::Bencher;
use entra_jwt_verify::keys::JwkSet;
use entra_jwt_verify::token::{Claims, CompactToken, Header, KeyReference, Scratch};
use entra_jwt_verify::{Algorithm, keys::KeyMatch};

fn main() {
    divan::main();
}

/// Everything, as for a token that was not seen before.
#[divan::bench]
fn first_sight(bencher: Bencher<'_, '_>) {
    let (case, mut scratch) = (Case::read(), Scratch::default());
    bencher.bench_local(|| case.first_sight(&mut scratch));
}

/// The same of a token of 8 kB.
#[divan::bench]
fn first_sight_8_kb(bencher: Bencher<'_, '_>) {
    let (case, mut scratch) = (Case::read_large(), Scratch::default());
    bencher.bench_local(|| case.first_sight(&mut scratch));
}

/// The signature alone: the floor of first sight.
#[divan::bench]
fn signature(bencher: Bencher<'_, '_>) {
    let case = Case::read();
    let (mut header, mut signature) = (Vec::new(), Vec::new());
    let token = CompactToken::parse(&case.token, 16_384).expect("a token");
    let header = Header::parse(token.decode_header(&mut header).expect("a header")).expect("a header");
    let KeyMatch::Found(key) = case.keys.find(header.key.as_ref().expect("a kid"), Algorithm::RS256) else {
        panic!("no key");
    };
    let signature = token.decode_signature(&mut signature).expect("a signature");
    bencher.bench_local(|| assert!(key.verify(Algorithm::RS256, token.signing_input(), signature)));
}

/// A token that was seen before.
#[divan::bench]
fn second_sight(bencher: Bencher<'_, '_>) {
    let case = Case::read();
    let verified = case.remembered();
    bencher.bench_local(|| case.second_sight(&verified));
}

/// Splitting, decoding and reading header and claims.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let case = Case::read();
    let (mut header, mut payload) = (Vec::new(), Vec::new());
    bencher.bench_local(|| {
        let token = CompactToken::parse(&case.token, 16_384).expect("a token");
        let header = Header::parse(token.decode_header(&mut header).expect("a header")).expect("a header");
        let claims = Claims::parse(token.decode_payload(&mut payload).expect("claims")).expect("claims");
        divan::black_box((header.algorithm, claims.exp));
    });
}

/// The look-up of the last of six keys.
#[divan::bench]
fn key(bencher: Bencher<'_, '_>) {
    let case = Case::read();
    let kid = case
        .keys
        .ages(std::time::Duration::ZERO)
        .last()
        .expect("a key")
        .0
        .name()
        .to_owned();
    let reference = KeyReference::Kid(kid.into());
    bencher.bench_local(|| divan::black_box(case.keys.find(&reference, Algorithm::RS256)));
}

/// A key set of six, as it arrives once an hour.
#[divan::bench]
fn key_set(bencher: Bencher<'_, '_>) {
    let case = Case::read();
    bencher.bench_local(|| divan::black_box(JwkSet::parse(case.jwks.as_bytes()).expect("keys")));
}
