//! Consumer of editions: shows the site in a browser while it is being written.
//!
//! An edition is immutable; a change on the disk makes a new one, and the two are swapped. A page is rendered
//! when it is asked for. What the preview adds, it adds to the response: the edition knows nothing of being
//! watched, so that what is shown is what will be published. Nothing is written but a probe file.
//! Start at [`Server::start`].

pub mod session;
pub mod watch;
mod changes;
mod response;
mod part;
mod server;
mod state_json;
mod front;

pub use front::PATH as FRONT;
pub use server::{Server, ServerError, Settings};
pub use session::{Session, State};
