//! Lanescope shows what concurrent LLM requests are waiting for.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod code;
pub mod engine;
pub mod experiment;
pub mod gemini;
pub mod id;
pub mod lab;
pub mod policy;
pub mod port;
pub mod rng;
pub mod scene;
#[cfg(target_arch = "wasm32")]
pub mod script;
pub mod sim;
pub mod time;
pub mod trace;
pub mod view;
