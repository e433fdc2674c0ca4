//! Priority and fairness: who of those who wait goes first.
//!
//! Three orders. [`Order::Fifo`]: who came first. [`Order::Priority`]: the higher class, and within a
//! class who came first; nothing is taken back from one who already went, and without ageing a low
//! entry may wait for ever, so after each `ageing` waited an entry counts as one class higher.
//! [`Order::Fair`]: tenants in turn, so that one with a hundred entries does not make one with five
//! wait for all of them. Priority is not fairness.
//!
//! Fair is start-time fair queueing with equal weights and unit cost: a tenant's first entry has a
//! round, the round after its last one that went, but none that is already over; the lowest round goes
//! first, and in a round who went longest ago. While two tenants both have entries in line, neither
//! gets more than one ahead of the other.
//!
//! Source: A. Demers, S. Keshav and S. Shenker, "Analysis and Simulation of a Fair Queueing Algorithm",
//! SIGCOMM 1989; P. Goyal, H. Vin and H. Cheng, "Start-Time Fair Queueing", SIGCOMM 1996.

use crate::id::Tag;
use crate::time::{Instant, whole_micros};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// How much an entry matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Before all others.
    High,
    /// As usual.
    #[default]
    Normal,
    /// After all others.
    Low,
}

/// By what a line is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Who came first.
    #[default]
    Fifo,
    /// The higher class, then who came first.
    Priority {
        /// How long an entry waits until it counts as one class higher, and again until the next;
        /// `None` for never. Less than 1 us counts as 1 us.
        ageing: Option<Duration>,
    },
    /// Tenants in turn, each in the order of coming.
    Fair,
}

/// One who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who it is.
    pub tag: Tag,
    /// How much it matters.
    pub class: Class,
    /// Whose it is.
    pub tenant: u8,
    /// When it came. Of those that came at once, the one pushed first was first.
    pub joined: Instant,
}

/// One whose class does not matter, and whose coming is told apart by order alone.
impl From<Tag> for Entry {
    fn from(tag: Tag) -> Self {
        Self { tag, class: Class::default(), tenant: 0, joined: Instant::ZERO }
    }
}

/// A line. Pure: it is told the time.
#[derive(Clone, Debug)]
pub struct Line {
    order: Order,
    /// One queue for all, or one a class, or one a tenant.
    queues: Vec<Queue>,
    /// Pushes and pops so far.
    events: u64,
    /// The round of the last that went.
    round: u64,
}

/// What one who waits is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    queue: usize,
    place: Place,
}

/// When an entry came, and the number of its push.
type Place = (Instant, u64);

/// Lower goes first; the first figure that differs decides.
type Rank = [u64; 3];

/// Entries of which the one in front always goes first.
#[derive(Clone, Debug, Default)]
struct Queue {
    entries: VecDeque<(Place, Entry)>,
    /// The round in which the one in front goes.
    round: u64,
    /// The event of its last pop, or of the push that found it empty.
    since: u64,
}

impl Queue {
    /// Where an entry with that place stands, or would stand.
    fn index_of(&self, place: Place) -> usize {
        // Most who are looked for came last.
        match self.entries.back() {
            Some((last, _)) if *last > place => self.entries.partition_point(|(other, _)| *other < place),
            Some((last, _)) if *last == place => self.entries.len() - 1,
            _ => self.entries.len(),
        }
    }

    /// Where the one with that place stands, if it does.
    fn find(&self, place: Place) -> Option<usize> {
        let index = self.index_of(place);
        self.entries.get(index).filter(|(other, _)| *other == place).map(|_| index)
    }
}

impl Line {
    /// Nobody waits.
    #[must_use]
    pub fn new(order: Order) -> Self {
        Self { order, queues: Vec::new(), events: 0, round: 0 }
    }

