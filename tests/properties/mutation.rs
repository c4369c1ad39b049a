//! Whatever is done to a signed token, it is another token and refused.

use std::sync::LazyLock;

use entra_jwt_verify::{Algorithm, Error};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use crate::common::{Judge, Signer, header, v1, v2};

/// One token of each algorithm, and two of RS256 to mix.
static TOKENS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    Algorithm::ALL
        .into_iter()
        .map(|algorithm| (algorithm, v2()))
        .chain([(Algorithm::RS256, v1())])
        .map(|(algorithm, claims)| {
            let signer = Signer::of(algorithm);
            signer.token(algorithm, header(signer, algorithm), claims).into_bytes()
        })
        .collect()
});

static JUDGE: LazyLock<Judge> =
    LazyLock::new(|| Judge::with(json!({ "algorithms": Algorithm::ALL.map(Algorithm::name) })));

#[derive(Clone, Debug)]
enum Mutation {
    Replace(Index, u8),
    FlipBit(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Swap(Index, Index),
    CutOff(Index),
    CutOut(Index, Index),
    Repeat(Index, Index),
    /// A segment of another token.
    Graft(usize, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let character = prop_oneof![
        prop::sample::select(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.".as_slice()),
        any::<u8>(),
    ];
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), character.clone()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        2 => (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::FlipBit(at, bit)),
        2 => (at(), character).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        2 => at().prop_map(Mutation::Remove),
        2 => (at(), at()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        1 => at().prop_map(Mutation::CutOff),
        1 => (at(), at()).prop_map(|(from, to)| Mutation::CutOut(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
        2 => (0..3_usize, at()).prop_map(|(segment, token)| Mutation::Graft(segment, token)),
    ]
}

impl Mutation {
    fn apply(&self, token: &mut Vec<u8>) {
        if token.is_empty() {
            return;
        }
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(token.len()), to.index(token.len()));
            from.min(to)..from.max(to)
        };
        match self {
            Self::Replace(at, byte) => {
                let at = at.index(token.len());
                token[at] = *byte;
            }
            Self::FlipBit(at, bit) => {
                let at = at.index(token.len());
                token[at] ^= 1 << bit;
            }
            Self::Insert(at, byte) => token.insert(at.index(token.len() + 1), *byte),
            Self::Remove(at) => drop(token.remove(at.index(token.len()))),
            Self::Swap(one, other) => {
                let (one, other) = (one.index(token.len()), other.index(token.len()));
                token.swap(one, other);
            }
            Self::CutOff(at) => token.truncate(at.index(token.len())),
            Self::CutOut(from, to) => drop(token.drain(range(from, to))),
            Self::Repeat(from, to) => {
                let range = range(from, to);
                let copy = token[range.clone()].to_vec();
                token.splice(range.end..range.end, copy);
            }
            Self::Graft(segment, donor) => {
                let donor = donor.get(&TOKENS).split(|&byte| byte == b'.').nth(*segment).unwrap();
                let mut segments: Vec<&[u8]> = token.split(|&byte| byte == b'.').collect();
                if let Some(own) = segments.get_mut(*segment) {
                    *own = donor;
                }
                *token = segments.join(&b'.');
            }
        }
    }
}

#[test]
fn the_tokens_pass_as_they_are() {
    for token in TOKENS.iter() {
        assert_eq!(JUDGE.judge_bytes(token), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_token_that_was_changed_is_refused(
        token: Index,
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let mut changed = token.get(&TOKENS).clone();
        for mutation in &mutations {
            mutation.apply(&mut changed);
        }
        // Changes can undo each other, or graft all that makes a token another whole one.
        prop_assume!(!TOKENS.contains(&changed));
        let verdict = JUDGE.judge_bytes(&changed);
        prop_assert!(
            matches!(
                verdict,
                Err(Error::TokenMissing
                    | Error::TokenMalformed(_)
                    | Error::TokenAlgorithm(_)
                    | Error::TokenKeyUnknown(_)
                    | Error::TokenSignature
                    | Error::TokenUse(_)
                    | Error::TokenGraph)
            ),
            "{:?}",
            verdict
        );
    }

    #[test]
    fn no_claim_is_looked_at_when_only_what_follows_the_header_was_changed(
        token: Index,
        at: Index,
        byte in prop::sample::select(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".as_slice()),
    ) {
        let mut changed = token.get(&TOKENS).clone();
        let first_dot = changed.iter().position(|&byte| byte == b'.').unwrap();
        let payload = first_dot + 1 + at.index(changed.len() - first_dot - 1);
        prop_assume!(changed[payload] != byte && changed[payload] != b'.');
        changed[payload] = byte;
        let code = JUDGE.judge_bytes(&changed).unwrap_err().code();
        prop_assert!(code == "ERR_TOKEN_SIGNATURE" || code == "ERR_TOKEN_MALFORMED", "{code}");
    }
}
