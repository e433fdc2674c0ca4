//! `schema.json` says what an experiment and a trace look like; it is made from the types.
//!
//! After a change of the types: `UPDATE_SCHEMA=1 cargo test --test schema`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::Experiment;
use lanescope::trace::Trace;
use schemars::generate::SchemaSettings;
use std::fs;
use std::path::Path;

#[test]
fn the_schema_is_that_of_the_types() {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let (experiment, trace) = (generator.subschema_for::<Experiment>(), generator.subschema_for::<Trace>());
    let schema = serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lanescope",
        "description": "An experiment, or the trace of one.",
        "anyOf": [experiment, trace],
        "$defs": generator.take_definitions(true),
    });
    let now = serde_json::to_string_pretty(&schema).expect("json") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &now).expect("a file to write");
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == now, "schema.json is not that of the types");
}
