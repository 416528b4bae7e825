//! `xinfeng new`: the file of a new item, with what is known filled in.
//!
//! On a terminal it asks for what the command line left out; elsewhere it says what is missing.

use std::borrow::Cow;
use std::io::{self, BufRead, ErrorKind, IsTerminal};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::terminal::{Terminal, explain};
use super::{USAGE, clock};
use crate::diagnostic::{Diagnostic, FilePath, KeyPath, Language, Place, Text, catalogue};
use crate::parse::item::{Districts, ItemType};
use crate::parse::moment::Moment;
use crate::parse::registry::{ColumnId, DistrictId, NotADistrict, Registry};
use crate::pipeline::{PipelineError, configuration};
use crate::scaffold::{add, item::Draft};
use crate::source::{Root, SITE_FILE};

/// How many files of one day and one title there may be.
const ATTEMPTS: usize = 1000;

/// The arguments and their help.
pub(super) fn command(language: Language) -> Command {
    let say = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    let several = |name: &'static str| Arg::new(name).long(name).action(ArgAction::Append).value_delimiter(',');
    Command::new("new")
        .about(say("新建一篇内容", "begin a new item"))
        .override_usage(say("xinfeng new [类型] [标题] [选项]", "xinfeng new [TYPE] [TITLE] [OPTIONS]"))
        .next_help_heading(say("选项", "Options"))
        .arg(Arg::new("type").value_name(say("类型", "TYPE")).help(say(
            "要闻、招募、通知公告、页面（或 article、recruitment、notice、page）",
            "article, recruitment, notice or page",
        )))
        .arg(Arg::new("title").value_name(say("标题", "TITLE")).help(say("标题", "the title")))
        .arg(
            several("district")
                .value_name(say("区域", "DISTRICT"))
                .help(say("区域，可以写几个，逗号隔开；面向全站写 all", "districts with commas between them, or all")),
        )
        .arg(several("topic").value_name(say("主题", "TOPIC")).help(say("主题，可以写几个", "topics, one or several")))
        .arg(
            Arg::new("column")
                .long("column")
                .value_name(say("栏目", "COLUMN"))
                .help(say("放在哪个栏目（这种内容有几个栏目时）", "the column, where several hold this type")),
        )
}

/// `xinfeng new`
pub(super) fn run(language: Language, arguments: &ArgMatches) -> ExitCode {
    let terminal = Terminal::new(language, arguments);
    let root = Root::new(&super::site(arguments));
    let registry = match configuration(&root, None) {
        Ok(Ok(registry)) => registry,
        Ok(Err(diagnostics)) => return refuse(terminal, &root, diagnostics),
        Err(error) => return terminal.fail(&explain(&PipelineError::Read(error)).0),
    };
    let given = arguments.get_one::<String>("type").map(String::as_str);
    if let Some(given) = given.filter(|given| ItemType::named(given).is_none()) {
        terminal.fail(&unknown_type(given));
        return ExitCode::from(USAGE);
    }
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let input = if is_terminal { Some(io::stdin().lock()) } else { None };
    let mut desk = Desk { terminal, registry: &registry, input, missing: Vec::new() };
    match desk.draft(arguments) {
        Ok(draft) if desk.missing.is_empty() => create(terminal, &root, &registry, &draft),
        Ok(_) => {
            terminal.fail(&missing(&desk.missing));
            ExitCode::from(USAGE)
        }
        Err(diagnostics) => refuse(terminal, &root, diagnostics),
    }
}

fn refuse(terminal: Terminal, root: &Root, mut diagnostics: Vec<Diagnostic>) -> ExitCode {
    let text_of = |file: &FilePath| root.excerpt(file).map(|text| Cow::Owned(text.to_string()));
    crate::parse::locate(&mut diagnostics, &text_of);
    terminal.draw(&diagnostics, &|file| root.excerpt(file));
    ExitCode::from(super::FAILED)
}