    /// Puts an entry in line.
    pub fn push(&mut self, entry: Entry) -> Ticket {
        self.events += 1;
        let which = usize::from(match self.order {
            Order::Fifo => 0,
            Order::Priority { .. } => entry.class as u8,
            Order::Fair => entry.tenant,
        });
        if self.queues.len() <= which {
            self.queues.resize(which + 1, Queue::default());
        }
        let queue = &mut self.queues[which];
        if queue.entries.is_empty() {
            queue.round = queue.round.max(self.round);
            queue.since = self.events;
        }
        let place = (entry.joined, self.events);
        match queue.index_of(place) {
            last if last == queue.entries.len() => queue.entries.push_back((place, entry)),
            index => queue.entries.insert(index, (place, entry)),
        }
        Ticket { queue: which, place }
    }

    /// Takes out the one who goes first at `now`.
    pub fn pop(&mut self, now: Instant) -> Option<Entry> {
        let fronts = self.queues.iter().enumerate().filter(|(_, queue)| !queue.entries.is_empty());
        let (first, _) = fronts.min_by_key(|(_, queue)| self.rank(queue, 0, now))?;
        let queue = self.queues.get_mut(first)?;
        let (_, entry) = queue.entries.pop_front()?;
        self.events += 1;
        self.round = queue.round;
        queue.round += 1;
        queue.since = self.events;
        Some(entry)
    }

    /// Takes out the one with this ticket, if it waits here.
    pub fn remove(&mut self, ticket: Ticket) -> Option<Entry> {
        let queue = self.queues.get_mut(ticket.queue)?;
        let (_, entry) = queue.entries.remove(queue.find(ticket.place)?)?;
        Some(entry)
    }

    /// Takes out all who are `meant`.
    pub fn remove_all(&mut self, meant: impl Fn(Tag) -> bool) -> BTreeSet<Tag> {
        let mut gone = BTreeSet::new();
        for queue in &mut self.queues {
            queue.entries.retain(|(_, entry)| !meant(entry.tag) || !gone.insert(entry.tag));
        }
        gone
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queues.iter().map(|queue| queue.entries.len()).sum()
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queues.iter().all(|queue| queue.entries.is_empty())
    }

    /// How many would go before the one with this ticket if all went at `now`; nothing if it is not here.
    #[must_use]
    pub fn ahead_of(&self, ticket: Ticket, now: Instant) -> Option<usize> {
        let queue = self.queues.get(ticket.queue)?;
        let index = queue.find(ticket.place)?;
        if self.order == Order::Fifo {
            return Some(index);
        }
        let mine = self.rank(queue, index, now);
        let before = |queue: &Queue| first_not(queue.entries.len(), |index| self.rank(queue, index, now) < mine);
        Some(self.queues.iter().map(before).sum())
    }

    fn rank(&self, queue: &Queue, index: usize, now: Instant) -> Rank {
        let ((joined, number), entry) = queue.entries[index];
        match self.order {
            Order::Fifo => [0, joined.0, number],
            Order::Priority { ageing } => {
                let step = ageing.map_or(u64::MAX, whole_micros).max(1);
                let higher = whole_micros(now.since(joined)) / step;
                [(entry.class as u64).saturating_sub(higher), joined.0, number]
            }
            // Whoever has fewer entries before this one in its own queue will have gone longer ago.
            Order::Fair => [queue.round + index as u64, index as u64, queue.since],
        }
    }
}

