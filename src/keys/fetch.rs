//! One fetch of a key set: HTTPS, no redirect, bounded in time and size.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Client, NoProxy, Response, StatusCode, redirect};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::{Discovery, FetchFailure, FetchRequest, JwkSet, KeyLocation, KeySourceConfig};

/// Bytes of the largest answer that is read. Entra's have about 10 000.
const MAX_BYTES: usize = 262_144;

/// For connecting, out of the whole time.
const CONNECT_SHARE: f64 = 0.4;

/// The certificates that Node trusts, PEM.
#[derive(Clone, Debug, Default)]
pub struct Roots(pub Vec<String>);

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
    let client = client(config, roots)?;
    // For both tries together.
    let deadline = Instant::now() + config.timeout;
    let first = match timeout_at(deadline, once(&client, config)).await {
        Ok(Ok(fetched)) => return Ok(fetched),
        Ok(Err(failed)) => failed,
        Err(_) => Failed::timed_out(config),
    };
    if !request.first || !first.is_passing || first.failure.retry_after.is_some() {
        return Err(first.failure);
    }
    sleep(pause).await;
    match timeout_at(deadline, once(&client, config)).await {
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

    fn transport(error: &reqwest::Error, config: &KeySourceConfig) -> Self {
        let what = if error.is_connect() {
            "connection failed"
        } else {
            "transfer failed"
        };
        Self {
            failure: FetchFailure {
                cause: format!("{what}: {}", cause(error, config)),
                retry_after: None,
            },
            is_passing: true,
        }
    }
}

/// What is behind an error of the client, in words of ours: its own name addresses, hosts and manuals.
fn cause(error: &reqwest::Error, config: &KeySourceConfig) -> String {
    let mut kind = None;
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(tls) = source.downcast_ref::<rustls::Error>() {
            return tls_cause(tls).to_owned();
        }
        let io = source.downcast_ref::<io::Error>();
        kind = io.map(io::Error::kind).or(kind);
        // `source()` of an I/O error skips the error that it wraps.
        next = match io.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => source.source(),
        };
    }
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
        // A name that is not known has no kind of its own, nor has a proxy that says no.
        _ if config.proxy.is_some() => "the name cannot be resolved, or the proxy refused".to_owned(),
        _ => "the name cannot be resolved".to_owned(),
    }
}

const fn tls_cause(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => {
                "the certificate has an unknown issuer (UnknownIssuer); the option ca or NODE_EXTRA_CA_CERTS adds one"
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the certificate has expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name"
            }
            _ => "the certificate is not valid",
        },
        rustls::Error::AlertReceived(_) => "the server refused the TLS handshake",
        _ => "TLS failed",
    }
}

async fn once(client: &Client, config: &KeySourceConfig) -> Result<Fetched, Failed> {
    let (url, issuer) = match &config.location {
        KeyLocation::JwkSet(url) => (url.clone(), None),
        KeyLocation::Discovery(discovery) => discover(client, config, discovery).await?,
    };
    let document = get(client, config, &url).await?;
    let keys = JwkSet::parse(&document).map_err(|error| Failed::lasting(error.to_string()))?;
    Ok(Fetched { keys, issuer })
}

async fn discover(
    client: &Client,
    config: &KeySourceConfig,
    discovery: &Discovery,
) -> Result<(Url, Option<String>), Failed> {
    let document = get(client, config, &discovery.metadata).await?;
    let metadata = discovery
        .read(&document)
        .map_err(|error| Failed::lasting(error.to_string()))?;
    Ok((
        discovery.keys.clone().unwrap_or(metadata.jwks_uri),
        Some(metadata.issuer),
    ))
}

async fn get(client: &Client, config: &KeySourceConfig, url: &Url) -> Result<Vec<u8>, Failed> {
    let sent = client.get(url.clone()).header(ACCEPT, "application/json").send().await;
    let mut response = sent.map_err(|error| match (error.is_timeout(), error.is_connect()) {
        (true, true) => Failed::connect_timed_out(config),
        (true, false) => Failed::timed_out(config),
        (false, _) => Failed::transport(&error, config),
    })?;
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
        .map_err(|error| Failed::transport(&error, config))?
    {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
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

fn client(config: &KeySourceConfig, roots: &Roots) -> Result<Client, FetchFailure> {
    let unusable = |cause: String| FetchFailure {
        cause,
        retry_after: None,
    };
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls(config, roots).map_err(unusable)?)
        .redirect(redirect::Policy::none())
        .connect_timeout(config.timeout.mul_f64(CONNECT_SHARE))
        .referer(false)
        .http1_only()
        .user_agent(concat!("entra-jwt-verify/", env!("CARGO_PKG_VERSION")))
        // What the environment says about proxies was read in JavaScript; nothing is read twice.
        .no_proxy();
    if let Some(proxy) = &config.proxy {
        let except = proxy.except.as_deref().and_then(NoProxy::from_string);
        // For HTTPS alone: plain HTTP is only spoken to this machine.
        let proxy = reqwest::Proxy::https(&proxy.url).map_err(|_| unusable("the proxy cannot be used".to_owned()))?;
        builder = builder.proxy(proxy.no_proxy(except));
    }
    builder
        .build()
        .map_err(|_| unusable("the HTTP client cannot be set up".to_owned()))
}

fn tls(config: &KeySourceConfig, roots: &Roots) -> Result<ClientConfig, String> {
    let mut store = RootCertStore::empty();
    for pem in &roots.0 {
        // One that Node accepts and rustls does not is left out: the others are not worse for it.
        store.add_parsable_certificates(CertificateDer::pem_slice_iter(pem.as_bytes()).flatten());
    }
    for pem in &config.ca {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| "a certificate in the option ca is not PEM".to_owned())?;
            store
                .add(certificate)
                .map_err(|_| "a certificate in the option ca cannot be used".to_owned())?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| "TLS cannot be set up".to_owned())?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}
