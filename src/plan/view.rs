//! Everything that a template may see: one struct for each kind of output.
//!
//! The doc comments here are the theme author's reference. A field's name is the variable's name in
//! the template; an `Option` that is empty is `none`, which a template tests with
//! `{% if item.cover %}`. Strings are escaped by the template engine, except for [`Safe`] ones.
//!
//! On top of its own view, every template sees `site`, a [`SiteView`], and may call the function
//! `asset(path="css/site.css")`, which gives the address of a theme's asset with its fingerprint.
//!
//! A view derives `Hash`, and that hash decides whether an output is rendered again. So a new field
//! joins the fingerprint by itself. Nothing here may depend on the order of a hash map.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};
use tera::{Context, Value};

use crate::diagnostic::FilePath;
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::parse::item::{Extra, Item};
use crate::parse::moment::Moment;
use crate::qr::Code;
use crate::source::FileState;

/// Declares view structs: their fields become the keys of a template's variable.
macro_rules! views {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Hash, Serialize)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $name {
            /// The names of the fields.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            /// The template's variables, one for each field that it uses.
            pub fn context(&self, is_used: impl Fn(&str) -> bool) -> Context {
                let mut context = Context::new();
                $(if is_used(stringify!($field)) {
                    context.insert_value(stringify!($field), Value::from_serializable(&self.$field));
                })*
                context
            }
        }
    )*};
}

/// A text that a template sees as the drawing of its QR code. Only the text is part of the fingerprint,
/// and the code is drawn only when its page is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QrCode(pub String);

/// HTML that is inserted as it is: a Markdown body or JSON-LD.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Safe(pub String);

/// A body, whose links are filled in when its page is drawn.
#[derive(Debug, Clone)]
pub struct BodyView {
    pub item: Arc<Item>,
    /// What fills the hole of each link.
    pub attributes: Vec<String>,
}

impl Hash for BodyView {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.item.body.html, &self.attributes).hash(state);
    }
}

impl Serialize for BodyView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let html = self.item.body.html.fill(|link, html| html.push_str(&self.attributes[link]));
        Value::safe_string(&html).serialize(serializer)
    }
}

/// A part of many views, such as the link of a district: hashed once, and composed once.
#[derive(Clone)]
pub struct Shared {
    digest: Fingerprint,
    value: Value,
}

impl Shared {
    pub fn new(part: &(impl Serialize + Hash)) -> Self {
        Self { digest: fingerprint(part), value: Value::from_serializable(part) }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.digest).finish()
    }
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// The card of an item: hashed once, and drawn once, however many pages list it.
#[derive(Clone)]
pub struct Card(Arc<Cell>);

struct Cell {
    digest: Fingerprint,
    compose: Box<dyn Fn() -> Value + Send + Sync>,
    value: OnceLock<Value>,
    /// In the order of [`CardForm`].
    drawn: [OnceLock<Value>; 2],
}

/// In which form a theme shows a card: by the component of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardForm {
    Entry,
    Line,
}

impl Card {
    /// `digest` is the hash of all that `compose` looks at.
    pub fn new(digest: Fingerprint, compose: impl Fn() -> CardView + Send + Sync + 'static) -> Self {
        let compose = Box::new(move || Value::from_serializable(&compose()));
        Self(Arc::new(Cell { digest, compose, value: OnceLock::new(), drawn: Default::default() }))
    }

    /// The HTML of a form, if it was drawn already.
    pub fn drawn(&self, form: CardForm) -> Option<&Value> {
        self.0.drawn[form as usize].get()
    }

    /// Keeps the HTML of a form.
    pub fn keep(&self, form: CardForm, html: Value) {
        self.0.drawn[form as usize].get_or_init(|| html);
    }

    /// Its fields, which are kept only where a page asks for them: they take more room than what is drawn.
    pub fn fields(&self) -> Value {
        self.0.value.get().cloned().unwrap_or_else(&self.0.compose)
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Card").field(&self.0.digest).finish()
    }
}

