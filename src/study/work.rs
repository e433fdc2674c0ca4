//! What a page and its workers say to each other, as JSON: first the task, then runs of it; back come outcomes.

use crate::study::{Outcome, Task, Trial};
use serde::{Deserialize, Serialize};

/// What a worker is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// What the runs to come are of.
    Task(Box<Task>),
    /// Runs to do.
    Runs {
        /// The first.
        from: u32,
        /// The one after the last.
        to: u32,
    },
}

/// What a worker found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The first of the runs.
    pub from: u32,
    /// What they came to, one after the other; nothing if one of them can't be run.
    pub outcomes: Vec<Outcome>,
}

/// One who does what it is told.
#[derive(Debug, Default)]
pub struct Clerk(Option<Task>);

impl Clerk {
    /// Does what `message` says. A report, if runs were ordered.
    pub fn hear(&mut self, message: &str) -> Option<String> {
        match serde_json::from_str(message).ok()? {
            Order::Task(task) => {
                self.0 = Some(*task);
                None
            }
            Order::Runs { from, to } => {
                let task = self.0.as_ref()?;
                let outcomes = (from..to).map(|run| Some(Trial::new(task, run)?.run())).collect::<Option<_>>();
                let outcomes = outcomes.unwrap_or_default();
                serde_json::to_string(&Report { from, outcomes }).ok()
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::study::sweep::tests::{map, race};
    use crate::study::{Ledger, Map, Setting, Sweep};

    #[test]
    fn two_clerks_make_the_map_that_one_makes_alone() {
        let sweep: Sweep = race((Setting::InFlight, "1 to 4"), (Setting::Faults, "0, 20"), 5);
        let task = Task::Sweep(sweep.clone());
        let said = |order: &Order| serde_json::to_string(order).expect("json");
        let mut clerks = [Clerk::default(), Clerk::default()];
        for clerk in &mut clerks {
            assert_eq!(clerk.hear(&said(&Order::Task(Box::new(task.clone())))), None);
        }
        let mut ledger = Ledger::new(task.runs());
        let mut reports = Vec::new();
        let mut turn = 0;
        while let Some(runs) = ledger.give(7) {
            turn += 1;
            let report = clerks[turn % 2].hear(&said(&Order::Runs { from: runs.start, to: runs.end }));
            reports.push(serde_json::from_str::<Report>(&report.expect("a report")).expect("json"));
        }
        for report in reports.into_iter().rev() {
            ledger.note(report.from, report.outcomes);
        }
        assert!(ledger.is_whole());
        assert_eq!(Map::of(&sweep, &ledger), map(&sweep));
    }

    #[test]
    fn runs_that_cannot_be_are_reported_as_none() {
        let mut clerk = Clerk::default();
        let task = Task::Sweep(race((Setting::InFlight, "1, 2"), (Setting::Tries, "1"), 1));
        clerk.hear(&serde_json::to_string(&Order::Task(Box::new(task))).expect("json"));
        let reported = |said: Option<String>| serde_json::from_str::<Report>(&said.expect("a report")).expect("json");
        assert_eq!(reported(clerk.hear(r#"{"runs":{"from":0,"to":2}}"#)).outcomes.len(), 2);
        let none = Report { from: 1, outcomes: Vec::new() };
        assert_eq!(reported(clerk.hear(r#"{"runs":{"from":1,"to":3}}"#)), none);
    }

    #[test]
    fn who_was_told_nothing_does_nothing() {
        assert_eq!(Clerk::default().hear(r#"{"runs":{"from":0,"to":3}}"#), None);
        assert_eq!(Clerk::default().hear("?"), None);
    }
}
