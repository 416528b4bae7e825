//! The head of a page: title, breadcrumb, and the tags that search engines and inspectors read.

use std::borrow::Borrow;

use super::authors::authors;
use super::ingredients::Frame;
use super::json::Object;
use super::machines;
use super::parts::{column_link, escape_attribute, link};
use crate::diagnostic::FilePath;
use crate::parse::item::{Detail, Item, ItemType};
use crate::parse::recruitment::Recruitment;
use crate::parse::registry::{Column, ColumnId, Registry};
use crate::plan::url::{self, Addresses, ListPage, OutputPath, Scope};
use crate::plan::view::{FeedLinkView, HeadView, LinkView, Safe, SiteView};
use crate::site::Site;

/// What is the same on every page.
pub fn site_view(site: &Site) -> SiteView {
    let registry = &site.registry;
    let addresses = url::Addresses(&registry.base_url);
    let link = |name: &str, path: &OutputPath| LinkView { name: name.to_owned(), url: addresses.url(path) };
    let has_board = !site.recruitments.is_empty();
    let menu = registry.columns.iter().map(|column| link(&column.name, &url::column(column, ListPage::Newest)));
    let top_districts = registry.district_ids().filter(|id| registry.district(*id).parent.is_none());
    let digits =
        registry.police_filing.as_ref().map(|text| text.chars().filter(char::is_ascii_digit).collect::<String>());
    SiteView {
        title: registry.title.clone(),
        language: registry.language.clone(),
        home_url: addresses.url(&url::home()),
        menu: menu.collect(),
        pages: site
            .free_standing
            .iter()
            .map(|id| link(&site.item(*id).front_matter.title, &url::item(registry, site.item(*id))))
            .collect(),
        districts: top_districts
            .map(|id| link(&registry.district(id).name, &url::district(registry, id, ListPage::Newest)))
            .collect(),
        topics: registry
            .topic_ids()
            .map(|id| link(&registry.topic(id).name, &url::topic(registry, id, ListPage::Newest)))
            .collect(),
        districts_url: addresses.url(&url::districts()),
        topics_url: addresses.url(&url::topics()),
        archive_url: addresses.url(&url::archive()),
        board_url: has_board.then(|| addresses.url(&url::board())),
        site_map_url: addresses.url(&url::site_map()),
        feed_url: addresses.url(&url::atom_feed(registry, Scope::Site)),
        json_feed_url: addresses.url(&url::json_feed(registry, Scope::Site)),
        calendar_url: has_board.then(|| addresses.url(&url::calendar(registry, Scope::Site))),
        organization: registry.organization.clone(),
        undertaker: registry.undertaker.clone(),
        phone: registry.phone.clone(),
        email: registry.email.clone(),
        address: registry.address.clone(),
        copyright: registry.copyright.clone(),
        site_code: registry.site_code.clone(),
        icp: registry.icp.clone(),
        police_filing_url: digits.map(|digits| format!("https://beian.mps.gov.cn/#/query/webSearch?code={digits}")),
        police_filing: registry.police_filing.clone(),
        conac_id: registry.conac_id.clone(),
        confirm_external: registry.confirm_external,
    }
}

/// A head while it is being put together.
pub struct Head<'p> {
    frame: Frame<'p>,
    path: &'p OutputPath,
    view: HeadView,
    og_type: &'static str,
    /// The whole address of the page's own picture.
    image: Option<String>,
    column: Option<&'p Column>,
    item: Option<&'p Item>,
    /// The breadcrumb's last entry, where it is not the title.
    crumb: Option<String>,
}

