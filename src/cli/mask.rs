//! `xinfeng mask`: writes the masked forms of personal numbers into text files.

use std::fs;
use std::io::{self, IsTerminal};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::FAILED;
use super::terminal::{Terminal, counted};
use crate::check::privacy::exceptions_for;
use crate::check::privacy::mask::{self, Change, Masked};
use crate::diagnostic::{FilePath, Language, Text, position};
use crate::parse::item::PrivacyException;
use crate::pipeline::{AsOf, Memory, Options, edition};
use crate::write::replace;

/// `xinfeng mask`
pub(super) struct Mask {
    terminal: Terminal,
    /// The site, whose items may allow numbers in their attachments.
    site: PathBuf,
    files: Vec<PathBuf>,
    write: bool,
}

/// The arguments that `mask` has of its own.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    Command::new("mask")
        .about(say("把手机号、身份证号等改成打星号的写法", "write the masked forms of personal numbers"))
        .override_usage(say("xinfeng mask [选项] <文件>...", "xinfeng mask [OPTIONS] <FILE>..."))
        .next_help_heading(say("选项", "Options"))
        .arg(
            Arg::new("files")
                .value_name(say("文件", "FILE"))
                .value_parser(value_parser!(PathBuf))
                .action(ArgAction::Append)
                .required(true)
                .help(say(
                    "md、txt、csv 文件；其他格式只列出位置",
                    "text files; of other formats the places are listed",
                )),
        )
        .arg(Arg::new("write").long("write").action(ArgAction::SetTrue).help(say(
            "直接改文件，不再询问；没有它，只列出会改什么",
            "change the files without asking; else only list",
        )))
}

impl Mask {
    pub fn new(language: Language, arguments: &ArgMatches) -> Self {
        let files = arguments.get_many::<PathBuf>("files").into_iter().flatten().cloned().collect();
        Self {
            terminal: Terminal::new(language, arguments),
            site: super::site(arguments),
            files,
            write: arguments.get_flag("write"),
        }
    }

    pub fn run(&self) -> ExitCode {
        let results: Vec<bool> = self.files.iter().map(|file| self.file(file)).collect();
        if results.contains(&false) { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
    }

    /// One file; whether nothing stood in the way.
    fn file(&self, path: &Path) -> bool {
        #[expect(clippy::disallowed_methods, reason = "files that the command line names, which need not be a site's")]
        let read = fs::read(path);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => return self.fail_for(path, "无法读取", "cannot be read", &error),
        };
        let name = FilePath::new(path.to_string_lossy().replace('\\', "/"));
        match mask::mask(&name, &bytes, &self.exceptions(path)) {
            Masked::Text { text, changes, left } => {
                self.say_left(path, &text, &left);
                match (changes.is_empty(), left.is_empty()) {
                    (true, true) => self.say_clean(path),
                    (true, false) => true,
                    (false, _) => self.change(path, &text, &changes),
                }
            }
            Masked::Elsewhere(places) => self.list(path, &places),
            Masked::NotText => self.fail(
                path,
                "不是 UTF-8 文本，没有改；请用记事本另存为 UTF-8",
                "is no UTF-8 text and was left alone; save it as UTF-8",
            ),
            Masked::Unreadable(why) => self.fail(path, &why.zh, &why.en),
        }
    }

    /// What the items of the site allow in an attachment of theirs.
    fn exceptions(&self, path: &Path) -> Vec<PrivacyException> {
        let [file, site] = [path, &self.site].map(std::path::absolute);
        let below = file.ok().zip(site.ok()).and_then(|(file, site)| Some(file.strip_prefix(site).ok()?.to_owned()));
        let Some(below) = below.filter(|below| below.extension().is_none_or(|ending| ending != "md")) else {
            return Vec::new();
        };
        let file = FilePath::new(below.to_string_lossy().replace('\\', "/"));
        let options = Options { as_of: AsOf::Clock(super::clock()), base_url: None, drafts: true, future: true };
        // A site with mistakes allows nothing: every change is listed before it is made.
        let built = edition(&self.site, &options, &mut Memory::default()).ok();
        built
            .and_then(|(outcome, _)| outcome.edition)
            .map_or_else(Vec::new, |edition| exceptions_for(&file, &edition.plan.site))
    }

