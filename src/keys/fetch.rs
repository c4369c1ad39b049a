//! One fetch of a key set: HTTPS, no redirect, bounded in time and size.

use std::cell::Cell;
use std::error::Error as _;
use std::io;
use std::iter::successors;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant as StdInstant};

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, redirect};
use rustls::AlertDescription;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use super::answer;
use super::clock::{Asked, ClockOffset};
use super::proxy_answer::obstacle;
use super::trust::{self, Roots, Trust, trust};
use super::{Discovery, FetchCause, FetchFailure, FetchRequest, JwkSet, KeyLocation, KeySourceConfig, ProxyProblem};
use crate::policy::clouds::Cloud;

/// Bytes of the largest answer that is read, metadata or keys.
const MAX_BYTES: usize = JwkSet::MAX_BYTES;

/// For connecting, out of the whole time.
const CONNECT_SHARE: f64 = 0.4;

/// For asking a proxy why it does not connect, out of the whole time.
const PROXY_SHARE: f64 = 0.2;

/// For the body of an error, which may never end.
const ERROR_BODY: (usize, Duration) = (65_536, Duration::from_millis(500));

/// What a fetch brings.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) keys: JwkSet,
    /// The issuer of the authority's metadata, where that was asked for.
    pub(super) issuer: Option<String>,
}

/// What requests are sent with, and what their answers say beside the keys.
struct Http<'f> {
    client: Client,
    trusts_nobody: bool,
    proxy: Option<Url>,
    config: &'f KeySourceConfig,
    clock: &'f Cell<Option<ClockOffset>>,
}

/// Fetches a key set, a second time at once where requests wait for it and the cause looks passing. `clock` is set by
/// any answer, also by that of a server which has no keys.
pub(super) async fn fetch(
    config: &KeySourceConfig,
    roots: &Roots,
    request: FetchRequest,
    pause: Duration,
    clock: &Cell<Option<ClockOffset>>,
) -> Result<Fetched, FetchFailure> {
    let http = http(config, roots, clock)?;
    // For both tries together.
    let deadline = Instant::now() + config.timeout;
    let late = || FetchFailure::from(FetchCause::Timeout(config.timeout));
    let first = match timeout_at(deadline, http.once()).await {
        Ok(Ok(fetched)) => return Ok(fetched),
        Ok(Err(failure)) => failure,
        Err(_) => late(),
    };
    if !request.first || !first.cause.is_passing() || first.retry_after.is_some() {
        return Err(first);
    }
    sleep(pause).await;
    // What the first try found says more than that there was no time for another.
    timeout_at(deadline, http.once()).await.unwrap_or(Err(first))
}

