//! What to do about an error: the setting, the request or the portal page to change.

use crate::error::{
    AudienceProblem, ClaimProblem, Error, IssuerProblem, KeyUnknown, PolicyProblem, TenantProblem, UseProblem,
};

impl Error {
    /// What to do about it, for the developer.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Config { option, .. } => format!("correct the option {option}; see docs/options.md"),
            Self::TokenMalformed(malformed) => malformed.to_string(),
            Self::TokenClaim {
                claim,
                problem: ClaimProblem::Contradictory,
            } => format!("the claim {claim} contradicts another claim; Entra does not issue such tokens"),
            Self::TokenClaim {
                claim,
                problem: ClaimProblem::IllTyped,
            } => {
                format!("the claim {claim} has the wrong type; Entra does not issue such tokens")
            }
            Self::KeysUnavailable { cause, retry_after } => {
                format!("{}; the next attempt is in {retry_after} s", cause.hint())
            }
            Self::TokenMissing => "send the header Authorization: Bearer <access token>".to_owned(),
            Self::TokenAlgorithm(_) => {
                "Entra signs with RS256; the option algorithms names others that are acceptable".to_owned()
            }
            Self::TokenKeyUnknown(unknown) => key(*unknown).to_owned(),
            Self::TokenSignature => {
                "the token was changed after it was signed, or is not from this tenant; send it exactly \
                                     as it was received"
                    .to_owned()
            }
            Self::TokenExpired { missing: false } => {
                "get a new token; if the token is fresh, compare the clocks (option clockTolerance, in seconds)"
                    .to_owned()
            }
            Self::TokenExpired { missing: true } => "the token has no exp claim; Entra's tokens have one".to_owned(),
            Self::TokenNotActive => {
                "compare the clocks of this host and of the token's issuer (option clockTolerance, in seconds)"
                    .to_owned()
            }
            Self::TokenAudience(AudienceProblem::Missing) => {
                "the token has no aud claim; Entra's tokens have one".to_owned()
            }
            Self::TokenAudience(AudienceProblem::NotAccepted) => {
                "the token is for another API: request the scope api://<client id of the API>/.default, \
                                    or set ENTRA_AUDIENCE (option audience) to what the token's aud claim says"
                    .to_owned()
            }
            Self::TokenIssuer(problem) => issuer(*problem).to_owned(),
            Self::TokenTenant(problem) => tenant(*problem).to_owned(),
            Self::TokenUse(problem) => token_use(*problem).to_owned(),
            Self::TokenGraph => "the token is for Microsoft Graph and only Graph can verify it: request the scope \
                                 api://<client id of the API>/.default"
                .to_owned(),
            Self::TokenPolicy(problem) => policy(*problem).to_owned(),
            Self::Clock => {
                "check the system clock, or the mock of Date in a test: Date.now() has to return milliseconds \
                            since 1970"
                    .to_owned()
            }
            Self::Internal => "this is a defect of entra-jwt-verify; please report it".to_owned(),
        }
    }
}

const fn key(unknown: KeyUnknown) -> &'static str {
    match unknown {
        KeyUnknown::NotNamed => {
            "the header has neither kid nor x5t: Entra's tokens have one of them, and of another issuer's there must be \
             exactly one key that fits the token's algorithm"
        }
        KeyUnknown::NotFound => {
            "the token was signed with a key that the tenant does not publish: another tenant or cloud, a key that is long \
             gone, or an application with custom signing keys, for which clientId must be the API's own application id"
        }
        KeyUnknown::Cooldown { .. } => {
            "the key may have been published just now: try again when the authority may be asked again (option keys.cooldown); \
             or the token is of another tenant or cloud"
        }
        KeyUnknown::Unfit => "the key that the token names is of another type than the token's algorithm",
        KeyUnknown::OtherCloud => "the key belongs to another cloud than authorityHost",
    }
}

const fn issuer(problem: IssuerProblem) -> &'static str {
    match problem {
        IssuerProblem::Missing => "the token has no iss claim; Entra's tokens have one",
        IssuerProblem::Version => "the claim ver must be 1.0 or 2.0; Entra does not issue such tokens",
        IssuerProblem::OtherVersion => {
            "the option issuer wants tokens of the other version; the API's manifest decides it (requestedAccessTokenVersion)"
        }
        IssuerProblem::Other => {
            "the token was issued by another tenant, another cloud or another service than tenantId, authorityHost or \
             authority say"
        }
        IssuerProblem::OfKey => "the key that signed the token is published for another issuer",
    }
}

const fn tenant(problem: TenantProblem) -> &'static str {
    match problem {
        TenantProblem::Missing => "the token has no tid claim; Entra's tokens have one",
        TenantProblem::NotAGuid => "the claim tid must be the tenant's id, a GUID; Entra does not issue such tokens",
        TenantProblem::Ambiguous => {
            "the claim tid is present in more than one spelling; Entra does not issue such tokens"
        }
        TenantProblem::Mismatch => "the claims tid and iss name different tenants; Entra does not issue such tokens",
        TenantProblem::NotAllowed => {
            "the token is from another tenant than tenantId (ENTRA_TENANT_ID) or allowedTenants say"
        }
    }
}

const fn token_use(problem: UseProblem) -> &'static str {
    match problem {
        UseProblem::Typ => "the header's typ names another kind of token; send the access token",
        UseProblem::NoClient => {
            "the token names no client (appid or azp), as id tokens do not: send the access token for this API, not the id \
             token"
        }
        UseProblem::Bound => {
            "the claim cnf binds the token to a key of the client's, so that it is no bearer token: get an ordinary access \
             token; for tokens that are bound to a TLS client certificate, set the option boundTokens to mtls"
        }
    }
}

const fn policy(problem: PolicyProblem) -> &'static str {
    match problem {
        PolicyProblem::Client => "the calling application is not one of allowedClients",
        PolicyProblem::Role => {
            "the caller has none of requiredRoles: assign one (API permissions, Add a permission, My APIs, Application \
             permissions) and grant admin consent; a token that was issued before does not have it"
        }
        PolicyProblem::Scope => {
            "the token has none of requiredScopes: request it in scope, and consent to it; app-only tokens never have one"
        }
    }
}
