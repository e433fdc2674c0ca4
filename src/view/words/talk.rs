//! What can be said of any run before an audience: where each lane first fails, and when it is done.

use crate::id::lane_letter;
use crate::lesson::ran::Ran;
use crate::time::Instant;
use crate::trace::Kind;
use crate::view::words::units::moment;

/// A moment of a run, the request that it is about, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// When.
    pub at: Instant,
    /// Lane and item.
    pub lit: Vec<(usize, usize)>,
    /// What is said.
    pub says: String,
}

/// The beats of a run, in the order of time.
#[must_use]
pub fn beats(ran: &Ran) -> Vec<Beat> {
    let workload = &ran.trace.experiment.workload;
    let name = |lane: usize, item: u32| {
        workload.name_of(lane, item).map_or_else(|| format!("request {}", item + 1), ToOwned::to_owned)
    };
    let mut beats = Vec::new();
    for lane in 0..ran.lanes.len() {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        let mut events = ran.events(lane);
        if let Some((at, item, _)) = events.find(|(.., kind)| matches!(kind, Kind::Failed { .. })) {
            let says = format!("Lane {letter}: the first failure, of {}, at {}.", name(lane, item), moment(at));
            beats.push(Beat { at, lit: vec![(lane, item as usize)], says });
        }
        let last = ran.rows(lane).iter().enumerate().filter_map(|(item, row)| Some((row.ended?, item))).max();
        if let Some((at, item)) = last {
            let stats = &ran.lanes[lane].stats;
            let done = format!("Lane {letter} is done at {}", moment(at));
            let says = if ran.trace.experiment.workload.script().is_some() {
                format!("{done}.")
            } else {
                let (answered, of, calls) = (stats.succeeded, stats.items, stats.attempts);
                format!("{done}: {answered} of {of} answered, in {calls} calls.")
            };
            beats.push(Beat { at, lit: vec![(lane, item)], says });
        }
    }
    beats.sort_by_key(|beat| beat.at);
    beats
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::lab::simulate;

    #[test]
    fn a_race_has_a_failure_and_two_ends() {
        let beats = beats(&Ran::new(simulate(&race()).expect("sound")));
        assert!(beats.is_sorted_by_key(|beat| beat.at));
        let [failed, b, a] = &beats[..] else { panic!("{beats:?}") };
        assert!(failed.says.contains("of request 7") && failed.lit == [(1, 6)], "{failed:?}");
        assert!(b.says.starts_with("Lane B is done at") && a.says.contains("12 of 12 answered"), "{beats:?}");
    }
}
