//! Options, JSON -> policy, keys, verifier. The core's own types check what the values mean; here they get their types.

mod key_sources;
mod policy;

pub(super) use key_sources::{locations, proxy};
pub(super) use policy::policy;

use key_sources::{check_unused, sources, static_keys};

use super::options::{Options, in_authority};
use crate::error::Error;
use crate::verifier::Verifier;

/// The verifier that the options describe. `no_proxy` says what `proxy` is not for, as `lib/core/proxies.js` hands it over.
pub(super) fn verifier(options: &Options, no_proxy: Option<&str>) -> Result<Verifier, Error> {
    let verifier = match options.authorities()? {
        None => of_one(options, no_proxy)?,
        Some(all) => {
            let all = with_keys_of_their_own(all)?.into_iter().enumerate();
            let verifiers = all.map(|(at, one)| of_one(&one, no_proxy).map_err(|error| in_authority(error, at)));
            Verifier::of_several(verifiers.collect::<Result<_, _>>()?)?
        }
    };
    Ok(verifier.with_token_cache(token_cache(options)?))
}

/// `initialKeys` that hold those of several authorities, by URL, are left out where the keys are static, and where the URL does
/// not say whose the keys are: another authority has the same, and takes its keys from elsewhere.
fn with_keys_of_their_own(mut all: Vec<Options>) -> Result<Vec<Options>, Error> {
    let place = |options: &Options| {
        let policy = policy(options)?;
        let is_static = options.value("jwks").is_some();
        let location = if is_static {
            None
        } else {
            Some(locations(options, &policy)?)
        };
        Ok((policy.authority_url(), location))
    };
    let places = all.iter().enumerate();
    let places = places.map(|(at, one)| place(one).map_err(|error| in_authority(error, at)));
    let places: Vec<_> = places.collect::<Result<_, _>>()?;
    for (options, (url, location)) in all.iter_mut().zip(&places) {
        let is_namesake = |(other_url, other): &(String, _)| other_url == url && other != location;
        if location.is_none() || places.iter().any(is_namesake) {
            options.drop_named_keys();
        }
    }
    Ok(all)
}

fn of_one(options: &Options, no_proxy: Option<&str>) -> Result<Verifier, Error> {
    let policy = policy(options)?;
    let Some(keys) = static_keys(options)? else {
        let sources = sources(options, &policy, no_proxy)?;
        return Ok(Verifier::fetching(policy, sources));
    };
    if options.value("initialKeys").is_some() {
        return Err(Error::config(
            "initialKeys",
            "give either jwks, which are never refreshed, or initialKeys, which are",
        ));
    }
    check_unused(options, no_proxy)?;
    Verifier::new(policy, keys)
}

fn token_cache(options: &Options) -> Result<Option<usize>, Error> {
    if options.is_false("tokenCache") {
        return Ok(None);
    }
    let entries = options.count("tokenCache", 1, 1_000_000, "entries")?;
    Ok(Some(entries.unwrap_or(Verifier::DEFAULT_TOKEN_CACHE)))
}

#[cfg(test)]
mod tests;
