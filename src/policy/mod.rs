//! The configuration of a verifier: settings in, a [`Policy`] out, which is valid by construction and never checked
//! again.

mod audience;
mod authority;
mod authority_host;
mod bound_tokens;
mod builder;
mod callers;
pub(crate) mod clouds;
mod entra_issuer;
pub(crate) mod external_id;
pub(crate) mod guid;
mod issuer;
mod tenants;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use uuid::Uuid;

pub(crate) use audience::AcceptedAudiences;
pub(crate) use authority::TokenAuthority;
pub(crate) use authority_host::AuthorityHost;
pub use bound_tokens::BoundTokens;
pub use builder::PolicyBuilder;
pub(crate) use callers::Callers;
pub(crate) use entra_issuer::{EntraIssuer, EntraService, is_at_entra};
pub use guid::MICROSOFT_ACCOUNTS;
pub use issuer::Version;
pub(crate) use issuer::{IssuerKind, IssuerMatch, IssuerRule};
pub use tenants::AllowedTenants;
pub(crate) use tenants::{TenantName, Tenants};

use crate::algorithm::AlgorithmSet;
use crate::time::ClockTolerance;

/// Whether a text is the name of a user flow or custom policy of B2C, by its prefix.
pub(crate) fn is_user_flow(text: &str) -> bool {
    const START: &str = "b2c_1";
    text.get(..START.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// A tenant's id.
pub type TenantId = Uuid;

/// The configuration that a token is checked against. Keys and time are separate.
///
/// ```
/// use entra_jwt_verify::policy::Policy;
///
/// let policy = Policy::builder()
///     .tenant_id("7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11")
///     .client_id("4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e")
///     .required_roles(["Task.Read"])
///     .build()?;
/// # Ok::<(), entra_jwt_verify::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    /// Accepted issuers and tenants.
    pub(crate) issuer: IssuerRule,
    /// The option `issuer`, if it is set.
    pub(crate) named_issuer: Option<String>,
    /// The configured authority, which determines the location of the keys.
    pub(crate) authority: TokenAuthority,
    /// Accepted audiences.
    pub(crate) audiences: AcceptedAudiences,
    /// The API's own application id, if it is configured.
    pub(crate) client_id: Option<String>,
    /// Accepted clients, required roles and scopes.
    pub(crate) callers: Callers,
    /// Accepted algorithms.
    pub(crate) algorithms: AlgorithmSet,
    /// Clock skew allowed for `exp` and `nbf`.
    pub(crate) clock_tolerance: ClockTolerance,
    /// Bytes of the longest token that is parsed.
    pub(crate) max_token_length: usize,
    /// How to treat tokens that are bound to a key.
    pub(crate) bound_tokens: BoundTokens,
}

/// The requirement of a route, instead of those of the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// One of these clients.
    pub clients: Vec<String>,
    /// One of these roles.
    pub roles: Vec<String>,
    /// One of these scopes.
    pub scopes: Vec<String>,
}

impl Policy {
    /// The values that [`PolicyBuilder::max_token_length`] accepts, in bytes.
    pub const MAX_TOKEN_LENGTH: RangeInclusive<usize> = 256..=1_048_576;

    /// Starts a policy with the defaults.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::new()
    }

    /// Whether some token would belong to both policies, with nothing in it to tell them apart.
    pub(crate) fn is_confused_with(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (self.user_flow(), other.user_flow())
            && !one.eq_ignore_ascii_case(other)
        {
            return false;
        }
        self.issuer.overlaps(&other.issuer)
            || (self.issuer.needs_discovery()
                && self.issuer == other.issuer
                && self.authority.is_same(&other.authority))
    }

    /// The authority as a URL: clients get their tokens there.
    #[must_use]
    pub fn authority_url(&self) -> String {
        match (&self.issuer, &self.authority) {
            (IssuerRule::Entra { .. }, TokenAuthority::Entra { host, tenant }) => {
                host.url(&format!("{}/v2.0", tenant.segment()), None).into()
            }
            (_, TokenAuthority::Oidc(url)) => url.as_str().to_owned(),
            _ => self.named_issuer.clone().unwrap_or_default(),
        }
    }

    /// Whether the accepted issuer is the one in the metadata.
    pub(crate) fn has_discovered_issuer(&self) -> bool {
        self.issuer == IssuerRule::Discovered
    }

    /// Whether the accepted issuer is the one in the metadata, and this text was configured as the authority.
    pub(crate) fn is_addressed_by(&self, iss: &str) -> bool {
        match &self.authority {
            TokenAuthority::Oidc(url) if self.has_discovered_issuer() => {
                url.as_str().trim_end_matches('/') == iss.trim_end_matches('/')
            }
            _ => false,
        }
    }

    /// The B2C user flow in the authority, which its tokens name too.
    pub(crate) fn user_flow(&self) -> Option<&str> {
        match &self.authority {
            TokenAuthority::Oidc(url) => url.path_segments()?.find(|segment| is_user_flow(segment)),
            TokenAuthority::Entra { .. } | TokenAuthority::IssuerOnly => None,
        }
    }

    /// The App ID URI, with which clients of Entra prefix a scope. `None` if the tokens are not Entra's, or it is
    /// unknown.
    #[must_use]
    pub fn app_id_uri(&self) -> Option<String> {
        if !self.issuer.is_entra() {
            return None;
        }
        let audiences: Vec<_> = self.audiences.texts().collect();
        let uri = audiences
            .iter()
            .find(|audience| audience.contains("://"))
            .map(ToString::to_string);
        let is_id = |audience: &&Cow<'_, str>| guid::parse(audience).is_some();
        let id = || audiences.iter().find(is_id).map(|id| format!("api://{id}"));
        uri.or_else(|| self.client_id.as_ref().map(|id| format!("api://{id}")))
            .or_else(id)
    }

    /// The API's own id for requests of keys and metadata (`?appid=`), if it is a GUID. Anything else could be a secret set by
    /// mistake, and is never sent.
    pub(crate) fn app_id(&self) -> Option<&str> {
        self.client_id.as_deref().filter(|id| guid::parse(id).is_some())
    }

    /// The same policy, with other callers.
    pub(crate) fn requiring(&self, Requirement { clients, roles, scopes }: Requirement) -> Self {
        let callers = Callers { clients, roles, scopes };
        Self {
            callers,
            ..self.clone()
        }
    }

    /// Bytes of the longest token that is parsed.
    #[must_use]
    pub const fn max_token_length(&self) -> usize {
        self.max_token_length
    }
}
