//! `build --explain`: what an output is, and why it was written or not.

use crate::diagnostic::{FilePath, Text, nearest};
use crate::pipeline::{Edition, Memory};
use crate::plan::Recipe;
use crate::plan::url::{OutputPath, answering};
use crate::source::Sources;
use crate::write::{Explanation, Why};

/// The output that a text means: a file below the output folder, an address, or a source.
pub(super) fn find(edition: &Edition, sources: &Sources, memory: &Memory, text: &str) -> Result<OutputPath, Text> {
    let plan = &edition.plan;
    let asked = text.trim_start_matches("./");
    let file = FilePath::new(asked);
    let is_copy = |recipe: &Recipe| matches!(recipe, Recipe::File(source, _) if *source == file);
    if let Some(id) = plan.site.page_of(&file) {
        return Ok(plan.item_path(id).clone());
    }
    if let Some((path, _)) = plan.outputs.iter().find(|(_, recipe)| is_copy(recipe)) {
        return Ok(path.clone());
    }
    if let Some(why) = left_out(&file, edition, sources, memory) {
        return Err(Text::new(
            format!("“{file}”没有发布：{}", why.zh),
            format!("\"{file}\" is not published: {}", why.en),
        ));
    }
    let base = &plan.site.registry.base_url;
    let address = asked.strip_prefix(base.origin.as_str()).unwrap_or(asked);
    let below = address.strip_prefix(base.path.as_str()).unwrap_or(address).trim_start_matches("public/");
    let folder = format!("{below}/");
    let candidates = [answering(below), answering(&folder)];
    candidates.into_iter().find(|path| plan.outputs.contains_key(path)).ok_or_else(|| {
        let near = nearest(below, plan.outputs.keys().map(OutputPath::as_str)).join("\n  ");
        let (zh, en) = if near.is_empty() { ("", "") } else { ("。最接近的是：\n  ", "; the nearest are:\n  ") };
        Text::new(
            format!("网站里没有“{text}”这个文件、网址或来源{zh}{near}"),
            format!("the site has no file, address or source \"{text}\"{en}{near}"),
        )
    })
}

/// Why a file below `content/` leads to no output; `None` where there is no such file.
fn left_out(file: &FilePath, edition: &Edition, sources: &Sources, memory: &Memory) -> Option<Text> {
    if let Some(item) = memory.items().find(|item| item.file == *file) {
        let front_matter = &item.front_matter;
        let draft = front_matter.draft.then(|| {
            Text::new(
                "它是草稿，写好以后把 draft: true 改成 draft: false，现在就要看，加上 --drafts",
                "it is a draft; change draft: true to draft: false when it is finished, or add --drafts to see it now",
            )
        });
        let due = front_matter.date.filter(|date| date.seconds > edition.plan.site.now.seconds).map(|date| {
            Text::new(
                format!("要到 {date} 才发布，现在就要看，加上 --future"),
                format!("it is not due before {date}; --future shows it now"),
            )
        });
        return draft.into_iter().chain(due).reduce(|draft, due| {
            Text::new(format!("{}；{}", draft.zh, due.zh), format!("{}; and {}", draft.en, due.en))
        });
    }
    if memory.knows(file) {
        return Some(Text::new("它是没有写完的草稿", "it is a draft that is not finished"));
    }
    let is_unused = file.as_str().starts_with("content/") && sources.files.contains_key(file);
    is_unused.then(|| Text::new("没有内容用到这个文件", "no item refers to this file"))
}

/// Tells it in a few lines.
pub(super) fn draw(edition: &Edition, path: &OutputPath, explanation: &Explanation) -> Text {
    let source = match &edition.plan.outputs[path] {
        Recipe::Item(id) | Recipe::Redirect(id) => Some(edition.plan.site.item(*id).file.to_string()),
        Recipe::File(file, _) => Some(file.to_string()),
        _ => None,
    };
    let mut zh = format!("{path}\n  由来　{}", explanation.kind);
    let mut en = format!("{path}\n  made of  {}", explanation.kind);
    if let Some(source) = source {
        zh.push_str(&format!("，{source}"));
        en.push_str(&format!(", {source}"));
    }
    let (why_zh, why_en) = reason(explanation.why);
    let (done_zh, done_en) = match (explanation.written, explanation.why) {
        (true, _) => ("写入了", "written"),
        (false, Why::NothingChanged) => ("没有重画，没有写", "neither drawn nor written"),
        (false, _) => ("重画了，内容与原来一样，没有写", "drawn, but not written: its bytes are the same"),
    };
    zh.push_str(&format!("\n  结果　{done_zh}\n  原因　{why_zh}"));
    en.push_str(&format!("\n  result   {done_en}\n  reason   {why_en}"));
    if let Some((line, before, now)) = &explanation.difference {
        let change = around_difference(before, now);
        zh.push_str(&format!("\n  变化　从第 {line} 行起：\n    - {}\n    + {}", change.0, change.1));
        en.push_str(&format!("\n  change   from line {line} on:\n    - {}\n    + {}", change.0, change.1));
    }
    Text::new(zh, en)
}

fn reason(why: Why) -> (&'static str, &'static str) {
    match why {
        Why::NothingChanged => {
            ("它所依据的都没有变，文件也还是上次写的样子", "nothing it depends on has changed, nor has the file")
        }
        Why::New => ("输出文件夹里还没有它", "the output folder did not hold it"),
        Why::Deleted => ("上次写过，后来被删掉了", "it was written, and deleted since"),
        Why::Tampered => ("文件在上次生成之后被别人改过", "somebody changed the file since it was written"),
        Why::Unfinished => ("上一次生成没有做完", "an earlier build did not end"),
        Why::OtherEngine => ("换了另一个版本的新风", "another version of Xinfeng made it"),
        Why::Frame => (
            "主题变了，或者每一页共有的内容（名称、菜单、页脚等）变了",
            "the theme has changed, or what all pages share: names, menu, footer",
        ),
        Why::Ingredients => (
            "它显示的内容变了：文章本身、前后篇、相关文章、列表里的条目，或者 site.yaml",
            "what it shows has changed: the item, its neighbours, related items, the entries of a list, or site.yaml",
        ),
    }
}

/// Long lines are cut down to where they differ.
fn around_difference(before: &str, now: &str) -> (String, String) {
    const BEFORE: usize = 20;
    const SHOWN: usize = 80;
    let same = before.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
    let cut = |line: &str| {
        let start = same.saturating_sub(BEFORE);
        let mut shown: String = line.chars().skip(start).take(SHOWN).collect();
        if start > 0 {
            shown.insert(0, '…');
        }
        if line.chars().count() > start + SHOWN {
            shown.push('…');
        }
        shown
    };
    (cut(before), cut(now))
}
