//! Explains a token: every check of the pipeline, also those after the first failure, with the expected value, the
//! value found and what to do.
//!
//! The rules are the functions that [`verify()`] calls, and the verdict is that of [`verify()`].

mod checks;
pub(crate) mod clock;
mod date;
mod describe;
mod finding;
mod found;
mod recognise;
mod report;
mod unclaimed;

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

pub use describe::issuers;
pub use finding::{Finding, FindingName};
#[cfg(feature = "node")]
pub(crate) use recognise::service_of_microsoft;
pub use report::{Check, CheckName, Outcome};
pub(crate) use unclaimed::explain_unclaimed;

use checks::Buffers;
use recognise::{Facts, recognise};

use crate::algorithm::Algorithm;
use crate::error::{Error, VerifyError};
use crate::keys::KeyLookup;
use crate::pipeline::verify;
use crate::policy::{Policy, Version};
use crate::rules::{Keys, discovered_issuer};
use crate::time::UnixTime;
use crate::token::{KeyReference, Scratch};

/// A token, explained.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The result of [`verify()`]. With [`Error::KeysUnavailable`] it is undetermined whether the token is valid.
    pub verdict: Result<(), Error>,
    /// The checks that the policy requires, in the order of the pipeline. The first failed one is the verdict.
    pub checks: Vec<Check>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The position of the authority that checked the token; `None` if it belongs to none of the verifier's.
    pub authority: Option<usize>,
}

impl Explanation {
    /// The explanation of a token that was rejected before any check.
    #[must_use]
    pub const fn rejected(error: Error) -> Self {
        Self {
            verdict: Err(error),
            checks: Vec::new(),
            findings: Vec::new(),
            authority: None,
        }
    }

    /// The same for a time that was given in place of the current one: nothing is to be done about the clock of this host.
    #[cfg(feature = "node")]
    pub(crate) fn at_given_time(mut self) -> Self {
        const HINT: &str =
            "compare the given time with the times of the token: the current time is used if none is given";
        const CLOCK: &str = ": it may be the clock";
        let is_of_clock = |name| matches!(name, FindingName::ClockSkew | FindingName::EarlyToken);
        for finding in self.findings.iter_mut().filter(|finding| is_of_clock(finding.name)) {
            HINT.clone_into(&mut finding.hint);
            finding.message = finding.message.trim_end_matches(CLOCK).to_owned();
        }
        let explained = self.findings.iter().any(|finding| is_of_clock(finding.name));
        for check in &mut self.checks {
            if !matches!(check.name, CheckName::Expiry | CheckName::NotBefore) {
                continue;
            }
            check.expected = check
                .expected
                .take()
                .map(|expected| expected.replace(" (now)", " (the given time)"));
            if explained && check.error().is_some() {
                check.hint = Some(HINT.to_owned());
            }
        }
        self
    }

    /// The finding that explains the verdict best.
    #[must_use]
    pub fn cause(&self) -> Option<&Finding> {
        let failed = self.checks.iter().find(|check| check.error().is_some())?;
        self.findings.iter().find(|finding| finding.explains(failed))
    }
}

/// The configuration and time for an explanation; the keys are separate.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The policy.
    pub policy: &'q Policy,
    /// The current time.
    pub now: UnixTime,
    /// Seconds by which this clock is ahead of the authority's (negative: behind); `None` if unknown.
    pub clock_ahead: Option<f64>,
}

/// Explains a token. `None`: the key is being fetched; ask again when that has ended.
#[must_use]
pub fn explain(token: &[u8], question: Question<'_>, keys: &impl Keys, scratch: &mut Scratch) -> Option<Explanation> {
    let keys = Remembering::of(keys);
    let verdict = match verify(token, question.policy, &keys, question.now, scratch).map(drop) {
        Ok(()) => Ok(()),
        Err(VerifyError::Rejected(error)) => Err(error),
        Err(VerifyError::KeysPending) => return None,
    };
    let buffers = Buffers {
        header: &mut scratch.header,
        payload: &mut scratch.payload,
        signature: &mut scratch.signature,
    };
    let (report, parts) = checks::run(token, question, &keys, buffers)?;
    debug_assert_eq!(
        report.0.iter().find_map(Check::error),
        verdict.as_ref().err(),
        "the checks are the pipeline's"
    );
    let discovered = discovered_issuer(question.policy, &keys);
    let facts = Facts::new(
        token,
        &parts,
        question,
        &report,
        verdict.is_ok(),
        keys.answer(),
        discovered.as_deref(),
    );
    let findings = recognise(&facts);
    let mut checks = report.0;
    for check in &mut checks {
        if let Some(finding) = findings.iter().find(|finding| finding.explains(check)) {
            check.hint = Some(finding.hint.clone());
        }
    }
    Some(Explanation {
        verdict,
        checks,
        findings,
        authority: None,
    })
}

/// Keys that give the same answer twice, so that verdict and checks use the same key.
struct Remembering<'k, K> {
    keys: &'k K,
    lookup: RefCell<Option<KeyLookup>>,
    issuer: OnceCell<Option<Arc<str>>>,
}

impl<'k, K: Keys> Remembering<'k, K> {
    const fn of(keys: &'k K) -> Self {
        Self {
            keys,
            lookup: RefCell::new(None),
            issuer: OnceCell::new(),
        }
    }

    /// The key of the token, if it was looked up.
    fn answer(&self) -> Option<KeyLookup> {
        self.lookup.borrow().clone()
    }
}

impl<K: Keys> Keys for Remembering<'_, K> {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        let ask = || self.keys.look_up(reference, algorithm, version);
        self.lookup.borrow_mut().get_or_insert_with(ask).clone()
    }

    fn are_by_version(&self) -> bool {
        self.keys.are_by_version()
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        self.issuer.get_or_init(|| self.keys.discovered_issuer()).clone()
    }
}
