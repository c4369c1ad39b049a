//! Names that are probably other ones, misspelt.

/// Letters that may be wrong in a name.
const MAX_DISTANCE: usize = 2;

/// Bytes of the longest name that is compared: the time that it takes grows with the product of two lengths.
const MAX_LENGTH: usize = 64;

/// The number of letters by which one name differs from another (added, removed, replaced, or swapped with the next), if they are so
/// few that it may be a slip: of a short name, at most a third. A digit is none: `Level1` and `Level2` are two names.
pub(crate) fn slip(given: &str, meant: &str) -> Option<usize> {
    if given.len() > MAX_LENGTH || meant.len() > MAX_LENGTH {
        return None;
    }
    let letters = |name: &str| name.chars().filter(|it| !it.is_ascii_digit()).collect::<String>();
    if given != meant && letters(given) == letters(meant) {
        return None;
    }
    let distance = strsim::osa_distance(given, meant);
    (distance <= MAX_DISTANCE.min(given.chars().count() / 3)).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_letters_are_a_slip() {
        for (given, meant, expected) in [
            ("Task.Read", "Task.Read", Some(0)),
            ("Task.Raed", "Task.Read", Some(1)),
            ("Tasks.Read", "Task.Read", Some(1)),
            ("Tsaks.Read", "Task.Read", Some(2)),
            ("Tsaks.Reat", "Task.Read", None),
            ("Level1", "Level2", None),
            ("Task.Read1", "Task.Read2", None),
            ("Task.Read", "Task.Read2", None),
            ("cat", "ca", Some(1)),
            ("ca", "cab", None),
            ("", "a", None),
        ] {
            assert_eq!(slip(given, meant), expected, "{given} {meant}");
        }
        let long = "a".repeat(MAX_LENGTH);
        assert_eq!(slip(&long, &long), Some(0));
        assert_eq!(slip(&long, &format!("{long}a")), None);
        assert_eq!(slip(&format!("{long}a"), &long), None);
    }
}
