//! Every way to fail: one enum, with a stable code and reason for each case.

use crate::keys::FetchCause;
use crate::secret;
use crate::token::Malformed;

/// Why something was rejected.
///
/// Programs look at [`Error::code`] and, where one code stands for several cases, at [`Error::reason`]. The message is
/// for people: it has the words that `jsonwebtoken` uses for the case, because the classic responses of the npm package
/// repeat them; [`Error::hint`] says what to do. None of them holds the token, a key, a secret or the value of a claim.
///
/// | variant | code | reasons |
/// |---|---|---|
/// | [`Config`](Self::Config) | `ERR_CONFIG` | – |
/// | [`TokenMissing`](Self::TokenMissing) | `ERR_TOKEN_MISSING` | – |
/// | [`TokenMalformed`](Self::TokenMalformed) | `ERR_TOKEN_MALFORMED` | `too-long`, `not-ascii`, `segments`, `encrypted`, `base64url`, `utf-8`, `json`, `duplicate-member`, `too-deep`, `critical-header`, `unencoded-payload`, `encryption-header`, `key-reference` |
/// | [`TokenAlgorithm`](Self::TokenAlgorithm) | `ERR_TOKEN_ALGORITHM` | `unsupported`, `not-allowed` |
/// | [`TokenKeyUnknown`](Self::TokenKeyUnknown) | `ERR_TOKEN_KEY_UNKNOWN` | `missing`, `unknown-key`, `cooldown`, `unfit-key`, `wrong-cloud` |
/// | [`TokenSignature`](Self::TokenSignature) | `ERR_TOKEN_SIGNATURE` | – |
/// | [`TokenExpired`](Self::TokenExpired) | `ERR_TOKEN_EXPIRED` | `missing`, `expired` |
/// | [`TokenNotActive`](Self::TokenNotActive) | `ERR_TOKEN_NOT_ACTIVE` | – |
/// | [`TokenAudience`](Self::TokenAudience) | `ERR_TOKEN_AUDIENCE` | `missing`, `not-accepted` |
/// | [`TokenIssuer`](Self::TokenIssuer) | `ERR_TOKEN_ISSUER` | `missing`, `unknown-version`, `other-version`, `mismatch`, `wrong-key` |
/// | [`TokenTenant`](Self::TokenTenant) | `ERR_TOKEN_TENANT` | `missing`, `not-a-guid`, `ambiguous`, `mismatch`, `not-allowed` |
/// | [`TokenClaim`](Self::TokenClaim) | `ERR_TOKEN_CLAIM` | `ill-typed`, `contradictory` |
/// | [`TokenUse`](Self::TokenUse) | `ERR_TOKEN_USE` | `wrong-type`, `no-client`, `bound` |
/// | [`TokenGraph`](Self::TokenGraph) | `ERR_TOKEN_GRAPH` | – |
/// | [`TokenPolicy`](Self::TokenPolicy) | `ERR_TOKEN_POLICY` | `client`, `role`, `scope` |
/// | [`KeysUnavailable`](Self::KeysUnavailable) | `ERR_KEYS_UNAVAILABLE` | `name`, `connection-refused`, `connection-closed`, `unreachable`, `not-permitted`, `connect-timeout`, `timeout`, `no-roots`, `not-http`, `http2-only`, `redirect`, `throttled`, `server-error`, `http-status`, `compressed`, `html`, `too-large`, `not-json`, `not-a-key-set`, `too-many-keys`, `no-usable-key`, `not-metadata`, `issuer`, `jwks-uri`, `other-tenant`, `setup`, `stopped`, `not-given`, `proxy-name`, `proxy-connection-refused`, `proxy-unreachable`, `proxy-timeout`, `proxy-closed`, `proxy-not-http`, `proxy-unsupported-scheme`, `proxy-credentials-missing`, `proxy-credentials-rejected`, `proxy-refused`, `proxy-cannot-connect`, `proxy-status`, `proxy`, `tls-unknown-issuer`, `tls-expired`, `tls-not-valid-yet`, `tls-other-name`, `tls-no-name`, `tls-unsupported-algorithm`, `tls-bad-signature`, `tls-certificate-authority`, `tls-certificate-version`, `tls-certificate`, `tls-nothing-in-common`, `tls-refused`, `not-tls`, `tls` |
/// | [`Clock`](Self::Clock) | `ERR_INTERNAL` | `clock` |
/// | [`Internal`](Self::Internal) | `ERR_INTERNAL` | `defect` |
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `ERR_CONFIG`: an option is missing or invalid.
    #[error("{}: {problem}", subject(option))]
    Config {
        /// Name of the option, as the npm package has it; `options` for all of them.
        option: &'static str,
        /// What was expected, and what was given.
        problem: String,
        /// What to do, where it is more than to correct the option.
        advice: Option<String>,
    },
    /// `ERR_TOKEN_MISSING`: the token is empty.
    #[error("jwt must be provided")]
    TokenMissing,
    /// `ERR_TOKEN_MALFORMED`: the text is not a signed JWT.
    #[error("jwt malformed")]
    TokenMalformed(#[from] Malformed),
    /// `ERR_TOKEN_ALGORITHM`: `alg` is missing, `none`, symmetric, or not among `algorithms`.
    #[error("invalid algorithm")]
    TokenAlgorithm(AlgorithmProblem),
    /// `ERR_TOKEN_KEY_UNKNOWN`: no signing key with the token's `kid`, or the key may not verify this token.
    #[error("signing key not found")]
    TokenKeyUnknown(KeyUnknown),
    /// `ERR_TOKEN_SIGNATURE`: the signature is invalid.
    #[error("invalid signature")]
    TokenSignature,
    /// `ERR_TOKEN_EXPIRED`: `exp` has been reached, or is missing.
    #[error("jwt expired")]
    TokenExpired {
        /// Whether `exp` is missing.
        missing: bool,
    },
    /// `ERR_TOKEN_NOT_ACTIVE`: `nbf` is in the future.
    #[error("jwt not active")]
    TokenNotActive,
    /// `ERR_TOKEN_AUDIENCE`: `aud` is missing or not accepted.
    #[error("jwt audience invalid")]
    TokenAudience(AudienceProblem),
    /// `ERR_TOKEN_ISSUER`: `iss` is missing or not accepted.
    #[error("jwt issuer invalid")]
    TokenIssuer(IssuerProblem),
    /// `ERR_TOKEN_TENANT`: `tid` is missing, not a GUID, not the tenant in `iss`, or not allowed.
    #[error("jwt tenant invalid")]
    TokenTenant(TenantProblem),
    /// `ERR_TOKEN_CLAIM`: a claim has the wrong type, or contradicts another.
    #[error("invalid {claim} value")]
    TokenClaim {
        /// Name of the claim.
        claim: &'static str,
        /// What is wrong with it.
        problem: ClaimProblem,
    },
    /// `ERR_TOKEN_USE`: not an access token, or bound to a key.
    #[error("{}", match .0 {
        UseProblem::Typ | UseProblem::NoClient => "jwt is not an access token",
        UseProblem::Bound => "jwt is bound to a key",
    })]
    TokenUse(UseProblem),
    /// `ERR_TOKEN_GRAPH`: a token for Microsoft Graph, which only Microsoft Graph can verify.
    #[error("jwt is for Microsoft Graph")]
    TokenGraph,
    /// `ERR_TOKEN_POLICY`: client, role or scope not allowed.
    #[error("{}", match .0 {
        PolicyProblem::Client => "client not allowed",
        PolicyProblem::Role => "required role missing",
        PolicyProblem::Scope => "required scope missing",
    })]
    TokenPolicy(PolicyProblem),
    /// `ERR_KEYS_UNAVAILABLE`: there are no signing keys to verify the token with, and the last fetch failed.
    #[error("signing keys unavailable: {cause}")]
    KeysUnavailable {
        /// Why the last fetch failed.
        cause: FetchCause,
        /// Seconds until the next attempt, at least 1.
        retry_after: u32,
    },
    /// `ERR_INTERNAL`: the current time that was given is missing, NaN, infinite or before 1970.
    #[error("the clock of this process gives no usable time")]
    Clock,
    /// `ERR_INTERNAL`: a defect of this library, contained.
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

