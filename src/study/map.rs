//! A sweep's map: what each cell came to, and where its knee is.
//!
//! The knee is the least that is nearly as good as the best. Of the cells that answer most and, where there are
//! such, meet no 429, those count whose makespan is within 5 % of the shortest; the one that is the fewest steps away
//! from the least values is it, and of equals the one with the lesser column.
//! Only what a plan chooses is compared so: where one side of the map is the work or the server, each of its values
//! has a knee of its own, and where both are there is none. (The least within some tolerance of the best is how a
//! simplest model is chosen: L. Breiman and others, "Classification and Regression Trees", 1984, section 3.4.3.)

use crate::experiment::price;
use crate::study::{Axis, Ledger, Outcome, Setting, Sweep};

/// What each cell came to, row by row, as far as it was run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The cells; none of one that was not run yet.
    pub cells: Vec<Option<Cell>>,
    /// The knees: places of cells, once every cell was run.
    pub knees: Vec<usize>,
}

/// What a cell came to under its seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// Runs so far.
    pub runs: usize,
    /// The median of the makespans, in microseconds.
    pub makespan_micros: u64,
    /// The share of requests that were answered, of all runs together.
    pub success: f64,
    /// US dollars for a run's tokens on the average, what lost attempts may be billed for included, where the price is
    /// known.
    pub dollars: Option<f64>,
    /// Attempts of a run that were refused with a 429, on the average.
    pub refused: f64,
}

/// How much longer than the shortest a makespan may be at a knee.
const NEARLY: f64 = 1.05;
/// How much less may be answered than where most is.
const AS_MUCH: f64 = 0.01;

impl Map {
    /// What is known of `sweep`.
    #[must_use]
    pub fn of(sweep: &Sweep, ledger: &Ledger) -> Self {
        let count = sweep.cells();
        let price = |cell| {
            let experiment = sweep.experiment_of(cell);
            price::of_lane(&experiment.workload, experiment.lanes.get(sweep.lane))
        };
        // Which models are asked, no setting changes.
        let price = price(0);
        let cell = |place: usize| {
            let of_seed = |seed: u32| ledger.get(u32::try_from(seed as usize * count + place).ok()?);
            let outcomes: Vec<&Outcome> = (0..sweep.seeds).filter_map(of_seed).collect();
            Cell::of(&outcomes, price)
        };
        let cells: Vec<Option<Cell>> = (0..count).map(cell).collect();
        let knees = knees(sweep, &cells);
        Self { cells, knees }
    }

    /// What a cell is among the knees.
    #[must_use]
    pub fn knee(&self, sweep: &Sweep, cell: usize) -> Knee {
        let (column, row) = (cell % sweep.x.values.len().max(1), cell / sweep.x.values.len().max(1));
        // Kinds of jitter have no beyond, and a single value is no axis.
        let ends = |axis: &Axis, place: usize| {
            let is_scale = axis.setting.is_of_plan() && axis.setting != Setting::Jitter;
            is_scale && place > 0 && place + 1 == axis.values.len()
        };
        match self.knees.contains(&cell) {
            false => Knee::Not,
            true if ends(&sweep.x, column) || ends(&sweep.y, row) => Knee::AtTheEdge,
            true => Knee::Inside,
        }
    }
}

impl Cell {
    fn of(outcomes: &[&Outcome], price: Option<price::Price>) -> Option<Self> {
        let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(|&outcome| of(outcome)).sum::<u64>();
        let mut makespans: Vec<u64> = outcomes.iter().map(|outcome| outcome.makespan_micros).collect();
        makespans.sort_unstable();
        let runs = makespans.len();
        Some(Self {
            runs,
            makespan_micros: *makespans.get(runs.div_ceil(2).checked_sub(1)?)?,
            success: share(sum(|outcome| outcome.succeeded.into()), sum(|outcome| outcome.items.into())),
            dollars: price.map(|price| {
                let all = price.cost(sum(|outcome| outcome.prompt_tokens), sum(|outcome| outcome.output_tokens));
                all * share(1, runs as u64)
            }),
            refused: share(sum(|outcome| outcome.refused.into()), runs as u64),
        })
    }
}

/// What a cell is among the knees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knee {
    /// None.
    Not,
    /// One that has values beyond it, which are no better.
    Inside,
    /// One at the last value of a choice of the plan: what lies beyond was not tried.
    AtTheEdge,
}

/// The knees of a map that is whole.
fn knees(sweep: &Sweep, cells: &[Option<Cell>]) -> Vec<usize> {
    let (of_x, of_y) = (sweep.x.setting.is_of_plan(), sweep.y.setting.is_of_plan());
    let (columns, rows) = (sweep.x.values.len(), sweep.y.values.len());
    let Some(cells) = cells.iter().copied().collect::<Option<Vec<Cell>>>() else { return Vec::new() };
    // Each group by column and then by row: of equals the first will be taken.
    let column = |x: usize| (0..rows).map(move |y| y * columns + x);
    let row = |y: usize| (0..columns).map(move |x| y * columns + x);
    let groups: Vec<Vec<usize>> = match (of_x, of_y) {
        (true, true) => vec![(0..columns).flat_map(column).collect()],
        (true, false) => (0..rows).map(|y| row(y).collect()).collect(),
        (false, true) => (0..columns).map(|x| column(x).collect()).collect(),
        (false, false) => Vec::new(),
    };
    let steps = |place: usize| place % columns + place / columns;
    groups.iter().filter_map(|group| nearly_best(group, &cells).into_iter().min_by_key(|&place| steps(place))).collect()
}

