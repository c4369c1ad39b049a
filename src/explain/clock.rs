//! What to do about a clock that differs from the authority's.

use super::date;

/// What to do about this host's clock, which is so many seconds ahead of the authority's, or behind it.
pub(crate) fn clock_hint(ahead: f64) -> String {
    let direction = if ahead > 0.0 { "ahead of" } else { "behind" };
    format!(
        "this host's clock is {} {direction} the authority's: set it (NTP, or that of the virtual machine)",
        span(ahead.abs())
    )
}

fn span(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    if minutes < 2.0 {
        format!("{} s", seconds.round())
    } else if minutes < 120.0 {
        date::span(minutes * 60.0)
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
            (3590.0, "1 h"),
            (4500.0, "1 h 15 min"),
            (7200.0, "2 h"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }
}
