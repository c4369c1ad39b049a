//! Tokens that have expired, or are not valid yet.

use super::advice::Advice;
use super::caller::Caller;
use super::{Facts, Finding, FindingName, date};
use crate::explain::clock::clock_hint;
use crate::explain::report::CheckName;
use crate::time::ClockTolerance;
use crate::token::Claims;

const CHECKS: &[CheckName] = &[CheckName::Expiry, CheckName::NotBefore];

/// 2100-01-01 in seconds: a time after that is one in milliseconds.
const LATEST: f64 = 4_102_444_800.0;

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    milliseconds(facts, claims)
        .or_else(|| clock(facts, claims))
        .or_else(|| moment(facts, claims))
        .or_else(|| long(facts, claims))
}

/// By how many seconds the token is expired, where it is.
fn expired_by(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<f64> {
    facts.failure(CheckName::Expiry)?;
    Some(facts.question.now.as_secs_f64() - claims.exp.present()?.as_secs_f64())
}

/// In how many seconds the token will be valid, where it is not.
fn early_by(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<f64> {
    facts.failure(CheckName::NotBefore)?;
    Some(claims.nbf.present()?.as_secs_f64() - facts.question.now.as_secs_f64())
}

/// Times from `Date.now()`, which is in milliseconds.
fn milliseconds(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    early_by(facts, claims)?;
    let nbf = claims.nbf.present()?.as_secs_f64();
    (nbf > LATEST && nbf < LATEST * 1000.0).then(|| {
        Finding::new(
            FindingName::Milliseconds,
            CHECKS,
            "a token whose times are in milliseconds: Entra writes seconds, so it was made by somebody else, or by a test",
            "write exp, nbf and iat in seconds since 1970: Math.floor(Date.now() / 1000)",
        )
    })
}

/// By the authority's clock the token is valid: this host's is wrong.
fn clock(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let ahead = facts.question.clock_ahead?;
    let by = if let Some(by) = expired_by(facts, claims) {
        (by < ahead).then_some(by)?
    } else {
        let by = early_by(facts, claims)?;
        (by <= -ahead).then_some(by)?
    };
    let said = clock_hint(ahead);
    Some(Finding::new(
        FindingName::ClockSkew,
        CHECKS,
        format!(
            "a token that is valid by the authority's clock, and not by this host's, by {}",
            date::span(by)
        ),
        said,
    ))
}

/// Clocks that are not synchronised differ by that much. The hints are also read without the message.
fn moment(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let is_small = |seconds: &f64| (0.0..=ClockTolerance::MAX.as_secs_f64()).contains(seconds);
    let (message, hint) = match (
        expired_by(facts, claims).filter(is_small),
        early_by(facts, claims).filter(is_small),
    ) {
        (Some(by), _) => (
            format!("a token that expired a moment ago, by {}", date::span(by)),
            format!(
                "get a new token; if this one was just issued, correct this host's clock ({COMPARED}){}",
                tolerance(by)
            ),
        ),
        (None, Some(by)) => (
            format!("a token that becomes valid in {}", date::span(by.ceil())),
            format!(
                "if the token was just issued, correct this host's clock, which is probably slow ({COMPARED}){}; otherwise send the \
                 token again in {}",
                tolerance(by),
                date::span(by.ceil())
            ),
        ),
        (None, None) => return None,
    };
    Some(Finding::new(
        FindingName::ClockSkew,
        CHECKS,
        format!("{message}: it may be the clock"),
        hint,
    ))
}

const COMPARED: &str = "`npx entra-jwt-verify doctor` compares it with the authority's";

/// The tolerance that would do, where one may be that large. A token is expired at `exp` itself.
fn tolerance(by: f64) -> String {
    let seconds = by.floor() + 1.0;
    if seconds > ClockTolerance::MAX.as_secs_f64() {
        return String::new();
    }
    format!(", or set the option clockTolerance to {seconds}")
}

/// Longer than any tolerance: a new token is needed, or the clock is far off.
fn long(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    if let Some(by) = expired_by(facts, claims) {
        return Some(Finding::new(
            FindingName::ExpiredToken,
            CHECKS,
            format!("a token that expired {} ago", date::span(by)),
            match facts.caller() {
                Caller::AzureCli | Caller::AzurePowerShell => format!("get a new token: {}", Advice::of(facts).ask()),
                _ => {
                    "get a new token: have the client ask its library for one before each request (acquireTokenSilent, \
                      getToken), and not keep it"
                        .to_owned()
                }
            },
        ));
    }
    let by = early_by(facts, claims)?;
    Some(Finding::new(
        FindingName::EarlyToken,
        CHECKS,
        format!("a token that is not valid for another {}", date::span(by)),
        "compare this host's clock with the authority's (`npx entra-jwt-verify doctor` does it), and set it (NTP, or that of the \
         virtual machine)",
    ))
}
