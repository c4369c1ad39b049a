//! The native class behind `Verifier`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Either, FromNapiValue, Function, Object, Unknown};
use napi_derive::napi;

use super::explain::{NativeExplanation, NativeFinding};
use super::failure::Failure;
use super::registry;
use super::session::{Session, SharedSession, VERIFIED, WAIT};
use super::stats::{Listener, NativeKeyEvent, NativeStats};
use crate::error::Error;
use crate::keys::{JwkSet, KeyLookup, KeySource, Roots, Ticket};
use crate::policy::{Policy, Requirement};
use crate::time::UnixTime;
use crate::token::Scratch;
use crate::verifier::{Tickets, Verifier};

/// A verifier, for one thread.
#[napi]
pub struct NativeVerifier {
    verifier: Arc<Verifier>,
    session: SharedSession,
    listener: Listener,
}

/// Who calls, as a verified token says.
#[napi(object)]
pub struct NativeCaller {
    /// The application that asked for the token.
    pub client_id: Option<String>,
    /// Delegated permissions, separated by spaces.
    pub scopes: String,
    /// Whether the application acts for itself.
    pub is_app_only: bool,
}

/// Who issues tokens.
#[napi(object)]
pub struct NativeAuthority {
    /// The authority that clients get tokens from, as a URL.
    pub authority: String,
    /// What a client puts before the name of a scope, where the tokens are Entra's.
    pub app_id_uri: Option<String>,
}

impl From<&Policy> for NativeAuthority {
    fn from(policy: &Policy) -> Self {
        Self {
            authority: policy.authority_url(),
            app_id_uri: policy.app_id_uri(),
        }
    }
}

/// What a route asks of its callers.
#[napi(object)]
pub struct NativeRequirement {
    /// One of these clients.
    pub clients: Option<Vec<String>>,
    /// One of these roles.
    pub roles: Option<Vec<String>>,
    /// One of these scopes.
    pub scopes: Option<Vec<String>>,
}

impl From<NativeRequirement> for Requirement {
    fn from(NativeRequirement { clients, roles, scopes }: NativeRequirement) -> Self {
        Self {
            clients: clients.unwrap_or_default(),
            roles: roles.unwrap_or_default(),
            scopes: scopes.unwrap_or_default(),
        }
    }
}

/// Makes a verifier of options, JSON. `no_proxy` says which URLs are fetched without `proxy`: JSON, an array of arrays
/// `[kind, a, b, port]`. Nothing is fetched yet.
#[napi(catch_unwind)]
pub fn compile(options: String, no_proxy: Option<String>) -> Either<NativeVerifier, Failure> {
    match registry::shared(options, no_proxy) {
        Ok(verifier) => Either::A(NativeVerifier::new(verifier)),
        Err(error) => Either::B(error.into()),
    }
}