impl Hash for Card {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.hash(state);
    }
}

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.value.get_or_init(&self.0.compose).serialize(serializer)
    }
}

impl Serialize for QrCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::safe_string(&Code::new(&self.0).map(|code| code.svg()).unwrap_or_default()).serialize(serializer)
    }
}

impl Serialize for Safe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::safe_string(&self.0).serialize(serializer)
    }
}

/// [`Extra`] serializes itself for the cache, as YAML.
fn as_typed<S: Serializer>(extra: &Extra, serializer: S) -> Result<S::Ok, S::Error> {
    extra.value().serialize(serializer)
}

views! {
    /// What is the same on every page: the variable `site`.
    pub struct SiteView {
        pub title: String,
        /// A language tag such as `zh-Hans`, for `<html lang>`.
        pub language: String,
        /// The home page's address.
        pub home_url: String,
        /// The menu: the columns in their order.
        pub menu: Vec<LinkView>,
        /// The free-standing pages, such as 关于, for the footer.
        pub pages: Vec<LinkView>,
        /// The districts of the first level.
        pub districts: Vec<LinkView>,
        pub topics: Vec<LinkView>,
        pub districts_url: String,
        pub topics_url: String,
        pub archive_url: String,
        /// The recruitment board; `none` where the site has no recruitment posts.
        pub board_url: Option<String>,
        /// The site map for people.
        pub site_map_url: String,
        /// The site's Atom feed.
        pub feed_url: String,
        pub json_feed_url: String,
        /// The site's calendar of recruitment dates; `none` where the site has no recruitment posts.
        pub calendar_url: Option<String>,
        /// 主办
        pub organization: Option<String>,
        /// 承办
        pub undertaker: Option<String>,
        pub phone: Option<String>,
        pub email: Option<String>,
        pub address: Option<String>,
        pub copyright: Option<String>,
        /// 网站标识码
        pub site_code: Option<String>,
        /// The ICP filing; it links to `https://beian.miit.gov.cn/`.
        pub icp: Option<String>,
        /// The filing with the public security organ, and the address where it is looked up.
        pub police_filing: Option<String>,
        pub police_filing_url: Option<String>,
        pub conac_id: Option<String>,
        /// Whether a visitor is asked before a link leaves the site.
        pub confirm_external: bool,
    }

    /// What the head of a page says, on every page: the variable `head`.
    pub struct HeadView {
        /// The kind of the page: `home`, `column`, `district`, `topic`, `district_topic`, `archive`, `board`,
        /// `article`, `recruitment`, `notice`, `page`, `districts`, `topics`, `site_map`, `not_found`.
        pub kind: String,
        /// The page's own title.
        pub title: String,
        /// The text of `<title>`: the page's title and the site's.
        pub full_title: String,
        pub description: String,
        /// The page's address from the host's root, e.g. `/wenming/news/2020/04/a.html`.
        pub url: String,
        /// The page's whole address.
        pub canonical: String,
        /// The address of the entry of the menu that the page belongs to; `none` where it belongs to none.
        pub section: Option<String>,
        /// The way from the home page to this page; the last entry is the page itself. Empty on the home page.
        pub breadcrumb: Vec<LinkView>,
        /// The `<meta name content>` tags, in order: SiteName, ColumnName, ArticleTitle …, keywords and description.
        /// They come as HTML, since inspectors look for them and no theme should get them wrong.
        pub meta: Safe,
        /// The `<meta property content>` tags of Open Graph, as HTML.
        pub open_graph: Safe,
        /// The `<script type="application/ld+json">` blocks, as HTML.
        pub json_ld: Safe,
        /// The feeds for `<link rel="alternate">`.
        pub feeds: Vec<FeedLinkView>,
        /// The calendar that belongs to this page.
        pub calendar_url: Option<String>,
        /// Set on pages that search engines should leave out (404).
        pub no_index: bool,
    }

    /// A feed: its media type is `application/atom+xml` or `application/feed+json`.
    pub struct FeedLinkView { pub title: String, pub url: String, pub media_type: String, }

    pub struct LinkView { pub name: String, pub url: String, }

    /// A link and how many items stand behind it.
    pub struct CountView { pub name: String, pub url: String, pub count: u64, }

    /// A moment in the forms that pages need.
    pub struct DateView {
        /// `2020-01-29`
        pub iso: String,
        /// `2020年1月29日`
        pub text: String,
        /// `2020-01-29 09:30`
        pub minute: String,
        /// `1月29日 09:30`, or `1月29日` where the editor gave no time
        pub short: String,
        /// `2020-01-29T09:30:00+08:00`, for `<time datetime>` and data attributes
        pub machine: String,
        /// `2020`
        pub year: String,
        /// `01-29`
        pub month_day: String,
        /// Whether the editor gave a time of day.
        pub has_time: bool,
    }

    pub struct ImageView {
        pub url: String,
        /// The whole address.
        pub absolute_url: String,
        pub alt: String,
    }

    /// What lists show of an item.
    pub struct CardView {
        /// `article`, `recruitment`, `notice` or `page`
        pub kind: String,
        pub title: String,
        pub url: String,
        pub date: Option<DateView>,
        pub pin: bool,
        /// The column's link; `none` for a free-standing page.
        pub column: Option<Shared>,
        pub source: Option<String>,
        /// At most 120 characters, cut at a sentence end.
        pub summary: String,
        pub cover: Option<ImageView>,
        pub districts: Vec<Shared>,
        pub topics: Vec<Shared>,
        /// For a recruitment post.
        pub recruitment: Option<RecruitmentCardView>,
        /// For a notice: its kind, e.g. 公示.
        pub notice_kind: Option<String>,
    }

    /// What the recruitment board shows of a post, on top of its card.
    pub struct RecruitmentCardView {
        pub status: StatusView,
        pub apply_open: Option<DateView>,
        pub apply_deadline: DateView,
        pub service_start: DateView,
        pub service_end: DateView,
        /// e.g. `2026年1月20日—2月28日`
        pub service_text: String,
        pub place: String,
        /// How many volunteers are wanted in all.
        pub count: u64,
        pub recruited: Option<u64>,
        pub pre_registration: bool,
    }

    /// A recruitment post's state at the time of the build. A visitor's browser corrects it from the dates.
    pub struct StatusView {
        /// `upcoming`, `open`, `closing`, `full`, `closed`, `serving`, `finished`
        pub key: String,
        /// 未开始 报名中 即将截止 已满 已截止 服务中 已结束
        pub label: String,
        /// Whole days to the deadline (0 on the last day), while one can apply.
        pub days_left: Option<i64>,
    }

    /// `home.html`
    pub struct HomeView {
        pub head: HeadView,
        /// The pinned or else the newest article with a cover.
        pub top: Option<Card>,
        /// Cards of the newest articles, without the top story.
        pub latest: Vec<Card>,
        /// The posts that one can apply for, or soon can; the nearest deadline first.
        pub recruitment: Vec<Card>,
        pub notices: Vec<Card>,
        /// The other columns of articles, each with its newest cards.
        pub columns: Vec<ColumnBlockView>,
        pub districts: Vec<CountView>,
        pub topics: Vec<CountView>,
    }

    pub struct ColumnBlockView { pub name: String, pub url: String, pub cards: Vec<Card>, }

    /// `list.html`: an index by column, district, topic, district and topic, or month (see `head.kind`).
    pub struct ListView {
        pub head: HeadView,
        pub heading: String,
        /// 栏目, 区域, 主题 …
        pub label: String,
        pub description: Option<String>,
        /// Cards, pinned ones first on the first page, then the newest first.
        pub cards: Vec<Card>,
        pub pager: PagerView,
        /// For a district: its parent and its children with something in them.
        pub parent: Option<LinkView>,
        pub children: Vec<CountView>,
        /// For a district: the topics in it; for a topic: the districts in it. On the first page only.
        pub crossings: Vec<CountView>,
        /// For a district's first page: the newest items that are for the whole site.
        pub site_wide: Vec<Card>,
        /// For a column of recruitment posts: the board.
        pub board_url: Option<String>,
    }

    /// Numbered list pages count from the oldest, so that they stay as they are when something new is published.
    pub struct PagerView {
        /// The page's number; `none` on the first page, which shows the newest items.
        pub number: Option<u32>,
        /// The first page. `none` on the first page itself.
        pub newest_url: Option<String>,
        pub newer_url: Option<String>,
        pub older_url: Option<String>,
        /// Page 1, with the oldest items. `none` on that page and where there is one page only.
        pub oldest_url: Option<String>,
        /// The dates of the oldest and the newest item on this page.
        pub from: Option<DateView>,
        pub to: Option<DateView>,
        /// On the first page: the numbered pages that follow it, at most five, newest first; the names are numbers.
        pub pages: Vec<LinkView>,
    }

    /// `archive.html`: the years with their months; a year's page shows that one year.
    pub struct ArchiveView { pub head: HeadView, pub heading: String, pub years: Vec<YearView>, }

    pub struct YearView { pub year: String, pub url: String, pub count: u64, pub months: Vec<CountView>, }

    /// `board.html`: recruitment posts by status.
    pub struct BoardView {
        pub head: HeadView,
        pub groups: Vec<BoardGroupView>,
        /// Where all posts stand, also those that ended long ago.
        pub column_url: Option<String>,
    }

    pub struct BoardGroupView { pub status: StatusView, pub cards: Vec<Card>, }

    /// What the detail page of every type shows: the variable `item`.
    pub struct ItemView {
        /// `article`, `recruitment`, `notice` or `page`
        pub kind: String,
        pub title: String,
        /// 引题
        pub kicker: Option<String>,
        /// 副题
        pub subtitle: Option<String>,
        pub date: Option<DateView>,
        pub updated: Option<DateView>,
        /// Set where the item has passed its date of expiry: the page shows a banner.
        pub expired: Option<DateView>,
        pub source: Option<String>,
        pub source_url: Option<String>,
        pub author: Option<String>,
        /// 责任编辑
        pub editor: Option<String>,
        pub summary: String,
        pub keywords: Vec<String>,
        pub cover: Option<ImageView>,
        pub body: BodyView,
        /// The body's headings of level 2 and 3.
        pub outline: Vec<OutlineView>,
        pub figures: Vec<FigureView>,
        pub attachments: Vec<AttachmentView>,
        pub contacts: Vec<ContactView>,
        pub column: Option<Shared>,
        pub districts: Vec<Shared>,
        pub topics: Vec<Shared>,
        /// The item before (older) and after (newer) in its column.
        pub previous: Option<LinkView>,
        pub next: Option<LinkView>,
        /// Where a reader reports an error: the site's address for it, a `mailto:` with subject and body filled
        /// in, or a `tel:`.
        pub report_url: Option<String>,
        /// The front matter's `extra`, for the theme's own use.
        #[serde(serialize_with = "as_typed")]
        pub extra: Extra,
    }

    pub struct OutlineView { pub level: u32, pub id: String, pub text: String, }

    /// 数据: a number with its parts, e.g. volunteers 1600 = 1053 + 547.
    pub struct FigureView {
        pub name: String,
        pub value: String,
        pub unit: Option<String>,
        pub as_of: Option<DateView>,
        pub parts: Vec<FigurePartView>,
    }

    pub struct FigurePartView {
        pub name: String,
        pub value: String,
        /// The part's share of the whole in per cent, rounded.
        pub percent: u32,
    }

    pub struct AttachmentView {
        pub name: String,
        pub url: String,
        /// e.g. `12.4 KB`
        pub size: String,
        /// The file's ending in upper case, e.g. `DOCX`
        pub format: String,
    }

    pub struct ContactView {
        pub unit: Option<String>,
        pub district: Option<String>,
        pub person: Option<String>,
        /// Each phone as it is shown (`name`) and as a `tel:` link (`url`).
        pub phones: Vec<LinkView>,
        pub email: Option<String>,
        pub hours: Option<String>,
    }

    /// `article.html`
    pub struct ArticleView {
        pub head: HeadView,
        pub item: ItemView,
        /// Cards of up to five related items.
        pub related: Vec<Card>,
    }

    /// `page.html`
    pub struct PageView { pub head: HeadView, pub item: ItemView, pub related: Vec<Card>, }

    /// `recruitment.html`
    pub struct RecruitmentPageView {
        pub head: HeadView,
        pub item: ItemView,
        pub recruitment: RecruitmentView,
        pub related: Vec<Card>,
    }

    pub struct RecruitmentView {
        pub status: StatusView,
        pub organizer: String,
        pub undertaker: Option<String>,
        pub positions: Vec<PositionView>,
        pub count: u64,
        pub recruited: Option<u64>,
        pub service_start: DateView,
        pub service_end: DateView,
        pub service_text: String,
        pub round_clock: bool,
        pub shifts: Vec<ShiftView>,
        /// `none` where the service is on line.
        pub place: Option<PlaceView>,
        pub online: bool,
        pub apply: ApplyView,
        pub apply_open: Option<DateView>,
        pub apply_deadline: DateView,
        pub pre_registration: bool,
        /// e.g. `18—55周岁`
        pub age: Option<String>,
        pub requirements: Option<String>,
        pub risk: String,
        pub insured: bool,
        pub insurance: Option<String>,
        pub training: Option<String>,
        pub benefits: Option<String>,
        /// A QR code of the page's address, as an `<svg>`.
        pub qr_code: QrCode,
    }

    pub struct PositionView {
        pub name: String,
        pub count: u64,
        pub tasks: Option<String>,
        pub skills: Vec<String>,
        /// The languages' names in Chinese, e.g. 英语.
        pub languages: Vec<String>,
        pub licence: Option<String>,
    }

    pub struct ShiftView { pub name: String, pub start: String, pub end: String, }

    pub struct PlaceView {
        pub name: String,
        pub address: Option<String>,
        pub district: Option<String>,
    }

    pub struct ApplyView {
        pub url: Option<String>,
        pub wechat: Option<String>,
        pub phones: Vec<LinkView>,
        pub office: Option<String>,
        pub how: Option<String>,
    }

    /// `notice.html`
    pub struct NoticePageView {
        pub head: HeadView,
        pub item: ItemView,
        pub notice: NoticeView,
        pub related: Vec<Card>,
    }

    pub struct NoticeView {
        /// 通知 公告 公示 通报 通告 倡议书
        pub kind: String,
        /// 发文字号, e.g. `沪静文明办〔2020〕3号`
        pub document_number: Option<String>,
        pub issuer: String,
        /// 成文日期
        pub issued: DateView,
        pub addressee: Option<String>,
        /// 有效 失效 废止 修改
        pub effect: Option<String>,
        pub index_number: Option<String>,
        pub category: Option<String>,
        pub publicity: Option<PublicityView>,
        /// Whether issuer and date stand under the body's text already.
        pub signed: bool,
    }

    /// 公示: its period and how to respond.
    pub struct PublicityView {
        pub start: DateView,
        pub end: DateView,
        /// Whether the period runs at the time of the build.
        pub open: bool,
        pub phones: Vec<LinkView>,
        pub email: Option<String>,
        pub address: Option<String>,
        pub unit: Option<String>,
    }

    /// `districts.html`: the whole tree of districts.
    pub struct DistrictsView { pub head: HeadView, pub districts: Vec<DistrictNodeView>, }

    pub struct DistrictNodeView {
        pub name: String,
        pub url: String,
        pub count: u64,
        pub level: Option<String>,
        pub children: Vec<DistrictNodeView>,
    }

    /// `topics.html`
    pub struct TopicsView { pub head: HeadView, pub topics: Vec<TopicView>, }

    pub struct TopicView {
        pub name: String,
        pub url: String,
        pub count: u64,
        /// Whether the topic is one of the service platforms (服务平台).
        pub platform: bool,
        pub description: Option<String>,
    }

    /// `site-map.html`: the site map for people. Columns, districts, topics and pages are in `site`.
    pub struct SiteMapView {
        pub head: HeadView,
        pub columns: Vec<ColumnBlockView>,
        pub years: Vec<LinkView>,
    }

    /// `404.html`
    pub struct NotFoundView { pub head: HeadView, }

    /// `redirect.html`: an old address that leads to the new one.
    pub struct RedirectView { pub title: String, pub url: String, pub canonical: String, }
}

