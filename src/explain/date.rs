//! Instants and spans in words.

use crate::time::{NumericDate, UnixTime};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// An instant, and how far it lies from now.
pub(super) fn instant(instant: NumericDate, now: UnixTime) -> String {
    let (seconds, now) = (instant.as_secs_f64(), now.as_secs_f64());
    let distance = span((seconds - now).abs());
    let date = date(instant);
    if seconds < now {
        format!("{date} ({distance} ago)")
    } else {
        format!("{date} (in {distance})")
    }
}

/// RFC 3339 in whole seconds; a number outside of the years 1 to 9999.
pub(super) fn date(instant: NumericDate) -> String {
    let seconds = instant.as_secs_f64();
    // From the year 1 to the year 9999.
    if !(-62_135_596_800.0..253_402_300_800.0).contains(&seconds) {
        return format!("{seconds:e} seconds after 1970");
    }
    #[allow(clippy::cast_possible_truncation, reason = "the bounds are checked")]
    let seconds = seconds.floor() as i64;
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A span, in its two largest units.
pub(super) fn span(seconds: f64) -> String {
    let two = |unit: f64, name: &str, part: f64, part_name: &str| {
        let (whole, rest) = ((seconds / unit).floor(), (seconds % unit / part).floor());
        if rest == 0.0 {
            format!("{whole} {name}")
        } else {
            format!("{whole} {name} {rest} {part_name}")
        }
    };
    match seconds {
        _ if seconds < MINUTE => format!("{} s", seconds.floor()),
        _ if seconds < HOUR => two(MINUTE, "min", 1.0, "s"),
        _ if seconds < DAY => two(HOUR, "h", MINUTE, "min"),
        _ if seconds < 1e6 * DAY => two(DAY, "d", HOUR, "h"),
        _ => "more than a million days".to_owned(),
    }
}

/// Days since 1970 -> year, month, day, in the calendar of ISO 8601 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms": years begin in March, so that the leap day is the last).
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0.0, "1970-01-01T00:00:00Z"),
            (-0.5, "1969-12-31T23:59:59Z"),
            (951_782_400.0, "2000-02-29T00:00:00Z"),
            (1_767_225_600.9, "2026-01-01T00:00:00Z"),
            (4_107_542_399.0, "2100-02-28T23:59:59Z"),
            (4_107_542_400.0, "2100-03-01T00:00:00Z"),
            (253_402_300_799.0, "9999-12-31T23:59:59Z"),
            (-62_135_596_800.0, "0001-01-01T00:00:00Z"),
            (1e300, "1e300 seconds after 1970"),
        ] {
            assert_eq!(date(NumericDate::new(seconds).unwrap()), text);
        }
    }

    #[test]
    fn spans_and_instants() {
        for (seconds, text) in [
            (0.9, "0 s"),
            (59.0, "59 s"),
            (60.0, "1 min"),
            (192.0, "3 min 12 s"),
            (3600.0, "1 h"),
            (7500.0, "2 h 5 min"),
            (DAY, "1 d"),
            (90_000.0, "1 d 1 h"),
            (1e6 * DAY - 1.0, "999999 d 23 h"),
            (1e6 * DAY, "more than a million days"),
            (1e300, "more than a million days"),
        ] {
            assert_eq!(span(seconds), text);
        }
        let at = |seconds, now| instant(NumericDate::new(seconds).unwrap(), UnixTime::new(now).unwrap());
        assert_eq!(at(60.0, 0.0), "1970-01-01T00:01:00Z (in 1 min)");
        assert_eq!(at(0.0, 0.0), "1970-01-01T00:00:00Z (in 0 s)");
        assert_eq!(at(0.0, 60.0), "1970-01-01T00:00:00Z (1 min ago)");
        assert!(at(f64::MIN, f64::MAX).ends_with("(more than a million days ago)"));
    }
}
