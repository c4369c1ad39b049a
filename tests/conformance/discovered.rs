//! The keys of an authority, and the issuer of its metadata.

#![allow(unreachable_pub, reason = "a helper of tests is public to the file that declares it")]

use std::sync::Arc;

use entra_jwt_verify::keys::{Discovery, JwkSet, KeyLookup, KeySet, MetadataAuthority};
use entra_jwt_verify::policy::Version;
use entra_jwt_verify::token::KeyReference;
use entra_jwt_verify::{Algorithm, Error, Keys};
use serde_json::{Value, json};
use url::Url;

use crate::common::RSA;

/// An authority whose metadata was read.
pub struct Discovered {
    keys: KeySet,
    issuer: String,
}

impl Discovered {
    pub fn new(authority: &str, issuer: &str) -> Result<Self, Error> {
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
        // B2C's keys have no x5c and no x5t.
        let keys: Value = json!({ "keys": [RSA.jwk()] });
        Ok(Self {
            keys: JwkSet::parse(keys.to_string().as_bytes()).unwrap().into(),
            issuer: metadata.issuer,
        })
    }
}

impl Keys for Discovered {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        self.keys.look_up(reference, algorithm, version)
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        Some(self.issuer.as_str().into())
    }
}
