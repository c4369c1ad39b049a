//! One thing for all tokens, or one for each version.

use crate::policy::Version;

/// One value for all tokens, or one for v1 and one for v2 tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByVersion<T> {
    /// For all tokens but those that `v1` is for.
    default: T,
    v1: Option<T>,
}

impl<T> ByVersion<T> {
    /// One value for all tokens.
    pub const fn one(value: T) -> Self {
        Self {
            default: value,
            v1: None,
        }
    }

    /// A value for each version. `v2` is also for tokens of neither.
    pub const fn each(v1: T, v2: T) -> Self {
        Self {
            default: v2,
            v1: Some(v1),
        }
    }

    /// Whether there are two values.
    pub const fn is_by_version(&self) -> bool {
        self.v1.is_some()
    }

    /// The value for tokens of a version, with its position in [`ByVersion::iter`].
    pub const fn get(&self, version: Option<Version>) -> (u32, &T) {
        match (&self.v1, version) {
            (Some(v1), Some(Version::V1)) => (1, v1),
            _ => (0, &self.default),
        }
    }

    /// The values; that for v1 tokens is the second, if there are two.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.default).chain(&self.v1)
    }

    /// The value for all tokens but those that have another.
    #[cfg(feature = "fetch")]
    pub(super) const fn default_mut(&mut self) -> &mut T {
        &mut self.default
    }

    /// The same with other values.
    pub fn map<U>(self, mut convert: impl FnMut(T) -> U) -> ByVersion<U> {
        ByVersion {
            default: convert(self.default),
            v1: self.v1.map(convert),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_for_every_token() {
        let one = ByVersion::one('a');
        for version in [None, Some(Version::V1), Some(Version::V2)] {
            assert_eq!(one.get(version), (0, &'a'));
        }
        assert!(!one.is_by_version() && one.iter().eq(&['a']));
    }

    #[test]
    fn each_version_has_its_value_at_its_position() {
        let each = ByVersion::each('1', '2').map(|value| value);
        for (version, expected) in [(Some(Version::V1), '1'), (Some(Version::V2), '2'), (None, '2')] {
            let (position, &value) = each.get(version);
            assert_eq!(value, expected);
            assert_eq!(each.iter().nth(position as usize), Some(&expected));
        }
        assert!(each.is_by_version() && each.iter().eq(&['2', '1']));
    }
}
