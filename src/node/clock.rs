//! What the authority's clock says about a token that is rejected by its times.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::explain::clock::clock_hint;
use crate::time::UnixTime;
use crate::verifier::Verifier;

/// Seconds from which on an offset is said: far above what a `Date` and a round trip leave open.
const WORTH_SAYING: f64 = 30.0;

/// An instant that is further from this host's clock was not read from it: fake timers, or `currentDate`.
const OF_THIS_HOST: f64 = 5.0;

/// Seconds that the clock which said `now` is ahead of the authority's, where that is known and worth saying.
pub(super) fn ahead(now: UnixTime, verifier: &Verifier) -> Option<f64> {
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    if (here - now.as_secs_f64()).abs() > OF_THIS_HOST {
        return None;
    }
    verifier.clock_ahead().filter(|ahead| ahead.abs() >= WORTH_SAYING)
}

/// What to say about this host's clock where it may be the reason: a clock that is ahead sees tokens expired, and one
/// that is behind sees them not yet valid.
pub(super) fn said(error: &Error, now: UnixTime, verifier: &Verifier) -> Option<String> {
    let may_be = match error {
        Error::TokenExpired { missing: false } => |ahead: f64| ahead > 0.0,
        Error::TokenNotActive => |ahead: f64| ahead < 0.0,
        _ => return None,
    };
    ahead(now, verifier).filter(|&ahead| may_be(ahead)).map(clock_hint)
}
