//! Parses the arguments, runs one command, and turns the result into an exit status.

use std::process::ExitCode;

// Rendering allocates many small strings on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    xinfeng::cli::run()
}
