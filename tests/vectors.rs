//! Attacks and RFC examples that nobody who works on this wrote, each as a whole token against a whole policy.

mod common;

use std::collections::BTreeMap;

use common::{Case, judge_case, say, vectors};

/// Nobody can tell such a case by the core alone: its token is no string.
fn has_a_token(case: &Case) -> bool {
    case.token().is_some()
}

/// Runs the cases of a file and compares; `settled` are the ids of those where we refuse more than the vectors do.
fn run(file: &str, settled: &[&str]) {
    let cases = vectors(file);
    let (mut accepted, mut refused) = (0, 0);
    let mut deviations = Vec::new();
    let mut codes = BTreeMap::new();
    for case in cases.iter().filter(|case| has_a_token(case)) {
        let verdict = judge_case(case);
        if let Err(error) = &verdict {
            *codes.entry(error.code()).or_insert(0) += 1;
        }
        match (case.accepts(), &verdict) {
            (true, Ok(())) => accepted += 1,
            (false, Err(_)) => refused += 1,
            (true, Err(_)) if settled.contains(&case.id()) => refused += 1,
            (expected, _) => deviations.push(format!("{}: expected {expected}, {verdict:?}", case.id())),
        }
    }
    let without_token = cases.len() - accepted - refused - deviations.len();
    say(&format!(
        "{file}: {accepted} accepted, {refused} refused, {without_token} without a token; {codes:?}"
    ));
    assert_eq!(deviations, [""; 0], "{file}");
    assert!(accepted >= 4 && refused > 50, "{file}: too few cases");
    assert!(without_token <= 2, "{file}");
    // A refusal for a reason of ours would prove nothing about the token.
    for ours in ["ERR_CONFIG", "ERR_INTERNAL", "ERR_KEYS_UNAVAILABLE"] {
        assert!(!codes.contains_key(ours), "{file}: {codes:?}");
    }
}

#[test]
#[ignore = "needs the shared vectors"]
fn attacks_fail_and_their_controls_pass() {
    run("attacks.json", &[]);
}

#[test]
#[ignore = "needs the shared vectors"]
fn rfc_examples_behave_as_their_rfcs_say() {
    run(
        "rfc.json",
        &[
            // No `kid`, and we insist on one (the vectors call this policy kid-required).
            "rfc7515-A2",
            "rfc7515-A3",
            "rfc7515-A3-mixed-jwks",
            "rfc7520-6-inner",
            // A JWS, but its payload is text and no claims; signatures of that kind are in signatures.rs.
            "rfc7515-A4",
            "rfc7520-4.1",
            "rfc7520-4.2",
            "rfc7520-4.3",
            "rfc7520-4.1-kid-shared",
            "rfc7520-4.2-kid-shared",
            "rfc7520-4.3-kid-shared",
        ],
    );
}
