//! The cards of a lesson: above the timeline what it is about, the question, the verdict and the beats; below it what
//! it claims, and what to try after.

use super::terms::{self, spelled};
use super::{beats, knobs, predict, progress};
use crate::browser::page;
use crate::browser::spawn::spawn;
use crate::browser::text;
use crate::experiment::preset;
use crate::lesson::glossary::Glossary;
use crate::lesson::marked::{Bit, Marked};
use crate::lesson::prediction::{Guess, Prediction};
use crate::lesson::ran::Ran;
use crate::lesson::words::Words;
use crate::lesson::{self, Lesson};
use crate::scene::mark::Miss;
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::state::{Dialog, State, Stop};
use crate::view::words::lesson::{guess, verdict};
use leptos::prelude::*;
use std::rc::Rc;

/// A card of a teacher's link has a heading too, but not one to begin at.
const HEADING: &str = ".lesson h2[tabindex]";

/// What the card of a lesson knows. A handle: copies share it.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) state: State,
    pub(super) lesson: &'static Lesson,
    words: RwSignal<Words>,
    /// Whether they could not be fetched.
    is_wordless: RwSignal<bool>,
    /// Without terms until it has come.
    glossary: RwSignal<Rc<Glossary>, LocalStorage>,
    /// The words with their terms marked.
    marked: Memo<Marked>,
    /// What was predicted; none before, or where nobody wanted to.
    guess: RwSignal<Option<Guess>>,
    /// The run that the lesson is about, once it has been let go.
    ran: RwSignal<Option<Rc<Ran>>, LocalStorage>,
}

/// The card above the timeline. The one below is added to `below`.
pub(super) fn card(state: State, lesson: &'static Lesson, below: &El) -> El {
    let open = Open::new(state, lesson);
    open.fetch_words();
    open.fetch_glossary();
    let paragraph = move |class, of| open.spell(el("p").class(class), of);
    let is_asked = move || open.ran.read().is_none();
    let question = move || {
        el("div")
            .class("lesson-ask")
            .child(paragraph("about", |marked| &marked.about))
            .child(paragraph("question", |marked| &marked.question))
            .child(predict::form(open))
    };
    let after = move || {
        let about = el("details")
            .child(el("summary").text("What this lesson is about"))
            .child(paragraph("about", |marked| &marked.about));
        el("div")
            .class("lesson-after")
            .when(move || open.guess.read().is_some() && open.is_over() && open.is_own_run(), move || open.verdict())
            .child(paragraph("watch", |marked| &marked.watch))
            .when(move || !state.guide.stops.read().is_empty(), move || beats::walk(state, move |says| open.beat(says)))
            .child(about)
    };
    let rest = move || {
        el("section")
            .class("card lesson")
            .attr("aria-label", "After the run")
            .child(open.claim())
            .child(knobs::now_you(open))
            .child(open.next())
    };
    // What was once there stays, whatever is run after: the focus is in it.
    let was_over = Memo::new(move |before: Option<&bool>| before == Some(&true) || !is_asked() && open.is_over());
    below.add(&el("div").when(move || was_over.get(), rest));
    // Once it stands on the page, it is read and seen from its heading.
    keep(spawn(async { page::focus(HEADING) }));
    el("section")
        .class("card lesson")
        .attr("aria-label", "Lesson")
        .child(open.head())
        .when(is_asked, question)
        .when(move || !is_asked(), after)
}

impl Open {
    fn new(state: State, lesson: &'static Lesson) -> Self {
        let words = RwSignal::<Words>::default();
        let glossary = RwSignal::new_local(Rc::new(Glossary::default()));
        let marked = Memo::new(move |_| Marked::of(&words.read(), &glossary.read()));
        let (is_wordless, guess, ran) = (RwSignal::new(false), RwSignal::new(None), RwSignal::new_local(None));
        Self { state, lesson, words, is_wordless, glossary, marked, guess, ran }
    }

    /// Adds a text of the lesson, with its terms.
    pub(super) fn spell(self, paragraph: El, of: fn(&Marked) -> &Vec<Bit>) -> El {
        paragraph.part(move || spelled(self.marked.with(|marked| of(marked).clone())))
    }

    /// Whether its words have come, or are known not to come.
    pub(super) fn has_words(self) -> bool {
        *self.words.read() != Words::default() || self.is_wordless.get()
    }

    /// What a beat says, with its terms.
    fn beat(self, says: String) -> Vec<Bit> {
        let place = self.words.read().beats.iter().position(|beat| *beat == says);
        let bits = place.and_then(|place| self.marked.read().beats.get(place).cloned());
        bits.unwrap_or_else(|| vec![Bit::Plain(says)])
    }

    /// A lesson can be read without the glossary: if it doesn't come, nothing is said of that.
    fn fetch_glossary(self) {
        keep(spawn(async move {
            if let Ok(glossary) = terms::fetch().await {
                self.glossary.set(glossary);
            }
        }));
    }

    fn fetch_words(self) {
        keep(spawn(async move {
            let file = format!("words/en/lessons/{}.md", self.lesson.id);
            if let Ok(file) = text::fetch(&file).await {
                return self.words.set(Words::read(&file));
            }
            self.is_wordless.set(true);
            self.state.notice.set(Some("The words of this lesson could not be fetched.".into()));
        }));
    }

