//! Verifies a token from standard input with keys that are fetched from the tenant.
//!
//! ```sh
//! cargo run --no-default-features --features fetch --example fetched_keys -- <tenant id> <client id of the API> < token.txt
//! ```
//!
//! Two variables change where keys come from: `AUTHORITY_HOST`, such as that of a test authority, and `SSL_CERT_FILE`, the
//! certificates to trust.

use std::env::{args, var};
use std::error::Error;
use std::fs;
use std::io::{read_to_string, stdin};
use std::sync::mpsc::sync_channel;
use std::time::{SystemTime, UNIX_EPOCH};

use entra_jwt_verify::keys::{KeySourceConfig, Roots};
use entra_jwt_verify::policy::{Policy, PolicyBuilder};
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{UnixTime, Verdict, Verifier, key_locations};
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = args().skip(1).collect();
    let [tenant, client] = arguments.as_slice() else {
        return Err("expected <tenant id> <client id of the API>, and a token on standard input".into());
    };
    let policy = Policy::builder().tenant_id(tenant).client_id(client);
    let policy = match var("AUTHORITY_HOST") {
        Ok(host) => policy.authority_host(host),
        Err(_) => policy,
    };
    let verifier = verifier(policy, None)?;
    let roots = var("SSL_CERT_FILE").unwrap_or_else(|_| "/etc/ssl/certs/ca-certificates.crt".to_owned());
    trust(&verifier, &roots)?;
    // The library reads no clock.
    let now = UnixTime::since_unix_epoch(SystemTime::now().duration_since(UNIX_EPOCH)?);
    println!("{}", verdict(&verifier, read_to_string(stdin())?.trim(), now));
    Ok(())
}

fn verifier(policy: PolicyBuilder, jwks_uri: Option<Url>) -> Result<Verifier, Box<dyn Error>> {
    let policy = policy.build()?;
    let sources = key_locations(&policy, jwks_uri)?.map(KeySourceConfig::new);
    Ok(Verifier::fetching(policy, sources))
}

/// Sets the trusted certificates, unless keys come from a loopback address over plain HTTP.
fn trust(verifier: &Verifier, pem_file: &str) -> Result<(), Box<dyn Error>> {
    for source in verifier.sources().filter(|source| source.needs_roots()) {
        source.trust(Roots(vec![fs::read_to_string(pem_file)?]));
    }
    Ok(())
}

fn verdict(verifier: &Verifier, token: &str, now: UnixTime) -> String {
    // In a service, keep one per thread: its buffers are reused.
    let mut scratch = Scratch::default();
    let mut tickets = None;
    loop {
        match verifier.check(token.as_bytes(), now, tickets.take(), &mut scratch) {
            Verdict::Valid { authority, .. } => {
                let caller = verifier.caller(token.as_bytes(), authority, &mut scratch);
                return format!(
                    "valid, from client {}",
                    caller.and_then(|it| it.client).as_deref().unwrap_or("?")
                );
            }
            Verdict::Rejected(error) => return format!("rejected, {}: {error}. {}", error.code(), error.hint()),
            // The key is being fetched, on a thread of its own: wait for it and check again. The tickets limit a request to
            // one fetch.
            Verdict::KeysPending(pending) => {
                let source = verifier.sources().nth(pending.source() as usize);
                let source = source.expect("a pending key has a source");
                let (sender, settled) = sync_channel(1);
                source.when_settled(move || _ = sender.send(()));
                settled.recv().expect("every fetch ends");
                tickets = Some(pending);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    /// Answers one request with the key set.
    fn serve(key_set: String) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let length = key_set.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{key_set}").unwrap();
        });
        Url::parse(&format!("http://{address}/keys")).unwrap()
    }

    #[test]
    fn it_fetches_the_key_and_says_whether_a_token_is_valid() {
        let case: Value = serde_json::from_str(include_str!("../benches/token.json")).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let policy = Policy::builder()
            .tenant_id(text("tenantId"))
            .audience([text("audience")]);
        let verifier = verifier(policy, Some(serve(case["jwks"].to_string()))).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(case["now"].as_u64().unwrap()));
        let valid = verdict(&verifier, text("token"), now);
        assert!(valid.starts_with("valid, from client "), "{valid}");
        let rejected = verdict(&verifier, "not a token", now);
        assert!(rejected.starts_with("rejected, ERR_TOKEN_MALFORMED: "), "{rejected}");
    }
}
