//! The verifiers of the process: one for each set of options, shared by all JavaScript verifiers that have the same,
//! across worker threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use once_cell::sync::Lazy;

use super::config;
use super::options::Options;
use crate::error::Error;
use crate::verifier::Verifier;

/// By the options, JSON, and what the proxy is not for.
type Registry = Mutex<HashMap<(String, Option<String>), Weak<Verifier>>>;

static REGISTRY: Lazy<Registry> = Lazy::new(Registry::default);

/// The verifier of these options, made now or before.
pub(super) fn shared(options: String, no_proxy: Option<String>) -> Result<Arc<Verifier>, Error> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let name = (options, no_proxy);
    if let Some(verifier) = registry.get(&name).and_then(Weak::upgrade) {
        return Ok(verifier);
    }
    registry.retain(|_, verifier| verifier.strong_count() > 0);
    let verifier = Arc::new(config::verifier(&Options::parse(&name.0)?, name.1.as_deref())?);
    registry.insert(name, Arc::downgrade(&verifier));
    Ok(verifier)
}
