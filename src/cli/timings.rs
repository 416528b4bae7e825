//! `build --timings`: where the time went, and what makes it grow.

use std::collections::BTreeMap;
use std::time::Duration;

use super::terminal::seconds;
use crate::diagnostic::Text;
use crate::parse::item::ItemType;
use crate::pipeline::Growth;
use crate::timings::{Lap, Stage, peak_memory};
use crate::write::Cost;

/// One more item may have so large a part of all outputs drawn again before it is called growth …
const GROWS_FROM: f64 = 0.02;
/// … and so many of them.
const MANY: usize = 100;

pub(super) fn draw(laps: &[Lap], costs: &BTreeMap<&'static str, Cost>, growth: &[Growth], page_size: usize) -> Text {
    let mut text = Text::new("", "");
    stages(laps, &mut text);
    kinds(costs, &mut text);
    growths(growth, &mut text);
    settings(costs, page_size, &mut text);
    text.zh.truncate(text.zh.trim_end().len());
    text.en.truncate(text.en.trim_end().len());
    text
}

fn stages(laps: &[Lap], text: &mut Text) {
    let mut zh = vec![row(["阶段", "用时（秒）", "数量", "内存（MB）"])];
    let mut en = vec![row(["stage", "seconds", "count", "memory (MB)"])];
    for lap in laps {
        let memory = lap.resident.map_or_else(|| "—".to_owned(), megabytes);
        let rest = [seconds(lap.took), lap.count.to_string(), memory];
        let (name_zh, name_en) = name(lap.stage);
        zh.push(row([name_zh, &rest[0], &rest[1], &rest[2]]));
        en.push(row([name_en, &rest[0], &rest[1], &rest[2]]));
    }
    let peak = peak_memory().map_or_else(|| "—".to_owned(), megabytes);
    let total = seconds(laps.iter().map(|lap| lap.took).sum());
    zh.push(row(["合计，最多占用", &total, "", &peak]));
    en.push(row(["in all, at most", &total, "", &peak]));
    text.zh.push_str(&table(&zh));
    text.en.push_str(&table(&en));
}

fn name(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Discover => ("查找文件", "find files"),
        Stage::Configuration => ("读取 site.yaml", "read site.yaml"),
        Stage::LoadCache => ("读取缓存", "load cache"),
        Stage::Parse => ("解析改过的文件、读取主题", "parse changed files, load theme"),
        Stage::Model => ("整理网站", "connect items"),
        Stage::Plan => ("安排输出文件", "plan outputs"),
        Stage::Write => ("查看、绘制、写入", "look, draw, write"),
        Stage::Commit => ("换上新文件", "put into place"),
        Stage::SaveCache => ("保存缓存", "save cache"),
    }
}

fn kinds(costs: &BTreeMap<&'static str, Cost>, text: &mut Text) {
    let mut zh = vec![row(["按模板（各线程相加）", "文件", "重画", "写入", "查看（秒）", "绘制（秒）", "写入（秒）"])];
    let mut en =
        vec![row(["by template (all threads)", "files", "drawn", "written", "look (s)", "draw (s)", "write (s)"])];
    let mut by_time: Vec<(&&str, &Cost)> = costs.iter().collect();
    by_time.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.look + cost.render + cost.write));
    for (kind, cost) in by_time {
        let counts = [cost.outputs, cost.rendered, cost.written].map(|count| count.to_string());
        let times = [cost.look, cost.render, cost.write].map(precise);
        let line = row([kind, &counts[0], &counts[1], &counts[2], &times[0], &times[1], &times[2]]);
        zh.push(line.clone());
        en.push(line);
    }
    text.zh.push_str(&table(&zh));
    text.en.push_str(&table(&en));
}

fn growths(growth: &[Growth], text: &mut Text) {
    if growth.is_empty() {
        return;
    }
    text.zh.push_str("再发布一篇，要重画：\n");
    text.en.push_str("One more item makes these be drawn again:\n");
    for Growth { item_type, column, redrawn, outputs, changes_frame } in growth {
        let count: usize = redrawn.values().sum();
        let mut kinds: Vec<(&&str, &usize)> = redrawn.iter().collect();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(**count), **kind));
        let list: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let list = list.join(", ");
        let (zh, en) = match item_type {
            ItemType::Page => ("独立页面", "a free-standing page".to_owned()),
            _ => (
                column.as_deref().unwrap_or_default(),
                format!("{} ({})", item_type.name(), column.as_deref().unwrap_or_default()),
            ),
        };
        text.zh.push_str(&format!("  {zh}：{outputs} 个文件中的 {count} 个（{list}）\n"));
        text.en.push_str(&format!("  {en}: {count} of {outputs} files ({list})\n"));
        let share = count as f64 / *outputs as f64;
        if *changes_frame {
            text.zh.push_str(
                "    随网站增长：每一页的菜单或页脚都列出它（site.pages、site.board_url），所以每一页都要重画\n",
            );
            text.en.push_str("    grows with the site: the menu or footer of every page names it (site.pages, site.board_url), so every page is drawn\n");
        } else if share > GROWS_FROM && count > MANY {
            let (kind, most) = kinds[0];
            text.zh.push_str(&format!("    随网站增长：有 {most} 个 {kind} 用到最新的条目\n"));
            text.en.push_str(&format!("    grows with the site: {most} of {kind} show the newest items\n"));
        }
    }
    text.zh.push('\n');
    text.en.push('\n');
}

/// Settings that make more files than there are items.
fn settings(costs: &BTreeMap<&'static str, Cost>, page_size: usize, text: &mut Text) {
    let of = |kinds: &[&str]| kinds.iter().filter_map(|kind| costs.get(kind)).map(|cost| cost.outputs).sum::<usize>();
    let lists = of(&["list.html"]);
    let items = of(&["article.html", "recruitment.html", "notice.html", "page.html"]);
    if lists > MANY && lists * 4 > items {
        text.zh.push_str(&format!(
            "列表页有 {lists} 个，内容页有 {items} 个：site.yaml 里的 page_size 现在是 {page_size}，加大一倍，长列表的页数就减少一半\n"
        ));
        text.en.push_str(&format!(
            "{lists} list pages for {items} items: page_size in site.yaml is {page_size}; twice as much halves the pages of long lists\n"
        ));
    }
}

type Row = Vec<String>;

fn row<const N: usize>(cells: [&str; N]) -> Row {
    cells.map(str::to_owned).to_vec()
}

/// Columns as wide as their widest cell; all but the first are flush right.
fn table(rows: &[Row]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[column] - width(cell));
            match column {
                0 => text.push_str(&format!("{cell}{space}")),
                _ => text.push_str(&format!("  {space}{cell}")),
            }
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// Chinese characters take two columns of a terminal.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn megabytes(bytes: u64) -> String {
    (bytes / 1_000_000).to_string()
}

fn precise(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}
