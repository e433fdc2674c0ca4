//! Lanescope shows what concurrent LLM requests are waiting for: every millisecond of a request's
//! life has a name, and the page shows it.
//!
//! # The house
//!
//! Folders are rooms, and a room knows only the rooms that its row allows; [`time`], [`rng`],
//! [`id`] and [`figure`] are open to all. `tests/architecture.rs` reads this table and the `use` lines, and fails on
//! an arrow that is not in it.
//!
//! | room | what it is | may use |
//! |---|---|---|
//! | [`port`] | the sockets that a world must fit | |
//! | [`policy`] | what an attempt must pass, and what follows a failure | port |
//! | [`gemini`] | the protocol, to and from port's types | port |
//! | `browser` | the first world: the browser's time, tasks, network, storage | port |
//! | [`experiment`] | what is tried, and whether it is sound | policy, port |
//! | [`trace`] | what happened, and what it means | experiment, port, policy |
//! | [`engine`] | runs a workload under a plan in any world | experiment, policy, port, trace |
//! | [`sim`] | the second world: virtual time, and a Gemini made of figures | port, experiment |
//! | [`lab`] | where worlds and engine meet | engine, experiment, gemini, policy, port, sim, trace, browser |
//! | [`study`] | many runs, what one tells of the next, and what can be reckoned before the first | lab, experiment, policy, port, trace, gemini |
//! | [`code`] | a plan as a program | experiment, policy |
//! | [`lesson`] | the course: what is run, claimed, predicted and told | experiment, policy, port, trace |
//! | [`scene`] | the picture as data | experiment, trace |
//! | `script` | `window.lanescope` | lab, experiment, trace, port, gemini, browser |
//! | [`view`] | the page | lab, study, code, lesson, scene, experiment, trace, policy, port, gemini, browser |
//!
//! `browser`, `script` and most of [`view`] exist on wasm32 only, and they alone know `web_sys` and
//! `js_sys`; Leptos is known to [`view`] and the binary alone. So everything else is tested natively,
//! without a browser. `sim` never uses `engine` or `policy`: a server that shared the client's limiter
//! could not test it.
//!
//! # Laws
//!
//! 1. Time is a parameter. `clippy.toml` bans the clocks, the luck and the floating-point functions
//!    that would differ from run to run or from machine to machine, each with its reason.
//! 2. Whole microseconds inside; names with units at the edges.
//! 3. Luck is drawn from streams with names ([`rng`]), so that adding a request changes no other's.
//! 4. Drop means stop: a permit, timer, fetch, task or frame loop ends with its value.
//! 5. Errors are one enum a room; a failure is an event before it is a message.
//! 6. The key lives in one type, [`gemini::ApiKey`], and goes to the one origin it was entered for.
//! 7. Derive, never sync: all that is drawn is a function of traces, playhead and selection.
//!
//! # Where to start
//!
//! [`engine::run`] is the whole engine; [`lab::simulate`] runs it in virtual time:
//!
//! ```
//! use lanescope::{experiment::preset, lab};
//! let trace = lab::simulate(&preset::race())?;
//! assert!(trace.lanes.iter().all(|lane| lane.is_sealed()));
//! # Ok::<(), lab::SimulateError>(())
//! ```

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod code;
pub mod engine;
pub mod experiment;
pub mod figure;
pub mod gemini;
pub mod id;
pub mod lab;
pub mod lesson;
pub mod policy;
pub mod port;
pub mod rng;
pub mod scene;
#[cfg(target_arch = "wasm32")]
pub mod script;
pub mod sim;
pub mod study;
pub mod time;
pub mod trace;
pub mod view;