fn unknown_type(given: &str) -> Text {
    let (zh, en) = (type_names(Language::Chinese), type_names(Language::English));
    Text::new(
        format!("没有“{given}”这种内容类型，可以写{}（或 {}）", zh.join("、"), en.join("、")),
        format!("unknown content type \"{given}\": write {}", en.join(", ")),
    )
}

/// What the types are called, in the order of [`ItemType::ALL`].
fn type_names(language: Language) -> [&'static str; ItemType::ALL.len()] {
    let chinese = |it: ItemType| it.names().nth(1).unwrap_or(it.name());
    ItemType::ALL.map(|it| if language == Language::Chinese { chinese(it) } else { it.name() })
}

/// Says what was neither given nor can be asked for.
fn missing(parts: &[Text]) -> Text {
    let join = |of: fn(&Text) -> &str, separator: &str| parts.iter().map(of).collect::<Vec<_>>().join(separator);
    Text::new(
        format!(
            "还缺少{}\n例如：xinfeng new 要闻 \"文明实践进楼组\" --district 区域名 --topic 主题名",
            join(|text| &text.zh, "；")
        ),
        format!(
            "missing: {}\nfor example: xinfeng new article \"A day at the centre\" --district NAME --topic NAME",
            join(|text| &text.en, "; ")
        ),
    )
}

/// Writes the file under the first name that is free.
fn create(terminal: Terminal, root: &Root, registry: &Registry, draft: &Draft) -> ExitCode {
    let text = draft.text(registry, terminal.language);
    for attempt in 1..=ATTEMPTS {
        let file = draft.file(registry, attempt);
        match add(&root.on_disk(&file), text.as_bytes()) {
            Ok(()) => {
                terminal.say(&done(draft, registry, &file));
                return ExitCode::SUCCESS;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return terminal.fail(&super::cannot_write(&root.on_disk(&file), &error));
            }
        }
    }
    terminal.fail(&Text::new("同名的文件太多了，请换一个标题", "too many files of that name: choose another title"))
}

fn done(draft: &Draft, registry: &Registry, file: &FilePath) -> Text {
    let fill = |language, nothing: &str, with: fn(String) -> String| {
        let open = draft.open(registry, language);
        let separator = if language == Language::Chinese { "、" } else { ", " };
        if open.is_empty() { nothing.to_owned() } else { with(open.join(separator)) }
    };
    let zh = fill(Language::Chinese, "打开它，在两行 --- 下面写正文", |open| {
        format!("打开它，填好空着的各项：{open}，在两行 --- 下面写正文")
    });
    let en = fill(Language::English, "open it, and write below the second ---", |open| {
        format!("open it, fill in {open}, and write below the second ---")
    });
    Text::new(
        format!(
            "已新建 {file}\n接下来：\n  1. {zh}\n  2. 运行 xinfeng serve --drafts --open，边写边看\n  \
             3. 写好以后把 draft: true 改成 draft: false，运行 xinfeng build"
        ),
        format!(
            "created {file}\nNext:\n  1. {en}\n  2. run xinfeng serve --drafts --open to see it while you write\n  \
             3. when it is ready, write draft: false and run xinfeng build"
        ),
    )
}

/// Where a draft is put together, with whoever can be asked.
struct Desk<'a> {
    terminal: Terminal,
    registry: &'a Registry,
    /// `None` where nobody can be asked.
    input: Option<io::StdinLock<'static>>,
    missing: Vec<Text>,
}