// What follows is for machines: no template draws it.

/// A feed, drawn as Atom (RFC 4287) or as JSON Feed 1.1.
#[derive(Debug, Clone, Hash)]
pub struct FeedView {
    pub title: String,
    /// The feed's own address and that of the page it belongs to.
    pub feed_url: String,
    pub home_url: String,
    pub language: String,
    pub author: String,
    /// The newest entry's date, RFC 3339.
    pub updated: String,
    pub entries: Vec<FeedEntryView>,
}

#[derive(Debug, Clone, Hash)]
pub struct FeedEntryView {
    pub title: String,
    pub url: String,
    /// RFC 3339.
    pub published: String,
    pub updated: String,
    pub summary: String,
    pub author: Option<String>,
    pub image: Option<String>,
    pub tags: Vec<String>,
}

/// A calendar, drawn as iCalendar (RFC 5545).
#[derive(Debug, Clone, Hash)]
pub struct CalendarView {
    pub name: String,
    pub events: Vec<CalendarEventView>,
}

#[derive(Debug, Clone, Hash)]
pub struct CalendarEventView {
    /// Globally unique and stable.
    pub uid: String,
    /// When the event was last changed.
    pub stamp: Moment,
    pub start: Moment,
    /// The last moment; a date without a time means the whole day.
    pub end: Moment,
    pub summary: String,
    pub description: String,
    pub location: Option<String>,
    pub url: String,
}