impl Http<'_> {
    async fn once(&self) -> Result<Fetched, FetchFailure> {
        let (url, otherwise, issuer) = match &self.config.location {
            KeyLocation::JwkSet(url) => (url.clone(), None, None),
            KeyLocation::EitherJwkSet { first, second } => (first.clone(), Some(second), None),
            KeyLocation::Discovery(discovery) => {
                let (url, issuer) = self.discover(discovery).await?;
                (url, None, issuer)
            }
            KeyLocation::Given => return Err(FetchCause::NotGiven.into()),
        };
        let answer = self.get(&url, otherwise).await?;
        let keys = JwkSet::parse(&answer.body).map_err(|error| answer.is_not_that(error.into()))?;
        Ok(Fetched { keys, issuer })
    }

    async fn discover(&self, discovery: &Discovery) -> Result<(Url, Option<String>), FetchFailure> {
        let answer = self.get(&discovery.metadata, None).await?;
        let metadata = discovery
            .read(&answer.body)
            .map_err(|error| answer.is_not_that(error.into()))?;
        Ok((
            discovery.keys.clone().unwrap_or(metadata.jwks_uri),
            Some(metadata.issuer),
        ))
    }

    async fn send(&self, url: &Url) -> Result<Response, FetchFailure> {
        #[cfg(feature = "test-panic")]
        crate::test_panic::if_asked(url.as_str().as_bytes());
        if self.trusts_nobody && url.scheme() == "https" {
            return Err(FetchCause::NoRoots.into());
        }
        let asked = Asked::now();
        let sent = self
            .client
            .get(url.clone())
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity")
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => return Err(self.not_sent(url, &error).await.into()),
        };
        let headers = response.headers();
        // An answer out of a cache tells the time at which it was put there.
        if text_of(headers, &AGE).is_none_or(|age| age == "0")
            && let Some(offset) = text_of(headers, &DATE).and_then(|date| asked.answered(date))
        {
            self.clock.set(Some(offset));
        }
        Ok(response)
    }

    /// Gets a document, from `otherwise` where the server does not know `url`.
    async fn get(&self, url: &Url, otherwise: Option<&Url>) -> Result<Answer, FetchFailure> {
        let mut response = self.send(url).await?;
        if let (StatusCode::NOT_FOUND, Some(url)) = (response.status(), otherwise) {
            response = self.send(url).await?;
        }
        if response.status() != StatusCode::OK {
            return Err(refusal(response).await);
        }
        let headers = response.headers();
        if let Some(cause) = answer::coded(text_of(headers, &CONTENT_ENCODING)) {
            return Err(cause.into());
        }
        let content_type = text_of(headers, &CONTENT_TYPE).map(str::to_owned);
        let body = read(response, MAX_BYTES).await.map_err(|problem| match problem {
            Unread::TooLarge => FetchCause::TooLarge(MAX_BYTES),
            Unread::Failed(error) => self.cause(&error),
        })?;
        match answer::zipped(&body) {
            Some(cause) => Err(cause.into()),
            None => Ok(Answer { body, content_type }),
        }
    }

    /// Why there is no answer.
    async fn not_sent(&self, url: &Url, error: &reqwest::Error) -> FetchCause {
        let Some(proxy) = self.proxy.as_ref().filter(|_| self.uses_proxy(url)) else {
            return self.cause(error);
        };
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => FetchCause::Proxy(ProxyProblem::Timeout(self.connect_timeout())),
            (false, true) if tls_error(error).is_none() => {
                let problem = self.ask_proxy(proxy, url).await;
                FetchCause::Proxy(problem.unwrap_or(ProxyProblem::Unknown))
            }
            _ => self.cause(error),
        }
    }

    fn uses_proxy(&self, url: &Url) -> bool {
        self.config.proxy.as_ref().is_some_and(|proxy| proxy.is_for(url))
    }

    async fn ask_proxy(&self, proxy: &Url, url: &Url) -> Option<ProxyProblem> {
        let (proxy, url) = (proxy.clone(), url.clone());
        let deadline = StdInstant::now() + self.config.timeout.mul_f64(PROXY_SHARE);
        let asked = spawn_blocking(move || obstacle(&proxy, &url, deadline));
        asked.await.ok().flatten()
    }

    fn connect_timeout(&self) -> Duration {
        self.config.timeout.mul_f64(CONNECT_SHARE)
    }

    /// What is behind an error of the client, in words of ours: its own name addresses, hosts and manuals.
    fn cause(&self, error: &reqwest::Error) -> FetchCause {
        if error.is_timeout() {
            return if error.is_connect() {
                FetchCause::ConnectTimeout(self.connect_timeout())
            } else {
                FetchCause::Timeout(self.config.timeout)
            };
        }
        if let Some(tls) = tls_error(error) {
            return match tls {
                rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)
                | rustls::Error::NoApplicationProtocol => FetchCause::Http2Only,
                _ => FetchCause::Tls(trust::problem(tls)),
            };
        }
        let mut kind = None;
        let mut is_incomplete = false;
        for source in sources(error) {
            let http = source.downcast_ref::<hyper::Error>();
            is_incomplete |=
                http.is_some_and(|http| http.is_incomplete_message() || http.is_closed() || http.is_canceled());
            kind = source.downcast_ref::<io::Error>().map(io::Error::kind).or(kind);
        }
        let of_entra = error.url().and_then(host_of_entra);
        connection_problem(kind, is_incomplete, error.is_connect(), of_entra)
    }
}

/// The host of a URL, if it is one of Entra's clouds.
fn host_of_entra(url: &Url) -> Option<&'static str> {
    Cloud::known_host(url.host_str().filter(|_| url.port().is_none())?)
}

