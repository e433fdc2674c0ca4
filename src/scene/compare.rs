//! A lane of one run and a lane of another as one experiment, so that both are drawn on one axis.
//!
//! It names what is drawn and is never run: each lane keeps the record that it has.

use crate::experiment::script::{Dialect, Script};
use crate::experiment::{Experiment, Workload};

/// Why two lanes can't be laid on one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unalike {
    /// Their rows would not be the same.
    #[error("one has {one} rows and the other {other}: only runs of the same number can be compared row by row")]
    Rows {
        /// How many the one has.
        one: u32,
        /// How many the other has.
        other: u32,
    },
    /// One is a program of tasks, the other is requests.
    #[error("one is a script and the other asks a model: they have nothing in common")]
    Kinds,
    /// Two languages would have to be told apart where there is room for one.
    #[error("the scripts are of two languages")]
    Dialects,
    /// There is no such lane.
    #[error("one of the lanes is not there")]
    NoLane,
}

/// The experiment of two lanes, each of the experiment that it was run in. They are called by `names`; the server,
/// the seed and the prompts are those of the first.
///
/// # Errors
/// [`Unalike`].
pub fn compose(sides: [(&Experiment, usize); 2], names: [String; 2]) -> Result<Experiment, Unalike> {
    let [(one, first), (other, second)] = sides;
    let (Some(a), Some(b)) = (one.lanes.get(first), other.lanes.get(second)) else { return Err(Unalike::NoLane) };
    let rows = |(experiment, lane): (&Experiment, usize)| experiment.workload.rows_of(lane);
    let workload = match (&one.workload, &other.workload) {
        (Workload::Calls(calls), Workload::Calls(_)) => Workload::Calls(calls.clone()),
        (Workload::Script(a), Workload::Script(b)) => Workload::Script(of_both((a, first), (b, second))?),
        _ => return Err(Unalike::Kinds),
    };
    if rows(sides[0]) != rows(sides[1]) {
        return Err(Unalike::Rows { one: rows(sides[0]), other: rows(sides[1]) });
    }
    let mut lanes = vec![a.clone(), b.clone()];
    for (lane, name) in lanes.iter_mut().zip(names) {
        lane.name = name;
    }
    Ok(Experiment { workload, lanes, server: one.server.clone(), ..*one })
}

fn of_both((a, first): (&Script, usize), (b, second): (&Script, usize)) -> Result<Script, Unalike> {
    let dialect: Dialect = a.dialect;
    if dialect != b.dialect {
        return Err(Unalike::Dialects);
    }
    match (a.programs.get(first), b.programs.get(second)) {
        (Some(one), Some(other)) => Ok(Script { dialect, programs: vec![one.clone(), other.clone()] }),
        _ => Err(Unalike::NoLane),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::LaneSpec;
    use crate::experiment::preset::race;
    use crate::lesson;

    fn names() -> [String; 2] {
        ["this".into(), "that".into()]
    }

    #[test]
    fn lanes_keep_all_but_their_names() {
        let mut other = race();
        other.lanes[1].limit = Some(8);
        let both = compose([(&race(), 1), (&other, 1)], names()).expect("alike");
        let named = |lane: &LaneSpec, name: &str| LaneSpec { name: name.into(), ..lane.clone() };
        assert_eq!(both.lanes, [named(&race().lanes[1], "this"), named(&other.lanes[1], "that")]);
        assert_eq!((both.workload, both.server, both.seed), (race().workload, race().server, race().seed));
    }

    #[test]
    fn what_has_other_rows_is_refused_with_the_reason() {
        let mut shorter = race();
        shorter.workload.calls_mut().expect("calls").requests = 5;
        assert_eq!(compose([(&race(), 0), (&shorter, 0)], names()), Err(Unalike::Rows { one: 12, other: 5 }));
        let script = (lesson::find("breakfast").expect("a lesson").experiment)();
        assert_eq!(compose([(&race(), 0), (&script, 0)], names()), Err(Unalike::Kinds));
        assert_eq!(compose([(&race(), 0), (&race(), 2)], names()), Err(Unalike::NoLane));
    }

    #[test]
    fn two_programs_of_one_language_stand_side_by_side() {
        let script = (lesson::find("breakfast").expect("a lesson").experiment)();
        let both = compose([(&script, 1), (&script, 1)], names()).expect("alike");
        let program = &script.workload.script().expect("a script").programs[1];
        assert_eq!(both.workload.script().expect("a script").programs, [program.clone(), program.clone()]);
        assert!(both.plans().is_ok(), "it can be drawn like any other");
        let mut other = script.clone();
        let Workload::Script(of) = &mut other.workload else { panic!("a script") };
        of.dialect = Dialect::Promises;
        assert_eq!(compose([(&script, 1), (&other, 1)], names()), Err(Unalike::Dialects));
    }
}
