//! Publishing and verifying, against real counterparts: OpenSSH, an object storage, a WebDAV server, nginx.

#![allow(clippy::print_stderr, reason = "a test may tell how far it is")]

mod counterparts;
mod crawl;
mod faults;
mod office;
mod packages;
mod releases;
mod tampering;
mod targets;
