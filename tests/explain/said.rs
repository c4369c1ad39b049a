//! What an explanation says, in forms that are short to compare.

#![allow(unreachable_pub, reason = "a helper of tests is public to the file that declares it")]

use entra_jwt_verify::explain::{Check, Explanation, Outcome};
use serde_json::{Value, json};

use crate::common::Judge;

pub fn explain(token: &str) -> Explanation {
    explain_with(json!({}), token)
}

pub fn explain_with(options: Value, token: &str) -> Explanation {
    Judge::with(options).explain(token)
}

/// Names with a mark for the outcome: `+` passed, `-` failed, `?` not reached.
pub fn outcomes(explanation: &Explanation) -> String {
    let marked = explanation.checks.iter().map(|check| {
        let mark = match check.outcome {
            Outcome::Passed => '+',
            Outcome::Failed(_) => '-',
            Outcome::NotReached => '?',
        };
        format!("{mark}{}", check.name.as_str())
    });
    marked.collect::<Vec<_>>().join(" ")
}

pub fn check<'e>(explanation: &'e Explanation, name: &str) -> &'e Check {
    let found = explanation.checks.iter().find(|check| check.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no check {name}: {}", outcomes(explanation)))
}

pub fn failed(explanation: &Explanation) -> Vec<&str> {
    let failed = explanation.checks.iter().filter(|check| check.error().is_some());
    failed.map(|check| check.name.as_str()).collect()
}

pub fn findings(explanation: &Explanation) -> Vec<&str> {
    explanation
        .findings
        .iter()
        .map(|finding| finding.name.as_str())
        .collect()
}

/// The hint of a check that failed, which has to mention this.
#[track_caller]
pub fn assert_hint(explanation: &Explanation, name: &str, mention: &str) {
    let hint = check(explanation, name).hint.as_deref().unwrap_or_default();
    assert!(hint.contains(mention), "{hint}");
}

/// Everything that an explanation says.
pub fn said(explanation: &Explanation) -> String {
    format!("{:?} {:?}", explanation.checks, explanation.findings)
}
