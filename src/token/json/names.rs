//! The names of an object's members, of which none may occur twice.

use std::borrow::Cow;

use smallvec::SmallVec;

/// The names of one object. A token has some 25, which need no allocation: they are told apart by a bit each, and compared only where two
/// share it. From [`Names::FEW`] on that could be made expensive, and sorting at the end bounds the work.
#[derive(Default)]
pub(super) struct Names<'de> {
    names: SmallVec<[Cow<'de, str>; 32]>,
    bits: [u64; 4],
}

impl<'de> Names<'de> {
    const FEW: usize = 64;

    /// Adds a name; `true` if it is known to be there already.
    pub(super) fn add_or_find(&mut self, name: Cow<'de, str>) -> bool {
        let is_there = self.names.len() < Self::FEW && self.mark(&name) && self.names.contains(&name);
        self.names.push(name);
        is_there
    }

    /// Sets the bit of a name; `true` if it was set.
    fn mark(&mut self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
        let hash = first.wrapping_mul(31) ^ last.wrapping_mul(7) ^ bytes.len().to_le_bytes()[0].wrapping_mul(13);
        let (word, bit) = (usize::from(hash >> 6), 1 << (hash & 63));
        let was_set = self.bits[word] & bit != 0;
        self.bits[word] |= bit;
        was_set
    }

    /// For objects of many members, whose names were not all compared.
    pub(super) fn have_duplicates(mut self) -> bool {
        if self.names.len() <= Self::FEW {
            return false;
        }
        self.names.sort_unstable();
        self.names.windows(2).any(|pair| pair[0] == pair[1])
    }
}