impl Desk<'_> {
    fn draft(&mut self, arguments: &ArgMatches) -> Result<Draft, Vec<Diagnostic>> {
        let given = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
        let list = |name: &str| arguments.get_many::<String>(name).into_iter().flatten().map(String::as_str).collect();
        let (districts, topics): (Vec<&str>, Vec<&str>) = (list("district"), list("topic"));
        let item_type = self.item_type(given("type"));
        let column = self.column(item_type, given("column"))?;
        let title = self.title(given("title"));
        let mut mistakes = Vec::new();
        let districts = self.districts(item_type, &districts).unwrap_or_else(|found| {
            mistakes.push(found);
            Districts::All
        });
        let topics = match topics.as_slice() {
            [] => self.ask_topic(),
            names => names.iter().filter_map(|name| self.topic(name).map_err(|it| mistakes.push(it)).ok()).collect(),
        };
        let now = Moment::from_timestamp(clock(), &self.registry.zone);
        let draft = Draft { item_type, column, title, districts, topics, now };
        if mistakes.is_empty() { Ok(draft) } else { Err(mistakes) }
    }

    fn item_type(&mut self, given: Option<&str>) -> ItemType {
        if let Some(item_type) = given.and_then(ItemType::named) {
            return item_type;
        }
        let choices = type_names(self.terminal.language).map(str::to_owned);
        let chosen = self.choose(&Text::new("写什么？", "What is it?"), &choices, true);
        if chosen.is_none() {
            self.missing
                .push(Text::new("类型（要闻、招募、通知公告、页面）", "the type (article, recruitment, notice, page)"));
        }
        ItemType::ALL[chosen.unwrap_or_default()]
    }

    fn title(&mut self, given: Option<&str>) -> String {
        let given = given.map(str::to_owned).or_else(|| self.line(&Text::new("标题：", "Title: ")));
        let title = given.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() {
            self.missing.push(Text::new("标题", "the title"));
        }
        title
    }

    fn column(&mut self, item_type: ItemType, given: Option<&str>) -> Result<Option<ColumnId>, Vec<Diagnostic>> {
        // Where the type is missing, which columns hold it is not known either.
        if item_type == ItemType::Page || !self.missing.is_empty() && given.is_none() {
            return Ok(None);
        }
        let registry = self.registry;
        let fitting: Vec<ColumnId> =
            registry.column_ids().filter(|id| registry.column(*id).item_type == item_type).collect();
        let keys: Vec<&str> = fitting.iter().map(|id| registry.column(*id).key.as_str()).collect();
        if let Some(given) = given {
            let is_it = |id: &&ColumnId| {
                let column = registry.column(**id);
                [&column.key, &column.name, &column.slug].into_iter().any(|name| name == given)
            };
            let at = Place::key(&FilePath::new(SITE_FILE), KeyPath::default().key("columns"));
            let wrong = || vec![catalogue::unknown_value(at, given, &keys)];
            return fitting.iter().find(is_it).map(|id| Some(*id)).ok_or_else(wrong);
        }
        if let [only] = fitting.as_slice() {
            return Ok(Some(*only));
        }
        let choices: Vec<String> = fitting.iter().map(|id| registry.column(*id).name.clone()).collect();
        let chosen = self.choose(&Text::new("放在哪个栏目？", "In which column?"), &choices, true);
        if chosen.is_none() {
            let (name, keys) = (item_type.names().nth(1).unwrap_or_default(), keys.join("、"));
            self.missing.push(if keys.is_empty() {
                let name_en = item_type.name();
                Text::new(
                    format!("放{name}的栏目：site.yaml 的 columns 里还没有 type: {name_en} 的栏目"),
                    format!("a column of type {name_en}: add one to the columns of site.yaml"),
                )
            } else {
                Text::new(format!("栏目（--column {keys}）"), format!("the column (--column {keys})"))
            });
        }
        Ok(chosen.map(|position| fitting[position]))
    }

    fn districts(&mut self, item_type: ItemType, given: &[&str]) -> Result<Districts, Diagnostic> {
        if given.iter().any(|name| matches!(*name, "all" | "全站" | "全市" | "全部")) {
            return Ok(Districts::All);
        }
        if given.is_empty() && item_type == ItemType::Page {
            return Ok(Districts::These(Vec::new()));
        }
        if given.is_empty() {
            return Ok(self.ask_district());
        }
        given.iter().map(|name| self.district(name)).collect::<Result<_, _>>().map(Districts::These)
    }

    fn district(&self, name: &str) -> Result<DistrictId, Diagnostic> {
        let place = Place::key(&FilePath::new(SITE_FILE), KeyPath::default().key("districts"));
        self.registry.find_district(name.trim()).map_err(|why| match why {
            NotADistrict::Unknown => catalogue::unknown_district(place, name, &self.registry.near_districts(name)),
            NotADistrict::Ambiguous(names) => catalogue::ambiguous_district(place, name, &names),
        })
    }

    fn topic(&self, name: &str) -> Result<crate::parse::registry::TopicId, Diagnostic> {
        let place = Place::key(&FilePath::new(SITE_FILE), KeyPath::default().key("topics"));
        let unknown = || catalogue::unknown_topic(place, name, &self.registry.near_topics(name));
        self.registry.find_topic(name.trim()).ok_or_else(unknown)
    }

    fn ask_district(&mut self) -> Districts {
        let registry = self.registry;
        let names = registry.district_ids().map(|id| registry.unambiguous(id));
        let choices: Vec<String> = [Text::new("全站", "the whole site").get(self.terminal.language).to_owned()]
            .into_iter()
            .chain(names)
            .collect();
        match self.choose(&Text::new("哪个区域的内容？", "Of which district?"), &choices, true) {
            Some(0) => Districts::All,
            Some(position) => Districts::These(vec![DistrictId(position as u32 - 1)]),
            None => {
                self.missing.push(Text::new("区域（--district，全站写 all）", "the district (--district, or all)"));
                Districts::All
            }
        }
    }

    fn ask_topic(&mut self) -> Vec<crate::parse::registry::TopicId> {
        let ids: Vec<_> = self.registry.topic_ids().collect();
        let choices: Vec<String> = ids.iter().map(|id| self.registry.topic(*id).name.clone()).collect();
        if choices.is_empty() {
            return Vec::new();
        }
        let question = Text::new("什么主题？（直接按回车就是不写）", "Which topic? (Enter for none)");
        self.choose(&question, &choices, false).into_iter().map(|position| ids[position]).collect()
    }

    /// Asks until a number or a name of the list is typed; `None` where nobody can be asked, the input ends, or
    /// nothing is typed where nothing `must` be.
    fn choose(&mut self, question: &Text, choices: &[String], must: bool) -> Option<usize> {
        if self.input.is_none() || choices.is_empty() {
            return None;
        }
        say_out!("{}", question.get(self.terminal.language));
        for (position, choice) in choices.iter().enumerate() {
            say_out!("  {:>2}  {choice}", position + 1);
        }
        loop {
            let typed = self.line(&Text::new("编号或名称：", "Number or name: "))?;
            let by_number = typed.parse::<usize>().ok().filter(|number| (1..=choices.len()).contains(number));
            let found = by_number.map(|number| number - 1).or_else(|| choices.iter().position(|it| *it == typed));
            if found.is_some() || (typed.is_empty() && !must) {
                return found;
            }
            let near = crate::diagnostic::nearest(&typed, choices.iter().map(String::as_str)).join("、");
            let again = Text::new("没有这一个，请再选一次", "not in the list: choose again");
            let hint = if near.is_empty() { String::new() } else { format!("（{near}？）") };
            say_out!("{}{hint}", again.get(self.terminal.language));
        }
    }

    /// A line that was typed; `None` where nobody can be asked or the input has ended.
    fn line(&mut self, prompt: &Text) -> Option<String> {
        let input = self.input.as_mut()?;
        drop(io::Write::write_all(&mut io::stdout(), prompt.get(self.terminal.language).as_bytes()));
        drop(io::Write::flush(&mut io::stdout()));
        let mut typed = String::new();
        let length = input.read_line(&mut typed).ok()?;
        (length > 0).then(|| typed.trim().to_owned())
    }
}
