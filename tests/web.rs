//! What must hold in a browser: the same verdicts, the same events, and that dropping means stopping.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

mod common;

use common::varied;
use common::wire::{Delivery, check_all, check_chunks};
use lanescope::browser::clock::{BrowserClock, now_millis};
use lanescope::browser::spawn::spawn;
use lanescope::browser::transport::FetchTransport;
use lanescope::port::{Clock, Method, Request, Transport, TransportError};
use lanescope::time::Instant;
use lanescope::trace::log::first_difference;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const ROWS: usize = 38;

async fn rest(millis: u64) {
    let clock = BrowserClock::default();
    clock.keeping_time(clock.sleep_until(Instant(millis * 1_000))).await;
}

#[wasm_bindgen_test]
fn every_fixture_gets_its_verdict() {
    for delivery in [Delivery::Whole, Delivery::ByteByByte] {
        let report = check_all(delivery);
        assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
        assert_eq!(report.checked, ROWS);
    }
    let report = check_chunks();
    assert!(report.mismatches.is_empty() && report.checked == 1, "{:#?}", report.mismatches);
}

#[wasm_bindgen_test]
fn every_seed_gives_the_events_that_a_native_run_gives() {
    if let Some(difference) = first_difference(&varied::golden(), &varied::all_events()) {
        panic!("{difference}");
    }
}

#[wasm_bindgen_test]
async fn a_wait_is_not_shorter_than_asked() {
    let began = now_millis();
    rest(40).await;
    let passed = now_millis() - began;
    assert!(passed >= 39.9, "{passed}");
}

#[wasm_bindgen_test]
async fn a_dropped_task_does_nothing_more() {
    let ran = Rc::new(Cell::new(false));
    let marks = ran.clone();
    let task = spawn(async move {
        rest(20).await;
        marks.set(true);
    });
    drop(task);
    rest(60).await;
    assert!(!ran.get());
}

fn request(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.into(),
        headers: Vec::new(),
        body: String::new(),
        tag: lanescope::id::Tag::default(),
    }
}

#[wasm_bindgen_test]
async fn what_is_no_address_is_a_failed_connection_and_no_panic() {
    let answer = FetchTransport.send(request("http://127.0.0.1:1/nobody")).await;
    assert!(matches!(answer, Err(TransportError::NoConnection { .. })), "{answer:?}");
}

/// A `fetch` that is left alone still costs; `AbortController` is what stops it. The page's own
/// `fetch` is put aside for one that tells whether its signal fired.
#[wasm_bindgen_test]
async fn a_dropped_request_fires_its_abort_signal() {
    let seen = js_sys::eval(
        "window.plainFetch = window.fetch; window.seenSignal = null;
         window.fetch = (url, init) => { window.seenSignal = init.signal; return new Promise(() => {}); };",
    );
    assert!(seen.is_ok());
    let task = spawn(async {
        let _ = FetchTransport.send(request("https://example.invalid/")).await;
    });
    rest(20).await;
    let aborted =
        || js_sys::eval("window.seenSignal && window.seenSignal.aborted").is_ok_and(|value| value.is_truthy());
    assert!(!aborted(), "it is under way");
    drop(task);
    rest(20).await;
    assert!(aborted(), "it was dropped");
    let _ = js_sys::eval("window.fetch = window.plainFetch");
}

#[wasm_bindgen_test]
async fn a_clock_stands_still_while_a_future_is_polled() {
    let clock = BrowserClock::default();
    let held = clock.keeping_time(async {
        let before = clock.now();
        let until = now_millis() + 5.0;
        while now_millis() < until {}
        clock.now() - before
    });
    assert_eq!(held.await, Duration::ZERO);
}
