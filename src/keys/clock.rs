//! How far this host's clock is from the authority's, by the `Date` of its answers (RFC 9110, section 6.6.1).

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::calendar::days_since_1970;

/// Longer than that, and the time at which the answer was written is not known well enough.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(10);

/// A clock that was set meanwhile, or a host that slept, makes an offset of before worthless.
const MAX_DRIFT: f64 = 1.0;

/// A measured offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockOffset {
    seconds: f64,
    at: (Instant, SystemTime),
}

/// A request that was sent at this time of this host.
#[derive(Clone, Copy)]
pub(super) struct Asked(SystemTime);

impl Asked {
    pub(super) fn now() -> Self {
        Self(SystemTime::now())
    }

    /// By the `Date` of the answer, which came now.
    pub(super) fn answered(self, date: &str) -> Option<ClockOffset> {
        ClockOffset::of(date, self.0, SystemTime::now())
    }
}

impl ClockOffset {
    /// By the `Date` of an answer that was asked for and came at these times of this host.
    fn of(date: &str, asked: SystemTime, came: SystemTime) -> Option<Self> {
        let round_trip = came.duration_since(asked).ok().filter(|time| *time <= MAX_ROUND_TRIP)?;
        // A date has whole seconds: on the average half a second has passed since.
        let there = parse(date)? + 0.5;
        let here = came.duration_since(UNIX_EPOCH).ok()?.as_secs_f64() - round_trip.as_secs_f64() / 2.0;
        Some(Self {
            seconds: here - there,
            at: (Instant::now(), came),
        })
    }

    /// Seconds that this host is ahead of the authority, negative where it is behind; `None` if the clock was set since
    /// the measurement.
    pub(super) fn seconds_ahead(&self) -> Option<f64> {
        let (instant, time) = self.at;
        let by_clock = SystemTime::now().duration_since(time).ok()?.as_secs_f64();
        let drift = (by_clock - instant.elapsed().as_secs_f64()).abs();
        (drift <= MAX_DRIFT).then_some(self.seconds)
    }
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers may send.
pub(super) fn parse(date: &str) -> Option<f64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let parts: Vec<&str> = date.trim().split([' ', ':']).collect();
    let [_, day, month, year, hour, minute, second, "GMT"] = parts.as_slice() else {
        return None;
    };
    let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let month = MONTHS.find(month).filter(|place| place % 3 == 0 && month.len() == 3)? / 3;
    let (day, year) = (number(day)?, number(year)?);
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    if !(1..=31).contains(&day) || !(1970..=9999).contains(&year) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_1970(year, i64::try_from(month).ok()? + 1, day);
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    u32::try_from(seconds).ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn dates_of_http() {
        for (date, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777.0)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0.0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199.0)),
            ("Fri, 01 Mar 2024 00:00:00 GMT", Some(1_709_251_200.0)),
            ("Sun, 31 Dec 2000 12:00:00 GMT", Some(978_264_000.0)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun Nov  6 08:49:37 1994", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 nov 1994 08:49:37 GMT", None),
            ("Sun, 06 anF 1994 08:49:37 GMT", None),
            ("Sun, 32 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 23:59:60 GMT", Some(784_166_400.0)),
            ("Sun, 06 Nov 1994 24:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:60:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:61 GMT", None),
            ("Sun, -6 Nov 1994 08:49:37 GMT", None),
            ("", None),
        ] {
            assert_eq!(parse(date), expected, "{date}");
        }
    }

    #[test]
    fn the_offset_is_signed_and_counts_half_the_round_trip() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let there = 784_111_777.0;
        let offset = |asked: f64, came: f64| ClockOffset::of(date, at(asked), at(came)).map(|offset| offset.seconds);
        for (asked, came, expected) in [
            (there, there + 1.0, 0.0),
            (there + 600.0, there + 601.0, 600.0),
            (there - 600.0, there - 599.0, -600.0),
        ] {
            assert!((offset(asked, came).unwrap() - expected).abs() < 0.01);
        }
        assert_eq!(offset(there, there + 11.0), None, "too slow to tell");
        assert_eq!(offset(there, there - 1.0), None, "the clock was set meanwhile");
    }

    #[test]
    fn a_date_is_compared_with_now() {
        let offset = Asked::now().answered("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let expected = SystemTime::now().duration_since(at(784_111_777.5)).unwrap();
        assert!((offset.seconds - expected.as_secs_f64()).abs() < 60.0);
        assert!(Asked::now().answered("yesterday").is_none());
    }

    #[test]
    fn an_offset_is_worthless_once_the_clock_was_set() {
        let now = SystemTime::now();
        let offset = ClockOffset {
            seconds: 5.0,
            at: (Instant::now(), now),
        };
        assert_eq!(offset.seconds_ahead(), Some(5.0));
        // Both clocks went on, not quite alike.
        let later = ClockOffset {
            at: (
                Instant::now().checked_sub(Duration::from_millis(2500)).unwrap(),
                now.checked_sub(Duration::from_secs(3)).unwrap(),
            ),
            ..offset
        };
        assert_eq!(later.seconds_ahead(), Some(5.0));
        for shift in [60, 3600] {
            let shift = Duration::from_secs(shift);
            for then in [now - shift, now + shift] {
                let set = ClockOffset {
                    at: (Instant::now(), then),
                    ..offset
                };
                assert_eq!(set.seconds_ahead(), None);
            }
        }
    }
}
