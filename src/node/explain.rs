//! Explanations as values that cross into JavaScript.

use napi_derive::napi;

use super::failure::Failure;
use crate::error::Error;
use crate::explain::{Check, Explanation, Finding, Outcome};

/// A token, explained.
#[napi(object)]
pub struct NativeExplanation {
    /// Why it is rejected, or why that is not known; absent for a valid token.
    pub failure: Option<Failure>,
    /// The checks in order.
    pub checks: Vec<NativeCheck>,
    /// What it was recognised as.
    pub findings: Vec<NativeFinding>,
    /// The position of the authority by whose rules it was judged.
    pub authority: Option<u32>,
}

/// A check.
#[napi(object)]
pub struct NativeCheck {
    /// Which.
    pub name: String,
    /// `passed`, `failed` or `not-reached`.
    pub status: String,
    /// `ERR_…`, where it failed.
    pub code: Option<String>,
    /// What is accepted.
    pub expected: Option<String>,
    /// What the token has.
    pub found: Option<String>,
    /// What to do, or why the check was not reached.
    pub hint: Option<String>,
}

/// Something that a token was recognised as.
#[napi(object)]
pub struct NativeFinding {
    /// Stable name.
    pub name: String,
    /// The checks that it explains; none where it is a warning about a valid token.
    pub checks: Vec<String>,
    /// What it is.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl From<Explanation> for NativeExplanation {
    fn from(explanation: Explanation) -> Self {
        Self {
            failure: explanation.verdict.err().map(Failure::from),
            checks: explanation.checks.into_iter().map(NativeCheck::from).collect(),
            findings: explanation.findings.into_iter().map(NativeFinding::from).collect(),
            authority: explanation.authority.and_then(|at| u32::try_from(at).ok()),
        }
    }
}

impl From<Check> for NativeCheck {
    fn from(check: Check) -> Self {
        let status = match check.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed(_) => "failed",
            Outcome::NotReached => "not-reached",
        };
        Self {
            name: check.name.as_str().to_owned(),
            status: status.to_owned(),
            code: check.error().map(Error::code).map(str::to_owned),
            expected: check.expected,
            found: check.found,
            hint: check.hint,
        }
    }
}

impl From<Finding> for NativeFinding {
    fn from(finding: Finding) -> Self {
        let names = finding.checks.iter().map(|name| name.as_str().to_owned());
        Self {
            name: finding.name.as_str().to_owned(),
            checks: names.collect(),
            message: finding.message,
            hint: finding.hint,
        }
    }
}
