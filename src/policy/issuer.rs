//! Accepted issuers.

use super::{AuthorityHost, Tenants, external_id, guid};

/// The rule for `iss`, and with it for `tid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IssuerRule {
    /// Entra's tokens.
    Entra {
        /// The accepted tenants.
        tenants: Tenants,
        /// The authority whose issuers are accepted.
        authority: AuthorityHost,
        /// Set if only tokens of one version are accepted.
        only: Option<Version>,
    },
    /// Exactly this issuer, without the Entra-specific checks.
    Exact(String),
    /// Exactly the issuer in the authority's metadata: with the Entra-specific checks if that is one of External ID,
    /// otherwise without them.
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

/// Whether a token with some `iss` belongs to this authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IssuerMatch {
    /// It does.
    Accepted,
    /// It does, if the metadata, which has not been read, has this issuer.
    Unknown,
    /// The issuer has the authority's form, but the tenant is not accepted.
    OtherTenant,
    /// It does not.
    Other,
}

/// The rules by which a token is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IssuerKind {
    /// The rules of Entra's access tokens.
    Entra,
    /// RFC 7519 and RFC 9068: claims have the meaning that other issuers give them.
    Foreign,
}

impl IssuerRule {
    /// Whether it is known before the metadata is read that the rules of Entra's access tokens apply.
    pub(crate) const fn is_entra(&self) -> bool {
        matches!(self, Self::Entra { .. })
    }

    /// Whether the tokens are those of a cloud of Entra or of External ID, and not of a test authority or another host,
    /// whose applications can have any names.
    pub(crate) const fn is_known_to_be_entra(&self) -> bool {
        match self {
            Self::Entra { authority, .. } => authority.is_entra(),
            Self::Exact(_) | Self::Discovered => false,
        }
    }

    /// Whether a token with this issuer belongs to this authority. `discovered` is the issuer in the authority's
    /// metadata, if the rule depends on it.
    pub(crate) fn matches(&self, iss: &str, discovered: Option<&str>) -> IssuerMatch {
        let exactly = |expected: &str| {
            if iss == expected {
                IssuerMatch::Accepted
            } else {
                IssuerMatch::Other
            }
        };
        match self {
            Self::Exact(expected) => exactly(expected),
            Self::Discovered => discovered.map_or(IssuerMatch::Unknown, exactly),
            Self::Entra {
                tenants,
                authority,
                only,
            } => {
                let is_accepted = |version: &Version| only.is_none_or(|only| only == *version);
                let segment = |version| authority.tenant_segment(iss, version);
                let versions = [Version::V2, Version::V1].into_iter().filter(is_accepted);
                match versions.filter_map(segment).find_map(guid::parse) {
                    None => IssuerMatch::Other,
                    Some(_) if *tenants == Tenants::OfDomain && discovered.is_none() => IssuerMatch::Unknown,
                    Some(tenant) => {
                        if tenants.accept(tenant, discovered.and_then(|issuer| authority.tenant(issuer))) {
                            IssuerMatch::Accepted
                        } else {
                            IssuerMatch::OtherTenant
                        }
                    }
                }
            }
        }
    }

    /// Whether some token would belong to both rules, with nothing in it to tell them apart.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(one), Self::Exact(other)) => one == other,
            // Of a host that is not in the table of clouds, whose issuers another entry writes out without the host.
            (Self::Exact(iss), rule @ Self::Entra { .. }) | (rule @ Self::Entra { .. }, Self::Exact(iss)) => {
                rule.matches(iss, None) == IssuerMatch::Accepted
            }
            (
                Self::Entra {
                    tenants,
                    authority,
                    only,
                },
                Self::Entra {
                    tenants: other_tenants,
                    authority: other_authority,
                    only: other_only,
                },
            ) => {
                let have_same_version = match (only, other_only) {
                    (Some(one), Some(other)) => one == other,
                    _ => true,
                };
                have_same_version && authority.has_issuers_of(other_authority) && tenants.overlap(other_tenants)
            }
            _ => false,
        }
    }

    /// The rules by which tokens are checked. An authority whose metadata has an issuer of External ID is External ID
    /// behind its own domain.
    pub(crate) fn kind(&self, discovered: Option<&str>) -> IssuerKind {
        match self {
            Self::Entra { .. } => IssuerKind::Entra,
            Self::Discovered if discovered.is_some_and(|issuer| external_id::tenant_segment(issuer).is_some()) => {
                IssuerKind::Entra
            }
            Self::Exact(_) | Self::Discovered => IssuerKind::Foreign,
        }
    }

    /// Whether v1 and v2 tokens have different key sets: if several tenants are accepted.
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
