//! Which issuers are acceptable.

use super::{AuthorityHost, Tenants};
/// The rule for `iss`, and with it for `tid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IssuerRule {
    /// Entra's tokens.
    Entra {
        /// Of which tenants.
        tenants: Tenants,
        /// The authority, whose issuers count.
        authority: AuthorityHost,
        /// Whether only tokens of one version are acceptable.
        only: Option<Version>,
    },
    /// Exactly this issuer, and no rule of Entra's.
    Exact(String),
    /// Exactly the issuer of the authority's metadata, and no rule of Entra's.
    Discovered,
}

/// Version of an Entra access token, chosen by the API's registration (`requestedAccessTokenVersion`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `ver` is `1.0`.
    V1,
    /// `ver` is `2.0`.
    V2,
}

impl IssuerRule {
    /// Whether the rules of Entra's access tokens hold, not just an issuer.
    pub(crate) const fn is_entra(&self) -> bool {
        matches!(self, Self::Entra { .. })
    }

    /// Whether v1 and v2 tokens take their keys from different sets: where several tenants are acceptable.
    pub(crate) const fn has_keys_by_version(&self) -> bool {
        matches!(
            self,
            Self::Entra {
                tenants: Tenants::Any { .. } | Tenants::Of(_),
                ..
            }
        )
    }

    /// Whether the rule depends on the issuer of the authority's metadata.
    pub(crate) const fn needs_discovery(&self) -> bool {
        matches!(
            self,
            Self::Discovered
                | Self::Entra {
                    tenants: Tenants::OfDomain,
                    ..
                }
        )
    }

    /// The `cloud_instance_name` that a key must have if it has one.
    pub(crate) const fn cloud_instance_name(&self) -> Option<&'static str> {
        match self {
            Self::Entra { authority, .. } => authority.cloud_instance_name(),
            Self::Exact(_) | Self::Discovered => None,
        }
    }
}
