//! Instants and tolerances, as types that cannot hold NaN or infinity. The core reads no wall clock: every decision
//! takes the current time as an argument.

use std::time::Duration;

/// An instant in a token: seconds since 1970-01-01T00:00:00Z, possibly with a fraction (RFC 7519, section 2).
///
/// Always finite, so that comparisons always have an answer. May lie before 1970.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct NumericDate(f64);

/// Equality is total: the value is never NaN.
impl Eq for NumericDate {}

impl NumericDate {
    /// The earliest instant.
    pub(crate) const MIN: Self = Self(f64::MIN);

    /// An instant in seconds since 1970. `None` for NaN and infinity.
    #[must_use]
    pub const fn new(seconds: f64) -> Option<Self> {
        if seconds.is_finite() { Some(Self(seconds)) } else { None }
    }

    /// Seconds since 1970; finite.
    #[must_use]
    pub const fn as_secs_f64(self) -> f64 {
        self.0
    }

    /// This instant, later by the tolerance.
    ///
    /// The sum is finite: 300 is far below half the distance between the two largest doubles, 2^971, so that the largest
    /// double plus 300 is the largest double.
    pub(crate) const fn plus(self, tolerance: ClockTolerance) -> Self {
        let later = self.0 + tolerance.0;
        debug_assert!(later.is_finite());
        Self(later)
    }
}

/// The current time: seconds since 1970-01-01T00:00:00Z, finite and not negative.
///
/// A clock that is not set, or a mocked one, can report anything. What cannot be the current time is rejected here, so
/// that no comparison with it can accept a token.
///
/// ```
/// use entra_jwt_verify::UnixTime;
///
/// assert!(UnixTime::new(1_767_225_600.5).is_some());
/// for no_time in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
///     assert_eq!(UnixTime::new(no_time), None);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub struct UnixTime(NumericDate);

impl UnixTime {
    /// The current time in seconds since 1970. `None` for NaN, infinity, and an instant before 1970.
    #[must_use]
    pub const fn new(seconds: f64) -> Option<Self> {
        match NumericDate::new(seconds) {
            Some(date) if seconds >= 0.0 => Some(Self(date)),
            _ => None,
        }
    }

    /// The current time as a duration since 1970, such as `SystemTime::now().duration_since(UNIX_EPOCH)` returns.
    #[must_use]
    pub const fn since_unix_epoch(duration: Duration) -> Self {
        Self(NumericDate(duration.as_secs_f64()))
    }

    /// Seconds since 1970; finite and not negative.
    #[must_use]
    pub const fn as_secs_f64(self) -> f64 {
        self.0.0
    }

    /// As an instant that compares with those in a token.
    pub(crate) const fn date(self) -> NumericDate {
        self.0
    }
}

/// By how much `exp` and `nbf` may be missed: 0 to 300 seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct ClockTolerance(f64);

/// Equality is total: the value is never NaN.
impl Eq for ClockTolerance {}

impl ClockTolerance {
    /// None.
    pub const ZERO: Self = Self(0.0);

    /// The largest: 300 seconds, as in Microsoft's validators. Clocks that differ by more are wrong.
    pub const MAX: Duration = Duration::from_secs(300);

    /// A tolerance; `None` if it is more than [`ClockTolerance::MAX`].
    #[must_use]
    pub fn new(tolerance: Duration) -> Option<Self> {
        (tolerance <= Self::MAX).then_some(Self(tolerance.as_secs_f64()))
    }

    /// Seconds, from 0 to 300.
    #[must_use]
    pub const fn as_secs_f64(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_FINITE: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

    #[test]
    fn a_date_is_finite() {
        for seconds in [0.0, -0.0, -1.5, f64::MIN, f64::MAX, f64::MIN_POSITIVE] {
            assert_eq!(NumericDate::new(seconds).map(NumericDate::as_secs_f64), Some(seconds));
        }
        assert_eq!(NOT_FINITE.map(NumericDate::new), [None; 3]);
    }

    #[test]
    fn the_current_time_is_finite_and_not_before_1970() {
        for seconds in [0.0, -0.0, 1.5, f64::MAX] {
            assert_eq!(UnixTime::new(seconds).map(UnixTime::as_secs_f64), Some(seconds));
        }
        assert_eq!(NOT_FINITE.map(UnixTime::new), [None; 3]);
        assert_eq!([-1.0, -f64::MIN_POSITIVE, f64::MIN].map(UnixTime::new), [None; 3]);
        assert_eq!(
            Some(UnixTime::since_unix_epoch(Duration::from_millis(1500))),
            UnixTime::new(1.5)
        );
        assert!(UnixTime::since_unix_epoch(Duration::MAX).as_secs_f64().is_finite());
    }

    #[test]
    fn a_tolerance_has_a_bound() {
        assert_eq!(ClockTolerance::new(Duration::ZERO), Some(ClockTolerance::ZERO));
        let longest = ClockTolerance::new(ClockTolerance::MAX).unwrap();
        assert_eq!(Duration::from_secs_f64(longest.as_secs_f64()), ClockTolerance::MAX);
        assert_eq!(ClockTolerance::new(ClockTolerance::MAX + Duration::from_nanos(1)), None);
    }

    #[test]
    fn a_date_with_tolerance_stays_finite() {
        let tolerance = ClockTolerance::new(ClockTolerance::MAX).unwrap();
        for seconds in [f64::MIN, -300.0, 0.0, 1e300, f64::MAX] {
            let date = NumericDate::new(seconds).unwrap();
            let later = date.plus(tolerance);
            assert!(later.as_secs_f64().is_finite() && later >= date, "{seconds}");
            assert_eq!(date.plus(ClockTolerance::ZERO), date);
        }
        assert_eq!(NumericDate(f64::MAX).plus(tolerance), NumericDate(f64::MAX));
        assert_eq!(NumericDate(-300.0).plus(tolerance), NumericDate(0.0));
    }
}
