//! Recognises whose token it is, by its issuer. This comes first, because a token of another issuer also has the wrong key,
//! algorithm and audience.

use crate::policy::{EntraIssuer, IssuerRule, Policy, Version};
use crate::token::Claims;

/// Whose token it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose<'c> {
    /// Of the configured authority, of any tenant; or undetermined.
    Ours,
    /// Of another part of Entra.
    Entra(EntraIssuer<'c>),
    /// Of another issuer.
    Foreign(&'c str),
    /// The claims have no issuer.
    Unsaid,
}

impl<'c> Whose<'c> {
    /// By the claims of a token. `discovered` is the issuer of the authority's metadata, where that is known.
    pub(super) fn of(claims: &'c Claims<'_>, policy: &Policy, discovered: Option<&str>) -> Self {
        let Some(iss) = claims.iss.present() else {
            return Self::Unsaid;
        };
        let is_ours = match &policy.issuer {
            IssuerRule::Entra { authority, .. } => [Version::V1, Version::V2].into_iter().any(|version| {
                authority
                    .tenant_segment(iss, version)
                    .is_some_and(|it| !it.contains('/'))
            }),
            IssuerRule::Exact(expected) => expected == iss,
            IssuerRule::Discovered => discovered.is_none_or(|expected| expected == iss),
        };
        if is_ours {
            return Self::Ours;
        }
        match EntraIssuer::parse(iss).filter(|issuer| !issuer.tenant.contains('/')) {
            Some(issuer) => Self::Entra(issuer),
            None => Self::Foreign(iss),
        }
    }
}
