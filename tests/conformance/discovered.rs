//! The keys of an authority, and the issuer of its metadata.

#![allow(unreachable_pub, reason = "a helper of tests is public to the file that declares it")]

use std::sync::Arc;

use entra_jwt_verify::keys::{Discovery, JwkSet, KeyLookup, KeySet, MetadataAuthority};
use entra_jwt_verify::policy::Version;
use entra_jwt_verify::token::KeyReference;
use entra_jwt_verify::{Algorithm, Error, Keys, VerifyError};
use serde_json::{Value, json};
use url::Url;

use crate::common::{Judge, RSA};

/// An authority whose metadata was read.
pub struct Discovered {
    keys: KeySet,
    issuer: String,
}

impl Discovered {
    /// With a key that names no issuer, as those of B2C.
    pub fn new(authority: &str, issuer: &str) -> Result<Self, Error> {
        Self::with_key(authority, issuer, &RSA.jwk())
    }

    pub fn with_key(authority: &str, issuer: &str, key: &Value) -> Result<Self, Error> {
        let asked = Url::parse(authority).unwrap();
        let document = json!({ "issuer": issuer, "jwks_uri": "https://keys.example/" });
        let discovery = Discovery {
            metadata: asked.clone(),
            authority: MetadataAuthority::Oidc { asked, issuer: None },
            keys: None,
            app_id: None,
        };
        let metadata = discovery
            .read(document.to_string().as_bytes())
            // What `keys/fetch.rs` makes of it.
            .map_err(|cause| Error::KeysUnavailable { cause: cause.into(), retry_after: 1 })?;
        let keys = json!({ "keys": [key] });
        Ok(Self {
            keys: JwkSet::parse(keys.to_string().as_bytes()).unwrap().into(),
            issuer: metadata.issuer,
        })
    }
}

/// Judges and explains a token by the keys of a discovered authority.
pub fn judge(judge: &Judge, token: &str, keys: &Discovered) -> Result<(), Error> {
    let explained = judge.explain_by(token.as_bytes(), keys);
    let verdict = match judge.judge_by(token.as_bytes(), keys) {
        Ok(()) => Ok(()),
        Err(VerifyError::Rejected(error)) => Err(error),
        Err(VerifyError::KeysPending) => unreachable!("the keys are there"),
    };
    assert_eq!(explained.verdict, verdict);
    verdict
}

impl Keys for Discovered {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        self.keys.look_up(reference, algorithm, version)
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        Some(self.issuer.as_str().into())
    }
}
