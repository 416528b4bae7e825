//! How long the stages of a build take, and how much memory is held at their ends. Never decides anything.
//!
//! Start at [`Timings::end`].

#![expect(clippy::disallowed_methods, reason = "the system's word on this process")]

use std::time::{Duration, Instant};

/// A part of a build, in the order of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files were found; the count is theirs.
    Discover,
    /// `site.yaml` was read.
    Configuration,
    /// Items came out of the cache.
    LoadCache,
    /// Files were read, and meanwhile the theme was loaded; the count is of the files that were parsed.
    Parse,
    /// Pages were put in order and connected.
    Model,
    /// Outputs were planned.
    Plan,
    /// Outputs were drawn and written where they had changed; all outputs.
    Write,
    /// Files were moved into place, stale ones deleted, the manifest saved; files written.
    Commit,
    /// Items were left to the next build.
    SaveCache,
}

#[derive(Debug, Clone, Copy)]
pub struct Lap {
    pub stage: Stage,
    pub took: Duration,
    pub count: usize,
    /// Bytes of memory that the process held at the stage's end, where the system tells.
    pub resident: Option<u64>,
}

/// The stages that have ended so far. Records nothing unless it was asked to.
#[derive(Debug, Default)]
pub struct Timings {
    /// When the last stage ended; `None` where nothing is recorded.
    since: Option<Instant>,
    pub laps: Vec<Lap>,
}

impl Timings {
    /// Records from now on.
    pub fn recording() -> Self {
        Self { since: Some(Instant::now()), laps: Vec::new() }
    }

    /// Ends the stage that began when the one before ended.
    pub fn end(&mut self, stage: Stage, count: usize) {
        let Some(since) = self.since else { return };
        self.laps.push(Lap { stage, took: since.elapsed(), count, resident: memory_of_process("VmRSS:") });
        self.since = Some(Instant::now());
    }
}

/// The most memory that the process has held so far, in bytes.
pub fn peak_memory() -> Option<u64> {
    memory_of_process("VmHWM:")
}

fn memory_of_process(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
