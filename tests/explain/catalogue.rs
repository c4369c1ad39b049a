//! Every finding has a test that expects it. That docs/explain.md has it is tested with the package's other facts.

use std::collections::BTreeSet;

use entra_jwt_verify::explain::FindingName;

/// The tests of findings, which name what they expect.
const TESTS: [&str; 11] = [
    include_str!("audience.rs"),
    include_str!("authority.rs"),
    include_str!("damaged.rs"),
    include_str!("ids.rs"),
    include_str!("issuers.rs"),
    include_str!("kinds.rs"),
    include_str!("lifetime.rs"),
    include_str!("permissions.rs"),
    include_str!("texts.rs"),
    include_str!("warnings.rs"),
    include_str!("checks.rs"),
];

#[test]
fn every_finding_has_a_name_of_its_own_and_a_test() {
    let names: BTreeSet<_> = FindingName::ALL.iter().map(|name| name.as_str()).collect();
    assert_eq!(names.len(), FindingName::ALL.len());
    for name in names {
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit()),
            "{name}"
        );
        assert!(
            TESTS.iter().any(|test| test.contains(&format!("\"{name}\""))),
            "no test expects {name}"
        );
    }
}
