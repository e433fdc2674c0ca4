//! What a teacher gives to a class in a link: `#t=<version><deflate, base64url>`.
//!
//! An experiment or a lesson, which of its controls are locked, a goal that the page checks, a note. All of it is in
//! the link, at most 8 kB of it; there is neither key nor host in it, and nothing in it can start a real run.

use super::goal::Goal;
use super::lock::Lock;
use super::{Lesson, find};
use crate::experiment::pack::{PackError, pack, unpack, version_of};
use crate::experiment::{Experiment, ExperimentError};
use serde::{Deserialize, Serialize};

/// How this version's links begin.
const VERSION: char = '1';

/// What is given to a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The version of this format. A newer one than [`Assignment::VERSION`] is not opened.
    pub version: u32,
    /// What is run.
    pub what: What,
    /// The groups of controls that can't be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: Vec<Lock>,
    /// What is to be reached. Default nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    /// What is said to the class, at most [`Assignment::LONGEST_NOTE`] characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whether it opens before an audience.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub presents: bool,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A lesson of the course, by its name.
    Lesson(String),
    /// An experiment.
    Experiment(Box<Experiment>),
}

/// Why an assignment was not put into a link, or not read out of one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AssignmentError {
    /// Too much for a link.
    #[error("this is too large for a link; leave out the prompts, or save it as a file")]
    TooLarge,
    /// Not what a link holds: cut or changed on its way.
    #[error("the link is damaged")]
    Damaged,
    /// Made by a later version of Lanescope.
    #[error("the link was made by a newer version of Lanescope")]
    Newer,
    /// Its experiment can't be run.
    #[error("the link holds an experiment that can't be run: {0}")]
    Unsound(#[from] ExperimentError),
    /// It names a lesson that there is not.
    #[error("the link is to a lesson that isn't in the course")]
    NoLesson,
    /// Its goal asks for nothing, or of a lane that there is not.
    #[error("the goal can't be checked: it names no figure, one out of bounds, or a lane that isn't there")]
    Goal,
    /// More than a note may have.
    #[error("the note has more than 280 characters")]
    Note,
}

impl From<PackError> for AssignmentError {
    fn from(error: PackError) -> Self {
        match error {
            PackError::TooLarge => Self::TooLarge,
            PackError::Damaged => Self::Damaged,
            PackError::Newer => Self::Newer,
        }
    }
}

impl Assignment {
    /// The version of the format that this program writes.
    pub const VERSION: u32 = 1;
    /// The most characters of a note.
    pub const LONGEST_NOTE: usize = 280;

    /// An experiment with nothing locked and no goal.
    #[must_use]
    pub fn new(what: What) -> Self {
        Self { version: Self::VERSION, what, locked: Vec::new(), goal: None, note: String::new(), presents: false }
    }

    /// The lesson that it is about, if it is about one that there is.
    #[must_use]
    pub fn lesson(&self) -> Option<&'static Lesson> {
        match &self.what {
            What::Lesson(id) => find(id),
            What::Experiment(_) => None,
        }
    }

    /// What is run, as it was given.
    #[must_use]
    pub fn given(&self) -> Option<Experiment> {
        match &self.what {
            What::Lesson(id) => find(id).map(|lesson| (lesson.experiment)()),
            What::Experiment(experiment) => Some((**experiment).clone()),
        }
    }

    /// Whether a run of `ran` leaves what is locked as it was given.
    #[must_use]
    pub fn is_kept(&self, ran: &Experiment) -> bool {
        self.given().is_some_and(|given| self.locked.iter().all(|lock| lock.is_kept(&given, ran)))
    }

    /// # Errors
    /// The first thing that is not sound.
    pub fn validate(&self) -> Result<(), AssignmentError> {
        let given = self.given().ok_or(AssignmentError::NoLesson)?;
        given.plans()?;
        if self.goal.is_some_and(|goal| !goal.is_sound(given.lanes.len())) {
            return Err(AssignmentError::Goal);
        }
        if self.note.chars().count() > Self::LONGEST_NOTE {
            return Err(AssignmentError::Note);
        }
        Ok(())
    }
}

/// `assignment` as the value of a link.
///
/// # Errors
/// [`AssignmentError`] when it is not sound, or past 8 kB.
pub fn encode(assignment: &Assignment) -> Result<String, AssignmentError> {
    assignment.validate()?;
    let json = serde_json::to_string(assignment).map_err(|_| AssignmentError::Damaged)?;
    Ok(pack(VERSION, &json)?)
}

