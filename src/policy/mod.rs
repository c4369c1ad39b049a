//! What is acceptable: options in, a [`Policy`] out that cannot be half right.

mod audience;
mod authority;
mod authority_host;
mod callers;
pub(crate) mod clouds;
pub(crate) mod guid;
mod issuer;
pub(crate) mod options;
mod tenants;

use uuid::Uuid;

pub use audience::AcceptedAudiences;
pub(crate) use authority::TokenAuthority;
pub use authority_host::AuthorityHost;
pub use callers::Callers;
pub use guid::MICROSOFT_ACCOUNTS;
pub use issuer::{IssuerRule, Version};
pub(crate) use tenants::TenantName;
pub use tenants::Tenants;

use crate::algorithm::AlgorithmSet;
use crate::time::ClockTolerance;

/// A tenant's id.
pub type TenantId = Uuid;

/// Everything that a token is judged by, besides the keys and the time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// Which issuers, and of which tenants.
    pub issuer: IssuerRule,
    /// For whom.
    pub audiences: AcceptedAudiences,
    /// From whom.
    pub callers: Callers,
    /// Signed how.
    pub algorithms: AlgorithmSet,
    /// By how much `exp` and `nbf` may be missed.
    pub clock_tolerance: ClockTolerance,
    /// Bytes of the longest token that is looked at.
    pub max_token_length: usize,
}
