//! A language server: what is wrong, what may be written and what it means, in any editor that speaks the protocol.
//!
//! A consumer of the stages, as the preview is; it writes nothing. Start at [`server::run`].

pub mod server;
mod documents;
mod diagnose;
mod cursor;
mod completion;
mod hover;
mod positions;