    /// Where it stands in the course, what it is called, and the ways out of it.
    fn head(self) -> El {
        let (part, place) = place(self.lesson);
        let again =
            el("button").class("ghost").on("click", move |_| self.state.begin_lesson(self.lesson)).text("Again");
        let is_script = self.state.experiment.with_untracked(|experiment| experiment.workload.script().is_some());
        // The playground has no fields for a script.
        let (words, to_race) = if is_script { ("Leave the lesson", true) } else { ("Open in the playground", false) };
        let close = el("button").class("ghost").on("click", move |_| {
            self.state.leave_lesson();
            if to_race {
                self.state.load_preset(&preset::PRESETS[0]);
            }
            // The button that was pressed is gone.
            page::focus(".timeline");
        });
        let close = close.text(words);
        el("div")
            .class("lesson-head")
            .child(el("p").class("fine").text(&format!("{part} · {place}")))
            .child(el("h2").attr("tabindex", "-1").text(self.lesson.title))
            .child(el("div").class("end").when(move || self.ran.read().is_some(), move || again.clone()).child(close))
    }

    /// The way on.
    fn next(self) -> El {
        let foot = el("div").class("row end");
        if let Some(next) = lesson::after(self.lesson.id) {
            let way =
                el("button").class("ghost next").on("click", move |_| page::go_to(&format!("lesson={}", next.id)));
            return foot.child(way.text(&format!("Next: {}", next.title)));
        }
        let list = el("button").class("ghost").on("click", move |_| self.state.dialog.set(Some(Dialog::Course)));
        foot.child(el("span").class("fine").text(self.last_word())).child(list.text("All lessons"))
    }

    fn last_word(self) -> &'static str {
        let is_last = lesson::all().last().is_some_and(|last| last.id == self.lesson.id);
        if is_last { "That was the last lesson." } else { "" }
    }

    /// Takes what was predicted, or nothing, and lets the run go.
    pub(super) fn commit(self, said: Option<Guess>) {
        // The run may still be on its way.
        if self.state.is_edited() {
            return;
        }
        let Some(ran) = self.state.with_picture(|picture| Rc::new(Ran::new(picture.trace()))) else { return };
        let prediction = self.lesson.prediction;
        if let Some(said) = &said {
            let misses = prediction.misses(said, &ran).into_iter().map(|miss| Miss {
                lane: miss.lane,
                item: miss.item.map(|item| item as usize),
                said: miss.said,
                was: miss.was,
            });
            self.state.guide.marks.update(|marks| marks.misses = misses.collect());
            progress::done(self.lesson.id, prediction.is_right(said, &ran));
        }
        self.state.guide.stops.set(self.stops(&ran));
        self.guess.set(said);
        self.ran.set(Some(ran));
        self.state.release();
        // The button that was pressed is gone.
        page::focus(HEADING);
    }

    /// Where its beats stop in a run.
    fn stops(self, ran: &Ran) -> Vec<Stop> {
        let says = self.words.with_untracked(|words| words.beats.clone());
        let beats = self.lesson.beats.iter().zip(says);
        let stop = |(beat, says): (&lesson::beat::Beat, String)| {
            let lit = beat.lit.iter().map(|&(lane, item)| (lane, item as usize)).collect();
            Some(Stop { at: beat.at.find(ran)?, lit, says })
        };
        beats.filter_map(stop).collect()
    }

    /// Whether all of the run has been shown, once.
    fn is_over(self) -> bool {
        self.state.playback.read().is_at_end() || self.state.guide.stop.get().is_some()
    }

    /// Whether the run that is shown is the one that was predicted: a knob makes another of it.
    fn is_own_run(self) -> bool {
        let ran = self.ran.read();
        let is_of = |ran: &Rc<Ran>| {
            self.state.with_picture(|picture| *picture.experiment == ran.trace.experiment).unwrap_or(false)
        };
        ran.as_ref().is_some_and(is_of)
    }

    fn verdict(self) -> El {
        let words = move || {
            let (said, ran) = (self.guess.read(), self.ran.read());
            let (Some(said), Some(ran)) = (&*said, &*ran) else { return String::new() };
            let prediction = self.lesson.prediction;
            let in_words = |of: &Guess| guess(prediction, of, &|item| self.name_of(item));
            verdict(prediction.is_right(said, ran), &in_words(said), &in_words(&prediction.answer(ran)))
        };
        el("p").class("lesson-verdict").attr("role", "status").text_by(words)
    }

    /// What the lesson claims, and whether the run bears it out.
    fn claim(self) -> El {
        let holds = Memo::new(move |_| self.ran.read().as_ref().is_some_and(|ran| (self.lesson.claim)(ran)));
        let mark = move || match (self.is_own_run(), holds.get()) {
            (false, _) => "",
            (true, true) => "✓ ",
            (true, false) => "✕ ",
        };
        let of_which = move || {
            if self.is_own_run() { " Checked on this run." } else { " That was the first run; this is another." }
        };
        let mark = el("span").class("mark").text_by(move || mark().to_owned());
        self.spell(el("p").class("claim").child(mark), |marked| &marked.claim)
            .child(el("span").class("fine").text_by(move || of_which().to_owned()))
    }

    /// What an item is called, in the lane that the lesson asks about.
    pub(super) fn name_of(self, item: u32) -> String {
        let lane = match self.lesson.prediction {
            Prediction::Order { lane, .. } => lane,
            _ => 0,
        };
        let experiment = self.state.experiment.read_untracked();
        experiment.workload.name_of(lane, item).map_or_else(|| format!("request {}", item + 1), ToOwned::to_owned)
    }
}

/// The part of a lesson, and its place in the course.
fn place(of: &Lesson) -> (&'static str, String) {
    let part = lesson::PARTS.iter().find(|part| part.lessons.iter().any(|lesson| lesson.id == of.id));
    let number = lesson::all().position(|lesson| lesson.id == of.id);
    let count = lesson::all().count();
    match (part, number) {
        (Some(part), Some(number)) => (part.title, format!("lesson {} of {count}", number + 1)),
        _ => ("True or false?", "a card".to_owned()),
    }
}
