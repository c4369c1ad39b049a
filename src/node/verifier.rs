//! The native class behind `Verifier`: a compiled policy and its keys.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use napi::Env;
use napi::bindgen_prelude::{Either, Object, Unknown};
use napi_derive::napi;

use super::text;
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::keys::{Access, KeyOrigin, KeySet, KeySource, Roots, Ticket};
use crate::options::Options;
use crate::policy::Policy;
use crate::token::{KeyReference, Malformed, NumericDate, Scratch};
use crate::verify::{Keys, Stop, verify};

/// `check` found nothing wrong.
#[napi]
pub const VERIFIED: u32 = 0;

/// The key is being fetched: wait for `settled`, then `checkAgain`.
#[napi]
pub const WAIT: u32 = 1;

/// Refused; `failure` says why.
#[napi]
pub const REFUSED: u32 = 2;

/// An error as a value; JavaScript makes an `AuthError` of it.
#[napi(object)]
pub struct Failure {
    /// Stable code, `ERR_…`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The claim that was refused.
    pub claim: Option<String>,
    /// Seconds until the keys are tried again.
    pub retry_after: Option<u32>,
}

/// A compiled policy, its keys, and the buffers that one thread reuses from token to token.
#[napi]
pub struct NativeVerifier {
    policy: Policy,
    keys: Origin,
    token: Vec<u8>,
    scratch: Scratch,
    ticket: Ticket,
    failure: Option<Error>,
}

enum Origin {
    Static(KeySet),
    Remote(Arc<KeySource>),
}

/// Compiles options, JSON, to a verifier. `no_proxy` lists the hosts that `proxy` is not for, as the environment
/// variable of this name does. Nothing is fetched yet.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn compile(options: String, no_proxy: Option<String>) -> Either<NativeVerifier, Failure> {
    match NativeVerifier::from_options(&options, no_proxy) {
        Ok(verifier) => Either::A(verifier),
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
        matches!(&self.keys, Origin::Remote(source) if source.needs_roots())
    }

    /// Hands over the certificates that Node trusts, PEM.
    #[napi(catch_unwind)]
    pub fn trust(&self, roots: Vec<String>) {
        if let Origin::Remote(source) = &self.keys {
            source.trust(Roots(roots));
        }
    }

    /// A promise that is resolved when the fetch that is under way has ended, well or not.
    ///
    /// # Errors
    ///
    /// Node has no room for a promise.
    #[napi(catch_unwind)]
    pub fn settled<'e>(&self, env: &'e Env) -> napi::Result<Object<'e>> {
        let (deferred, promise) = env.create_deferred()?;
        let settle = move || deferred.resolve(|_| Ok(()));
        match &self.keys {
            Origin::Static(_) => settle(),
            Origin::Remote(source) => source.when_settled(settle),
        }
        Ok(promise)
    }

    /// Wants the keys now: `VERIFIED` when there is nothing to fetch, `WAIT` when a fetch is under way,
    /// `REFUSED` when none may begin yet.
    #[napi(catch_unwind)]
    pub fn demand(&mut self) -> u32 {
        let Origin::Remote(source) = &self.keys else {
            return VERIFIED;
        };
        match source.demand(source.ticket()) {
            Access::Refused(error) => self.refuse(error),
            Access::Key(_) | Access::Wait => WAIT,
        }
    }

    /// After waiting for what `demand` began: `VERIFIED` or `REFUSED`.
    #[napi(catch_unwind)]
    pub fn outcome(&mut self) -> u32 {
        let Origin::Remote(source) = &self.keys else {
            return VERIFIED;
        };
        match source.outcome() {
            Ok(()) => VERIFIED,
            Err(error) => self.refuse(error),
        }
    }
}

impl NativeVerifier {
    fn from_options(json: &str, no_proxy: Option<String>) -> Result<Self, Error> {
        let options = Options::parse(json)?;
        let policy = Policy::from_options(&options)?;
        let keys = match KeyOrigin::from_options(&options, no_proxy)? {
            KeyOrigin::Static(keys) => Origin::Static(keys),
            KeyOrigin::Remote(remote) => Origin::Remote(KeySource::shared(remote)),
        };
        Ok(Self {
            policy,
            keys,
            token: Vec::new(),
            scratch: Scratch::default(),
            ticket: Ticket(0),
            failure: None,
        })
    }

    fn judge(&mut self, env: Env, token: &Unknown<'_>, now: NumericDate, ticket: Option<Ticket>) -> u32 {
        let Some(token) = text::read(env, token, self.policy.max_token_length, &mut self.token) else {
            return self.refuse(Malformed::Segments { found: 0 }.into());
        };
        let verdict = match &self.keys {
            Origin::Static(keys) => verify(token, &self.policy, keys, now, &mut self.scratch),
            Origin::Remote(source) => {
                let request = Request {
                    source,
                    ticket: Cell::new(ticket),
                };
                let verdict = verify(token, &self.policy, &request, now, &mut self.scratch);
                self.ticket = request.ticket.get().unwrap_or(self.ticket);
                verdict
            }
        };
        match verdict {
            Ok(_) => VERIFIED,
            Err(Stop::Wait) => WAIT,
            Err(Stop::Refused(error)) => self.refuse(error),
        }
    }

    fn refuse(&mut self, error: Error) -> u32 {
        self.failure = Some(error);
        REFUSED
    }
}

/// One request for a key; remembers the ticket that it arrived with.
struct Request<'k> {
    source: &'k Arc<KeySource>,
    ticket: Cell<Option<Ticket>>,
}

impl Keys for Request<'_> {
    fn access(&self, reference: &KeyReference<'_>, algorithm: Algorithm) -> Access {
        let (access, ticket) = self.source.access(reference, algorithm, self.ticket.get());
        self.ticket.set(Some(ticket));
        access
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            hint: error.hint(),
            claim: error.claim().map(str::to_owned),
            retry_after: match error {
                Error::KeysUnavailable { retry_after, .. } => Some(retry_after),
                _ => None,
            },
        }
    }
}

/// The system's clock. One that stands before 1970 refuses everything as not yet valid.
fn seconds_since_1970() -> NumericDate {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "comes from `ticket`"
)]
const fn ticket_from(number: f64) -> Ticket {
    Ticket(number as u64)
}
