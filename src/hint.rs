//! What to do about an error: the setting, the request or the portal page to change.

use crate::error::{
    AlgorithmProblem, AudienceProblem, ClaimProblem, Error, IssuerProblem, KeyUnknown, PolicyProblem, TenantProblem,
    UseProblem, subject,
};

impl Error {
    /// What to do about it, for the developer: first the action. An explanation knows the token, and says more.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Config {
                advice: Some(advice), ..
            } => format!("{advice}; see docs/options.md"),
            Self::Config { option, .. } => format!("correct the {}; see docs/options.md", subject(option)),
            Self::TokenMalformed(malformed) => format!(
                "send the access token exactly as the token endpoint returned it: {malformed} (`npx entra-jwt-verify explain` says \
                 what was sent)"
            ),
            Self::TokenClaim { claim, problem } => format!(
                "get the token from Entra, which does not issue such tokens: the claim {claim} {}",
                match problem {
                    ClaimProblem::Contradictory => "contradicts another claim",
                    ClaimProblem::IllTyped => "has the wrong type",
                }
            ),
            Self::KeysUnavailable { cause, .. } => cause.hint().into_owned(),
            Self::TokenMissing => "send the header Authorization: Bearer <access token>".to_owned(),
            Self::TokenAlgorithm(problem) => algorithm(*problem).to_owned(),
            Self::TokenKeyUnknown(unknown) => key(*unknown).to_owned(),
            Self::TokenSignature => {
                "send the token exactly as it was received: it was changed after it was signed, or is not from this tenant"
                    .to_owned()
            }
            Self::TokenExpired { missing: false } => {
                "get a new token before each use; if this one is fresh, compare the clocks of this host and of the authority"
                    .to_owned()
            }
            Self::TokenExpired { missing: true } => "get the token from Entra, whose tokens have exp".to_owned(),
            Self::TokenNotActive => {
                "compare the clocks of this host and of the token's issuer, and set this host's".to_owned()
            }
            Self::TokenAudience(AudienceProblem::Missing) => "get the token from Entra, whose tokens have aud".to_owned(),
            Self::TokenAudience(AudienceProblem::NotAccepted) => {
                "ask for the scope api://<client id of the API>/.default: the token is for another API; or, if its aud is this \
                 API's Application ID URI, add it to ENTRA_AUDIENCE (option audience)"
                    .to_owned()
            }
            Self::TokenIssuer(problem) => issuer(*problem).to_owned(),
            Self::TokenTenant(problem) => tenant(*problem).to_owned(),
            Self::TokenUse(problem) => token_use(*problem).to_owned(),
            Self::TokenGraph => "ask for the scope api://<client id of the API>/.default: the token is for Microsoft Graph, and \
                                 only Graph can verify it"
                .to_owned(),
            Self::TokenPolicy(problem) => policy(*problem).to_owned(),
            Self::Clock => {
                "check the system clock, or the mock of Date in a test: Date.now() has to return milliseconds \
                            since 1970"
                    .to_owned()
            }
            Self::Internal => "report this defect of entra-jwt-verify, with its cause".to_owned(),
        }
    }
}

const fn algorithm(problem: AlgorithmProblem) -> &'static str {
    match problem {
        AlgorithmProblem::Unsupported => {
            "get the token from Entra, which signs with RS256: a token that is signed with a shared secret (HS256), or not at \
             all, is never accepted"
        }
        AlgorithmProblem::NotAllowed => {
            "get the token from Entra, which signs with RS256; for another issuer that signs with ES256, PS256 or the like, set \
             the option algorithms"
        }
    }
}

const fn key(unknown: KeyUnknown) -> &'static str {
    match unknown {
        KeyUnknown::NotNamed => {
            "get the token from Entra, whose headers have kid or x5t; for another issuer without them, exactly one key must fit the \
             token's algorithm"
        }
        KeyUnknown::NotFound => {
            "get a new token from the configured authority: the token was signed with a key that it does not publish, \
             because of another tenant, cloud or issuer, or because the token is old; for an application with custom signing \
             keys, set ENTRA_CLIENT_ID (option clientId) to the API's own application id"
        }
        KeyUnknown::Cooldown { .. } => {
            "send the token again after the pause between fetches (option keys.cooldown): the key may have been published a \
             moment ago; or the token is of another tenant or cloud"
        }
        KeyUnknown::Unfit => "get the token from Entra: the key that it names is of another type than its algorithm",
        KeyUnknown::OtherCloud => {
            "set ENTRA_AUTHORITY_HOST (option authorityHost) to the cloud of the tenant, and the option issuer, if it is set, to an \
             issuer of that cloud: the key belongs to another one"
        }
    }
}

const fn issuer(problem: IssuerProblem) -> &'static str {
    match problem {
        IssuerProblem::Missing => "get the token from Entra, whose tokens have iss",
        IssuerProblem::Version => "get the token from Entra, whose tokens have ver 1.0 or 2.0",
        IssuerProblem::OtherVersion => {
            "leave the option issuer out to accept both versions of the tenant's tokens: it names the other one"
        }
        IssuerProblem::Other => {
            "get the token from the configured authority (tenantId, authorityHost, authority): another tenant, cloud or \
             service issued it"
        }
        IssuerProblem::OfKey => "get the token from the configured authority: its key is published for another issuer",
    }
}

const fn tenant(problem: TenantProblem) -> &'static str {
    match problem {
        TenantProblem::Missing => "get the token from Entra, whose tokens have tid",
        TenantProblem::NotAGuid => "get the token from Entra, whose tokens have the tenant's id, a GUID, in tid",
        TenantProblem::Ambiguous => "get the token from Entra, whose tokens have tid in one spelling",
        TenantProblem::Mismatch => "get the token from Entra, whose tokens name one tenant in tid and iss",
        TenantProblem::NotAllowed => {
            "get the token from the authority of the tenant that is configured, not from common; or, if its tenant is yours, set \
             ENTRA_TENANT_ID (option tenantId) to it, or add it to the option allowedTenants"
        }
    }
}

const fn token_use(problem: UseProblem) -> &'static str {
    match problem {
        UseProblem::Typ => "send the access token: the header's typ names another kind of token",
        UseProblem::NoClient => {
            "send the access token (access_token of the token response): this one names no client (appid or azp), like an id \
             token"
        }
        UseProblem::Bound => {
            "get an access token without proof of possession: the claim cnf binds this one to a key of the client, so it is \
             not a bearer token; for tokens that are bound to a TLS client certificate, set the option boundTokens to mtls"
        }
    }
}

const fn policy(problem: PolicyProblem) -> &'static str {
    match problem {
        PolicyProblem::Client => {
            "get the token with a client of allowedClients, or add the calling application's id (azp or appid) to that option"
        }
        PolicyProblem::Role => {
            "assign one of requiredRoles to the caller, and get a new token: to an application under API permissions of its \
             registration (Application permissions, then grant admin consent), to a user under Enterprise applications, the API, \
             Users and groups"
        }
        PolicyProblem::Scope => {
            "ask for one of requiredScopes, for a user who consents to it: app-only tokens never have a scope"
        }
    }
}