#[napi]
impl NativeVerifier {
    /// A function `check(token, now)` that checks a token. `now` is the current time in seconds since 1970; without a
    /// usable one the answer is `REFUSED`.
    ///
    /// A function, because it holds what it needs: to find the object of a method, and to guard it against a call from
    /// within, takes longer than all the rest of a cached token.
    ///
    /// # Errors
    ///
    /// Node cannot create the function.
    #[napi(catch_unwind, ts_return_type = "(token: unknown, now: number) => number")]
    pub fn checker<'e>(&self, env: &'e Env) -> napi::Result<Function<'e, Unknown<'e>, f64>> {
        let session = Rc::clone(&self.session);
        env.create_function_from_closure("check", move |call| {
            let token: Unknown<'_> = call.get(0)?;
            let now = call.get(1).ok().and_then(UnixTime::new);
            Ok(session.borrow_mut().check(*call.env, &token, now, None))
        })
    }

    /// Checks a token like `check`, for a request that waited and arrived with `tickets`.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands arrays over by value")]
    pub fn check_again(
        &self,
        env: &Env,
        token: Unknown<'_>,
        #[napi(ts_arg_type = "number")] now: Unknown<'_>,
        tickets: Option<Vec<f64>>,
    ) -> f64 {
        let tickets = tickets.as_deref().map(tickets_from);
        self.session.borrow_mut().check(*env, &token, time_from(now), tickets)
    }

    /// Explains a token. `now` as with `check`. `null`: the key is being fetched; wait for `settled` and ask again
    /// with `tickets`. `is_given`: `now` is not the current time.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands arrays over by value")]
    pub fn explain(
        &self,
        env: &Env,
        token: Unknown<'_>,
        #[napi(ts_arg_type = "number")] now: Unknown<'_>,
        tickets: Option<Vec<f64>>,
        is_given: Option<bool>,
    ) -> Option<NativeExplanation> {
        let tickets = tickets.as_deref().map(tickets_from);
        let explanation =
            self.session
                .borrow_mut()
                .explain(*env, &token, time_from(now), tickets, is_given.unwrap_or_default())?;
        Some(explanation.into())
    }

    /// What a token is recognised as that was rejected with this code, by the keys that are cached. `now` as with `check`;
    /// `requirement` in place of the clients, roles and scopes of the options. Nothing is fetched.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
    pub fn cause(
        &self,
        token: String,
        #[napi(ts_arg_type = "number")] now: Unknown<'_>,
        code: String,
        requirement: Option<NativeRequirement>,
    ) -> Option<NativeFinding> {
        let cause = self
            .session
            .borrow_mut()
            .cause(&token, time_from(now), &code, requirement.map(Into::into))?;
        Some(cause.into())
    }

    /// After `WAIT`: what to pass to `checkAgain`, so that one request causes one fetch of a source at most. Pairs: the number of
    /// a source, its ticket.
    #[napi(getter, catch_unwind)]
    #[allow(clippy::cast_precision_loss, reason = "2^53 fetches will not happen")]
    pub fn tickets(&self) -> Vec<f64> {
        let session = self.session.borrow();
        let pairs = session.tickets.iter();
        pairs
            .flat_map(|(source, ticket)| [source.into(), ticket.0 as f64])
            .collect()
    }

    /// After `REFUSED`: why.
    #[napi(catch_unwind)]
    pub fn failure(&self) -> Failure {
        self.session.borrow_mut().failure()
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
        self.session.borrow().tickets.source()
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

    /// Requests the keys: `VERIFIED` when there is nothing to fetch, `WAIT` when a fetch is under way, `REFUSED` when none
    /// may start yet.
    #[napi(catch_unwind)]
    pub fn demand(&self) -> u32 {
        let lookups: Vec<_> = self.sources().map(KeySource::request_fetch).collect();
        let mut status = VERIFIED;
        for lookup in lookups {
            match lookup {
                KeyLookup::Rejected(error) => return self.session.borrow_mut().refuse(error),
                KeyLookup::Found(_) | KeyLookup::Pending => status = WAIT,
            }
        }
        status
    }

    /// After waiting for what `demand` began: `VERIFIED` or `REFUSED`.
    #[napi(catch_unwind)]
    pub fn outcome(&self) -> u32 {
        let outcome = self.sources().try_for_each(|source| source.outcome());
        match outcome {
            Ok(()) => VERIFIED,
            Err(error) => self.session.borrow_mut().refuse(error),
        }
    }

    /// Who calls, by a token that the authority at this position accepted. `null` for text that is no token.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
    pub fn caller(&self, token: String, authority: u8) -> Option<NativeCaller> {
        let mut scratch = Scratch::default();
        let caller = self.verifier.caller(token.as_bytes(), authority, &mut scratch)?;
        Some(NativeCaller {
            client_id: caller.client,
            scopes: caller.scopes,
            is_app_only: caller.is_app_only,
        })
    }

    /// Who issues the tokens, by position.
    #[napi(getter, catch_unwind)]
    pub fn authorities(&self) -> Vec<NativeAuthority> {
        self.verifier.policies().map(NativeAuthority::from).collect()
    }

    /// The cached keys, JSON, for the option `initialKeys` of a later process.
    #[napi(catch_unwind)]
    pub fn export_keys(&self) -> String {
        self.verifier.export_keys().to_string()
    }

    /// Merges a key set, JSON, that the application fetched, of an authority that may be left out where there is one. Returns why
    /// not.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
    pub fn update_keys(&self, document: String, authority: Option<String>) -> Option<Failure> {
        let refused = |problem: String| Error::config("updateKeys", problem);
        let set = if document.len() > JwkSet::MAX_BYTES {
            Err(refused(format!(
                "the key set is larger than {} bytes",
                JwkSet::MAX_BYTES
            )))
        } else {
            JwkSet::parse(document.as_bytes()).map_err(|error| refused(error.to_string()))
        };
        set.and_then(|set| self.verifier.update_keys(set, authority.as_deref()))
            .err()
            .map(Failure::from)
    }

    /// Cached keys and tokens, and events so far.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> NativeStats {
        (&*self.verifier).into()
    }

    /// The fetches that ended since the last call.
    #[napi(catch_unwind)]
    pub fn key_events(&mut self) -> Vec<NativeKeyEvent> {
        self.listener.news(self.verifier.sources())
    }
}

impl NativeVerifier {
    fn new(verifier: Arc<Verifier>) -> Self {
        Self {
            session: Rc::new(RefCell::new(Session::new(Arc::clone(&verifier)))),
            verifier,
            listener: Listener::default(),
        }
    }

    fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        self.verifier.sources()
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "they come from `tickets`"
)]
fn tickets_from(pairs: &[f64]) -> Tickets {
    let pairs: Vec<_> = pairs
        .chunks_exact(2)
        .map(|pair| (pair[0] as u32, Ticket(pair[1] as u64)))
        .collect();
    Tickets::from_pairs(&pairs)
}

/// The current time, of whatever type JavaScript gave. A method with a parameter of type `f64` would throw where this
/// has to be a rejection.
fn time_from(now: Unknown<'_>) -> Option<UnixTime> {
    f64::from_unknown(now).ok().and_then(UnixTime::new)
}
