//! GUIDs: the only parser, and the tenant that Microsoft publishes.

use uuid::{Uuid, uuid};

use super::TenantId;

/// The tenant of personal Microsoft accounts (Microsoft identity platform, "Access token claims reference", `tid`).
pub const MICROSOFT_ACCOUNTS: TenantId = uuid!("9188040d-6c67-4c5b-b112-36a304b66dad");

/// Reads a GUID in its hyphenated form of 36 characters, in upper or lower case: the only form that Entra writes.
///
/// The `uuid` crate also accepts braces, `urn:uuid:` and 32 digits without hyphens. With these, different texts would
/// be the same identifier.
pub(crate) fn parse(text: &str) -> Option<Uuid> {
    if text.len() == 36 {
        Uuid::try_parse(text).ok()
    } else {
        None
    }
}

/// What is wrong with a text that is nearly a GUID; `None` if it is one, or is not near.
pub(crate) fn slip(text: &str) -> Option<&'static str> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    if parse(text).is_some() || groups.len() != GROUPS.len() || !groups.iter().all(is_hex) {
        return None;
    }
    match groups.iter().map(|group| group.len()).sum::<usize>() {
        31 => Some("one digit too few"),
        32 => Some("hyphens in the wrong places"),
        33 => Some("one digit too many"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

    #[test]
    fn a_guid_compares_without_case() {
        assert!(parse(ID).is_some());
        assert_eq!(parse(ID), parse(&ID.to_uppercase()));
    }

    #[test]
    fn what_is_nearly_a_guid_is_told() {
        for (text, expected) in [
            (ID, None),
            ("7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1", Some("one digit too few")),
            ("7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a112", Some("one digit too many")),
            (
                "7c0d5b1-e3f5a-4b0e-9a53-1f2f6f0c9a11",
                Some("hyphens in the wrong places"),
            ),
            ("7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1g", None),
            ("7c0d5b1e-3f5a-4b0e-9a53", None),
            ("----", None),
            ("contoso", None),
        ] {
            assert_eq!(slip(text), expected, "{text}");
        }
    }

    #[test]
    fn only_36_characters_are_a_guid() {
        for text in [
            "",
            "7c0d5b1e3f5a4b0e9a531f2f6f0c9a11",
            "{7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11}",
            "urn:uuid:7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11",
            "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1",
            "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a112",
            "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1g",
            "7c0d5b1-e3f5a-4b0e-9a53-1f2f6f0c9a11",
            " 7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1",
            "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9aé",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
