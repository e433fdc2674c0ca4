//! In which order the rows of a lane stand, and which of them stand together.
//!
//! The order is that of the whole run, so rows keep their places while the playhead moves.

use crate::experiment::Workload;
use crate::scene::index::Index;
use crate::scene::lens::Sort;
use crate::scene::lines::Lines;
use crate::scene::slots::Slots;
use crate::time::Instant;
use crate::trace::span::Fold;
use std::rc::Rc;

/// What rows are put in order by.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// How many rows there are, begun or not.
    pub items: usize,
    /// What became of them.
    pub fold: &'a Fold,
    /// Their spans.
    pub index: &'a Index,
    /// What they ask.
    pub workload: &'a Workload,
}

/// The lines of a lane in this order; grouped, with a heading wherever another slot, class or model begins. Those
/// that are equal stand as they are numbered.
#[must_use]
pub fn ordered(known: Known<'_>, sort: Sort, is_grouped: bool, slots: impl FnOnce() -> Rc<Slots>) -> Lines {
    let items = u32::try_from(known.items).unwrap_or(u32::MAX);
    let row = |item: u32| known.fold.row(item);
    let mut keys: Vec<(Instant, i32)> = match sort {
        Sort::Asked => return Lines::new(known.items, known.index),
        Sort::Started => keyed(items, |item| row(item).and_then(|row| row.sent)),
        Sort::Finished => keyed(items, |item| row(item).and_then(|row| row.ended)),
        Sort::Slot => {
            let slots = slots();
            // Who asked and never held one is like who has not asked yet.
            let held = |item: u32| slots.first.get(item as usize).filter(|&&slot| slot != u32::MAX);
            keyed(items, |item| held(item).map(|&slot| Instant(u64::from(slot))))
        }
        Sort::Priority => keyed(items, |item| Some(Instant(known.workload.class(item) as u64))),
        Sort::Model => {
            let mut models = Vec::new();
            keyed(items, |item| {
                let model = known.workload.model(item);
                let place = models.iter().position(|other| *other == model).unwrap_or_else(|| {
                    models.push(model);
                    models.len() - 1
                });
                Some(Instant(place as u64))
            })
        }
    };
    keys.sort_unstable();
    let order = keys.iter().map(|&(_, item)| item.unsigned_abs()).collect();
    let has_groups = is_grouped && sort.has_groups();
    let begins = |place: usize| has_groups && (place == 0 || keys[place - 1].0 != keys[place].0);
    Lines::arranged(known.items, order, known.index, begins)
}

/// Each row with what it goes by; one that has nothing to go by is last.
fn keyed(items: u32, mut key: impl FnMut(u32) -> Option<Instant>) -> Vec<(Instant, i32)> {
    // As wide as what else is sorted by time.
    let signed = |item: u32| i32::try_from(item).unwrap_or(i32::MAX);
    (0..items).map(|item| (key(item).unwrap_or(Instant::NEVER), signed(item))).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;

    /// The requests of lane B of the default race from top to bottom, and where headings stand.
    fn order(sort: Sort, is_grouped: bool) -> (Vec<usize>, Vec<u32>, Fold) {
        let mut experiment = race();
        experiment.workload.calls_mut().expect("calls").models = vec!["one".into(), "two".into()];
        let events = crate::lab::simulate(&experiment).expect("sound").lanes.remove(1).events;
        let fold = Fold::of(&events);
        let index = Index::of(&fold);
        let known = Known { items: 12, fold: &fold, index: &index, workload: &experiment.workload };
        let lines = ordered(known, sort, is_grouped, || Rc::new(Slots::of(&events, &index)));
        let items = (0..lines.len()).filter_map(|line| lines.item_at(line)).collect();
        (items, lines.heads().iter().map(|&(line, _)| line).collect(), fold)
    }

    #[test]
    fn each_order_has_every_row_once() {
        for sort in Sort::ALL {
            for is_grouped in [false, true] {
                let (mut items, ..) = order(sort, is_grouped);
                items.sort_unstable();
                assert_eq!(items, (0..12).collect::<Vec<_>>(), "{sort:?}");
            }
        }
    }

    #[test]
    fn rows_stand_by_what_was_asked() {
        assert!(order(Sort::Asked, false).0.is_sorted());
        let (items, heads, fold) = order(Sort::Finished, true);
        assert!(items.is_sorted_by_key(|&item| fold.rows[item].ended));
        assert_eq!(heads, [] as [u32; 0], "each ended at a moment of its own");
        let (items, _, fold) = order(Sort::Started, false);
        assert!(items.is_sorted_by_key(|&item| (fold.rows[item].sent, item)));
    }

    #[test]
    fn all_that_never_held_a_slot_are_one_group() {
        let experiment = race();
        let fold = Fold::default();
        let index = Index::of(&fold);
        let known = Known { items: 5, fold: &fold, index: &index, workload: &experiment.workload };
        let first = vec![1, u32::MAX, 0, u32::MAX];
        let lines = ordered(known, Sort::Slot, true, || Rc::new(Slots { first, ..Slots::default() }));
        let under: Vec<u32> = lines.heads().iter().map(|&(_, item)| item).collect();
        assert_eq!(under, [2, 0, 1], "the last heading is over who asked for a slot and who did not yet");
    }

    #[test]
    fn models_and_slots_have_headings_when_they_are_grouped() {
        assert_eq!(order(Sort::Model, true).1, [0, 7]);
        assert_eq!(order(Sort::Model, false).1, [] as [u32; 0]);
        assert_eq!(order(Sort::Slot, true).1.len(), 4);
        assert_eq!(order(Sort::Priority, true).1, [0], "all are of one class");
    }
}
