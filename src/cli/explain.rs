//! `build --explain`: what an output is, and why it was written or not.

use crate::diagnostic::{FilePath, Text, nearest};
use crate::pipeline::Edition;
use crate::plan::Recipe;
use crate::plan::url::{OutputPath, answering};
use crate::write::{Explanation, Why};

/// The output that a text means: a file below the output folder, an address, or the source of an item.
pub(super) fn find(edition: &Edition, text: &str) -> Result<OutputPath, Text> {
    let plan = &edition.plan;
    if let Some(id) = plan.site.page_of(&FilePath::new(text.trim_start_matches("./"))) {
        return Ok(plan.item_path(id).clone());
    }
    let base = &plan.site.registry.base_url;
    let address = text.strip_prefix(base.origin.as_str()).unwrap_or(text);
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