    /// What a person must change.
    fn say_left(&self, path: &Path, text: &str, left: &[Range<usize>]) {
        for range in left {
            let at = position(text, range.start);
            let written = text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
            let (path, place) = (path.display(), format!("{}:{}", at.line, at.column));
            self.terminal.say(&Text::new(
                format!("{path}:{place}  {written}  在链接、标记或只能写数字的地方，请手工修改"),
                format!(
                    "{path}:{place}  {written}  lies in a link, in markup or where a number must be: change it by hand"
                ),
            ));
        }
    }

    fn say_clean(&self, path: &Path) -> bool {
        let path = path.display();
        self.terminal.say(&Text::new(format!("{path}：没有需要打星号的号码"), format!("{path}: nothing to be masked")));
        true
    }

    fn change(&self, path: &Path, text: &str, changes: &[Change]) -> bool {
        self.say_changes(path, text, changes);
        // Whoever keeps the list in a file has not seen it.
        let is_wanted = self.write || io::stdout().is_terminal() && self.is_confirmed(path);
        if !is_wanted {
            let hint = Text::new("没有改文件；加 --write 写入", "nothing was changed; --write changes the file");
            self.terminal.say(&hint);
            return true;
        }
        let edits: Vec<(Range<usize>, &str)> =
            changes.iter().map(|change| (change.range.clone(), change.masked.as_str())).collect();
        match replace(path, text, &edits) {
            Ok(()) => {
                let (shown, count) = (path.display(), changes.len());
                self.terminal.say(&Text::new(
                    format!("已改 {shown}：{count} 处"),
                    format!("{shown}: {} masked", counted(count, "number")),
                ));
                true
            }
            Err(error) => self.fail_for(path, "写不进去", "cannot be written", &error),
        }
    }

    /// Line by line, the numbers before and after. They are the editor's own, on the editor's own screen.
    fn say_changes(&self, path: &Path, text: &str, changes: &[Change]) {
        for change in changes {
            let at = position(text, change.range.start);
            let (path, before) = (path.display(), &text[change.range.clone()]);
            self.terminal.say(&Text::new(
                format!("{path}:{}:{}  {before} → {}", at.line, at.column, change.masked),
                format!("{path}:{}:{}  {before} -> {}", at.line, at.column, change.masked),
            ));
        }
    }

    fn is_confirmed(&self, path: &Path) -> bool {
        let question = Text::new(
            format!("改写 {}？输入 y 确认：", path.display()),
            format!("Change {}? Type y: ", path.display()),
        );
        self.terminal.agrees(&question)
    }

    /// What stands in a file that another program must mend.
    fn list(&self, path: &Path, places: &[(Text, String)]) -> bool {
        if places.is_empty() {
            return self.say_clean(path);
        }
        for (at, masked) in places {
            let path = path.display();
            self.terminal.say(&Text::new(format!("{path}：{} {masked}", at.zh), format!("{path}: {} {masked}", at.en)));
        }
        self.fail(
            path,
            "这种格式不能直接改，请在原来的软件里打上星号，再重新导出",
            "cannot be changed here; mask the numbers in its own program and export it anew",
        )
    }

    fn fail(&self, path: &Path, zh: &str, en: &str) -> bool {
        let path = path.display();
        self.terminal.fail(&Text::new(format!("{path}：{zh}"), format!("{path}: {en}")));
        false
    }

    fn fail_for(&self, path: &Path, zh: &str, en: &str, error: &io::Error) -> bool {
        let why = Text::from(error);
        self.fail(path, &format!("{zh}：{}", why.zh), &format!("{en}: {}", why.en))
    }
}
