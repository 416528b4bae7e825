//! The check's result as one self-contained page for the office: the points of an inspection with pass or fail and the
//! evidence, when which column falls due, what each district has published, and who has what to mend.
//!
//! Start at [`page`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::Serialize;
use tera::Tera;

use super::freshness::{Due, forecast};
use super::report::Report;
use super::rule::{Family, Finding};
use super::subject::Context;
use crate::diagnostic::{At, FilePath, Language, Severity, Text, position};
use crate::parse::item::Item;
use crate::parse::registry::DistrictId;

/// The page's template; it holds its style, and nothing in it leads elsewhere.
const TEMPLATE: &str = include_str!("office/page.html");
/// So many findings stand beside a point; all of them stand below.
const EVIDENCE: usize = 5;
/// The chart shows so many months.
const MONTHS: usize = 12;

#[derive(Serialize)]
struct View {
    zh: bool,
    heading: String,
    title: String,
    day: String,
    items: usize,
    unread: usize,
    pages: usize,
    failed: usize,
    errors: usize,
    warnings: usize,
    due_count: usize,
    forecast_days: u32,
    points: Vec<Point>,
    overdue: Vec<DueView>,
    weekdays: Vec<&'static str>,
    months: Vec<Month>,
    chart: Chart,
    districts: Vec<DistrictRow>,
    tallies: Vec<Tally>,
    families: Vec<FamilyView>,
    version: &'static str,
}

/// One point of the inspection: a family of rules.
#[derive(Serialize)]
struct Point {
    name: String,
    basis: String,
    verdict: &'static str,
    class: &'static str,
    rules: usize,
    evidence: Vec<Evidence>,
    more: usize,
}

#[derive(Serialize)]
struct Evidence {
    message: String,
    place: String,
}

#[derive(Serialize)]
struct DueView {
    name: String,
    last: Option<String>,
    limit: u32,
}

/// A month of the calendar, in weeks that begin on Monday.
#[derive(Serialize)]
struct Month {
    name: String,
    weeks: Vec<Vec<Day>>,
}

#[derive(Serialize, Default, Clone)]
struct Day {
    number: Option<i8>,
    class: String,
    due: Vec<String>,
}

/// The chart's measures, in pixels.
#[derive(Serialize)]
struct Chart {
    width: usize,
    height: usize,
    left: usize,
    right: usize,
    bar: usize,
    total: usize,
    labels: Vec<Label>,
}

#[derive(Serialize)]
struct Label {
    x: usize,
    y: usize,
    text: String,
}

#[derive(Serialize)]
struct DistrictRow {
    name: String,
    base: usize,
    total: usize,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    y: usize,
    height: usize,
    title: String,
}

#[derive(Serialize)]
struct Tally {
    name: &'static str,
    rows: Vec<TallyRow>,
}