impl<'p> Head<'p> {
    pub fn new(frame: Frame<'p>, kind: &str, title: &str, path: &'p OutputPath) -> Self {
        let registry = frame.registry;
        let addresses = Addresses(&registry.base_url);
        let home = kind == "home";
        let title = if home { registry.title.clone() } else { title.to_owned() };
        let view = HeadView {
            kind: kind.to_owned(),
            full_title: String::new(),
            description: registry.description.clone().unwrap_or_else(|| registry.title.clone()),
            url: addresses.url(path),
            canonical: addresses.absolute(path),
            section: None,
            breadcrumb: Vec::new(),
            meta: Safe(String::new()),
            open_graph: Safe(String::new()),
            json_ld: Safe(String::new()),
            feeds: Vec::new(),
            calendar_url: None,
            no_index: false,
            title,
        };
        Self { frame, path, view, og_type: "website", image: None, column: None, item: None, crumb: None }
    }

    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.view.description = text.into();
        self
    }

    pub fn no_index(mut self) -> Self {
        self.view.no_index = true;
        self
    }

    /// The pages between home and this one.
    pub fn below(mut self, links: impl IntoIterator<Item = LinkView>) -> Self {
        self.view.breadcrumb.extend(links);
        self
    }

    /// The entry of the menu that the page belongs to, though it does not lie below it.
    pub fn section(mut self, url: Option<&String>) -> Self {
        self.view.section = url.cloned();
        self
    }

    /// Makes it the head of a numbered page of an index, below its first page.
    pub fn numbered(mut self, page: ListPage, name: &str, first: &OutputPath) -> Self {
        if let ListPage::Numbered(number) = page {
            self.view.breadcrumb.push(link(self.frame.registry, name, first));
            self.view.title = format!("{name}（第{number}页）");
            self.crumb = Some(format!("第{number}页"));
        }
        self
    }

    pub fn column(mut self, id: ColumnId) -> Self {
        self.column = Some(self.frame.registry.column(id));
        self
    }

    /// Feeds and calendar of a district or topic stand before the site's.
    pub fn scope(mut self, scope: Scope, has_calendar: bool) -> Self {
        let registry = self.frame.registry;
        let name = machines::name(registry, scope);
        let addresses = Addresses(&registry.base_url);
        for (path, media_type) in [
            (url::atom_feed(registry, scope), "application/atom+xml"),
            (url::json_feed(registry, scope), "application/feed+json"),
        ] {
            let (url, media_type) = (addresses.url(&path), media_type.to_owned());
            self.view.feeds.push(FeedLinkView { title: name.clone(), url, media_type });
        }
        if self.view.calendar_url.is_none() && has_calendar {
            self.view.calendar_url = Some(addresses.url(&url::calendar(registry, scope)));
        }
        self
    }

    /// Makes it the head of an item's own page.
    pub fn item(mut self, item: &'p Item, picture: Option<&FilePath>) -> Self {
        let registry = self.frame.registry;
        let is_empty = item.summary.is_empty();
        self.view.description = if is_empty { item.front_matter.title.clone() } else { item.summary.clone() };
        self.column = item.column.map(|id| registry.column(id));
        if let Some(column) = item.column {
            self.view.breadcrumb.push(column_link(registry, column));
        }
        self.og_type = if item.front_matter.date.is_some() { "article" } else { "website" };
        self.image = picture.map(|file| Addresses(&registry.base_url).absolute(&url::copied(file)));
        self.item = Some(item);
        self
    }

    pub fn finish(mut self) -> HeadView {
        let home = self.view.kind == "home";
        let site = &self.frame.registry.title;
        self.view.full_title = match self.view.kind.as_str() {
            "home" => site.clone(),
            // A column, a topic and a district may bear one name; their titles must differ.
            "topic" => format!("{} - 按主题 - {site}", self.view.title),
            "district" => format!("{} - 按区域 - {site}", self.view.title),
            _ => format!("{} - {site}", self.view.title),
        };
        if !home {
            let mut trail = vec![link(self.frame.registry, "首页", &url::home())];
            trail.append(&mut self.view.breadcrumb);
            let name = self.crumb.take().unwrap_or_else(|| self.view.title.clone());
            trail.push(link(self.frame.registry, &name, self.path));
            self.view.breadcrumb = trail;
        }
        if self.view.section.is_none() {
            let HeadView { breadcrumb, url, .. } = &self.view;
            let mut sections = self.frame.links.column_urls.iter();
            let is_above = |section: &&String| {
                breadcrumb.get(1).is_some_and(|step| step.url == **section) || url.starts_with(*section)
            };
            self.view.section = sections.find(is_above).cloned();
        }
        self.meta();
        self.open_graph();
        self.json_ld(home);
        if self.view.feeds.is_empty() {
            let has_posts = self.frame.has_posts;
            self = self.scope(Scope::Site, has_posts);
        }
        self.view
    }

    /// The tags of the annex to 国办发〔2017〕47号.
    fn meta(&mut self) {
        let registry = self.frame.registry;
        let home = self.view.kind == "home";
        let mut meta = Tags::new("name");
        meta.add("SiteName", &registry.title);
        meta.add("SiteDomain", &registry.base_url.host);
        meta.add_some("SiteIDCode", registry.site_code.as_deref());
        if let Some(column) = self.column {
            meta.add("ColumnName", &column.name);
            meta.add("ColumnDescription", column.description.as_ref().unwrap_or(&column.name));
            meta.add("ColumnKeywords", &joined(&column.keywords).unwrap_or_else(|| column.name.clone()));
            let usual = match column.item_type {
                ItemType::Article | ItemType::Page => "工作动态",
                ItemType::Recruitment => "办事服务",
                ItemType::Notice => "政策文件",
            };
            meta.add("ColumnType", column.column_type.as_deref().unwrap_or(usual));
        } else if home {
            meta.add("ColumnName", "首页");
            meta.add("ColumnDescription", &self.view.description);
            meta.add("ColumnKeywords", &joined(&registry.keywords).unwrap_or_else(|| registry.title.clone()));
            meta.add("ColumnType", "首页");
        }
        if let Some(item) = self.item {
            let front_matter = &item.front_matter;
            meta.add("ArticleTitle", &front_matter.title);
            meta.add_some("PubDate", front_matter.date.map(|date| date.to_string()).as_deref());
            meta.add_some("ContentSource", content_source(item, registry));
            meta.add_some("Keywords", joined(&keywords(registry, item)).as_deref());
            meta.add_some("Author", front_matter.author.as_deref().or(front_matter.editor.as_deref()));
            meta.add("Description", &self.view.description);
            meta.add_some("Image", self.image.as_deref());
            meta.add("Url", &self.view.canonical);
        } else {
            meta.add_some("Keywords", joined(&registry.keywords).as_deref());
            meta.add("Description", &self.view.description);
        }
        self.view.meta = Safe(meta.html);
    }

    fn open_graph(&mut self) {
        let registry = self.frame.registry;
        let mut og = Tags::new("property");
        og.add("og:type", self.og_type);
        og.add("og:title", &self.view.title);
        og.add("og:url", &self.view.canonical);
        og.add("og:site_name", &registry.title);
        og.add("og:description", &self.view.description);
        og.add("og:locale", if registry.language == "zh-Hant" { "zh_TW" } else { "zh_CN" });
        match (&self.image, &registry.picture) {
            (Some(image), _) => {
                og.add("og:image", image);
                let cover = self.item.and_then(|item| item.front_matter.cover.as_ref());
                og.add_some("og:image:alt", cover.map(|cover| cover.alt.as_str()));
            }
            (None, Some(picture)) => {
                let file = url::copied(&FilePath::new(&picture.image.target));
                og.add("og:image", &Addresses(&registry.base_url).absolute(&file));
                og.add("og:image:alt", &picture.alt);
            }
            (None, None) => {}
        }
        if let Some(front_matter) = self.item.filter(|_| self.og_type == "article").map(|item| &item.front_matter) {
            og.add_some("article:published_time", front_matter.date.map(|date| date.rfc3339()).as_deref());
            og.add_some(
                "article:modified_time",
                front_matter.updated.as_ref().map(|updated| updated.value.rfc3339()).as_deref(),
            );
            og.add_some("article:section", self.column.map(|column| column.name.as_str()));
            for topic in &front_matter.topics {
                og.add("article:tag", &registry.topic(*topic).name);
            }
        }
        self.view.open_graph = Safe(og.html);
    }

    fn json_ld(&mut self, home: bool) {
        let mut html = String::with_capacity(2048);
        if home {
            self.web_site().script(&mut html);
        }
        if let Some(item) = self.item.filter(|item| item.front_matter.date.is_some()) {
            match &item.detail {
                Detail::Recruitment(recruitment) => self.event(item, recruitment).script(&mut html),
                _ => self.news_article(item).script(&mut html),
            }
            self.baidu(item).script(&mut html);
        }
        if !home {
            self.breadcrumb_list().script(&mut html);
        }
        self.view.json_ld = Safe(html);
    }

    fn schema(&self, object_type: &str) -> Object {
        Object::in_context("https://schema.org").text("@type", object_type).text("url", &self.view.canonical)
    }

    fn with_image(&self, object: Object) -> Object {
        match &self.image {
            Some(image) => object.value("image", &serde_json::json!([image]).to_string()),
            None => object,
        }
    }

    fn web_site(&self) -> Object {
        let registry = self.frame.registry;
        self.schema("WebSite")
            .text("name", &registry.title)
            .text("inLanguage", &registry.language)
            .object("publisher", organization(publisher(self.frame.registry)))
    }

    fn news_article(&self, item: &Item) -> Object {
        let front_matter = &item.front_matter;
        let published = front_matter.date.map(|date| date.rfc3339());
        let changed = front_matter.changed().map(|date| date.rfc3339());
        let authors = match &front_matter.author {
            Some(line) => authors(line),
            None => {
                let source = content_source(item, self.frame.registry);
                vec![organization(source.unwrap_or_else(|| publisher(self.frame.registry)))]
            }
        };
        let article = self
            .schema("NewsArticle")
            .text("headline", &front_matter.title)
            .text("description", &self.view.description)
            .text("mainEntityOfPage", &self.view.canonical)
            .optional("datePublished", published.as_deref())
            .optional("dateModified", changed.as_deref())
            .text("inLanguage", &self.frame.registry.language)
            .optional("articleSection", self.column.map(|column| column.name.as_str()))
            .one_or_list("author", authors)
            .object("publisher", organization(publisher(self.frame.registry)));
        self.with_image(article)
    }

    fn event(&self, item: &Item, recruitment: &Recruitment) -> Object {
        let (mode, location) = match &recruitment.place {
            Some(place) => {
                let address = Object::of_type("PostalAddress")
                    .text("streetAddress", place.address.as_ref().unwrap_or(&place.name))
                    .optional("addressLocality", place.district.as_ref().map(|it| it.value.as_str()))
                    .text("addressCountry", "CN");
                ("Offline", Object::of_type("Place").text("name", &place.name).object("address", address))
            }
            None => {
                let url = recruitment.apply.url.as_ref().unwrap_or(&self.view.canonical);
                ("Online", Object::of_type("VirtualLocation").text("url", url))
            }
        };
        let event = self
            .schema("Event")
            .text("name", &item.front_matter.title)
            .text("description", &self.view.description)
            .text("startDate", &day_or_moment(&recruitment.service_start))
            .text("endDate", &day_or_moment(&recruitment.service_end))
            .text("eventStatus", "https://schema.org/EventScheduled")
            .text("eventAttendanceMode", &format!("https://schema.org/{mode}EventAttendanceMode"))
            .object("location", location)
            .object("organizer", organization(&recruitment.organizer));
        self.with_image(event)
    }

    /// Baidu's own form of the dates.
    fn baidu(&self, item: &Item) -> Object {
        let front_matter = &item.front_matter;
        let published = front_matter.date.map(|date| date.local_seconds());
        let changed = front_matter.changed().map(|date| date.local_seconds());
        Object::in_context("https://ziyuan.baidu.com/contexts/cambrian.jsonld")
            .text("@id", &self.view.canonical)
            .text("title", &front_matter.title)
            .text("description", &self.view.description)
            .optional("pubDate", published.as_deref())
            .optional("upDate", changed.as_deref())
    }

    fn breadcrumb_list(&self) -> Object {
        let origin = &self.frame.registry.base_url.origin;
        let entries = self.view.breadcrumb.iter().enumerate().map(|(index, link)| {
            Object::of_type("ListItem")
                .value("position", &(index + 1).to_string())
                .text("name", &link.name)
                .text("item", &format!("{origin}{}", link.url))
        });
        Object::in_context("https://schema.org").text("@type", "BreadcrumbList").list("itemListElement", entries)
    }
}

