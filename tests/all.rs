//! The tests that look at Xinfeng from outside, as one program: twenty programs would be compiled and linked one by one, and
//! each would wait for its slowest test before the next one began.
//!
//! `cargo test --test all publish::` runs those of one module.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads and writes what it likes, and a test may fail"
)]

mod cache;
mod check;
mod cli;
mod exchange;
mod features;
mod fmt;
mod hostile;
mod import;
mod incremental;
mod invalid;
mod language;
mod ledger;
mod lsp;
mod net;
mod publish;
mod scaffold;
mod schema;
mod serve;
mod session;
mod shard;
mod sites;
mod tidy;