/// The first of `0..len` of which `holds` is no longer true, all before it being so.
fn first_not(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, len);
    while from < to {
        let middle = from.midpoint(to);
        if holds(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(item: u32, class: Class, tenant: u8, joined: u64) -> Entry {
        Entry { tag: Tag::of_item(0, item), class, tenant, joined: Instant(joined) }
    }

    /// The ticket of the one with this tag.
    fn ticket(line: &Line, tag: Tag) -> Option<Ticket> {
        let found = |(queue, entries): (usize, &Queue)| {
            let (place, _) = entries.entries.iter().find(|(_, entry)| entry.tag == tag)?;
            Some(Ticket { queue, place: *place })
        };
        line.queues.iter().enumerate().find_map(found)
    }

    fn ahead_of(line: &Line, item: u32, now: u64) -> Option<usize> {
        line.ahead_of(ticket(line, Tag::of_item(0, item))?, Instant(now))
    }

    fn remove(line: &mut Line, item: u32) -> Option<Entry> {
        line.remove(ticket(line, Tag::of_item(0, item))?)
    }

    fn all(line: &mut Line, now: u64) -> Vec<u32> {
        std::iter::from_fn(|| line.pop(Instant(now))).map(|entry| entry.tag.item).collect()
    }

    #[test]
    fn high_before_normal_before_low_and_first_come_within_a_class() {
        use Class::{High, Low, Normal};
        let mut line = Line::new(Order::Priority { ageing: None });
        for (item, class) in (0..).zip([Low, High, Normal, Low, Normal]) {
            line.push(entry(item, class, 0, 0));
        }
        assert_eq!(ahead_of(&line, 3, 0), Some(4));
        assert_eq!(all(&mut line, 0), [1, 2, 4, 0, 3]);
    }

    #[test]
    fn a_low_entry_that_waited_long_enough_goes_before_a_younger_high_one() {
        let mut line = Line::new(Order::Priority { ageing: Some(Duration::from_micros(10)) });
        line.push(entry(0, Class::Low, 0, 0));
        line.push(entry(1, Class::High, 0, 5));
        assert_eq!(all(&mut line.clone(), 19), [1, 0]);
        assert_eq!(all(&mut line, 20), [0, 1]);
    }

    #[test]
    fn a_hundred_entries_do_not_make_five_of_another_tenant_wait_for_all() {
        let cases = [(Order::Fifo, false, 105), (Order::Fair, false, 10), (Order::Fair, true, 10)];
        for (order, is_a_ahead, last_of_b) in cases {
            let mut line = Line::new(order);
            let mut went = Vec::new();
            for item in 0..105 {
                line.push(entry(item, Class::Normal, u8::from(item >= 100), 0));
                if item == 0 && is_a_ahead {
                    went.extend(line.pop(Instant(0)).map(|entry| entry.tag.item));
                }
            }
            went.extend(all(&mut line, 0));
            let last = went.iter().rposition(|&item| item >= 100).expect("five");
            assert_eq!(last + 1, last_of_b, "{order:?}");
        }
    }

    #[test]
    fn one_who_leaves_costs_a_tenant_no_turn() {
        let mut line = Line::new(Order::Fair);
        for (item, tenant) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1)] {
            line.push(entry(item, Class::Normal, tenant, 0));
        }
        let first = ticket(&line, Tag::of_item(0, 0)).expect("it waits");
        assert_eq!(
            (line.ahead_of(first, Instant(0)), line.remove(first).map(|entry| entry.tenant)),
            (Some(0), Some(0))
        );
        assert_eq!((line.ahead_of(first, Instant(0)), line.remove(first), line.len()), (None, None, 4));
        assert_eq!(all(&mut line, 0), [1, 3, 2, 4]);
        assert!(line.is_empty());
    }

    /// What may happen to a line: how much later, what, and to whom or with what.
    fn moves() -> impl Strategy<Value = Vec<(u64, u8, u32, u8)>> {
        prop::collection::vec((0u64..6, 0u8..8, 0u32..40, 0u8..3), 1..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Against sorting everybody anew at each pop.
        #[test]
        fn classes_and_ages_order_the_line(step in prop::option::of(1u64..20), is_fifo: bool, moves in moves()) {
            let ageing = step.map(Duration::from_micros);
            let order = if is_fifo { Order::Fifo } else { Order::Priority { ageing } };
            let mut line = Line::new(order);
            let mut waiting: Vec<Entry> = Vec::new();
            let mut now = 0;
            for (later, what, item, kind) in moves {
                now += later;
                let class_at = |entry: &Entry| {
                    let base = [Class::High, Class::Normal, Class::Low].iter().position(|class| *class == entry.class);
                    let ages = step.map_or(0, |step| (1..=2u64).filter(|n| entry.joined.0 + n * step <= now).count());
                    if is_fifo { 0 } else { base.expect("one of them").saturating_sub(ages) }
                };
                // Stable, and the oldest push comes first: so ties go by the order of pushing.
                let mut sorted = waiting.clone();
                sorted.sort_by_key(|entry| (class_at(entry), entry.joined));
                for (ahead, entry) in sorted.iter().enumerate() {
                    prop_assert_eq!(ahead_of(&line, entry.tag.item, now), Some(ahead));
                }
                let tag = Tag::of_item(0, item);
                match what {
                    0..4 => {
                        // Some say that they came a little earlier than they were pushed.
                        let class = [Class::High, Class::Normal, Class::Low][usize::from(kind)];
                        let entry = entry(item, class, 0, now.saturating_sub(u64::from(what)));
                        remove(&mut line, item);
                        line.push(entry);
                        waiting.retain(|other| other.tag != tag);
                        waiting.push(entry);
                    }
                    4..7 => {
                        let first = sorted.first().copied();
                        prop_assert_eq!(line.pop(Instant(now)), first);
                        waiting.retain(|other| Some(*other) != first);
                    }
                    _ => {
                        let gone = waiting.iter().position(|other| other.tag == tag).map(|at| waiting.remove(at));
                        prop_assert_eq!(remove(&mut line, item), gone);
                    }
                }
                prop_assert_eq!(line.len(), waiting.len());
            }
        }

        /// While two tenants both wait, in no stretch does one get two more than the other; each tenant's
        /// own go in order; and those said to be ahead are those who go before.
        #[test]
        fn tenants_who_wait_go_in_turn(moves in moves()) {
            let mut line = Line::new(Order::Fair);
            let mut waiting: [Vec<u32>; 3] = Default::default();
            // Of tenants 0 and 1: how far 0 is ahead since both wait, and the least and most it was.
            let mut lead = [0_i32; 3];
            for (item, (_, what, which, tenant)) in (0..).zip(moves) {
                let queue = usize::from(tenant);
                match what {
                    0..4 => {
                        line.push(entry(item, Class::Normal, tenant, 0));
                        waiting[queue].push(item);
                    }
                    4..7 => {
                        let expected = all(&mut line.clone(), 0);
                        for (ahead, &item) in expected.iter().enumerate() {
                            prop_assert_eq!(ahead_of(&line, item, 0), Some(ahead));
                        }
                        let went = line.pop(Instant(0));
                        prop_assert_eq!(went.is_some(), waiting.iter().any(|queue| !queue.is_empty()));
                        if let Some(went) = went {
                            let step = match went.tenant {
                                _ if waiting[0].is_empty() || waiting[1].is_empty() => 0,
                                0 => 1,
                                1 => -1,
                                _ => 0,
                            };
                            let now = lead[0] + step;
                            lead = [now, lead[1].min(now), lead[2].max(now)];
                            prop_assert!(lead[2] - lead[1] <= 1, "{:?}", lead);
                            prop_assert_eq!(went.tag.item, waiting[usize::from(went.tenant)].remove(0));
                        }
                    }
                    _ if waiting[queue].is_empty() => {}
                    _ => {
                        let at = which as usize % waiting[queue].len();
                        let gone = waiting[queue].remove(at);
                        prop_assert_eq!(remove(&mut line, gone).map(|gone| gone.tag.item), Some(gone));
                    }
                }
                if waiting[0].is_empty() || waiting[1].is_empty() {
                    lead = [0; 3];
                }
            }
        }
    }
}
