//! What is acceptable: settings in, a [`Policy`] out that is valid by construction and never checked again.

mod audience;
mod authority;
mod authority_host;
mod builder;
mod callers;
pub(crate) mod clouds;
pub(crate) mod guid;
mod issuer;
mod tenants;

use std::ops::RangeInclusive;

use uuid::Uuid;

pub(crate) use audience::AcceptedAudiences;
pub(crate) use authority::TokenAuthority;
pub(crate) use authority_host::AuthorityHost;
pub use builder::PolicyBuilder;
pub(crate) use callers::Callers;
pub use guid::MICROSOFT_ACCOUNTS;
pub(crate) use issuer::IssuerRule;
pub use issuer::Version;
pub use tenants::AllowedTenants;
pub(crate) use tenants::{TenantName, Tenants};

use crate::algorithm::AlgorithmSet;
use crate::time::ClockTolerance;

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
}

impl Policy {
    /// The values that [`PolicyBuilder::max_token_length`] accepts, in bytes.
    pub const MAX_TOKEN_LENGTH: RangeInclusive<usize> = 256..=1_048_576;

    /// Starts a policy with the defaults.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::new()
    }

    /// Bytes of the longest token that is parsed.
    #[must_use]
    pub const fn max_token_length(&self) -> usize {
        self.max_token_length
    }
}
