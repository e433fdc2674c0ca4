//! What is shown: its lanes' records, folded as far as they go.

use crate::experiment::script::Program;
use crate::experiment::{Experiment, Plan, Server, price};
use crate::gemini::forensics::limit_named;
use crate::id::lane_letter;
use crate::lab::live::LiveRun;
use crate::port::FailureKind;
use crate::scene::compare::{Unalike, compose};
use crate::scene::index::Index;
use crate::scene::lens::{Lens, Rows};
use crate::scene::lines::Lines;
use crate::scene::order::Known;
use crate::scene::playback::{next_event, previous_event};
use crate::scene::ready::Ready;
use crate::scene::track::Track;
use crate::time::Instant;
use crate::trace::critical::{Link, critical_path};
use crate::trace::span::{Fold, Row};
use crate::trace::stats::{Stats, Terms};
use crate::trace::{LaneTrace, Recorder, Trace};
use crate::view::words::chosen;
use crate::view::words::headline::Runner;
use crate::view::words::task;
use crate::view::words::why::{Said, waiting_for};
use std::cell::{OnceCell, Ref};
use std::rc::Rc;
use std::time::Duration;

/// What is shown: a run, or a lane of each of two.
pub(crate) struct Picture {
    pub(crate) experiment: Rc<Experiment>,
    pub(crate) plans: Vec<Plan>,
    lanes: Vec<Rc<Lane>>,
}

struct Lane {
    recorder: Rc<Recorder>,
    fold: Fold,
    /// What its picture is drawn from.
    ready: Ready,
    /// Found when it is first asked for.
    path: OnceCell<Vec<Link>>,
    /// The experiment that it was run in, and its place there.
    run_in: (Rc<Experiment>, usize),
}

impl Picture {
    /// A run that is over. `trace` must be of a sound experiment.
    pub(crate) fn of_trace(trace: Trace, plans: Vec<Plan>) -> Self {
        let recorders = trace.lanes.into_iter().map(|lane| Rc::new(Recorder::sealed(lane))).collect();
        Self::new(trace.experiment, plans, recorders)
    }

    /// A run under way.
    pub(crate) fn of_live(experiment: Experiment, plans: Vec<Plan>, run: &LiveRun) -> Self {
        Self::new(experiment, plans, run.recorders().to_vec())
    }

    fn new(experiment: Experiment, plans: Vec<Plan>, recorders: Vec<Rc<Recorder>>) -> Self {
        let experiment = Rc::new(experiment);
        let lane = |(place, recorder)| {
            let run_in = (experiment.clone(), place);
            Rc::new(Lane { recorder, fold: Fold::default(), ready: Ready::default(), path: OnceCell::new(), run_in })
        };
        let lanes = recorders.into_iter().enumerate().map(lane).collect();
        let mut picture = Self { experiment, plans, lanes };
        picture.read_on();
        picture
    }

    /// A lane of each of two runs, on one axis. The lanes are called by `names`.
    ///
    /// # Errors
    /// [`Unalike`] where they can't be laid on one.
    pub(crate) fn of_two(sides: [(&Self, usize); 2], names: [String; 2]) -> Result<Self, Unalike> {
        let experiment = compose(sides.map(|(picture, lane)| (&*picture.experiment, lane)), names)?;
        let of_each = sides.into_iter();
        Ok(Self {
            experiment: Rc::new(experiment),
            plans: of_each.clone().filter_map(|(picture, lane)| picture.plans.get(lane).cloned()).collect(),
            lanes: of_each.filter_map(|(picture, lane)| picture.lanes.get(lane).cloned()).collect(),
        })
    }

    /// Takes in what was recorded since the last time. Says whether that was anything.
    pub(crate) fn read_on(&mut self) -> bool {
        let mut news = false;
        // A lane that others have too is over.
        for lane in self.lanes.iter_mut().filter_map(Rc::get_mut) {
            let log = lane.recorder.read();
            if lane.fold.read_on(&log.events) {
                lane.ready.read_on(&lane.fold, &log);
                lane.path = OnceCell::new();
                news = true;
            }
        }
        news
    }

    pub(crate) fn is_real(&self) -> bool {
        self.experiment.server == Server::Gemini && !self.is_script()
    }

    /// Whether its server was fitted to a real run.
    pub(crate) fn is_replay(&self) -> bool {
        self.experiment.server.recorded().is_some() && !self.is_script()
    }

