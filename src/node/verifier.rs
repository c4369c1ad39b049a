//! The native class behind `Verifier`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use napi::Env;
use napi::bindgen_prelude::{Either, Object, Unknown};
use napi_derive::napi;

use super::compiled::{Compiled, Verdict};
use super::failure::Failure;
use super::stats::{Listener, NativeKeyEvent, NativeStats};
use super::text;
use crate::error::Error;
use crate::keys::{Access, KeySource, Roots, Ticket};
use crate::token::{Malformed, NumericDate, Scratch};

/// `check` found nothing wrong.
#[napi]
pub const VERIFIED: u32 = 0;

/// The key is being fetched: wait for `settled`, then `checkAgain`.
#[napi]
pub const WAIT: u32 = 1;

/// Refused; `failure` says why.
#[napi]
pub const REFUSED: u32 = 2;

/// A compiled configuration, and the buffers that one thread reuses from token to token.
#[napi]
pub struct NativeVerifier {
    pub(super) compiled: Arc<Compiled>,
    pub(super) token: Vec<u8>,
    pub(super) scratch: Scratch,
    pub(super) ticket: Ticket,
    source: u32,
    failure: Option<Error>,
    listener: Listener,
}

/// Compiles options, JSON, to a verifier. `no_proxy` lists the hosts that `proxy` is not for, as the environment
/// variable of this name does. Nothing is fetched yet.
#[napi(catch_unwind)]
pub fn compile(options: String, no_proxy: Option<String>) -> Either<NativeVerifier, Failure> {
    match Compiled::shared(options, no_proxy) {
        Ok(compiled) => Either::A(NativeVerifier::new(compiled)),
        Err(error) => Either::B(error.into()),
    }
}

#[napi]
impl NativeVerifier {
    /// Judges a token now.
    #[napi(catch_unwind)]
    pub fn check(&mut self, env: &Env, token: Unknown<'_>) -> u32 {
        self.judge(*env, &token, seconds_since_1970(), None)
    }

    /// Judges a token at another time (seconds since 1970), or again after waiting with `ticket`.
    #[napi(catch_unwind)]
    pub fn check_again(&mut self, env: &Env, token: Unknown<'_>, now: Option<f64>, ticket: Option<f64>) -> u32 {
        self.judge(
            *env,
            &token,
            now.unwrap_or_else(seconds_since_1970),
            ticket.map(ticket_from),
        )
    }

    /// After `WAIT`: what to pass to `checkAgain`, so that one request causes one fetch at most.
    #[napi(getter, catch_unwind)]
    #[allow(clippy::cast_precision_loss, reason = "2^53 fetches will not happen")]
    pub fn ticket(&self) -> f64 {
        self.ticket.0 as f64
    }

    /// After `REFUSED`: why.
    #[napi(catch_unwind)]
    pub fn failure(&mut self) -> Failure {
        self.failure.take().unwrap_or(Error::Internal).into()
    }

    /// Whether `trust` has to be called before keys can be fetched.
    #[napi(catch_unwind)]
    pub fn needs_roots(&self) -> bool {
        self.sources().any(|source| source.needs_roots())
    }

    /// Hands over the certificates that Node trusts, PEM.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands arrays over by value")]
    pub fn trust(&self, roots: Vec<String>) {
        for source in self.sources() {
            source.trust(Roots(roots.clone()));
        }
    }

    /// After `WAIT`: the number of the source of keys to wait for.
    #[napi(getter, catch_unwind)]
    pub fn source(&self) -> u32 {
        self.source
    }

    /// A promise that is resolved when the fetch of one source, or of all, that is under way has ended, well or not.
    ///
    /// # Errors
    ///
    /// Node has no room for a promise.
    #[napi(catch_unwind)]
    pub fn settled<'e>(&self, env: &'e Env, source: Option<u32>) -> napi::Result<Object<'e>> {
        let (deferred, promise) = env.create_deferred()?;
        let mut settle: Box<dyn FnOnce() + Send> = Box::new(move || deferred.resolve(|_| Ok(())));
        for (number, one) in (0..).zip(self.sources()) {
            if source.is_none_or(|source| source == number) {
                let (one, then) = (Arc::clone(one), settle);
                settle = Box::new(move || one.when_settled(then));
            }
        }
        settle();
        Ok(promise)
    }

    /// Wants the keys now: `VERIFIED` when there is nothing to fetch, `WAIT` when a fetch is under way,
    /// `REFUSED` when none may begin yet.
    #[napi(catch_unwind)]
    pub fn demand(&mut self) -> u32 {
        let demands: Vec<_> = self.sources().map(|source| source.demand(source.ticket())).collect();
        let mut status = VERIFIED;
        for access in demands {
            match access {
                Access::Refused(error) => return self.refuse(error),
                Access::Key(_) | Access::Wait => status = WAIT,
            }
        }
        status
    }

    /// After waiting for what `demand` began: `VERIFIED` or `REFUSED`.
    #[napi(catch_unwind)]
    pub fn outcome(&mut self) -> u32 {
        let outcome = self.sources().try_for_each(|source| source.outcome());
        match outcome {
            Ok(()) => VERIFIED,
            Err(error) => self.refuse(error),
        }
    }

    /// Keys and tokens at hand, and what happened so far.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> NativeStats {
        (&*self.compiled).into()
    }

    /// The ends of fetches that this verifier was not told of yet.
    #[napi(catch_unwind)]
    pub fn key_events(&mut self) -> Vec<NativeKeyEvent> {
        self.listener.news(self.compiled.origin.sources())
    }
}

impl NativeVerifier {
    fn new(compiled: Arc<Compiled>) -> Self {
        Self {
            compiled,
            token: Vec::new(),
            scratch: Scratch::default(),
            ticket: Ticket(0),
            source: 0,
            failure: None,
            listener: Listener::default(),
        }
    }

    fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        self.compiled.origin.sources()
    }

    fn judge(&mut self, env: Env, token: &Unknown<'_>, now: NumericDate, ticket: Option<Ticket>) -> u32 {
        let Some(token) = text::read(env, token, self.compiled.policy.max_token_length, &mut self.token) else {
            return self.refuse(Malformed::Segments { found: 0 }.into());
        };
        match self.compiled.judge(token, now, ticket, &mut self.scratch) {
            Verdict::Verified => VERIFIED,
            Verdict::Wait(ticket, source) => {
                (self.ticket, self.source) = (ticket, source);
                WAIT
            }
            Verdict::Refused(error) => self.refuse(error),
        }
    }

    fn refuse(&mut self, error: Error) -> u32 {
        self.failure = Some(error);
        REFUSED
    }
}

/// The system's clock. One that stands before 1970 refuses everything as not yet valid.
pub(super) fn seconds_since_1970() -> NumericDate {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "comes from `ticket`"
)]
pub(super) const fn ticket_from(number: f64) -> Ticket {
    Ticket(number as u64)
}
