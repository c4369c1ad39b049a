//! What the authority's clock says about a token that is rejected by its times.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::time::UnixTime;
use crate::verifier::Verifier;

/// Seconds from which on an offset is said: far above what a `Date` and a round trip leave open.
const WORTH_SAYING: f64 = 30.0;

/// An instant that is further from this host's clock was not read from it: fake timers, or `currentDate`.
const OF_THIS_HOST: f64 = 5.0;

/// What to say about this host's clock where it may be the reason: a clock that is ahead sees tokens expired, and one
/// that is behind sees them not yet valid.
pub(super) fn said(error: &Error, now: UnixTime, verifier: &Verifier) -> Option<String> {
    let may_be = match error {
        Error::TokenExpired { missing: false } => |ahead: f64| ahead >= WORTH_SAYING,
        Error::TokenNotActive => |ahead: f64| ahead <= -WORTH_SAYING,
        _ => return None,
    };
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    if (here - now.as_secs_f64()).abs() > OF_THIS_HOST {
        return None;
    }
    let ahead = verifier.clock_ahead().filter(|ahead| may_be(*ahead))?;
    let direction = if ahead > 0.0 { "ahead of" } else { "behind" };
    Some(format!(
        "this host's clock is {} {direction} the authority's: set it (NTP, or that of the virtual machine)",
        span(ahead.abs())
    ))
}

fn span(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    if minutes < 2.0 {
        format!("{} s", seconds.round())
    } else if minutes < 120.0 {
        format!("{minutes} min")
    } else {
        format!("{} h", (minutes / 60.0).round())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_rounded_to_what_a_person_says() {
        for (seconds, expected) in [
            (30.4, "30 s"),
            (89.0, "89 s"),
            (90.0, "2 min"),
            (600.0, "10 min"),
            (7200.0, "2 h"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }
}