    /// Whether its lanes are programs, which ask nobody.
    pub(crate) fn is_script(&self) -> bool {
        self.experiment.workload.script().is_some()
    }

    /// The program of a lane.
    pub(crate) fn program(&self, lane: usize) -> Option<&Program> {
        self.experiment.workload.script()?.programs.get(lane)
    }

    /// What a row is called.
    pub(crate) fn name_of(&self, lane: usize, item: u32) -> String {
        let name = self.experiment.workload.name_of(lane, item);
        name.map_or_else(|| format!("request {}", u64::from(item) + 1), str::to_owned)
    }

    /// Which row it is, and of which lane, as a sentence begins.
    pub(crate) fn whose(&self, lane: usize, item: usize) -> String {
        let name = self.name_of(lane, u32::try_from(item).unwrap_or(u32::MAX));
        chosen::request(&name, self.is_script(), lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)))
    }

    /// Why a row waits, or what became of it.
    pub(crate) fn why(&self, lane: usize, item: usize, now: Instant) -> Option<Said> {
        let (row, fold, log) = (self.row(lane, item)?, self.fold(lane)?, self.log(lane)?);
        Some(match self.program(lane) {
            Some(program) => task::waiting_for(row, &log, program, now),
            None => waiting_for(row, fold, &log, self.plans.get(lane)?, now),
        })
    }

    /// How many rows each lane has room for.
    pub(crate) fn items(&self) -> usize {
        self.experiment.workload.len() as usize
    }

    /// How many rows a lane has.
    pub(crate) fn items_of(&self, lane: usize) -> usize {
        self.experiment.workload.rows_of(lane) as usize
    }

    /// How many lanes there are.
    pub(crate) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// When the last event of any lane came.
    pub(crate) fn end(&self) -> Instant {
        self.lanes.iter().map(|lane| lane.fold.latest).max().unwrap_or_default()
    }

    pub(crate) fn fold(&self, lane: usize) -> Option<&Fold> {
        self.lanes.get(lane).map(|lane| &lane.fold)
    }

    pub(crate) fn log(&self, lane: usize) -> Option<Ref<'_, LaneTrace>> {
        self.lanes.get(lane).map(|lane| lane.recorder.read())
    }

    /// The spans of a lane's rows, as a lens has them.
    pub(crate) fn index(&self, lane: usize, rows: Rows) -> Option<&Index> {
        let lane = self.lanes.get(lane)?;
        Some(lane.ready.index(rows, &lane.recorder.read()))
    }

    /// Which row of a lane stands on which line.
    pub(crate) fn lines(&self, number: usize, lens: &Lens) -> Option<Rc<Lines>> {
        let lane = self.lanes.get(number)?;
        let workload = &self.experiment.workload;
        let known = Known { items: self.items_of(number), fold: &lane.fold, index: lane.ready.requests(), workload };
        Some(lane.ready.lines(lens, known, &lane.recorder.read()))
    }

    /// In which order a lane's requests stand.
    pub(crate) fn lines_of_requests(&self, lane: usize, lens: &Lens) -> Option<Rc<Lines>> {
        self.lines(lane, &Lens { rows: Rows::Requests, ..lens.clone() })
    }

    /// The first permit that a request held.
    pub(crate) fn slot_of(&self, lane: usize, item: u32) -> Option<u32> {
        let lane = self.lanes.get(lane)?;
        let slot = *lane.ready.slots(&lane.recorder.read()).first.get(item as usize)?;
        (slot < u32::MAX).then_some(slot)
    }

    /// How many attempts of a lane are under way, from each moment on.
    pub(crate) fn flight(&self, lane: usize) -> Option<&[(Instant, u32)]> {
        self.lanes.get(lane).map(|lane| lane.ready.flight(&lane.fold))
    }

    /// The tracks of a lane.
    pub(crate) fn tracks(&self, number: usize) -> Option<&[Track]> {
        let (lane, plan) = (self.lanes.get(number)?, self.plans.get(number)?);
        let quota = self.steady_quota(number);
        Some(lane.ready.tracks(&lane.fold, &lane.recorder.read(), plan, quota))
    }

    /// The critical path of a lane, as far as it has come.
    pub(crate) fn path(&self, lane: usize) -> Option<&[Link]> {
        let lane = self.lanes.get(lane)?;
        Some(lane.path.get_or_init(|| critical_path(&lane.fold)).as_slice())
    }

    /// The rows of a lane, as far as it has come.
    pub(crate) fn rows(&self, lane: usize) -> &[Row] {
        self.fold(lane).map(|fold| &*fold.rows).unwrap_or_default()
    }

    pub(crate) fn row(&self, lane: usize, item: usize) -> Option<&Row> {
        self.fold(lane)?.rows.get(item)
    }

    /// The whole run as plain data.
    pub(crate) fn trace(&self) -> Trace {
        let lanes = self.lanes.iter().map(|lane| lane.recorder.read().clone()).collect();
        Trace { lanes, ..Trace::new((*self.experiment).clone()) }
    }

    /// When the next event of any lane came, or the one before.
    pub(crate) fn step(&self, at: Instant, forward: bool) -> Option<Instant> {
        let logs = self.lanes.iter().map(|lane| lane.recorder.read());
        if forward {
            logs.filter_map(|log| next_event(&log.events, at)).min()
        } else {
            logs.filter_map(|log| previous_event(&log.events, at)).max()
        }
    }

    /// The experiment that a lane was run in, and its place there.
    pub(crate) fn run_in(&self, lane: usize) -> Option<(&Rc<Experiment>, usize)> {
        self.lanes.get(lane).map(|lane| (&lane.run_in.0, lane.run_in.1))
    }

    /// The simulated server's quota of requests that a lane had, where it is the same all the time.
    pub(crate) fn steady_quota(&self, lane: usize) -> Option<(u32, Duration)> {
        self.run_in(lane).filter(|_| !self.is_script())?.0.server.steady_quota()
    }

    /// How many events it is made of.
    pub(crate) fn events(&self) -> usize {
        self.lanes.iter().map(|lane| lane.recorder.read().events.len()).sum()
    }

    /// At most so many in flight; none where that is all of them.
    pub(crate) fn shown_limit(&self, lane: usize) -> Option<u16> {
        let limit = self.plans.get(lane)?.limit();
        (limit == 1 || usize::from(limit) < self.items()).then_some(limit)
    }

    /// The figures of all lanes at `now`.
    pub(crate) fn stats(&self, now: Instant) -> Vec<Stats> {
        (0..self.lanes.len()).map(|lane| self.lane_stats(lane, now)).collect()
    }

    fn lane_stats(&self, number: usize, now: Instant) -> Stats {
        let (Some(lane), Some(plan)) = (self.lanes.get(number), self.plans.get(number)) else {
            return Stats::default();
        };
        let (experiment, place) = &lane.run_in;
        let Experiment { workload, server, lanes, .. } = &**experiment;
        let price = price::of_lane(workload, lanes.get(*place));
        let terms = Terms {
            items: self.items_of(number),
            workload: Some(workload),
            limit: plan.limit(),
            quota: server.quota(),
            price,
        };
        Stats::at(now, &lane.fold, &lane.recorder.read(), terms)
    }

    /// The lanes as the headline needs them.
    pub(crate) fn runners<'a>(&'a self, stats: &'a [Stats]) -> Vec<Runner<'a>> {
        let runner = |(number, stats): (usize, &'a Stats)| Runner {
            letter: lane_letter(u8::try_from(number).unwrap_or(u8::MAX)),
            name: self.experiment.lanes.get(number).map(|lane| &*lane.name).filter(|_| self.is_script()),
            stats,
            limit: self.shown_limit(number),
            refused: self.refused(number),
            begun: self.log(number).is_some_and(|log| !log.events.is_empty()),
        };
        stats.iter().enumerate().map(runner).collect()
    }

    /// How many calls of a lane were refused for quota, and the limit that the server named.
    fn refused(&self, number: usize) -> Option<(usize, Option<u32>)> {
        let log = self.log(number)?;
        if self.run_in(number)?.0.server != Server::Gemini {
            return None;
        }
        let is_quota = |kind| matches!(kind, FailureKind::RateLimit | FailureKind::QuotaDay | FailureKind::QuotaNone);
        let refusals: Vec<_> = log.failures.iter().filter(|failure| is_quota(failure.kind)).collect();
        let limit = refusals.iter().find_map(|failure| u32::try_from(limit_named(&failure.message)?).ok());
        (!refusals.is_empty()).then_some((refusals.len(), limit))
    }
}
