//! Every shape of the wire that is known gets its verdict, however its bytes arrive.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

mod common {
    pub(crate) mod wire;
}

use common::wire::{Delivery, Report, check_all, check_chunks};

/// Rows of `tests/fixtures/index.json`.
const ROWS: usize = 38;

fn assert_all_good(report: &Report, checked: usize) {
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
    assert_eq!(report.checked, checked);
}

#[test]
fn every_fixture_gets_its_verdict_in_one_piece() {
    assert_all_good(&check_all(Delivery::Whole), ROWS);
}

#[test]
fn every_fixture_gets_its_verdict_one_byte_at_a_time() {
    assert_all_good(&check_all(Delivery::ByteByByte), ROWS);
}

#[test]
fn cuts_inside_characters_and_line_ends_change_nothing() {
    assert_all_good(&check_chunks(), 1);
}
