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
    /// The signing keys cannot be had just now.
    #[error("signing keys unavailable: {cause}")]
    KeysUnavailable {
        /// What went wrong when they were fetched last; never a URL.
        cause: String,
        /// Seconds until the next attempt.
        retry_after: u32,
    },
    /// A defect of ours, contained.
    #[error("internal error")]
    Internal,
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
}

/// What is wrong with an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerProblem {
    /// No `iss`.
    Missing,
    /// `ver` is neither `1.0` nor `2.0`, so no Entra issuer fits.
    Version,
    /// Another issuer.
    Other,
}

/// What is wrong with a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantProblem {
    /// No `tid`, or no GUID.
    NotAGuid,
    /// `tid` is not the tenant in `iss`.
    Mismatch,
    /// A tenant that is not allowed.
    NotAllowed,
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
            Self::KeysUnavailable { .. } => "ERR_KEYS_UNAVAILABLE",
            Self::Internal => "ERR_INTERNAL",
        }
    }

    /// The claim that was refused, where it is one.
    #[must_use]
    pub const fn claim(&self) -> Option<&'static str> {
        match self {
            Self::TokenExpired { .. } => Some("exp"),
            Self::TokenNotActive => Some("nbf"),
            Self::TokenAudience => Some("aud"),
            Self::TokenIssuer(IssuerProblem::Version) => Some("ver"),
            Self::TokenIssuer(_) => Some("iss"),
            Self::TokenTenant(_) => Some("tid"),
            Self::TokenClaim { claim } => Some(claim),
            Self::TokenUse(UseProblem::NoClient) => Some("azp"),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Config { option, .. } => return format!("correct the option {option}; README.md has the table of options"),
            Self::TokenMalformed(malformed) => return malformed.to_string(),
            Self::TokenClaim { claim } => {
                return format!("the claim {claim} has a type that RFC 7519 or Entra does not give it; the token was not made by Entra");
            }
            Self::KeysUnavailable { retry_after, .. } => {
                return format!("the next attempt is in {retry_after} s; check that this process can reach authorityHost, directly or through HTTPS_PROXY");
            }
            Self::TokenMissing => "send the header Authorization: Bearer <access token>",
            Self::TokenAlgorithm => "Entra signs with RS256; the option algorithms names others that are acceptable",
            Self::TokenKeyUnknown(KeyUnknown::NotNamed) => "the header has neither kid nor x5t; the token was not made by Entra",
            Self::TokenKeyUnknown(KeyUnknown::NotFound) => {
                "the token was signed with a key that the tenant does not publish: another tenant or cloud, a key that is long \
                 gone, or an application with custom signing keys, for which clientId must be the API's own application id"
            }
            Self::TokenKeyUnknown(KeyUnknown::Unfit) => "the key that the token names is not meant for the token's algorithm, issuer or cloud",
            Self::TokenSignature => "the token was changed after it was signed, or is not from this tenant; send it exactly as it was received",
            Self::TokenExpired { missing: false } => {
                "get a new token; if the token is fresh, compare the clocks (option clockTolerance, in seconds)"
            }
            Self::TokenExpired { missing: true } => "the token has no exp claim; Entra's tokens have one",
            Self::TokenNotActive => "compare the clocks of this host and of the token's issuer (option clockTolerance, in seconds)",
            Self::TokenAudience => {
                "the token is for another API: request the scope api://<client id of the API>/.default, or set AZURE_AUDIENCE \
                 (option audience) to what the token's aud claim says"
            }
            Self::TokenIssuer(IssuerProblem::Missing) => "the token has no iss claim; Entra's tokens have one",
            Self::TokenIssuer(IssuerProblem::Version) => "the claim ver must be 1.0 or 2.0; the token was not made by Entra",
            Self::TokenIssuer(IssuerProblem::Other) => {
                "the token was issued by another tenant, another cloud or another service than tenantId and authorityHost say"
            }
            Self::TokenTenant(TenantProblem::NotAGuid) => "the claim tid must be the tenant's id, a GUID; the token was not made by Entra",
            Self::TokenTenant(TenantProblem::Mismatch) => "the claims tid and iss name different tenants; the token was not made by Entra",
            Self::TokenTenant(TenantProblem::NotAllowed) => "the token is from another tenant than AZURE_TENANT_ID (option tenantId) says",
            Self::TokenUse(UseProblem::Typ) => "the header's typ names another kind of token; send the access token",
            Self::TokenUse(UseProblem::NoClient) => {
                "the token names no client (appid or azp), as id tokens do not: send the access token for this API, not the id token"
            }
            Self::TokenGraph => {
                "the token is for Microsoft Graph and only Graph can verify it: request the scope api://<client id of the API>/.default"
            }
            Self::Internal => "this is a defect of entra-jwt-verify; please report it",
        }
        .to_owned()
    }
}