/// What is wrong with `alg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlgorithmProblem {
    /// Missing, `none`, symmetric or unknown: not one of [`Algorithm`](crate::Algorithm).
    Unsupported,
    /// Not among the policy's algorithms.
    NotAllowed,
}

/// Why no key may verify a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyUnknown {
    /// The header has neither `kid` nor `x5t`.
    NotNamed,
    /// The authority publishes no key with this `kid`.
    NotFound,
    /// There is no key of this name, and the authority may not be asked yet (`keys.cooldown`).
    Cooldown {
        /// Seconds until it may, at least 1.
        retry_after: u32,
    },
    /// The key with this `kid` has a different type, curve or `alg` than the token.
    Unfit,
    /// The key belongs to another cloud.
    OtherCloud,
}

/// What is wrong with `aud`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudienceProblem {
    /// There is no `aud`.
    Missing,
    /// None of the token's audiences is accepted.
    NotAccepted,
}

/// What is wrong with `iss`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerProblem {
    /// There is no `iss`.
    Missing,
    /// `ver` is neither `1.0` nor `2.0`, so no issuer of Entra matches.
    Version,
    /// The token has the version that the option `issuer` does not accept.
    OtherVersion,
    /// An issuer that is not accepted.
    Other,
    /// The key is published for tokens of another issuer.
    OfKey,
}

