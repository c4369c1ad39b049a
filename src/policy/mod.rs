//! What is acceptable: settings in, a [`Policy`] out that is valid by construction and never checked again.

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
pub(crate) use entra_issuer::{EntraIssuer, EntraService};
pub use guid::MICROSOFT_ACCOUNTS;
pub use issuer::Version;
pub(crate) use issuer::{IssuerKind, IssuerMatch, IssuerRule};
pub use tenants::AllowedTenants;
pub(crate) use tenants::{TenantName, Tenants};

use crate::algorithm::AlgorithmSet;
use crate::time::ClockTolerance;

/// Whether a text is the name of a user flow or custom policy: B2C has all of them begin so.
pub(crate) fn is_user_flow(text: &str) -> bool {
    const START: &str = "b2c_1";
    text.get(..START.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// A tenant's id.
pub type TenantId = Uuid;

/// What a token is checked against, apart from the keys and the time.
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
    /// Which issuers, and of which tenants.
    pub(crate) issuer: IssuerRule,
    /// The option `issuer`, where it was given.
    pub(crate) named_issuer: Option<String>,
    /// What the issuer was configured by; it says where the keys are.
    pub(crate) authority: TokenAuthority,
    /// Which audiences.
    pub(crate) audiences: AcceptedAudiences,
    /// The API's own application id, where it is configured.
    pub(crate) client_id: Option<String>,
    /// Which clients, roles and scopes.
    pub(crate) callers: Callers,
    /// Which algorithms.
    pub(crate) algorithms: AlgorithmSet,
    /// By how much `exp` and `nbf` may be missed.
    pub(crate) clock_tolerance: ClockTolerance,
    /// Bytes of the longest token that is parsed.
    pub(crate) max_token_length: usize,
    /// What becomes of tokens that are bound to a key.
    pub(crate) bound_tokens: BoundTokens,
}

/// What a route asks of its callers, in place of what the policy asks of all.
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

    /// Whether some token is certain to be for both policies to judge, with nothing in it to tell them apart.
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

    /// Whose tokens are accepted, as a URL: the authority that clients get them from.
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

    /// Whether the issuer is that of the metadata, whichever it is.
    pub(crate) fn has_discovered_issuer(&self) -> bool {
        self.issuer == IssuerRule::Discovered
    }

    /// Whether the issuer is that of metadata, and the authority was configured by this one as its URL.
    pub(crate) fn is_addressed_by(&self, iss: &str) -> bool {
        match &self.authority {
            TokenAuthority::Oidc(url) if self.has_discovered_issuer() => {
                url.as_str().trim_end_matches('/') == iss.trim_end_matches('/')
            }
            _ => false,
        }
    }

    /// The user flow of B2C that the authority names, whose tokens say so.
    pub(crate) fn user_flow(&self) -> Option<&str> {
        match &self.authority {
            TokenAuthority::Oidc(url) => url.path_segments()?.find(|segment| is_user_flow(segment)),
            TokenAuthority::Entra { .. } | TokenAuthority::IssuerOnly => None,
        }
    }

    /// The App ID URI, which a client of Entra's puts before the name of a scope. `None` where the tokens are not Entra's, or
    /// nothing says it.
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
