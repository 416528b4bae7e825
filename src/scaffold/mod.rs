//! New things to begin with: a new item, and a new site.
//!
//! What is made here is only ever added: no file is overwritten but the set-up of VS Code. Start at [`item::Draft`] and [`site::create`].

pub mod item;
pub mod site;
mod files;

pub use files::{add, replace};
