//! Lanescope shows what concurrent LLM requests are waiting for.

pub mod engine;
pub mod experiment;
pub mod id;
pub mod lab;
pub mod policy;
pub mod port;
pub mod rng;
pub mod sim;
pub mod time;
pub mod trace;
