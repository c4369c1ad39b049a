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
use crate::explain::Explanation;
use crate::keys::Ticket;
use crate::time::UnixTime;
use crate::token::{Malformed, Scratch};
use crate::token_cache::TokenId;
use crate::verifier::{Verdict, Verifier};

/// The token is valid and not cached.
#[napi]
pub const VERIFIED: u32 = 0;

/// The key is being fetched: wait for `settled`, then `checkAgain`.
#[napi]
pub const WAIT: u32 = 1;

/// The token is rejected; `failure` says why.
#[napi]
pub const REFUSED: u32 = 2;

/// This or more: the token is valid and cached. The number is the token's id, which this verifier never reuses.
#[napi]
pub const REMEMBERED: u32 = 3;

/// A session, shared by the class and its function `check`.
pub(super) type SharedSession = Rc<RefCell<Session>>;

pub(super) struct Session {
    verifier: Arc<Verifier>,
    /// Of the last call that said `WAIT`: what to ask again with, and the number of the source to wait for.
    pub(super) ticket: Ticket,
    pub(super) source: u32,
    /// Why the last token was rejected, and when, where that was asked by this host's clock.
    failure: Option<(Error, Option<UnixTime>)>,
    token: Vec<u8>,
    scratch: Scratch,
}

impl Session {
    pub(super) fn new(verifier: Arc<Verifier>) -> Self {
        Self {
            verifier,
            ticket: Ticket(0),
            source: 0,
            failure: None,
            token: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Checks a token at a time, for a request that arrived with `ticket`, or now. `now` is `None` where JavaScript
    /// gave no usable time: then no token is accepted.
    pub(super) fn check(
        &mut self,
        env: Env,
        token: &Unknown<'_>,
        now: Option<UnixTime>,
        ticket: Option<Ticket>,
    ) -> f64 {
        let Some(now) = now else {
            return self.refuse(Error::Clock).into();
        };
        let Some(token) = text::read(env, token, self.verifier.policy().max_token_length(), &mut self.token) else {
            return self.refuse(Malformed::Segments { found: 0 }.into()).into();
        };
        match self.verifier.check(token, now, ticket, &mut self.scratch) {
            Verdict::Valid(None) => VERIFIED.into(),
            Verdict::Valid(Some(id)) => remembered(id),
            Verdict::KeysPending { ticket, source } => {
                (self.ticket, self.source) = (ticket, source);
                WAIT.into()
            }
            Verdict::Rejected(error) => {
                self.failure = Some((error, Some(now)));
                REFUSED.into()
            }
        }
    }

    /// Explains a token; `None` while its key is being fetched. `now` as in [`Session::check`].
    pub(super) fn explain(
        &mut self,
        env: Env,
        token: &Unknown<'_>,
        now: Option<UnixTime>,
        ticket: Option<Ticket>,
    ) -> Option<Explanation> {
        let Some(now) = now else {
            return Some(Explanation::rejected(Error::Clock));
        };
        let limit = self.verifier.policy().max_token_length();
        let token = text::read(env, token, limit, &mut self.token).unwrap_or_default();
        match self.verifier.explain(token, now, ticket, &mut self.scratch) {
            Ok(mut explanation) => {
                for check in &mut explanation.checks {
                    if let Some(said) = check.error().and_then(|error| clock::said(error, now, &self.verifier)) {
                        check.hint = Some(
                            check
                                .hint
                                .take()
                                .map_or_else(|| said.clone(), |hint| format!("{said}; {hint}")),
                        );
                    }
                }
                Some(explanation)
            }
            Err(ticket) => {
                self.ticket = ticket;
                None
            }
        }
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

#[allow(clippy::cast_precision_loss, reason = "2^53 tokens will not be verified")]
fn remembered(TokenId(id): TokenId) -> f64 {
    f64::from(REMEMBERED) + id as f64
}
