//! One token with everything that judges it: fixed, so that counts can be compared from commit to commit.

#![allow(dead_code, unreachable_pub, reason = "each bench uses its part")]

use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::policy::Policy;
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{ClockTolerance, TokenCache, UnixTime, verify};
use serde_json::Value;

/// The token, the policy, six keys of which the last is the token's.
pub struct Case {
    pub token: Vec<u8>,
    pub policy: Policy,
    pub keys: KeySet,
    pub jwks: String,
    pub now: UnixTime,
}

impl Case {
    /// An ordinary token.
    pub fn read() -> Self {
        Self::of(include_str!("../token.json"))
    }

    /// One of 8 kB, with the groups of its user.
    pub fn read_large() -> Self {
        Self::of(include_str!("../large-token.json"))
    }

    fn of(json: &str) -> Self {
        let case: Value = serde_json::from_str(json).expect("a case");
        let text = |name: &str| case[name].as_str().expect("a text").to_owned();
        let policy = Policy::builder()
            .tenant_id(text("tenantId"))
            .audience([text("audience")]);
        let jwks = case["jwks"].to_string();
        Self {
            token: case["token"].as_str().expect("a token").into(),
            policy: policy.build().expect("a policy"),
            keys: JwkSet::parse(jwks.as_bytes()).expect("keys").into(),
            jwks,
            now: case["now"].as_f64().and_then(UnixTime::new).expect("a time"),
        }
    }

    /// A token that was not seen before.
    pub fn first_sight(&self, scratch: &mut Scratch) {
        verify(&self.token, &self.policy, &self.keys, self.now, scratch).expect("a token that may pass");
    }

    /// A token that was.
    pub fn second_sight(&self, verified: &TokenCache) {
        verified
            .recall(&self.token, ClockTolerance::ZERO, self.now)
            .expect("remembered")
            .expect("not expired");
    }

    /// A cache that has seen the token.
    pub fn remembered(&self) -> TokenCache {
        let verified = TokenCache::new(1000);
        let mut scratch = Scratch::default();
        let verdict = verify(&self.token, &self.policy, &self.keys, self.now, &mut scratch).expect("may pass");
        verified.remember(&self.token, &verdict, 0);
        verified
    }
}