/// Why a connection did not come about, or ended, by the error of the system.
fn connection_problem(
    kind: Option<io::ErrorKind>,
    is_incomplete: bool,
    is_connecting: bool,
    of_entra: Option<&'static str>,
) -> FetchCause {
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => FetchCause::ConnectionRefused(of_entra),
        Some(io::ErrorKind::PermissionDenied) => FetchCause::NotPermitted,
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => FetchCause::ConnectionClosed,
        Some(
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::TimedOut,
        ) => FetchCause::Unreachable,
        _ if is_incomplete => FetchCause::ConnectionClosed,
        _ if !is_connecting => FetchCause::NotHttp,
        // A name that is not known has no kind of its own.
        _ => FetchCause::Name(of_entra),
    }
}

/// The body of a 200.
struct Answer {
    body: Vec<u8>,
    content_type: Option<String>,
}

impl Answer {
    /// Why the body is not what was asked for: a page is called a page.
    fn is_not_that(&self, cause: FetchCause) -> FetchFailure {
        answer::page(self.content_type.as_deref(), &self.body)
            .unwrap_or(cause)
            .into()
    }
}

/// An answer with another status than 200.
async fn refusal(response: Response) -> FetchFailure {
    let (status, retry_after) = (response.status().as_u16(), retry_after(&response));
    let cause = if let Some(cause) = answer::passing(status) {
        cause
    } else {
        let (bytes, time) = ERROR_BODY;
        let body = timeout(time, read(response, bytes)).await;
        answer::error(status, &body.ok().and_then(Result::ok).unwrap_or_default())
    };
    FetchFailure { cause, retry_after }
}

enum Unread {
    TooLarge,
    Failed(reqwest::Error),
}

async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, Unread> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(Unread::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Unread::Failed)? {
        if body.len() + chunk.len() > most {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    sources(error).find_map(|source| source.downcast_ref())
}

/// An error's causes.
fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    successors(error.source(), |source| inner(*source))
}

/// `source()` of an I/O error skips the error that it wraps.
fn inner<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    text_of(response.headers(), &RETRY_AFTER).and_then(delay_seconds)
}

/// `Retry-After` in seconds; the form with a date is not sent by Entra.
pub(super) fn delay_seconds(text: &str) -> Option<Duration> {
    let seconds: u32 = text.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

fn text_of<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// RFC 6761, section 6.3: the name means this machine, also where its resolver would ask the network for it.
fn loopback() -> [SocketAddr; 2] {
    // Port 0 stands for that of the URL.
    [
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
    ]
}

fn http<'f>(
    config: &'f KeySourceConfig,
    roots: &Roots,
    clock: &'f Cell<Option<ClockOffset>>,
) -> Result<Http<'f>, FetchFailure> {
    let unusable = |cause: String| FetchFailure::from(FetchCause::Setup(cause));
    let Trust { tls, is_empty } = trust(config, roots).map_err(unusable)?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .connect_timeout(config.timeout.mul_f64(CONNECT_SHARE))
        .referer(false)
        .http1_only()
        // A server may close an idle connection just as the next request is sent on it.
        .pool_max_idle_per_host(0)
        .resolve_to_addrs("localhost", &loopback())
        .user_agent(concat!("entra-jwt-verify/", env!("CARGO_PKG_VERSION")))
        // What the environment says about proxies was read in JavaScript; nothing is read twice.
        .no_proxy();
    let mut address = None;
    if let Some(proxy) = config.proxy.clone() {
        let url = Url::parse(&proxy.url).map_err(|_| unusable("the proxy cannot be used".to_owned()))?;
        address = Some(url.clone());
        builder = builder.proxy(reqwest::Proxy::custom(move |target| {
            proxy.is_for(target).then(|| url.clone())
        }));
    }
    let client = builder
        .build()
        .map_err(|_| unusable("the HTTP client cannot be set up".to_owned()))?;
    Ok(Http {
        client,
        trusts_nobody: is_empty,
        proxy: address,
        config,
        clock,
    })
}

#[cfg(test)]
mod tests;
