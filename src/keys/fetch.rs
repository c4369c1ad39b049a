//! One fetch of a key set: HTTPS, no redirect, bounded in time and size.

use std::error::Error as _;
use std::io;
use std::iter::successors;
use std::time::{Duration, Instant as StdInstant};

use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::proxy_answer::{Obstacle, obstacle};
use super::trust::{self, Roots, Trust, trust};
use super::{Discovery, FetchFailure, FetchRequest, JwkSet, KeyLocation, KeySourceConfig};

/// Bytes of the largest answer that is read. Entra's have about 10 000.
const MAX_BYTES: usize = 262_144;

/// For connecting, out of the whole time.
const CONNECT_SHARE: f64 = 0.4;

/// For asking a proxy why it does not connect, out of the whole time.
const PROXY_SHARE: f64 = 0.2;

/// What requests are sent with.
struct Http {
    client: Client,
    trusts_nobody: bool,
    proxy: Option<Url>,
}

/// What a fetch brings.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) keys: JwkSet,
    /// The issuer of the authority's metadata, where that was asked for.
    pub(super) issuer: Option<String>,
}

/// Fetches a key set, a second time at once where requests wait for it and the cause looks passing.
pub(super) async fn fetch(
    config: &KeySourceConfig,
    roots: &Roots,
    request: FetchRequest,
    pause: Duration,
) -> Result<Fetched, FetchFailure> {
    let http = http(config, roots)?;
    // For both tries together.
    let deadline = Instant::now() + config.timeout;
    let first = match timeout_at(deadline, once(&http, config)).await {
        Ok(Ok(fetched)) => return Ok(fetched),
        Ok(Err(failed)) => failed,
        Err(_) => Failed::timed_out(config),
    };
    if !request.first || !first.is_passing || first.failure.retry_after.is_some() {
        return Err(first.failure);
    }
    sleep(pause).await;
    match timeout_at(deadline, once(&http, config)).await {
        Ok(again) => again.map_err(|failed| failed.failure),
        // What the first try found says more than that there was no time for another.
        Err(_) => Err(first.failure),
    }
}

struct Failed {
    failure: FetchFailure,
    /// Connection errors, 5xx and 429: what a second try may mend.
    is_passing: bool,
}

impl Failed {
    fn lasting(cause: impl Into<String>) -> Self {
        Self {
            failure: FetchFailure {
                cause: cause.into(),
                retry_after: None,
            },
            is_passing: false,
        }
    }

    fn timed_out(config: &KeySourceConfig) -> Self {
        Self::lasting(format!("no answer within {} s", config.timeout.as_secs_f64()))
    }

    /// Like a connection that was refused: the next packet may get through.
    fn connect_timed_out(config: &KeySourceConfig) -> Self {
        let seconds = config.timeout.mul_f64(CONNECT_SHARE).as_secs_f64();
        Self {
            is_passing: true,
            ..Self::lasting(format!("no connection within {seconds} s"))
        }
    }

    fn proxy_timed_out(config: &KeySourceConfig) -> Self {
        let seconds = config.timeout.mul_f64(CONNECT_SHARE).as_secs_f64();
        Self {
            is_passing: true,
            ..Self::lasting(format!(
                "the proxy gave no connection within {seconds} s; check HTTPS_PROXY (option proxy), and the proxy's way out"
            ))
        }
    }

    /// `otherwise` is the cause where the error says nothing about a failure to connect.
    fn transport(error: &reqwest::Error, otherwise: &str) -> Self {
        let what = if error.is_connect() {
            "connection failed"
        } else {
            "transfer failed"
        };
        Self {
            failure: FetchFailure {
                cause: format!("{what}: {}", cause(error, otherwise)),
                retry_after: None,
            },
            is_passing: true,
        }
    }
}

