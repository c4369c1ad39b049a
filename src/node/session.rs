//! The verifier of one thread, with buffers that are reused from token to token.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::failure::Failure;
use super::{clock, text};
use crate::error::Error;
use crate::explain::{Explanation, Finding};
use crate::policy::{Policy, Requirement};
use crate::time::UnixTime;
use crate::token::{Malformed, Scratch};
use crate::token_cache::TokenId;
use crate::verifier::{Tickets, Verdict, Verifier};

/// The key is being fetched: wait for `settled`, then `checkAgain`.
#[napi]
pub const WAIT: u32 = 1;

/// The token is rejected; `failure` says why.
#[napi]
pub const REFUSED: u32 = 2;

/// This or more: the token is valid. The number modulo `AUTHORITIES` is the position of the authority that judged it.
#[napi]
pub const VERIFIED: u32 = 8;

/// This or more: the token is valid and cached. The number is the token's id, which this verifier never reuses.
#[napi]
pub const REMEMBERED: u32 = 16;

/// Authorities of one verifier at most.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 8")]
pub const AUTHORITIES: u32 = Verifier::MAX_AUTHORITIES as u32;

// Both are the first of their kind for the authority at 0.
const _: () = assert!(VERIFIED.is_multiple_of(AUTHORITIES) && REMEMBERED == VERIFIED + AUTHORITIES);

/// A session, shared by the class and its function `check`.
pub(super) type SharedSession = Rc<RefCell<Session>>;

pub(super) struct Session {
    verifier: Arc<Verifier>,
    /// Of the last call that said `WAIT`: what to ask again with.
    pub(super) tickets: Tickets,
    /// Why the last token was rejected, and when, where that was asked by this host's clock.
    failure: Option<(Error, Option<UnixTime>)>,
    token: Vec<u8>,
    scratch: Scratch,
}

impl Session {
    pub(super) fn new(verifier: Arc<Verifier>) -> Self {
        Self {
            verifier,
            tickets: Tickets::default(),
            failure: None,
            token: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Checks a token at a time, for a request that arrived with `tickets`, or now. `now` is `None` where JavaScript
    /// gave no usable time: then no token is accepted.
    pub(super) fn check(
        &mut self,
        env: Env,
        token: &Unknown<'_>,
        now: Option<UnixTime>,
        tickets: Option<Tickets>,
    ) -> f64 {
        let Some(now) = now else {
            return self.refuse(Error::Clock).into();
        };
        let Some(token) = text::read(env, token, self.verifier.max_token_length(), &mut self.token) else {
            return self.refuse(Malformed::Segments { found: 0 }.into()).into();
        };
        #[cfg(feature = "test-panic")]
        crate::test_panic::if_asked(token);
        match self.verifier.check(token, now, tickets, &mut self.scratch) {
            Verdict::Valid { id, authority } => valid(id, authority),
            Verdict::KeysPending(tickets) => {
                self.tickets = tickets;
                WAIT.into()
            }
            Verdict::Rejected(error) => {
                self.failure = Some((error, Some(now)));
                REFUSED.into()
            }
        }
    }

    /// Explains a token; `None` while its key is being fetched. `now` as in [`Session::check`]; `is_given`: it is not the current
    /// time.
    pub(super) fn explain(
        &mut self,
        env: Env,
        token: &Unknown<'_>,
        now: Option<UnixTime>,
        tickets: Option<Tickets>,
        is_given: bool,
    ) -> Option<Explanation> {
        let Some(now) = now else {
            return Some(Explanation::rejected(Error::Clock));
        };
        // Also of a token that is too long it is said how long it is.
        let mut whole = Vec::new();
        let token = text::read(env, token, *Policy::MAX_TOKEN_LENGTH.end(), &mut whole).unwrap_or_default();
        let ahead = clock::ahead(now, &self.verifier).filter(|_| !is_given);
        match self.verifier.explain(token, now, ahead, tickets, &mut self.scratch) {
            Ok(explanation) if is_given => Some(explanation.at_given_time()),
            Ok(mut explanation) => {
                for check in &mut explanation.checks {
                    let said = check.error().and_then(|error| clock::said(error, now, &self.verifier));
                    if let Some(said) = said
                        && let Some(hint) = check.hint.as_mut().filter(|hint| !hint.contains(&said))
                    {
                        *hint = format!("{said}; {hint}");
                    }
                }
                Some(explanation)
            }
            Err(tickets) => {
                self.tickets = tickets;
                None
            }
        }
    }

    /// What a token is recognised as that was rejected with this code. Nothing is fetched.
    pub(super) fn cause(
        &mut self,
        token: &str,
        now: Option<UnixTime>,
        code: &str,
        requirement: Option<Requirement>,
    ) -> Option<Finding> {
        let now = now?;
        let ahead = clock::ahead(now, &self.verifier);
        self.verifier
            .cause(token.as_bytes(), now, ahead, requirement, &mut self.scratch)
            .filter(|(error, _)| error.code() == code)
            .map(|(_, finding)| finding)
    }

    pub(super) fn refuse(&mut self, error: Error) -> u32 {
        self.failure = Some((error, None));
        REFUSED
    }

    /// Why the last token was refused.
    pub(super) fn failure(&mut self) -> Failure {
        let (error, now) = self.failure.take().unwrap_or((Error::Internal, None));
        let said = now.and_then(|now| clock::said(&error, now, &self.verifier));
        let failure = Failure::from(error);
        match said {
            Some(said) => Failure {
                hint: format!("{said}; {}", failure.hint),
                ..failure
            },
            None => failure,
        }
    }
}

/// The status of a valid token.
#[allow(clippy::cast_precision_loss, reason = "2^50 tokens will not be verified")]
fn valid(id: Option<TokenId>, authority: u8) -> f64 {
    f64::from(authority)
        + id.map_or(f64::from(VERIFIED), |id| {
            f64::from(REMEMBERED) + f64::from(AUTHORITIES) * id.number as f64
        })
}
