//! From a token to a verdict, with options that a test states only where they matter.

use entra_jwt_verify::explain::{Check, Explanation, Question, explain};
use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::policy::Policy;
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{Error, Keys, UnixTime, VerifyError, verify};
use serde_json::{Value, json};

use super::options::policy;
use super::signer::{OTHER_RSA, P256, P384, P521, RSA};

/// The tenant of every policy here.
pub const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

/// The API that the tokens are for.
pub const CLIENT: &str = "4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";

/// 2026-01-01T00:00:00Z.
pub const NOW: f64 = 1_767_225_600.0;

/// An instant of a test as the current time.
pub fn time(seconds: f64) -> UnixTime {
    UnixTime::new(seconds).expect("a time of a test")
}

/// Judges a token by the default policy, at [`NOW`], with all signers' keys at hand.
pub fn judge(token: &str) -> Result<(), Error> {
    Judge::with(json!({})).judge(token)
}

/// A policy, the keys and the time.
pub struct Judge {
    policy: Policy,
    keys: KeySet,
    now: f64,
}

impl Judge {
    /// The default policy but for these options; `null` takes one away.
    pub fn with(changes: Value) -> Self {
        let mut options = json!({ "tenantId": TENANT, "clientId": CLIENT });
        merge(&mut options, changes);
        Self::by(&options)
    }

    /// A policy of these options and no others.
    pub fn by(options: &Value) -> Self {
        Self::try_by(options).expect("options are valid")
    }

    pub fn try_by(options: &Value) -> Result<Self, Error> {
        let signers = [&RSA, &OTHER_RSA, &P256, &P384, &P521];
        Ok(Self {
            policy: policy(options)?,
            keys: key_set(signers.map(|signer| signer.jwk())),
            now: NOW,
        })
    }

    pub fn at(self, now: f64) -> Self {
        Self { now, ..self }
    }

    /// Other keys than the signers'.
    pub fn keys(self, entries: impl IntoIterator<Item = Value>) -> Self {
        let keys = key_set(entries);
        Self { keys, ..self }
    }

    pub fn judge(&self, token: &str) -> Result<(), Error> {
        self.judge_bytes(token.as_bytes())
    }

    pub fn judge_bytes(&self, token: &[u8]) -> Result<(), Error> {
        self.judge_and_explain(token, &self.keys)
    }

    /// With the keys of a whole document, which may have some that are skipped, or none.
    pub fn judge_by_document(&self, token: &str, jwks: &str) -> Result<(), Error> {
        let keys = match JwkSet::parse(jwks.as_bytes()) {
            Ok(set) => KeySet::from(set),
            Err(_) => KeySet::default(),
        };
        self.judge_and_explain(token.as_bytes(), &keys)
    }

    /// Every token of every test is explained too: the explanation's first failed check is the verdict.
    fn judge_and_explain(&self, token: &[u8], keys: &KeySet) -> Result<(), Error> {
        let verdict = match self.judge_by(token, keys) {
            Ok(()) => Ok(()),
            Err(VerifyError::Rejected(error)) => Err(error),
            Err(VerifyError::KeysPending) => unreachable!("a key set has nothing to wait for"),
        };
        let explanation = self.explain_by(token, keys);
        assert_eq!(explanation.verdict, verdict);
        let first_failed = explanation.checks.iter().find_map(Check::error);
        assert_eq!(first_failed, verdict.as_ref().err());
        verdict
    }

    /// With all signers' keys at hand.
    pub fn explain(&self, token: &str) -> Explanation {
        self.explain_by(token.as_bytes(), &self.keys)
    }

    /// With keys from elsewhere.
    pub fn explain_by(&self, token: &[u8], keys: &impl Keys) -> Explanation {
        let question = Question {
            policy: &self.policy,
            now: time(self.now),
            clock_ahead: None,
        };
        explain(token, question, keys, &mut Scratch::default()).expect("nothing to wait for")
    }

    /// With keys from elsewhere.
    pub fn judge_by(&self, token: &[u8], keys: &impl Keys) -> Result<(), VerifyError> {
        let mut scratch = Scratch::default();
        verify(token, &self.policy, keys, time(self.now), &mut scratch).map(drop)
    }
}

/// A key set all of whose entries can be used.
fn key_set(entries: impl IntoIterator<Item = Value>) -> KeySet {
    let entries: Vec<Value> = entries.into_iter().collect();
    let set = JwkSet::parse(json!({ "keys": entries }).to_string().as_bytes()).expect("a usable set");
    assert_eq!(set.skipped, [], "a key of a test was skipped");
    set.into()
}

fn merge(options: &mut Value, changes: Value) {
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        options[name] = value;
    }
}