/// What is behind an error of the client, in words of ours: its own name addresses, hosts and manuals.
fn cause(error: &reqwest::Error, otherwise: &str) -> String {
    if let Some(tls) = tls_error(error) {
        return trust::cause(tls).to_owned();
    }
    let kind = sources(error)
        .filter_map(|source| source.downcast_ref::<io::Error>())
        .last()
        .map(io::Error::kind);
    match kind {
        Some(
            kind @ (io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::TimedOut),
        ) => kind.to_string(),
        Some(io::ErrorKind::UnexpectedEof) => "the connection was closed too early".to_owned(),
        _ if !error.is_connect() => "the answer is no whole HTTP message".to_owned(),
        _ => otherwise.to_owned(),
    }
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

async fn once(http: &Http, config: &KeySourceConfig) -> Result<Fetched, Failed> {
    let (url, otherwise, issuer) = match &config.location {
        KeyLocation::JwkSet(url) => (url.clone(), None, None),
        KeyLocation::EitherJwkSet { first, second } => (first.clone(), Some(second), None),
        KeyLocation::Discovery(discovery) => {
            let (url, issuer) = discover(http, config, discovery).await?;
            (url, None, issuer)
        }
    };
    let document = get(http, config, &url, otherwise).await?;
    let keys = JwkSet::parse(&document).map_err(|error| Failed::lasting(error.to_string()))?;
    Ok(Fetched { keys, issuer })
}

async fn discover(
    http: &Http,
    config: &KeySourceConfig,
    discovery: &Discovery,
) -> Result<(Url, Option<String>), Failed> {
    let document = get(http, config, &discovery.metadata, None).await?;
    let metadata = discovery
        .read(&document)
        .map_err(|error| Failed::lasting(error.to_string()))?;
    Ok((
        discovery.keys.clone().unwrap_or(metadata.jwks_uri),
        Some(metadata.issuer),
    ))
}

async fn send(http: &Http, config: &KeySourceConfig, url: &Url) -> Result<Response, Failed> {
    if http.trusts_nobody && url.scheme() == "https" {
        return Err(Failed::lasting(trust::NO_ROOTS));
    }
    let sent = http
        .client
        .get(url.clone())
        .header(ACCEPT, "application/json")
        .send()
        .await;
    match sent {
        Ok(response) => Ok(response),
        Err(error) => Err(not_sent(http, config, url, &error).await),
    }
}

/// Gets a document, from `otherwise` where the server does not know `url`.
async fn get(http: &Http, config: &KeySourceConfig, url: &Url, otherwise: Option<&Url>) -> Result<Vec<u8>, Failed> {
    let mut response = send(http, config, url).await?;
    if let (StatusCode::NOT_FOUND, Some(url)) = (response.status(), otherwise) {
        response = send(http, config, url).await?;
    }
    let status = response.status();
    if status != StatusCode::OK {
        return Err(Failed {
            failure: FetchFailure {
                cause: format!("the authority answered {}", status.as_u16()),
                retry_after: retry_after(&response),
            },
            is_passing: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
        });
    }
    let too_large = || Failed::lasting(format!("the answer is larger than {MAX_BYTES} bytes"));
    if response
        .content_length()
        .is_some_and(|length| length > MAX_BYTES as u64)
    {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Failed::transport(&error, "the transfer ended"))?
    {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why there is no answer.
async fn not_sent(http: &Http, config: &KeySourceConfig, url: &Url, error: &reqwest::Error) -> Failed {
    let proxy = http.proxy.as_ref().filter(|_| uses_proxy(config, url));
    match (error.is_timeout(), error.is_connect(), proxy) {
        (true, true, None) => Failed::connect_timed_out(config),
        (true, true, Some(_)) => Failed::proxy_timed_out(config),
        (true, false, _) => Failed::timed_out(config),
        (false, true, Some(proxy)) if tls_error(error).is_none() => match ask_proxy(config, proxy, url).await {
            Some(Obstacle { refusal, is_passing }) => Failed {
                is_passing,
                ..Failed::lasting(format!("{}; {}", refusal.cause, refusal.hint))
            },
            None => Failed::transport(
                error,
                "the proxy did not connect; run npx entra-jwt-verify doctor to see why",
            ),
        },
        // A name that is not known has no kind of its own.
        (false, ..) => Failed::transport(error, "the name cannot be resolved"),
    }
}

fn uses_proxy(config: &KeySourceConfig, url: &Url) -> bool {
    config.proxy.as_ref().is_some_and(|proxy| proxy.is_for(url))
}

async fn ask_proxy(config: &KeySourceConfig, proxy: &Url, url: &Url) -> Option<Obstacle> {
    let (proxy, url) = (proxy.clone(), url.clone());
    let deadline = StdInstant::now() + config.timeout.mul_f64(PROXY_SHARE);
    let asked = spawn_blocking(move || obstacle(&proxy, &url, deadline));
    asked.await.ok().flatten()
}

/// `Retry-After` in seconds; the form with a date is not sent by Entra.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u32 = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds.into()))
}

fn http(config: &KeySourceConfig, roots: &Roots) -> Result<Http, FetchFailure> {
    let unusable = |cause: String| FetchFailure {
        cause,
        retry_after: None,
    };
    let Trust { tls, is_empty } = trust(config, roots).map_err(unusable)?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .connect_timeout(config.timeout.mul_f64(CONNECT_SHARE))
        .referer(false)
        .http1_only()
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
    })
}
