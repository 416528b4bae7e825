//! The head of a page: title, breadcrumb, and the tags that search engines and inspectors read.

use super::ingredients::Frame;
use super::json::Object;
use super::parts::{column_link, district_link, escape_attribute, link, topic_link};
use crate::parse::item::{Detail, Districts, Item, ItemType};
use crate::parse::recruitment::Recruitment;
use crate::parse::registry::{Column, ColumnId, Registry};
use crate::plan::url::{self, Addresses, ListPage, OutputPath, Scope};
use crate::plan::view::{FeedLinkView, HeadView, ImageView, LinkView, Safe, SiteView};
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
    image: Option<ImageView>,
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
        let name = match scope {
            Scope::Site => registry.title.clone(),
            Scope::District(id) => format!("{} - {}", registry.district(id).name, registry.title),
            Scope::Topic(id) => format!("{} - {}", registry.topic(id).name, registry.title),
        };
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
    pub fn item(mut self, item: &'p Item, image: Option<ImageView>) -> Self {
        let registry = self.frame.registry;
        let is_empty = item.summary.is_empty();
        self.view.description = if is_empty { item.front_matter.title.clone() } else { item.summary.clone() };
        self.column = item.column.map(|id| registry.column(id));
        if let Some(column) = item.column {
            self.view.breadcrumb.push(column_link(registry, column));
        }
        self.og_type = if item.front_matter.date.is_some() { "article" } else { "website" };
        self.image = image;
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
        let mut meta: Vec<(&str, String)> =
            vec![("SiteName", registry.title.clone()), ("SiteDomain", registry.base_url.host.clone())];
        meta.extend(registry.site_code.clone().map(|code| ("SiteIDCode", code)));
        if let Some(column) = self.column {
            meta.push(("ColumnName", column.name.clone()));
            meta.push(("ColumnDescription", column.description.clone().unwrap_or_else(|| column.name.clone())));
            let keywords = if column.keywords.is_empty() { column.name.clone() } else { column.keywords.join(",") };
            meta.push(("ColumnKeywords", keywords));
            let usual = match column.item_type {
                ItemType::Article | ItemType::Page => "工作动态",
                ItemType::Recruitment => "办事服务",
                ItemType::Notice => "政策文件",
            };
            meta.push(("ColumnType", column.column_type.clone().unwrap_or_else(|| usual.to_owned())));
        } else if home {
            let keywords =
                if registry.keywords.is_empty() { registry.title.clone() } else { registry.keywords.join(",") };
            meta.extend([
                ("ColumnName", "首页".to_owned()),
                ("ColumnDescription", self.view.description.clone()),
                ("ColumnKeywords", keywords),
                ("ColumnType", "首页".to_owned()),
            ]);
        }
        if let Some(item) = self.item {
            let front_matter = &item.front_matter;
            meta.push(("ArticleTitle", front_matter.title.clone()));
            meta.extend(front_matter.date.map(|date| ("PubDate", date.to_string())));
            meta.extend(content_source(item, self.frame.registry).map(|source| ("ContentSource", source)));
            let keywords = keywords(self.frame.registry, item);
            if !keywords.is_empty() {
                meta.push(("Keywords", keywords.join(",")));
            }
            meta.extend(front_matter.author.clone().or(front_matter.editor.clone()).map(|author| ("Author", author)));
            meta.push(("Description", self.view.description.clone()));
            meta.extend(self.image.as_ref().map(|image| ("Image", image.absolute_url.clone())));
            meta.push(("Url", self.view.canonical.clone()));
        } else {
            if !registry.keywords.is_empty() {
                meta.push(("Keywords", registry.keywords.join(",")));
            }
            meta.push(("Description", self.view.description.clone()));
        }
        self.view.meta = tags("name", &meta);
    }

    fn open_graph(&mut self) {
        let registry = self.frame.registry;
        let mut og: Vec<(&str, String)> = vec![
            ("og:type", self.og_type.to_owned()),
            ("og:title", self.view.title.clone()),
            ("og:url", self.view.canonical.clone()),
            ("og:site_name", registry.title.clone()),
            ("og:description", self.view.description.clone()),
            ("og:locale", if registry.language == "zh-Hant" { "zh_TW" } else { "zh_CN" }.to_owned()),
        ];
        if let Some(image) = &self.image {
            og.extend([("og:image", image.absolute_url.clone()), ("og:image:alt", image.alt.clone())]);
        }
        if let Some(front_matter) = self.item.filter(|_| self.og_type == "article").map(|item| &item.front_matter) {
            og.extend(front_matter.date.map(|date| ("article:published_time", date.rfc3339())));
            og.extend(front_matter.updated.map(|date| ("article:modified_time", date.rfc3339())));
            og.extend(self.column.map(|column| ("article:section", column.name.clone())));
            let topics = front_matter.topics.iter().map(|topic| ("article:tag", registry.topic(*topic).name.clone()));
            og.extend(topics);
        }
        self.view.open_graph = tags("property", &og);
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
            Some(image) => object.value("image", &serde_json::json!([image.absolute_url]).to_string()),
            None => object,
        }
    }

    fn web_site(&self) -> Object {
        let registry = self.frame.registry;
        self.schema("WebSite")
            .text("name", &registry.title)
            .text("inLanguage", &registry.language)
            .object("publisher", organization(&publisher(self.frame.registry)))
    }

    fn news_article(&self, item: &Item) -> Object {
        let front_matter = &item.front_matter;
        let published = front_matter.date.map(|date| date.rfc3339());
        let changed = front_matter.updated.or(front_matter.date).map(|date| date.rfc3339());
        let author = match &front_matter.author {
            Some(name) => Object::of_type("Person").text("name", name),
            None => organization(
                &content_source(item, self.frame.registry).unwrap_or_else(|| publisher(self.frame.registry)),
            ),
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
            .object("author", author)
            .object("publisher", organization(&publisher(self.frame.registry)));
        self.with_image(article)
    }

    fn event(&self, item: &Item, recruitment: &Recruitment) -> Object {
        let (mode, location) = match &recruitment.place {
            Some(place) => {
                let address = Object::of_type("PostalAddress")
                    .text("streetAddress", place.address.as_ref().unwrap_or(&place.name))
                    .optional("addressLocality", place.district.as_deref())
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
        let changed = front_matter.updated.or(front_matter.date).map(|date| date.local_seconds());
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
fn tags(attribute: &str, tags: &[(&str, String)]) -> Safe {
    let mut html = String::with_capacity(tags.len() * 96);
    for (name, content) in tags {
        html.push_str("<meta ");
        html.push_str(attribute);
        html.push_str("=\"");
        html.push_str(name);
        html.push_str("\" content=\"");
        escape_attribute(content, &mut html);
        html.push_str("\">\n");
    }
    Safe(html)
}

fn organization(name: &str) -> Object {
    Object::of_type("Organization").text("name", name)
}

fn publisher(registry: &Registry) -> String {
    registry.organization.clone().unwrap_or_else(|| registry.title.clone())
}

/// Who supplied an item: its source, else the issuer of a notice or the organiser of a recruitment.
pub fn content_source(item: &Item, registry: &Registry) -> Option<String> {
    let named = item.front_matter.source.clone();
    named.or_else(|| match &item.detail {
        Detail::Notice(notice) => Some(notice.issuer.clone()),
        Detail::Recruitment(recruitment) => Some(recruitment.organizer.clone()),
        Detail::Article | Detail::Page => registry.organization.clone(),
    })
}

/// The item's keywords, else its topics and districts.
pub fn keywords(registry: &Registry, item: &Item) -> Vec<String> {
    let front_matter = &item.front_matter;
    if !front_matter.keywords.is_empty() {
        return front_matter.keywords.clone();
    }
    let topics = front_matter.topics.iter().map(|id| topic_link(registry, *id).name);
    let districts = match &front_matter.districts {
        Districts::All => Vec::new(),
        Districts::These(ids) => ids.iter().map(|id| district_link(registry, *id).name).collect(),
    };
    topics.chain(districts).collect()
}

fn day_or_moment(moment: &crate::parse::moment::Moment) -> String {
    if moment.has_time { moment.rfc3339() } else { moment.iso() }
}
