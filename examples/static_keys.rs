//! Verifies a token from standard input with a key set from a file. Nothing is fetched.
//!
//! ```sh
//! cargo run --no-default-features --example static_keys -- <tenant id> <audience> keys.json < token.txt
//! ```

use std::env::args;
use std::error::Error;
use std::fs;
use std::io::{read_to_string, stdin};
use std::time::{SystemTime, UNIX_EPOCH};

use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::policy::Policy;
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{UnixTime, Verifier, VerifyError};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = args().skip(1).collect();
    let [tenant, audience, keys] = arguments.as_slice() else {
        return Err("expected <tenant id> <audience> <key set file>, and a token on standard input".into());
    };
    let verifier = verifier(tenant, audience, &fs::read(keys)?)?;
    // The library reads no clock.
    let now = UnixTime::since_unix_epoch(SystemTime::now().duration_since(UNIX_EPOCH)?);
    println!("{}", verdict(&verifier, read_to_string(stdin())?.trim(), now));
    Ok(())
}

fn verifier(tenant: &str, audience: &str, key_set: &[u8]) -> Result<Verifier, Box<dyn Error>> {
    let policy = Policy::builder().tenant_id(tenant).audience([audience]).build()?;
    Ok(Verifier::new(policy, KeySet::from(JwkSet::parse(key_set)?))?)
}

fn verdict(verifier: &Verifier, token: &str, now: UnixTime) -> String {
    // In a service, keep one per thread: its buffers are reused.
    let mut scratch = Scratch::default();
    match verifier.verify(token.as_bytes(), now, &mut scratch) {
        Ok(it) => format!(
            "valid, from client {}",
            it.claims.azp.present().map_or("?", AsRef::as_ref)
        ),
        Err(VerifyError::Rejected(error)) => format!("rejected, {}: {error}. {}", error.code(), error.hint()),
        Err(VerifyError::KeysPending) => unreachable!("static keys are never fetched"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::time::Duration;

    #[test]
    fn it_says_whether_a_token_is_valid() {
        let case: Value = serde_json::from_str(include_str!("../benches/token.json")).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let verifier = verifier(text("tenantId"), text("audience"), case["jwks"].to_string().as_bytes()).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(case["now"].as_u64().unwrap()));
        assert!(verdict(&verifier, text("token"), now).starts_with("valid, from client "));
        let rejected = verdict(&verifier, "not a token", now);
        assert!(rejected.starts_with("rejected, ERR_TOKEN_MALFORMED: "), "{rejected}");
    }
}
