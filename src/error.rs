//! Every way to fail: one enum, one stable code each.

use crate::token::Malformed;

/// Why something was refused.
///
/// [`Error::code`] is what programs look at. The text says what is wrong in the words that `jsonwebtoken`
/// has for it, since the classic contract repeats them in the body; [`Error::hint`] says what to do. Neither
/// holds the token, a key, a secret or the value of a claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option is missing or cannot be used.
    #[error("option {option}: {problem}")]
    Config {
        /// Name of the option.
        option: &'static str,
        /// What was given and what is accepted.
        problem: String,
    },
    /// No token at all.
    #[error("jwt must be provided")]
    TokenMissing,
    /// The text is no signed token.
    #[error("jwt malformed")]
    TokenMalformed(#[from] Malformed),
    /// `alg` is missing, `none`, symmetric, or not among `algorithms`.
    #[error("invalid algorithm")]
    TokenAlgorithm,
    /// The key that the token names is not among the keys of the issuer, or must not verify this token.
    #[error("signing key not found")]
    TokenKeyUnknown(KeyUnknown),
    /// The signature does not fit.
    #[error("invalid signature")]
    TokenSignature,
    /// `exp` has passed, or there is none.
    #[error("jwt expired")]
    TokenExpired {
        /// Whether `exp` is missing.
        missing: bool,
    },
    /// `nbf` has not come yet.
    #[error("jwt not active")]
    TokenNotActive,
    /// `aud` is missing or somebody else.
    #[error("jwt audience invalid")]
    TokenAudience,
    /// `iss` is missing, or not one that the policy expects.
    #[error("jwt issuer invalid")]
    TokenIssuer(IssuerProblem),
    /// `tid` is missing, no GUID, not the tenant of `iss`, or not allowed.
    #[error("jwt tenant invalid")]
    TokenTenant(TenantProblem),
    /// A claim has a type that it must not have.
    #[error("invalid {claim} value")]
    TokenClaim {
        /// Name of the claim.
        claim: &'static str,
    },
    /// Not an access token.
    #[error("jwt is not an access token")]
    TokenUse(UseProblem),
    /// A token for Microsoft Graph, which only Microsoft Graph can verify.
    #[error("jwt is for Microsoft Graph")]
    TokenGraph,
    /// A policy of the application is not met: its clients, roles or scopes.
    #[error("{}", match .0 {
        PolicyProblem::Client => "client not allowed",
        PolicyProblem::Role => "required role missing",
        PolicyProblem::Scope => "required scope missing",
    })]
    TokenPolicy(PolicyProblem),
    /// The signing keys cannot be had just now.
    #[error("signing keys unavailable: {cause}")]
    KeysUnavailable {
        /// What went wrong when they were fetched last; never a URL.
        cause: String,
        /// Seconds until the next attempt.
        retry_after: u32,
    },
    /// The current time that was given is not a time: missing, NaN, infinite or before 1970. No token is accepted.
    #[error("the clock of this process gives no usable time")]
    Clock,
    /// A defect of ours, contained.
    #[error("internal error")]
    Internal,
}

/// Why a token was not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The key is being fetched. Verify the token again when the fetch has ended.
    KeysPending,
    /// The token is not valid.
    Rejected(Error),
}

impl From<Error> for VerifyError {
    fn from(error: Error) -> Self {
        Self::Rejected(error)
    }
}

/// Why no key may verify a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyUnknown {
    /// The token names no key.
    NotNamed,
    /// No key of this name.
    NotFound,
    /// The key is of another type, curve or `alg` than the token's.
    Unfit,
    /// The key belongs to another cloud.
    OtherCloud,
}

/// What is wrong with an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerProblem {
    /// No `iss`.
    Missing,
    /// `ver` is neither `1.0` nor `2.0`, so no Entra issuer fits.
    Version,
    /// An issuer of the right tenant, for tokens of the other version.
    OtherVersion,
    /// Another issuer.
    Other,
    /// The key is published for tokens of another issuer.
    OfKey,
}

/// What is wrong with a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantProblem {
    /// There is no `tid`.
    Missing,
    /// `tid` is not a GUID.
    NotAGuid,
    /// `tid` in more than one spelling.
    Ambiguous,
    /// `tid` is not the tenant in `iss`.
    Mismatch,
    /// A tenant that is not allowed.
    NotAllowed,
}

/// What a caller lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyProblem {
    /// Not one of `allowedClients`.
    Client,
    /// None of `requiredRoles`.
    Role,
    /// None of `requiredScopes`.
    Scope,
}

/// Why a token is no access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UseProblem {
    /// `typ` is another kind of JWT.
    Typ,
    /// Neither `appid` nor `azp`: an id token.
    NoClient,
}

impl Error {
    /// The stable code, `ERR_…`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "ERR_CONFIG",
            Self::TokenMissing => "ERR_TOKEN_MISSING",
            Self::TokenMalformed(_) => "ERR_TOKEN_MALFORMED",
            Self::TokenAlgorithm => "ERR_TOKEN_ALGORITHM",
            Self::TokenKeyUnknown(_) => "ERR_TOKEN_KEY_UNKNOWN",
            Self::TokenSignature => "ERR_TOKEN_SIGNATURE",
            Self::TokenExpired { .. } => "ERR_TOKEN_EXPIRED",
            Self::TokenNotActive => "ERR_TOKEN_NOT_ACTIVE",
            Self::TokenAudience => "ERR_TOKEN_AUDIENCE",
            Self::TokenIssuer(_) => "ERR_TOKEN_ISSUER",
            Self::TokenTenant(_) => "ERR_TOKEN_TENANT",
            Self::TokenClaim { .. } => "ERR_TOKEN_CLAIM",
            Self::TokenUse(_) => "ERR_TOKEN_USE",
            Self::TokenGraph => "ERR_TOKEN_GRAPH",
            Self::TokenPolicy(_) => "ERR_TOKEN_POLICY",
            Self::KeysUnavailable { .. } => "ERR_KEYS_UNAVAILABLE",
            Self::Clock | Self::Internal => "ERR_INTERNAL",
        }
    }

    /// The claim that was refused, where it is one.
    #[must_use]
    pub const fn claim(&self) -> Option<&'static str> {
        match self {
            Self::TokenExpired { .. } => Some("exp"),
            Self::TokenNotActive => Some("nbf"),
            Self::TokenAudience => Some("aud"),
            Self::TokenIssuer(IssuerProblem::Version | IssuerProblem::OtherVersion) => Some("ver"),
            Self::TokenIssuer(_) => Some("iss"),
            Self::TokenTenant(_) => Some("tid"),
            Self::TokenClaim { claim } => Some(claim),
            Self::TokenUse(UseProblem::NoClient) | Self::TokenPolicy(PolicyProblem::Client) => Some("azp"),
            Self::TokenPolicy(PolicyProblem::Role) => Some("roles"),
            Self::TokenPolicy(PolicyProblem::Scope) => Some("scp"),
            _ => None,
        }
    }
}
