//! One round: the simulated server as it was set up, and the log of what it saw.
//!
//! Calls are numbered as they arrive, and the number keys their luck. A caller who leaves drops its
//! ticket, wherever the answer was, so the server always knows who is there.

use super::setup::Setup;
use lanescope::experiment::server::Fault;
use lanescope::id::Tag;
use lanescope::sim::server::SimServer;
use lanescope::sim::wire::{self, Answer, Target};
use lanescope::time::{Instant, whole_micros};
use serde::Serialize;
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One round.
pub(super) struct Round {
    /// What it began with.
    pub(super) setup: Setup,
    began: tokio::time::Instant,
    book: Mutex<Book>,
}

struct Book {
    server: SimServer,
    arrived: u32,
    peak_in_flight: u32,
    preflights: u32,
    requests: Vec<Seen>,
}

/// One request, as the log tells it. Never a key, and no query, which could hold one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    n: usize,
    method: String,
    path: String,
    had_key: bool,
    status: Option<u16>,
    started_millis: u64,
    ended_millis: Option<u64>,
    aborted: bool,
    /// Which of the prompts it asks, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<u32>,
    #[serde(skip)]
    model: String,
}

impl Round {
    /// Nothing has happened yet.
    pub(super) fn new(setup: Setup) -> Self {
        let book = Book {
            server: SimServer::new(setup.figures.clone(), setup.seed),
            arrived: 0,
            peak_in_flight: 0,
            preflights: 0,
            requests: Vec::new(),
        };
        Self { setup, began: tokio::time::Instant::now(), book: Mutex::new(book) }
    }

    /// Whether `key` opens the door.
    pub(super) fn accepts(&self, key: Option<&str>) -> bool {
        self.setup.key.is_none() || self.setup.key.as_deref() == key
    }

    /// Whether some call may find its connection closed without an answer.
    pub(super) fn may_hang_up(&self) -> bool {
        self.setup.figures.faults.iter().any(|rule| rule.fault == Fault::Network)
    }

    /// Counts a preflight.
    pub(super) fn preflight(&self) {
        self.book().preflights += 1;
    }

    /// Notes a request.
    pub(super) fn open(self: &Arc<Self>, method: &str, path: &str, had_key: bool) -> Ticket {
        let started_millis = self.now().0 / 1_000;
        let requests = &mut self.book().requests;
        let place = requests.len();
        requests.push(Seen {
            n: place + 1,
            method: method.into(),
            path: path.into(),
            had_key,
            status: None,
            started_millis,
            ended_millis: None,
            aborted: false,
            item: None,
            model: String::new(),
        });
        Ticket { round: self.clone(), place, is_visiting: false, is_over: false }
    }

    /// What happened so far, as JSON.
    pub(super) fn log(&self) -> String {
        let book = self.book();
        let log = json!({
            "requests": book.requests,
            "peakInFlight": book.peak_in_flight,
            "preflights": book.preflights,
        });
        log.to_string()
    }

    /// The place among the known prompts of the one that is asked, alone or behind an instruction.
    fn item_of(&self, asked: &str) -> Option<u32> {
        let place = self.setup.prompts.iter().position(|prompt| asked.ends_with(prompt.as_str()))?;
        u32::try_from(place).ok()
    }

    fn now(&self) -> Instant {
        Instant(whole_micros(self.began.elapsed()))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way. Dropping it ends it: as given up by its caller, unless it was finished.
pub(super) struct Ticket {
    round: Arc<Round>,
    place: usize,
    is_visiting: bool,
    is_over: bool,
}

impl Ticket {
    /// The call arrives at the simulated server, which says all that will come back.
    ///
    /// # Errors
    /// What is wrong with the JSON of `body`.
    pub(super) fn arrive(&mut self, target: &Target, body: &str) -> serde_json::Result<Answer> {
        let mut book = self.round.book();
        let mut call = target.call(Tag::of_item(0, book.arrived).at_attempt(1), body)?;
        if let Some(item) = self.round.item_of(&call.prompt) {
            let is_same = |seen: &&Seen| seen.item == Some(item) && seen.model == target.model;
            let before = book.requests.iter().filter(is_same).count();
            call.tag = Tag::of_item(0, item).at_attempt(u8::try_from(before + 1).unwrap_or(u8::MAX));
            if let Some(seen) = book.requests.get_mut(self.place) {
                seen.item = Some(item);
                seen.model.clone_from(&target.model);
            }
        }
        // Read under the lock, or two calls could arrive in an order that their times deny.
        let now = self.round.now();
        let reply = book.server.arrive(now, &call);
        self.is_visiting = true;
        book.arrived += 1;
        book.peak_in_flight = book.peak_in_flight.max(book.server.in_flight());
        Ok(wire::answer(reply, target.form))
    }

    /// The head goes out.
    pub(super) fn answered(&self, status: u16) {
        if let Some(seen) = self.round.book().requests.get_mut(self.place) {
            seen.status = Some(status);
        }
    }

    /// All that was to come has come.
    pub(super) fn finish(mut self) {
        self.is_over = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let ended_millis = self.round.now().0 / 1_000;
        let mut book = self.round.book();
        if self.is_visiting {
            book.server.gone();
        }
        if let Some(seen) = book.requests.get_mut(self.place) {
            seen.ended_millis = Some(ended_millis);
            seen.aborted = !self.is_over;
        }
    }
}
