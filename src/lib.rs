//! Xinfeng (新风) turns Markdown with front matter into a static publicity site.
//!
//! A build is a pure function: files and a few inputs (the date among them) in, a set of outputs out.
//! The modules are its stages, in order; a stage names only the stages before it.
//!
//! ```text
//! source -> parse -> site -> plan -> render      = pipeline::edition, with the help of a cache
//! check  =  edition -> rules
//! build  =  edition -> write;  or edition -> shards -> join -> write
//! fmt    =  source -> corrections -> the same files
//! publish = release -> changes -> target
//! serve  =  loop { wake -> edition -> swap };  GET url -> edition.render(url)
//! ```
//!
//! `diagnostic`, `fingerprint`, `timings`, `script`, `encoding`, `qr` and `spam` serve all stages; `cli` is the only one that prints.

pub mod diagnostic;
pub mod fingerprint;
pub mod timings;
pub mod script;
pub mod encoding;
pub mod qr;
pub mod spam;
pub mod source;
pub mod parse;
pub mod site;
pub mod plan;
pub mod render;
pub mod write;
pub mod ledger;
pub mod cache;
pub mod bodies;
pub mod pipeline;
pub mod stamp;
pub mod surface;
pub mod shard;
pub mod check;
pub mod build;
pub mod publish;
pub mod schema;
pub mod fmt;
pub mod serve;
pub mod import;
pub mod scaffold;
pub mod lsp;
pub mod cli;