/// What is wrong with `tid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantProblem {
    /// There is no `tid`.
    Missing,
    /// `tid` is not a GUID.
    NotAGuid,
    /// `tid` is present in more than one spelling.
    Ambiguous,
    /// `tid` is not the tenant in `iss`.
    Mismatch,
    /// The tenant is not allowed.
    NotAllowed,
}

/// What is wrong with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimProblem {
    /// It has a type that it must not have.
    IllTyped,
    /// It contradicts another claim.
    Contradictory,
}

/// Why a token is not an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UseProblem {
    /// `typ` is that of another kind of JWT.
    Typ,
    /// Neither `appid` nor `azp` is present, as in id tokens.
    NoClient,
    /// `cnf` binds the token to a key.
    Bound,
}

/// What the caller lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyProblem {
    /// The client is not one of `allowedClients`.
    Client,
    /// The token has none of `requiredRoles`.
    Role,
    /// The token has none of `requiredScopes`.
    Scope,
}

impl Error {
    /// An error about an option.
    pub(crate) fn config(option: &'static str, problem: impl Into<String>) -> Self {
        Self::Config {
            option,
            problem: problem.into(),
            advice: None,
        }
    }

    /// The same error, with what to do.
    pub(crate) fn with_advice(self, text: impl Into<String>) -> Self {
        match self {
            Self::Config { option, problem, .. } => Self::Config {
                option,
                problem,
                advice: Some(text.into()),
            },
            other => other,
        }
    }

    /// An error about an option that repeats the text that was given. Not for options that may hold a secret.
    pub(crate) fn config_text(option: &'static str, given: &str, expected: &str) -> Self {
        Self::config(option, format!("expected {expected}, got {}", quoted(given)))
    }

    /// The stable code, `ERR_…`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "ERR_CONFIG",
            Self::TokenMissing => "ERR_TOKEN_MISSING",
            Self::TokenMalformed(_) => "ERR_TOKEN_MALFORMED",
            Self::TokenAlgorithm(_) => "ERR_TOKEN_ALGORITHM",
            Self::TokenKeyUnknown(_) => "ERR_TOKEN_KEY_UNKNOWN",
            Self::TokenSignature => "ERR_TOKEN_SIGNATURE",
            Self::TokenExpired { .. } => "ERR_TOKEN_EXPIRED",
            Self::TokenNotActive => "ERR_TOKEN_NOT_ACTIVE",
            Self::TokenAudience(_) => "ERR_TOKEN_AUDIENCE",
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