/// The cells of a group that are nearly as good as its best.
fn nearly_best(group: &[usize], cells: &[Cell]) -> Vec<usize> {
    let all = || group.iter().map(|&place| (place, &cells[place]));
    let most = all().map(|(_, cell)| cell.success).fold(0.0, f64::max);
    let answers = |cell: &Cell| cell.success > 0.0 && cell.success >= most - AS_MUCH;
    let any_clean = all().any(|(_, cell)| answers(cell) && cell.refused <= 0.0);
    let is_meant = |cell: &Cell| answers(cell) && (!any_clean || cell.refused <= 0.0);
    let shortest = all().filter(|(_, cell)| is_meant(cell)).map(|(_, cell)| cell.makespan_micros).min();
    #[allow(clippy::cast_precision_loss)] // Microseconds of days are far below 2^53.
    let nearly = |cell: &Cell| cell.makespan_micros as f64 <= shortest.unwrap_or_default() as f64 * NEARLY;
    all().filter(|(_, cell)| is_meant(cell) && nearly(cell)).map(|(place, _)| place).collect()
}

/// A part of a whole; 0 of nothing.
#[allow(clippy::cast_precision_loss)] // Counts of requests and tokens are far below 2^53.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::study::Setting;
    use crate::study::sweep::tests::{map, race};

    fn cell(secs: u64, success: f64, refused: f64) -> Cell {
        Cell { runs: 1, makespan_micros: secs * 1_000_000, success, dollars: None, refused }
    }

    fn knees_of(x: Setting, y: Setting, columns: &str, rows: &str, cells: &[Cell]) -> Vec<usize> {
        let cells: Vec<Option<Cell>> = cells.iter().copied().map(Some).collect();
        knees(&race((x, columns), (y, rows), 1), &cells)
    }

    #[test]
    fn the_knee_is_the_least_within_5_percent_of_the_best() {
        let times = [100, 52, 21, 20, 20].map(|secs| cell(secs, 1.0, 0.0));
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 5", "2", &times), [2]);
        let times = [100, 52, 22, 20, 20].map(|secs| cell(secs, 1.0, 0.0));
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 5", "2", &times), [3]);
    }

    #[test]
    fn what_answers_less_or_is_refused_is_no_knee_where_others_are_not() {
        let fast = [cell(100, 1.0, 0.0), cell(50, 1.0, 0.0), cell(20, 1.0, 3.0), cell(5, 0.6, 9.0)];
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 4", "2", &fast), [1]);
        let all_refused = fast.map(|own| Cell { refused: 1.0, ..own });
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 4", "2", &all_refused), [2]);
        let none_answered = fast.map(|own| Cell { success: 0.0, ..own });
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 4", "2", &none_answered), [0; 0]);
    }

    #[test]
    fn each_amount_of_work_has_a_knee_of_its_own_and_two_choices_have_one() {
        let four = [cell(20, 1.0, 0.0), cell(10, 1.0, 0.0), cell(40, 1.0, 0.0), cell(40, 1.0, 0.0)];
        assert_eq!(knees_of(Setting::InFlight, Setting::Requests, "1, 2", "10, 20", &four), [1, 2]);
        assert_eq!(knees_of(Setting::Requests, Setting::InFlight, "1, 2", "10, 20", &four), [0, 1]);
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1, 2", "1, 2", &four), [1]);
        assert_eq!(knees_of(Setting::Requests, Setting::Quota, "1, 2", "10, 20", &four), [0; 0]);
    }

    #[test]
    fn a_knee_at_the_last_value_of_the_plan_is_told_apart() {
        let sweep = race((Setting::InFlight, "1 to 4"), (Setting::Requests, "10, 20"), 1);
        let map = Map { knees: vec![3, 5], ..Map::default() };
        assert_eq!([0, 3, 5].map(|cell| map.knee(&sweep, cell)), [Knee::Not, Knee::AtTheEdge, Knee::Inside]);
    }

    #[test]
    fn of_two_choices_the_knee_is_the_fewest_steps_from_the_least() {
        // Nearly best: the last of the first column, and what is right of the corner in the first row.
        let nine = [30, 10, 10, 20, 10, 10, 10, 10, 10].map(|secs| cell(secs, 1.0, 0.0));
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 3", "1 to 3", &nine), [1]);
        let alike = [30, 10, 10, 10, 10, 10, 10, 10, 10].map(|secs| cell(secs, 1.0, 0.0));
        assert_eq!(knees_of(Setting::InFlight, Setting::Tries, "1 to 3", "1 to 3", &alike), [3], "the lesser column");
    }

    #[test]
    fn an_unfinished_map_has_no_knee() {
        let sweep = race((Setting::InFlight, "1, 2"), (Setting::Tries, "1"), 1);
        assert_eq!(Map::of(&sweep, &Ledger::new(2)), Map { cells: vec![None, None], knees: vec![] });
    }

    #[test]
    fn a_quota_puts_the_knee_where_refusals_begin() {
        // 40 requests of 6 s, 15 let through in any minute: from some number in flight on there are 429s.
        let mut sweep = race((Setting::InFlight, "1 to 10"), (Setting::Burst, "1, 15"), 5);
        let work = race((Setting::Requests, "40"), (Setting::Quota, "30"), 1).experiment_of(0);
        (sweep.experiment.workload, sweep.experiment.server) = (work.workload, work.server);
        Setting::Rate.set(&mut sweep.experiment, 1, 30.0);
        let map = map(&sweep);
        let [knee] = map.knees[..] else { panic!("one knee: {:?}", map.knees) };
        let own = map.cells[knee].expect("run");
        assert!(own.refused <= 0.0 && own.success >= 1.0, "{own:?}");
        let (left, right) = (map.cells[0].expect("run"), map.cells[19].expect("run"));
        assert!(left.makespan_micros > own.makespan_micros * 2 && right.refused > 0.0, "{left:?} {own:?} {right:?}");
    }
}