#[derive(Serialize, Default)]
struct TallyRow {
    name: String,
    items: usize,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct FamilyView {
    name: String,
    errors: usize,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct FindingView {
    class: &'static str,
    message: String,
    place: String,
    code: String,
    help: Vec<String>,
}

/// Draws the page.
pub fn page(report: &Report, context: &Context<'_>, language: Language) -> String {
    let drawer = Drawer { report, context, language, today: context.site().now.local.date() };
    let mut tera = Tera::default();
    let drawn = tera
        .add_raw_template("office.html", TEMPLATE)
        .and_then(|()| tera::Context::from_serialize(&drawer.view()))
        .and_then(|view| tera.render("office.html", &view));
    drawn.expect("the template is ours, and a test draws it")
}

struct Drawer<'a> {
    report: &'a Report,
    context: &'a Context<'a>,
    language: Language,
    today: Date,
}

impl Drawer<'_> {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        if self.language == Language::Chinese { zh } else { en }
    }

    fn view(&self) -> View {
        // What building the site had to say is no point of an inspection, but nothing passes beside it in silence.
        let has = |family: Family| self.report.findings.iter().any(|finding| finding.family == family);
        let shown = Family::ALL.into_iter().filter(|family| *family != Family::Site || has(Family::Site));
        let points: Vec<Point> = shown.map(|family| self.point(family)).collect();
        let (overdue, due): (Vec<Due>, Vec<Due>) = forecast(self.context).into_iter().partition(|due| due.is_overdue);
        let (errors, warnings) = self.report.totals();
        let forecast_days = self.context.settings().freshness.forecast_days;
        let due: Vec<Due> =
            due.into_iter().filter(|due| due.days_left(self.today) <= i64::from(forecast_days)).collect();
        let districts = self.district_counts();
        View {
            zh: self.language == Language::Chinese,
            heading: self.say("网站自查报告", "Report of the site's check").to_owned(),
            title: self.context.registry().title.clone(),
            day: self.today.to_string(),
            items: self.report.items,
            unread: self.report.unread,
            pages: self.report.pages,
            failed: points.iter().filter(|point| point.class == "fail").count(),
            errors,
            warnings,
            due_count: due.len(),
            forecast_days,
            points,
            overdue: overdue.iter().map(|due| self.due(due)).collect(),
            weekdays: if self.language == Language::Chinese {
                vec!["一", "二", "三", "四", "五", "六", "日"]
            } else {
                vec!["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
            },
            months: self.calendar(&due, forecast_days),
            chart: self.chart(districts.len()),
            districts: self.district_rows(districts),
            tallies: vec![self.by_column(), self.by_editor()],
            families: self.families(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    fn point(&self, family: Family) -> Point {
        let mut found: Vec<&Finding> = self.report.findings.iter().filter(|finding| finding.family == family).collect();
        found.sort_by_key(|finding| finding.diagnostic.severity);
        let has_errors = found.iter().any(|finding| finding.diagnostic.severity == Severity::Error);
        let (class, verdict) = match (has_errors, found.is_empty()) {
            (true, _) => ("fail", self.say("不通过", "fail")),
            (false, false) => ("look", self.say("待核对", "to be looked at")),
            (false, true) => ("pass", self.say("通过", "pass")),
        };
        let evidence = |finding: &&Finding| {
            let diagnostic = &finding.diagnostic;
            let message = diagnostic.message.get(self.language);
            // What stands under the caret elsewhere: the right word.
            let label = diagnostic.label.as_ref().filter(|_| family == Family::Language);
            let label = label.map(|label| format!(" → {}", label.get(self.language))).unwrap_or_default();
            Evidence { message: format!("{message}{label}"), place: self.place(finding) }
        };
        Point {
            name: family.title().get(self.language).to_owned(),
            basis: basis(family).get(self.language).to_owned(),
            verdict,
            class,
            rules: super::rules().filter(|rule| rule.family == family).count(),
            evidence: found.iter().take(EVIDENCE).map(evidence).collect(),
            more: found.len().saturating_sub(EVIDENCE),
        }
    }

    fn text_of(&self, file: &FilePath) -> Option<Arc<str>> {
        self.report.excerpt(file).or_else(|| self.context.root().excerpt(file))
    }

    /// `content/news/a.md:12`
    fn place(&self, finding: &Finding) -> String {
        let place = &finding.diagnostic.place;
        match (&place.at, self.text_of(&place.file)) {
            (At::Bytes(start, _), Some(text)) => format!("{}:{}", place.file, position(&text, *start).line),
            _ => place.file.to_string(),
        }
    }

    fn name(&self, due: &Due) -> String {
        due.name.get(self.language).to_owned()
    }

    fn due(&self, due: &Due) -> DueView {
        DueView { name: self.name(due), last: due.last.map(|last| last.iso()), limit: due.limit_days }
    }

    /// The months from today to the end of the forecast.
    fn calendar(&self, due: &[Due], forecast_days: u32) -> Vec<Month> {
        let last = self.today.saturating_add(Span::new().days(i64::from(forecast_days)));
        let mut months = Vec::new();
        let mut first = self.today.first_of_month();
        while first <= last {
            months.push(self.month(first, last, due));
            first = first.saturating_add(1.month());
            if first == Date::MAX {
                break;
            }
        }
        months
    }

    fn month(&self, first: Date, last: Date, due: &[Due]) -> Month {
        let before = first.weekday().to_monday_zero_offset() as usize;
        let mut days = vec![Day { class: "outside".to_owned(), ..Day::default() }; before];
        for number in 1..=first.days_in_month() {
            let day = Date::new(first.year(), first.month(), number).expect("a day of the month");
            days.push(self.day(day, last, due));
        }
        days.resize(days.len().next_multiple_of(7), Day { class: "outside".to_owned(), ..Day::default() });
        let name = match self.language {
            Language::Chinese => format!("{}年{}月", first.year(), first.month()),
            Language::English => first.strftime("%B %Y").to_string(),
        };
        Month { name, weeks: days.chunks(7).map(<[Day]>::to_vec).collect() }
    }

    fn day(&self, day: Date, last: Date, due: &[Due]) -> Day {
        let due: Vec<String> = due.iter().filter(|due| due.due == day).map(|due| self.name(due)).collect();
        let classes =
            [(day < self.today || day > last, "outside"), (day == self.today, "today"), (!due.is_empty(), "due")];
        let class: Vec<&str> = classes.into_iter().filter(|(holds, _)| *holds).map(|(_, class)| class).collect();
        Day { number: Some(day.day()), class: class.join(" "), due }
    }

    /// What the districts of the highest level that has several have published in each of the last months.
    fn district_counts(&self) -> Vec<(DistrictId, [usize; MONTHS])> {
        let registry = self.context.registry();
        let children = |parent: Option<DistrictId>| -> Vec<DistrictId> {
            registry.district_ids().filter(|id| registry.district(*id).parent == parent).collect()
        };
        let mut shown = children(None);
        while let [only] = shown[..] {
            match children(Some(only)) {
                below if below.is_empty() => break,
                below => shown = below,
            }
        }
        shown.into_iter().map(|id| (id, self.counts(id))).collect()
    }

    fn counts(&self, district: DistrictId) -> [usize; MONTHS] {
        let month_of = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
        let newest = month_of(self.today);
        let site = self.context.site();
        let mut counts = [0; MONTHS];
        for id in site.in_district(district) {
            let Some(date) = site.item(*id).front_matter.date else { continue };
            let age = usize::try_from(newest - month_of(date.local.date())).ok();
            if let Some(count) = age.filter(|age| *age < MONTHS).map(|age| &mut counts[MONTHS - 1 - age]) {
                *count += 1;
            }
        }
        counts
    }

    fn chart(&self, rows: usize) -> Chart {
        let month = |back: usize| self.today.first_of_month().saturating_sub(Span::new().months(back as i64));
        let labels = (0..MONTHS).map(|index| {
            let month = month(MONTHS - 1 - index).month();
            let text = if self.language == Language::Chinese { format!("{month}月") } else { month.to_string() };
            Label { x: LEFT + index * STEP + BAR / 2, y: 20, text }
        });
        Chart {
            width: LEFT + MONTHS * STEP + 64,
            height: HEAD + rows * ROW + 12,
            left: LEFT,
            right: LEFT + MONTHS * STEP,
            bar: BAR,
            total: LEFT + MONTHS * STEP + 52,
            labels: labels.collect(),
        }
    }

    fn district_rows(&self, districts: Vec<(DistrictId, [usize; MONTHS])>) -> Vec<DistrictRow> {
        let most = districts.iter().flat_map(|(_, counts)| counts).copied().max().unwrap_or_default().max(1);
        let row = |(index, (id, counts)): (usize, (DistrictId, [usize; MONTHS]))| {
            let base = HEAD + (index + 1) * ROW - 8;
            let bar = |(month, count): (usize, &usize)| {
                // Even a single item is seen.
                let height = (count * (ROW - 16)).div_ceil(most);
                let title = format!("{count}");
                Bar { x: LEFT + month * STEP, y: base - height, height, title }
            };
            DistrictRow {
                name: self.context.registry().district(id).name.clone(),
                base,
                total: counts.iter().sum(),
                bars: counts.iter().enumerate().map(bar).collect(),
            }
        };
        districts.into_iter().enumerate().map(row).collect()
    }

    fn by_column(&self) -> Tally {
        let registry = self.context.registry();
        let free_standing = || self.say("独立页面", "free-standing pages").to_owned();
        let name = |item: &Item| item.column.map_or_else(free_standing, |id| registry.column(id).name.clone());
        Tally { name: self.say("栏目", "Column"), rows: self.tally(name) }
    }

    fn by_editor(&self) -> Tally {
        let unsigned = || self.say("（未署名）", "(unsigned)").to_owned();
        let name = |item: &Item| item.front_matter.editor.clone().unwrap_or_else(unsigned);
        Tally { name: self.say("责任编辑", "Editor"), rows: self.tally(name) }
    }

    /// Counts items and findings by what `name` says of an item; those with the most errors first.
    fn tally(&self, name: impl Fn(&Item) -> String) -> Vec<TallyRow> {
        let site = self.context.site();
        let mut rows: BTreeMap<String, TallyRow> = BTreeMap::new();
        for id in site.page_ids() {
            rows.entry(name(site.item(id))).or_default().items += 1;
        }
        for finding in &self.report.findings {
            let page = finding.item.as_ref().and_then(|file| site.page_of(file));
            let Some(row) = page.and_then(|id| rows.get_mut(&name(site.item(id)))) else { continue };
            match finding.diagnostic.severity {
                Severity::Error => row.errors += 1,
                Severity::Warning => row.warnings += 1,
            }
        }
        let mut rows: Vec<TallyRow> = rows.into_iter().map(|(name, row)| TallyRow { name, ..row }).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.errors, row.warnings)));
        rows
    }

    fn families(&self) -> Vec<FamilyView> {
        let counts = self.report.counts();
        let family = |(family, (errors, _)): (&Family, &(usize, usize))| FamilyView {
            name: family.title().get(self.language).to_owned(),
            errors: *errors,
            findings: self
                .report
                .findings
                .iter()
                .filter(|it| it.family == *family)
                .map(|it| self.finding(it))
                .collect(),
        };
        counts.iter().map(family).collect()
    }

    fn finding(&self, finding: &Finding) -> FindingView {
        let diagnostic = &finding.diagnostic;
        FindingView {
            class: if diagnostic.severity == Severity::Error { "fail" } else { "look" },
            message: diagnostic.message.get(self.language).to_owned(),
            place: self.place(finding),
            code: diagnostic.code.to_string(),
            // What is said under the caret, and how to mend it.
            help: diagnostic
                .label
                .iter()
                .chain(&diagnostic.help)
                .map(|help| help.get(self.language).to_owned())
                .collect(),
        }
    }
}

/// The chart's measures in pixels: names stand left of the bars, months above.
const LEFT: usize = 150;
const STEP: usize = 44;
const BAR: usize = 26;
const HEAD: usize = 28;
const ROW: usize = 52;

/// Where a family's rules come from.
fn basis(family: Family) -> Text {
    let (zh, en) = match family {
        Family::Injection | Family::Freshness | Family::Dates | Family::Links => {
            ("国办秘函〔2019〕19号", "State Council Office letter [2019] 19")
        }
        Family::Privacy => ("通报中常见的问题", "what circulars name offices for"),
        Family::Tags => ("国办发〔2017〕47号附件", "State Council Office [2017] 47, annex"),
        Family::Style => ("GB/T 9704-2012", "GB/T 9704-2012"),
        Family::Recruitment => ("《志愿服务条例》", "Regulations on Voluntary Service"),
        Family::Language => ("本站词库和标点规则", "the site's dictionary, rules of punctuation"),
        Family::Accessibility => ("WCAG AA、适老化通用设计规范", "WCAG AA"),
        Family::Weight | Family::Site => ("本站设置", "the site's settings"),
    };
    Text::new(zh, en)
}
