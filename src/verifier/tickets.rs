//! What a request that waits for keys has asked before.

use crate::keys::Ticket;

/// The tickets of one request: with them, it causes one fetch of a source at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tickets {
    /// Of the source that was asked last, which is the one to wait for.
    last: Option<(u32, Ticket)>,
    /// Of the others: where the keys tell which authority a token is of. Empty for most requests, so that nothing is allocated.
    others: Vec<(u32, Ticket)>,
}

impl Tickets {
    /// The tickets of [`Tickets::iter`].
    #[must_use]
    pub fn from_pairs(pairs: &[(u32, Ticket)]) -> Self {
        let mut tickets = Self::default();
        for &(source, ticket) in pairs {
            tickets.keep(source, ticket);
        }
        tickets
    }

    /// Each source that was asked, by its position in `Verifier::sources`, and the ticket it was asked with. The last is the one
    /// to wait for.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Ticket)> {
        self.others.iter().copied().chain(self.last)
    }

    /// The source to wait for: its position in `Verifier::sources`.
    #[must_use]
    pub fn source(&self) -> u32 {
        self.last.map_or(0, |(source, _)| source)
    }

    /// The ticket of a source, if it was asked.
    #[cfg(any(feature = "fetch", test))]
    pub(super) fn of(&self, source: u32) -> Option<Ticket> {
        self.iter()
            .find(|(other, _)| *other == source)
            .map(|(_, ticket)| ticket)
    }

    /// Keeps the ticket that a source was asked with.
    pub(super) fn keep(&mut self, source: u32, ticket: Ticket) {
        if let Some(last) = self.last.take_if(|(last, _)| *last != source) {
            self.others.retain(|(other, _)| *other != source);
            self.others.push(last);
        }
        self.last = Some((source, ticket));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_its_newest_ticket_and_the_last_is_waited_for() {
        let mut tickets = Tickets::default();
        assert_eq!((tickets.source(), tickets.of(0)), (0, None));
        for (source, ticket) in [(1, 10), (1, 11), (0, 20), (2, 30), (0, 21)] {
            tickets.keep(source, Ticket(ticket));
            assert_eq!(tickets.source(), source);
        }
        assert_eq!(
            [0, 1, 2, 3].map(|source| tickets.of(source)),
            [Some(Ticket(21)), Some(Ticket(11)), Some(Ticket(30)), None]
        );
        let pairs: Vec<_> = tickets.iter().collect();
        assert_eq!(pairs.len(), 3);
        assert_eq!(Tickets::from_pairs(&pairs), tickets);
    }
}