/// The assignment that a link's value holds. It is sound.
///
/// # Errors
/// [`AssignmentError`] when it is damaged, newer than this version, or not sound.
pub fn decode(value: &str) -> Result<Assignment, AssignmentError> {
    let json = unpack(VERSION, value)?;
    if version_of(&json).ok_or(AssignmentError::Damaged)? > Assignment::VERSION {
        return Err(AssignmentError::Newer);
    }
    let assignment: Assignment = serde_json::from_str(&json).map_err(|_| AssignmentError::Damaged)?;
    match assignment.validate() {
        Err(AssignmentError::Unsound(ExperimentError::Newer { .. })) => Err(AssignmentError::Newer),
        checked => checked.map(|()| assignment),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::pack::LONGEST;
    use crate::experiment::preset::{PRESETS, race};
    use crate::lesson::all;
    use proptest::prelude::*;
    use proptest::{collection, option, sample};

    fn herd() -> Assignment {
        Assignment::new(What::Lesson("herd".into()))
    }

    /// What a link would hold if this were sound.
    fn forced(json: &serde_json::Value) -> Result<Assignment, AssignmentError> {
        decode(&pack(VERSION, &json.to_string()).expect("small"))
    }

    fn assignments() -> impl Strategy<Value = Assignment> {
        let lessons: Vec<&str> = all().map(|lesson| lesson.id).collect();
        let presets: Vec<Experiment> = PRESETS.iter().map(crate::experiment::preset::Preset::experiment).collect();
        let what = prop_oneof![
            sample::select(lessons).prop_map(|id| What::Lesson(id.to_owned())),
            (sample::select(presets), any::<u64>())
                .prop_map(|(experiment, seed)| What::Experiment(Experiment { seed, ..experiment }.into())),
        ];
        let figure = || option::of(1..=Goal::MOST);
        let goal = (figure(), figure(), figure(), any::<bool>()).prop_map(|(under, refusals, calls, all_answered)| {
            let (under_millis, most_refusals, most_calls) = (under, refusals, calls);
            let goal = Goal { lane: None, under_millis, most_refusals, most_calls, all_answered };
            goal.is_sound(1).then_some(Goal { lane: Some(0), ..goal })
        });
        let locked = collection::vec(sample::select(Lock::ALL.to_vec()), 0..7);
        (what, locked, goal, "\\PC{0,280}", any::<bool>()).prop_map(|(what, locked, goal, note, presents)| Assignment {
            version: Assignment::VERSION,
            what,
            locked,
            goal,
            note,
            presents,
        })
    }

    proptest! {
        #[test]
        fn what_is_given_comes_back_as_it_was(assignment in assignments()) {
            let link = encode(&assignment).expect("small");
            prop_assert!(link.len() <= LONGEST);
            prop_assert_eq!(decode(&link), Ok(assignment));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = decode(&text);
            let _ = decode(&format!("1{text}"));
        }
    }

    #[test]
    fn a_newer_link_says_so() {
        assert_eq!(decode("2AAAA"), Err(AssignmentError::Newer));
        assert_eq!(decode(&encode(&Assignment { version: 2, ..herd() }).expect("small")), Err(AssignmentError::Newer));
        let mut json = serde_json::to_value(Assignment::new(What::Experiment(race().into()))).expect("json");
        json["what"]["experiment"]["version"] = 2.into();
        assert_eq!(forced(&json), Err(AssignmentError::Newer));
    }

    #[test]
    fn a_cut_link_is_damaged() {
        let link = encode(&Assignment::new(What::Experiment(race().into()))).expect("small");
        assert_eq!(decode(&link[..link.len() / 2]), Err(AssignmentError::Damaged));
        assert_eq!(decode(""), Err(AssignmentError::Damaged));
        // A link to an experiment alone is of another kind.
        let other = crate::experiment::share::encode(&race()).expect("small");
        assert_eq!(decode(&other), Err(AssignmentError::Damaged));
    }

    #[test]
    fn what_is_not_sound_is_neither_made_nor_opened() {
        let nothing = |goal| Assignment { goal: Some(goal), ..herd() };
        let long = "é".repeat(Assignment::LONGEST_NOTE + 1);
        let unsound = Experiment { lanes: Vec::new(), ..race() };
        let cases = [
            (Assignment::new(What::Lesson("nowhere".into())), AssignmentError::NoLesson),
            (nothing(Goal::default()), AssignmentError::Goal),
            (nothing(Goal { lane: Some(7), all_answered: true, ..Goal::default() }), AssignmentError::Goal),
            (Assignment { note: long, ..herd() }, AssignmentError::Note),
            (
                Assignment::new(What::Experiment(unsound.into())),
                AssignmentError::Unsound(ExperimentError::Lanes { count: 0 }),
            ),
        ];
        for (assignment, error) in cases {
            assert_eq!(encode(&assignment), Err(error.clone()));
            assert_eq!(forced(&serde_json::to_value(&assignment).expect("json")), Err(error));
        }
        let whole = "é".repeat(Assignment::LONGEST_NOTE);
        assert!(encode(&Assignment { note: whole, ..herd() }).is_ok());
    }

    #[test]
    fn too_much_for_a_link_says_so() {
        let mut experiment = race();
        // Text that does not shrink.
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("{state:08x}")
        };
        let prompt: String = (0..3_000).map(|_| noise()).collect();
        experiment.workload.calls_mut().expect("calls").settings.system = Some(prompt.into());
        assert_eq!(encode(&Assignment::new(What::Experiment(experiment.into()))), Err(AssignmentError::TooLarge));
    }

    #[test]
    fn one_with_a_key_or_a_host_in_it_is_not_opened() {
        for extra in ["apiKey", "baseUrl", "host"] {
            let mut json = serde_json::to_value(herd()).expect("json");
            json[extra] = "x".into();
            assert_eq!(forced(&json), Err(AssignmentError::Damaged));
        }
    }

    #[test]
    fn a_run_is_the_given_one_while_what_is_locked_stays() {
        let locked = vec![Lock::Seed, Lock::Server];
        let assignment = Assignment { locked, ..Assignment::new(What::Experiment(race().into())) };
        let mut ran = race();
        ran.lanes[1].limit = Some(6);
        assert!(assignment.is_kept(&ran));
        ran.seed += 1;
        assert!(!assignment.is_kept(&ran));
    }
}
