//! Who holds the permits of a script, and who waits for whom in one that can never go on.

use crate::id::PermitNo;
use crate::time::Instant;
use crate::trace::event::{Gate, Kind};
use crate::trace::log::LaneTrace;
use crate::trace::span::{Cause, Fold, Phase};
use std::collections::BTreeMap;

/// One who waits, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Who waits.
    pub item: u32,
    /// For whom: the tasks that it awaits, or those that hold the permits. Itself, if it is one of these.
    pub waits_for: Vec<u32>,
}

/// Who holds permits at a moment, in the order of the permits, each once.
#[must_use]
pub fn holders(lane: &LaneTrace, at: Instant) -> Vec<u32> {
    let mut holders: BTreeMap<PermitNo, u32> = BTreeMap::new();
    for event in lane.events.iter().take_while(|event| event.at <= at) {
        match event.kind {
            Kind::Granted { gate: Gate::Semaphore, permit } => {
                holders.insert(permit, event.tag.item);
            }
            Kind::Released { gate: Gate::Semaphore, permit } => {
                holders.remove(&permit);
            }
            _ => {}
        }
    }
    let mut items: Vec<u32> = Vec::new();
    for item in holders.into_values() {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

/// Who waits for whom at the end of a lane that stalled.
#[must_use]
pub fn stuck(lane: &LaneTrace, fold: &Fold) -> Vec<Stuck> {
    let holders = holders(lane, fold.latest);
    let last = (0_u32..).zip(&fold.rows).filter_map(|(item, row)| Some((item, row, row.spans.last()?)));
    let cut = last.filter(|(_, row, span)| row.ended == Some(fold.latest) && span.from < span.to);
    let stuck = cut.filter_map(|(item, _, span)| match (span.phase, span.cause) {
        (Phase::Queued, Cause::Permit { gate: Gate::Semaphore, .. }) => {
            Some(Stuck { item, waits_for: holders.clone() })
        }
        (Phase::Awaiting, Cause::Awaits { item: other }) => Some(Stuck { item, waits_for: vec![other] }),
        _ => None,
    });
    stuck.collect()
}