    /// Which of several cases that share a [code](Self::code) this is; `None` where the code has only one. Stable, and
    /// unique within its code; the table on [`Error`] lists all.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Config { .. }
            | Self::TokenMissing
            | Self::TokenSignature
            | Self::TokenNotActive
            | Self::TokenGraph => return None,
            Self::TokenMalformed(malformed) => match malformed {
                Malformed::TooLong { .. } => "too-long",
                Malformed::NotAscii => "not-ascii",
                Malformed::Segments { .. } => "segments",
                Malformed::Encrypted => "encrypted",
                Malformed::Base64(_) | Malformed::Empty(_) => "base64url",
                Malformed::Utf8(_) => "utf-8",
                Malformed::Json(_) => "json",
                Malformed::DuplicateMember(_) => "duplicate-member",
                Malformed::TooDeep { .. } => "too-deep",
                Malformed::Critical => "critical-header",
                Malformed::UnencodedPayload => "unencoded-payload",
                Malformed::EncryptionMember => "encryption-header",
                Malformed::KeyReference => "key-reference",
            },
            Self::TokenAlgorithm(problem) => match problem {
                AlgorithmProblem::Unsupported => "unsupported",
                AlgorithmProblem::NotAllowed => "not-allowed",
            },
            Self::TokenKeyUnknown(unknown) => match unknown {
                KeyUnknown::NotNamed => "missing",
                KeyUnknown::NotFound => "unknown-key",
                KeyUnknown::Cooldown { .. } => "cooldown",
                KeyUnknown::Unfit => "unfit-key",
                KeyUnknown::OtherCloud => "wrong-cloud",
            },
            Self::TokenExpired { missing: true } => "missing",
            Self::TokenExpired { missing: false } => "expired",
            Self::TokenAudience(problem) => match problem {
                AudienceProblem::Missing => "missing",
                AudienceProblem::NotAccepted => "not-accepted",
            },
            Self::TokenIssuer(problem) => match problem {
                IssuerProblem::Missing => "missing",
                IssuerProblem::Version => "unknown-version",
                IssuerProblem::OtherVersion => "other-version",
                IssuerProblem::Other => "mismatch",
                IssuerProblem::OfKey => "wrong-key",
            },
            Self::TokenTenant(problem) => match problem {
                TenantProblem::Missing => "missing",
                TenantProblem::NotAGuid => "not-a-guid",
                TenantProblem::Ambiguous => "ambiguous",
                TenantProblem::Mismatch => "mismatch",
                TenantProblem::NotAllowed => "not-allowed",
            },
            Self::TokenClaim { problem, .. } => match problem {
                ClaimProblem::IllTyped => "ill-typed",
                ClaimProblem::Contradictory => "contradictory",
            },
            Self::TokenUse(problem) => match problem {
                UseProblem::Typ => "wrong-type",
                UseProblem::NoClient => "no-client",
                UseProblem::Bound => "bound",
            },
            Self::TokenPolicy(problem) => match problem {
                PolicyProblem::Client => "client",
                PolicyProblem::Role => "role",
                PolicyProblem::Scope => "scope",
            },
            Self::KeysUnavailable { cause, .. } => cause.reason(),
            Self::Clock => "clock",
            Self::Internal => "defect",
        })
    }

    /// Seconds after which the same token may be verified, where only a key is missing that may come.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::KeysUnavailable { retry_after, .. } | Self::TokenKeyUnknown(KeyUnknown::Cooldown { retry_after }) => {
                Some(*retry_after)
            }
            _ => None,
        }
    }

    /// The claim that was rejected, where it is one.
    #[must_use]
    pub const fn claim(&self) -> Option<&'static str> {
        match self {
            Self::TokenExpired { .. } => Some("exp"),
            Self::TokenNotActive => Some("nbf"),
            Self::TokenAudience(_) => Some("aud"),
            Self::TokenIssuer(IssuerProblem::Version | IssuerProblem::OtherVersion) => Some("ver"),
            Self::TokenIssuer(IssuerProblem::Missing | IssuerProblem::Other | IssuerProblem::OfKey) => Some("iss"),
            Self::TokenTenant(_) => Some("tid"),
            Self::TokenClaim { claim, .. } => Some(claim),
            Self::TokenUse(UseProblem::NoClient) | Self::TokenPolicy(PolicyProblem::Client) => Some("azp"),
            Self::TokenUse(UseProblem::Bound) => Some("cnf"),
            Self::TokenPolicy(PolicyProblem::Role) => Some("roles"),
            Self::TokenPolicy(PolicyProblem::Scope) => Some("scp"),
            Self::Config { .. }
            | Self::TokenMissing
            | Self::TokenMalformed(_)
            | Self::TokenAlgorithm(_)
            | Self::TokenKeyUnknown(_)
            | Self::TokenSignature
            | Self::TokenUse(UseProblem::Typ)
            | Self::TokenGraph
            | Self::KeysUnavailable { .. }
            | Self::Clock
            | Self::Internal => None,
        }
    }
}

/// What an error about options is about.
pub(crate) fn subject(option: &str) -> String {
    match option {
        "options" => option.to_owned(),
        one => format!("option {one}"),
    }
}

