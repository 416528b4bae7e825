//! What all commands say on a terminal, and how.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;

use super::{FAILED, USAGE};
use crate::diagnostic::{Diagnostic, FilePath, Language, Severity, Text, draw};
use crate::pipeline::PipelineError;

/// Prints a line. A reader that went away (`xinfeng build | head`) is no reason to fail.
macro_rules! say_out {
    ($($text:tt)*) => { drop(std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*)))) };
}
macro_rules! say_err {
    ($($text:tt)*) => { drop(std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{}\n", format_args!($($text)*)))) };
}

/// The most messages that a terminal shows; `--verbose` shows all.
const SHOWN: usize = 60;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Volume {
    /// Errors only.
    Quiet,
    Normal,
    Verbose,
}

/// Where a command speaks to whoever called it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    pub language: Language,
    pub volume: Volume,
}

impl Terminal {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        let volume = match (arguments.get_flag("quiet"), arguments.get_flag("verbose")) {
            (true, _) => Volume::Quiet,
            (_, true) => Volume::Verbose,
            _ => Volume::Normal,
        };
        Self { language, volume }
    }

    /// The same, of which a program that reads JSON hears nothing but errors.
    pub fn quiet_if(self, is_json: bool) -> Self {
        Self { volume: if is_json { Volume::Quiet } else { self.volume }, ..self }
    }

    pub fn say(&self, text: &Text) {
        if self.volume != Volume::Quiet {
            say_out!("{}", text.get(self.language));
        }
    }

    /// Something worth knowing that is no result.
    pub fn remark(&self, text: &Text) {
        if self.volume != Volume::Quiet {
            say_err!("{}", text.get(self.language));
        }
    }

    /// Something other than the site's content stands in the way.
    pub fn fail(&self, text: &Text) -> ExitCode {
        let word = if self.language == Language::Chinese { "错误：" } else { "error: " };
        say_err!("{word}{}", text.get(self.language));
        ExitCode::from(FAILED)
    }

    /// Asks whether to go on. No answer means no, and so does whoever is no terminal.
    pub fn agrees(&self, question: &Text) -> bool {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return false;
        }
        drop(write!(io::stderr(), "{}", question.get(self.language)));
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).is_ok() && is_yes(&answer)
    }

    /// Draws messages, the errors last: next to the prompt they are seen. `text_of` gives a file's text.
    pub fn draw(&self, diagnostics: &[Diagnostic], text_of: &dyn Fn(&FilePath) -> Option<Arc<str>>) {
        let coloured = is_coloured(&io::stderr());
        let worth_saying =
            |diagnostic: &&Diagnostic| self.volume != Volume::Quiet || diagnostic.severity == Severity::Error;
        let (mut shown, errors): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            diagnostics.iter().filter(worth_saying).partition(|diagnostic| diagnostic.severity == Severity::Warning);
        shown.extend(errors);
        let hidden = if self.volume == Volume::Verbose { 0 } else { shown.len().saturating_sub(SHOWN) };
        let mut stderr = io::stderr().lock();
        for diagnostic in shown.iter().skip(hidden) {
            let drawing = draw(diagnostic, self.language, coloured, text_of);
            // A closed terminal is no reason to fail.
            drop(writeln!(stderr, "{drawing}\n"));
        }
        if hidden > 0 {
            let text = Text::new(
                format!("还有 {hidden} 条没有显示，加 --verbose 全部列出"),
                format!("{hidden} more; --verbose shows all"),
            );
            drop(writeln!(stderr, "{}", text.get(self.language)));
        }
    }
}

/// Chinese input methods also type full-width letters.
fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "ｙ" | "ｙｅｓ" | "是")
}

/// Whether colours are wanted there.
pub(super) fn is_coloured(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Why there is no edition, and the exit code for it.
pub(super) fn explain(error: &PipelineError) -> (Text, u8) {
    match error {
        PipelineError::AsOf(text) => {
            let text = Text::new(
                format!("--as-of 后面的“{text}”不是日期，应当写成 2026-11-23 或 \"2026-11-23 09:00\"（带引号）"),
                format!("\"{text}\" after --as-of is not a date such as 2026-11-23 or \"2026-11-23 09:00\""),
            );
            (text, USAGE)
        }
        PipelineError::Read(error) => (error.text(), FAILED),
    }
}

/// How many of the messages are errors, and how many warnings.
pub(super) fn count(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}

/// `1 error`, `2 errors`
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_may_be_typed_with_a_chinese_input_method() {
        for answer in ["y\n", "Y", " yes\r\n", "ｙ", "Ｙ", "是"] {
            assert!(is_yes(answer), "{answer}");
        }
        for answer in ["", "\n", "n", "不是", "yy"] {
            assert!(!is_yes(answer), "{answer}");
        }
    }
}
