//! Which issuers are acceptable.

use super::{AuthorityHost, Tenants, external_id};

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
    /// Exactly the issuer of the authority's metadata: by Entra's rules where that is one of External ID, else by none of them.
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

/// By whose rules a token is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IssuerKind {
    /// By those of Entra's access tokens.
    Entra,
    /// By RFC 7519 and RFC 9068: the names of claims mean what other issuers mean by them.
    Foreign,
}

impl IssuerRule {
    /// Whether it is known beforehand that the rules of Entra's access tokens hold.
    pub(crate) const fn is_entra(&self) -> bool {
        matches!(self, Self::Entra { .. })
    }

    /// Whether the tokens are those of a cloud of Entra's or of External ID, not of a test authority or another host that takes
    /// their part and may name its applications as it likes.
    pub(crate) const fn is_known_to_be_entra(&self) -> bool {
        match self {
            Self::Entra { authority, .. } => authority.is_entra(),
            Self::Exact(_) | Self::Discovered => false,
        }
    }

    /// By whose rules tokens are judged. An authority whose metadata names an issuer of External ID is External ID behind a
    /// domain of its own.
    pub(crate) fn kind(&self, discovered: Option<&str>) -> IssuerKind {
        match self {
            Self::Entra { .. } => IssuerKind::Entra,
            Self::Discovered if discovered.is_some_and(|issuer| external_id::tenant_segment(issuer).is_some()) => {
                IssuerKind::Entra
            }
            Self::Exact(_) | Self::Discovered => IssuerKind::Foreign,
        }
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

    /// Whether a key with this `cloud_instance_name` may verify tokens.
    pub(crate) fn may_have_key_of(&self, instance_name: &str) -> bool {
        match self {
            Self::Entra { authority, .. } => authority.may_have_key_of(instance_name),
            Self::Exact(_) | Self::Discovered => true,
        }
    }

    /// Whether v1 tokens can be valid.
    pub(crate) fn accepts_v1(&self) -> bool {
        match self {
            Self::Entra { authority, only, .. } => authority.has_v1() && *only != Some(Version::V2),
            Self::Exact(_) | Self::Discovered => true,
        }
    }
}