/// Text in quotes, short enough for one line of a log. What looks like a secret is cut.
pub(crate) fn quoted(text: &str) -> String {
    const MAX: usize = 60;
    if let Some(cut) = secret::cut(text) {
        return format!("what looks like a secret ({cut})");
    }
    let short: String = text.chars().take(MAX).collect();
    format!("{short:?}{}", if short.len() < text.len() { "…" } else { "" })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::token::Segment;

    #[test]
    fn all_options_are_not_an_option() {
        for (option, message, hint) in [
            ("ca", "option ca: wrong", "correct the option ca; see"),
            ("options", "options: wrong", "correct the options; see"),
        ] {
            let error = Error::config(option, "wrong");
            assert_eq!(error.to_string(), message);
            assert!(error.hint().starts_with(hint), "{}", error.hint());
        }
    }

    /// One error of each case, in the order of the enum.
    fn every_case() -> Vec<Error> {
        let malformed = [
            Malformed::TooLong { limit: 1 },
            Malformed::NotAscii,
            Malformed::Segments { found: 1 },
            Malformed::Encrypted,
            Malformed::Base64(Segment::Header),
            Malformed::Utf8(Segment::Header),
            Malformed::Json(Segment::Header),
            Malformed::DuplicateMember(Segment::Header),
            Malformed::TooDeep {
                segment: Segment::Header,
                limit: 1,
            },
            Malformed::Critical,
            Malformed::UnencodedPayload,
            Malformed::EncryptionMember,
            Malformed::KeyReference,
        ];
        let mut cases = vec![
            Error::Config {
                option: "tenantId",
                problem: String::new(),
                advice: None,
            },
            Error::TokenMissing,
        ];
        cases.extend(malformed.map(Error::TokenMalformed));
        cases.extend([AlgorithmProblem::Unsupported, AlgorithmProblem::NotAllowed].map(Error::TokenAlgorithm));
        cases.extend(
            [
                KeyUnknown::NotNamed,
                KeyUnknown::NotFound,
                KeyUnknown::Cooldown { retry_after: 1 },
                KeyUnknown::Unfit,
                KeyUnknown::OtherCloud,
            ]
            .map(Error::TokenKeyUnknown),
        );
        cases.push(Error::TokenSignature);
        cases.extend([true, false].map(|missing| Error::TokenExpired { missing }));
        cases.push(Error::TokenNotActive);
        cases.extend([AudienceProblem::Missing, AudienceProblem::NotAccepted].map(Error::TokenAudience));
        cases.extend(
            [
                IssuerProblem::Missing,
                IssuerProblem::Version,
                IssuerProblem::OtherVersion,
                IssuerProblem::Other,
                IssuerProblem::OfKey,
            ]
            .map(Error::TokenIssuer),
        );
        cases.extend(
            [
                TenantProblem::Missing,
                TenantProblem::NotAGuid,
                TenantProblem::Ambiguous,
                TenantProblem::Mismatch,
                TenantProblem::NotAllowed,
            ]
            .map(Error::TokenTenant),
        );
        cases.extend(
            [ClaimProblem::IllTyped, ClaimProblem::Contradictory]
                .map(|problem| Error::TokenClaim { claim: "scp", problem }),
        );
        cases.extend([UseProblem::Typ, UseProblem::NoClient, UseProblem::Bound].map(Error::TokenUse));
        cases.push(Error::TokenGraph);
        cases.extend([PolicyProblem::Client, PolicyProblem::Role, PolicyProblem::Scope].map(Error::TokenPolicy));
        cases.extend(
            FetchCause::every()
                .into_iter()
                .map(|cause| Error::KeysUnavailable { cause, retry_after: 1 }),
        );
        cases.extend([Error::Clock, Error::Internal]);
        cases
    }

    /// The reasons of each code, in the order of the enum.
    fn reasons() -> BTreeMap<&'static str, Vec<Option<&'static str>>> {
        let mut reasons: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for error in every_case() {
            reasons.entry(error.code()).or_default().push(error.reason());
        }
        reasons
    }

    #[test]
    fn a_code_with_several_cases_has_a_distinct_reason_for_each() {
        for (code, reasons) in reasons() {
            if let [only] = reasons.as_slice() {
                assert_eq!(*only, None, "{code} has one case");
                continue;
            }
            for (index, reason) in reasons.iter().enumerate() {
                let reason = reason.unwrap_or_else(|| panic!("{code} has several cases, and one has no reason"));
                assert!(!reasons[..index].contains(&Some(reason)), "{code} {reason}");
                assert!(
                    reason
                        .bytes()
                        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                    "{reason} is not in kebab-case"
                );
            }
        }
    }

    #[test]
    fn the_table_in_the_documentation_lists_every_code_and_reason() {
        let source = include_str!("error.rs");
        let mut documented: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
        for row in source.lines().filter(|line| line.starts_with("/// | [`")) {
            let cells: Vec<&str> = row.split(" | ").collect();
            let [_, _, code, reasons] = cells.as_slice() else {
                panic!("{row}")
            };
            let quoted = |text: &'static str| text.split('`').skip(1).step_by(2);
            let code = quoted(code).next().unwrap_or_default();
            let reasons: Vec<_> = quoted(reasons).map(Some).collect();
            let documented = documented.entry(code).or_default();
            documented.extend(if reasons.is_empty() { vec![None] } else { reasons });
        }
        assert_eq!(documented, reasons());
    }

    #[test]
    fn every_case_has_a_message_and_only_config_and_the_cause_are_text_from_outside() {
        for error in every_case() {
            assert!(!error.to_string().is_empty() && !error.hint().is_empty(), "{error:?}");
        }
    }
}