/// `<meta name="…" content="…">` lines.
struct Tags {
    /// `name`, or `property` for Open Graph.
    attribute: &'static str,
    html: String,
}

impl Tags {
    fn new(attribute: &'static str) -> Self {
        Self { attribute, html: String::with_capacity(2048) }
    }

    fn add(&mut self, name: &str, content: &str) {
        let html = &mut self.html;
        for part in ["<meta ", self.attribute, "=\"", name, "\" content=\""] {
            html.push_str(part);
        }
        escape_attribute(content, html);
        html.push_str("\">\n");
    }

    fn add_some(&mut self, name: &str, content: Option<&str>) {
        if let Some(content) = content {
            self.add(name, content);
        }
    }
}

/// Keywords as one text, if there are any.
fn joined(keywords: &[impl Borrow<str>]) -> Option<String> {
    (!keywords.is_empty()).then(|| keywords.join(","))
}

fn organization(name: &str) -> Object {
    Object::of_type("Organization").text("name", name)
}

fn publisher(registry: &Registry) -> &str {
    registry.organization.as_ref().unwrap_or(&registry.title)
}

/// Who supplied an item: its source, else the issuer of a notice or the organiser of a recruitment.
pub fn content_source<'p>(item: &'p Item, registry: &'p Registry) -> Option<&'p str> {
    item.front_matter.source.as_deref().or(match &item.detail {
        Detail::Notice(notice) => Some(&notice.issuer),
        Detail::Recruitment(recruitment) => Some(&recruitment.organizer),
        Detail::Article | Detail::Page => registry.organization.as_deref(),
    })
}

/// The item's keywords, else its topics and districts.
pub fn keywords<'p>(registry: &'p Registry, item: &'p Item) -> Vec<&'p str> {
    let front_matter = &item.front_matter;
    if !front_matter.keywords.is_empty() {
        return front_matter.keywords.iter().map(String::as_str).collect();
    }
    let topics = front_matter.topics.iter().map(|id| registry.topic(*id).name.as_str());
    let districts = front_matter.districts.these().iter().map(|id| registry.district(*id).name.as_str());
    topics.chain(districts).collect()
}

fn day_or_moment(moment: &crate::parse::moment::Moment) -> String {
    if moment.has_time { moment.rfc3339() } else { moment.iso() }
}