/// The addresses of a site map for search engines, each with the day of its last change.
#[derive(Debug, Clone, Hash)]
pub struct SitemapView {
    pub entries: Vec<(String, Option<String>)>,
}

/// The parts of a divided site map.
#[derive(Debug, Clone, Hash)]
pub struct SitemapIndexView {
    pub parts: Vec<String>,
}

#[derive(Debug, Clone, Hash)]
pub struct RobotsView {
    pub sitemap_url: String,
}

/// The view of one output, whatever its kind.
#[derive(Debug, Clone, Hash)]
pub enum View {
    Home(Box<HomeView>),
    List(Box<ListView>),
    Archive(Box<ArchiveView>),
    Board(Box<BoardView>),
    Article(Box<ArticleView>),
    Recruitment(Box<RecruitmentPageView>),
    Notice(Box<NoticePageView>),
    Page(Box<PageView>),
    Districts(Box<DistrictsView>),
    Topics(Box<TopicsView>),
    SiteMap(Box<SiteMapView>),
    NotFound(Box<NotFoundView>),
    Redirect(Box<RedirectView>),
    Atom(FeedView),
    JsonFeed(FeedView),
    Calendar(CalendarView),
    Sitemap(SitemapView),
    SitemapIndex(SitemapIndexView),
    Robots(RobotsView),
    /// A theme's asset, by its path in the theme.
    Asset(String),
    /// A file that is copied as it is.
    File(FilePath, FileState),
}
