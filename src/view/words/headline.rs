//! The verdict above the timeline. It belongs to the playhead: it says what can be seen so far, and
//! names a winner only when there is one.

use crate::trace::stats::Stats;
use crate::view::words::units::{duration, most_first, percent, small_number, times};
use std::time::Duration;

/// A lane as far as the headline needs it.
#[derive(Clone, Debug)]
pub struct Runner<'a> {
    /// Its letter.
    pub letter: char,
    /// Its name, where that says how it goes about it better than its limit.
    pub name: Option<&'a str>,
    /// Its figures at the playhead.
    pub stats: &'a Stats,
    /// How many can be in flight; 1 for one at a time, none for as many as there are.
    pub limit: Option<u16>,
    /// Calls that a real server refused for quota, and what it said its limit is.
    pub refused: Option<(usize, Option<u32>)>,
    /// Whether it has begun.
    pub begun: bool,
}

/// A headline and the smaller line under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The headline.
    pub big: String,
    /// The smaller line.
    pub small: String,
}

/// What can be said of these lanes now.
#[must_use]
pub fn say(runners: &[Runner<'_>]) -> Headline {
    let headline = |big: String, small: String| Headline { big, small };
    match runners {
        [] => headline("Nothing has run yet".into(), "Press Run to begin".into()),
        [only] => headline(progress(only), of_one(only)),
        [first, rest @ ..] => {
            if let Some(unfair) = unfair(runners) {
                return unfair;
            }
            if runners.iter().all(|lane| lane.stats.finished) {
                let best = rest
                    .iter()
                    .min_by_key(|lane| (std::cmp::Reverse(lane.stats.succeeded), lane.stats.makespan_micros));
                return best.map_or_else(
                    || headline(progress(first), String::new()),
                    |best| verdict(first, best, runners.len() > 2),
                );
            }
            under_way(runners)
        }
    }
}

fn progress(lane: &Runner<'_>) -> String {
    let stats = lane.stats;
    if stats.finished {
        return format!("{} of {} in {}", stats.succeeded, stats.items, took(stats));
    }
    format!("{} {} of {}", lane.letter, stats.over(), stats.items)
}

/// A lane that was stopped is not done.
fn ended_in(lane: &Runner<'_>) -> String {
    let how = if lane.stats.cancelled > 0 { "was stopped after" } else { "is done in" };
    format!("{} {how} {}", lane.letter, took(lane.stats))
}

fn took(stats: &Stats) -> String {
    duration(Duration::from_micros(stats.makespan_micros))
}

fn of_one(lane: &Runner<'_>) -> String {
    efficiency(lane).unwrap_or_else(|| at_a_time(lane))
}

fn under_way(runners: &[Runner<'_>]) -> Headline {
    let (ended, going): (Vec<&Runner<'_>>, Vec<_>) = runners.iter().partition(|lane| lane.stats.finished);
    if let Some(first) = ended.iter().min_by_key(|lane| lane.stats.makespan_micros) {
        let left = |lane: &&Runner<'_>| {
            if lane.begun {
                format!("{} has {} to go", lane.letter, lane.stats.items - lane.stats.over())
            } else {
                format!("{} has not begun", lane.letter)
            }
        };
        return Headline { big: ended_in(first), small: going.iter().map(left).collect::<Vec<_>>().join(", ") };
    }
    // Of lanes that are level, the later one stands first: it is the one that is about to lead.
    let lanes = most_first(runners.iter(), |lane| (lane.stats.over(), lane.letter));
    let against: Vec<String> = runners.iter().map(at_a_time).collect();
    Headline {
        big: lanes.iter().map(|lane| progress(lane)).collect::<Vec<_>>().join(", "),
        small: against.join(" against "),
    }
}

fn at_a_time(lane: &Runner<'_>) -> String {
    match lane.limit {
        _ if lane.name.is_some() => lane.name.unwrap_or_default().to_owned(),
        None => "all at once".into(),
        Some(limit) => format!("{} at a time", small_number(usize::from(limit))),
    }
}

/// The end of a race between lane A and the best of the others.
fn verdict(first: &Runner<'_>, best: &Runner<'_>, of_several: bool) -> Headline {
    let (a, b) = (first.stats, best.stats);
    let Some(speed_up) = b.speed_up_against(a) else {
        let answered = |lane: &Runner<'_>| format!("{} answered {}", lane.letter, lane.stats.succeeded);
        return Headline {
            big: format!("{}, {} {}", answered(first), best.letter, b.succeeded),
            small: format!(
                "{} in {}, {} in {}; no speed-up is named for different work",
                first.letter,
                took(a),
                best.letter,
                took(b)
            ),
        };
    };
    let big = if (0.95..1.05).contains(&speed_up) {
        "No faster".into()
    } else if speed_up > 1.0 {
        format!("{} faster", times(speed_up))
    } else {
        format!("{} slower", times(1.0 / speed_up))
    };
    let big = match (of_several, &*big) {
        (false, _) => big,
        (true, "No faster") => "None is faster than A".into(),
        (true, _) => format!("{} is {big}", best.letter),
    };
    Headline { big, small: efficiency(best).unwrap_or_default() }
}

fn efficiency(lane: &Runner<'_>) -> Option<String> {
    let share = percent(lane.stats.efficiency()?);
    Some(match lane.limit {
        Some(1) => format!("{share} of the best possible one at a time"),
        Some(limit) => format!("{share} of the best possible with {limit} in flight"),
        None => format!("{share} of the best possible all at once"),
    })
}

/// A real lane that was refused for quota did not run the same race as the others.
fn unfair(runners: &[Runner<'_>]) -> Option<Headline> {
    let over = runners.iter().all(|lane| lane.stats.finished);
    let (lane, (calls, limit)) = runners.iter().find_map(|lane| lane.refused.map(|refused| (lane, refused)))?;
    let calls = if calls == 1 {
        format!("1 of {}'s calls was", lane.letter)
    } else {
        format!("{calls} of {}'s calls were", lane.letter)
    };
    let limit = limit.map_or_else(|| "over the quota".into(), |limit| format!("over {limit} a minute"));
    over.then(|| Headline { big: "Not a fair race".into(), small: format!("{calls} {limit}.") })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn stats(succeeded: u32, finished: bool, secs: u64) -> Stats {
        Stats {
            items: 12,
            succeeded: succeeded as usize,
            unanswered: (succeeded..12).collect(),
            finished,
            makespan_micros: secs * 1_000_000,
            bound_micros: 18_000_000,
            ..Stats::default()
        }
    }

    fn race<'a>(a: &'a Stats, b: &'a Stats) -> [Runner<'a>; 2] {
        [('A', a, 1), ('B', b, 4)].map(|(letter, stats, limit)| Runner {
            letter,
            name: None,
            stats,
            limit: Some(limit),
            refused: None,
            begun: true,
        })
    }

    #[test]
    fn while_they_run_it_counts() {
        let (a, b) = (stats(2, false, 0), stats(9, false, 0));
        let said = say(&race(&a, &b));
        assert_eq!((&*said.big, &*said.small), ("B 9 of 12, A 2 of 12", "one at a time against four at a time"));
    }

    #[test]
    fn when_one_is_done_it_says_so_and_names_no_winner() {
        let (a, b) = (stats(3, false, 0), stats(12, true, 20));
        let said = say(&race(&a, &b));
        assert_eq!((&*said.big, &*said.small), ("B is done in 20.0 s", "A has 9 to go"));
    }

    #[test]
    fn a_lane_that_was_stopped_is_not_called_done() {
        let (a, b) = (stats(0, false, 0), Stats { cancelled: 10, failed: 1, ..stats(1, true, 2) });
        let said = say(&race(&a, &b));
        assert_eq!(said.big, "B was stopped after 2.0 s");
        assert_eq!(b.efficiency(), None);
    }

    #[test]
    fn only_at_the_end_the_speed_up_is_named() {
        let (a, b) = (stats(12, true, 72), stats(12, true, 20));
        let said = say(&race(&a, &b));
        assert_eq!((&*said.big, &*said.small), ("3.6× faster", "90 % of the best possible with 4 in flight"));
    }

    #[test]
    fn of_several_lanes_the_best_is_named() {
        let (a, b, c) = (stats(12, true, 72), stats(12, true, 20), stats(12, true, 30));
        let mut runners = race(&a, &b).to_vec();
        runners.push(Runner { letter: 'C', stats: &c, ..runners[1].clone() });
        assert_eq!(say(&runners).big, "B is 3.6× faster");
    }

    #[test]
    fn no_speed_up_is_named_for_different_work() {
        let (a, b) = (stats(12, true, 72), stats(9, true, 20));
        assert_eq!(say(&race(&a, &b)).big, "A answered 12, B 9");
        let others = Stats { unanswered: vec![0, 1, 2], ..stats(9, true, 72) };
        assert_eq!(say(&race(&others, &b)).big, "A answered 9, B 9");
    }

    #[test]
    fn a_lane_that_was_refused_ran_another_race() {
        let (a, b) = (stats(12, true, 72), stats(12, true, 20));
        let mut runners = race(&a, &b);
        runners[1].refused = Some((3, Some(5)));
        let said = say(&runners);
        assert_eq!((&*said.big, &*said.small), ("Not a fair race", "3 of B's calls were over 5 a minute."));
    }

    #[test]
    fn slower_is_said_as_plainly_as_faster() {
        let (a, b) = (stats(12, true, 20), stats(12, true, 40));
        assert_eq!(say(&race(&a, &b)).big, "2.0× slower");
    }
}
