//! The first world: the browser's time, tasks, network and storage, each as an owned value.
//!
//! Drop means stop: a timer, a task, a fetch or a frame loop ends with the value that stands for it.

pub mod clock;
pub mod download;
pub mod frame;
pub mod later;
pub mod page;
pub mod spawn;
pub mod storage;
pub mod text;
pub mod transport;
pub mod worker;
