//! An issuer of Entra, recognised by its form.

use url::Url;

use super::clouds::{CLOUDS, Cloud};
use super::{Version, external_id};

/// A parsed issuer of Entra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntraIssuer<'i> {
    /// The cloud, or External ID.
    pub(crate) service: EntraService,
    /// The version of its tokens.
    pub(crate) version: Version,
    /// The tenant segment; not necessarily a GUID.
    pub(crate) tenant: &'i str,
}

/// A part of Entra with its own issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntraService {
    /// One of the clouds. The public and the US Government cloud have the same v1 issuers, which are read as the public
    /// cloud's.
    Cloud(&'static Cloud),
    /// External ID.
    ExternalId,
}

impl<'i> EntraIssuer<'i> {
    /// Parses an issuer; `None` if it is not Entra's.
    pub(crate) fn parse(issuer: &'i str) -> Option<Self> {
        if let Some(tenant) = external_id::tenant_segment(issuer) {
            return Some(Self {
                service: EntraService::ExternalId,
                version: Version::V2,
                tenant,
            });
        }
        CLOUDS
            .iter()
            .flat_map(|cloud| [Version::V1, Version::V2].map(|version| (cloud, version)))
            .find_map(|(cloud, version)| {
                let tenant = cloud.tenant_segment(issuer, version)?;
                Some(Self {
                    service: EntraService::Cloud(cloud),
                    version,
                    tenant,
                })
            })
    }
}

/// Whether a URL has a host of Entra, so that an issuer there can only have one of Entra's forms.
pub(crate) fn is_at_entra(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer) else { return false };
    let Some(host) = url.host_str() else { return false };
    let issues_v1 = |cloud: &Cloud| {
        cloud
            .issuer_prefix_v1
            .is_some_and(|prefix| prefix.trim_end_matches('/').strip_prefix("https://") == Some(host))
    };
    Cloud::of_host(host).is_some() || CLOUDS.iter().any(issues_v1) || external_id::tenant_of_host(&url).is_some()
}
