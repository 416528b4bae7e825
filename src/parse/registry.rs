//! `site.yaml`: the site's name, its columns, its tree of districts, its topics and its settings.
//!
//! Start at [`parse`]. Ids are positions in the lists here, so that items carry numbers, not names.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;
use url::Url;

use super::check::CheckSettings;
use super::fields::{Field, Fields, Node, Placed, Report};
use super::item::{Cover, ItemType};
use super::moment::time_zone;
use super::publish::PublishSettings;
use super::slug::Slug;
use super::yaml;
use crate::diagnostic::{Diagnostic, FilePath, KeyPath, Place, catalogue, nearest};
use crate::source::SITE_FILE;

/// A position in [`Registry::districts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DistrictId(pub u32);
/// A position in [`Registry::topics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicId(pub u32);
/// A position in [`Registry::columns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnId(pub u32);

/// The site as `site.yaml` describes it. It derefs to its vocabulary: `registry.districts`.
#[derive(Debug, Clone, Hash)]
pub struct Registry {
    pub vocabulary: Vocabulary,
    pub title: String,
    pub base_url: BaseUrl,
    /// BCP 47, e.g. `zh-Hans`.
    pub language: String,
    /// The name of the theme's folder below `themes/`.
    pub theme: String,
    pub organization: Option<String>,
    pub undertaker: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub copyright: Option<String>,
    pub description: Option<String>,
    pub keywords: Vec<String>,
    pub site_code: Option<String>,
    pub icp: Option<String>,
    pub police_filing: Option<String>,
    pub conac_id: Option<String>,
    pub correction: Correction,
    /// What is shown beside a link to a page that has no picture of its own. Its path counts from the site's folder.
    pub picture: Option<Cover>,
    /// Whether a visitor is asked before a link leaves the site.
    pub confirm_external: bool,
    /// Items on a list page.
    pub page_size: usize,
    pub permalink: Permalink,
    pub check: CheckSettings,
    pub publish: PublishSettings,
}

/// The words that items use, and all that the parsing of an item may know of `site.yaml`: while it stays
/// the same, so does every parsed item.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    pub zone: TimeZone,
    pub columns: Vec<Column>,
    /// The tree in the order of the file: a parent stands before its children.
    pub districts: Vec<District>,
    pub topics: Vec<Topic>,
    district_names: FxHashMap<String, Vec<DistrictId>>,
}

impl Hash for Vocabulary {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The districts' names follow from the districts.
        let Self { zone, columns, districts, topics, district_names: _ } = self;
        (format!("{zone:?}"), columns, districts, topics).hash(state);
    }
}

impl std::ops::Deref for Registry {
    type Target = Vocabulary;

    fn deref(&self) -> &Vocabulary {
        &self.vocabulary
    }
}

/// Where readers report errors (纠错).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Correction {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// The folder below `content/`.
    pub key: String,
    pub name: String,
    pub slug: String,
    /// The type of its items.
    pub item_type: ItemType,
    pub description: Option<String>,
    pub keywords: Vec<String>,
    /// 栏目类别, one of the annex of 国办发〔2017〕47号.
    pub column_type: Option<String>,
    pub freshness_days: Option<u32>,
    /// Where its name stands in the file, for messages that come later.
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct District {
    pub name: String,
    pub slug: String,
    /// GB/T 2260 or longer.
    pub code: Option<String>,
    pub level: Option<String>,
    pub parent: Option<DistrictId>,
    pub children: Vec<DistrictId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic {
    pub name: String,
    pub slug: String,
    /// Whether it is one of the service platforms.
    pub platform: bool,
    pub description: Option<String>,
}

/// Where the site lives: `https://example.org` and `/wenming/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// Scheme, host and port, without a `/` at its end.
    pub origin: String,
    pub host: String,
    /// Begins and ends with `/`.
    pub path: String,
}

impl BaseUrl {
    /// Reads an `http` or `https` address without query and fragment.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let plain = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| plain && url.username().is_empty())?.to_owned();
        let path = format!("{}/", url.path().trim_end_matches('/'));
        Some(Self { origin: url.origin().ascii_serialization(), host, path })
    }
}

/// The whole address, e.g. `https://example.org/wenming/`.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// The pattern of an item's address, such as `/:column/:year/:month/:slug.html`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Permalink(pub Vec<PermalinkPart>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PermalinkPart {
    Text(String),
    Column,
    Year,
    Month,
    Day,
    Slug,
}

impl Permalink {
    /// Reads a pattern that begins with `/`, ends with `.html` or `/`, and holds `:slug`. No part of it is empty or begins with a dot.
    pub fn parse(pattern: &str) -> Option<Self> {
        let rest = pattern.strip_prefix('/').filter(|rest| rest.ends_with(".html") || rest.ends_with('/'))?;
        let mut folders = rest.strip_suffix('/').unwrap_or(rest).split('/');
        if folders.any(|part| part.is_empty() || part.starts_with('.')) {
            return None;
        }
        let mut pieces = rest.split(':');
        let mut parts = vec![PermalinkPart::Text(pieces.next()?.to_owned())];
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(piece.len());
            let (name, text) = piece.split_at(end);
            parts.push(match name {
                "column" => PermalinkPart::Column,
                "year" => PermalinkPart::Year,
                "month" => PermalinkPart::Month,
                "day" => PermalinkPart::Day,
                "slug" => PermalinkPart::Slug,
                _ => return None,
            });
            parts.push(PermalinkPart::Text(text.to_owned()));
        }
        let plain = |part: &PermalinkPart| match part {
            PermalinkPart::Text(text) => {
                text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) && !text.contains("..")
            }
            _ => true,
        };
        (parts.contains(&PermalinkPart::Slug) && parts.iter().all(plain)).then_some(Self(parts))
    }
}

/// Whether the first two digits of a code stand for a province (GB/T 2260), Taiwan, Hong Kong or Macau.
pub fn is_province(digits: u32) -> bool {
    matches!(digits, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81 | 82)
}

/// Why a name is not a district of the site.
pub enum NotADistrict {
    Unknown,
    /// Several districts bear it; the ways to tell them apart.
    Ambiguous(Vec<String>),
}

impl Vocabulary {
    pub fn district(&self, id: DistrictId) -> &District {
        &self.districts[id.0 as usize]
    }

    pub fn topic(&self, id: TopicId) -> &Topic {
        &self.topics[id.0 as usize]
    }

    pub fn column(&self, id: ColumnId) -> &Column {
        &self.columns[id.0 as usize]
    }

    pub fn district_ids(&self) -> impl Iterator<Item = DistrictId> + use<> {
        (0..self.districts.len() as u32).map(DistrictId)
    }

    pub fn topic_ids(&self) -> impl Iterator<Item = TopicId> + use<> {
        (0..self.topics.len() as u32).map(TopicId)
    }

    pub fn column_ids(&self) -> impl Iterator<Item = ColumnId> + use<> {
        (0..self.columns.len() as u32).map(ColumnId)
    }

    /// The district and its ancestors, from the district up.
    pub fn lineage(&self, id: DistrictId) -> impl Iterator<Item = DistrictId> + '_ {
        std::iter::successors(Some(id), |id| self.district(*id).parent)
    }

    /// Finds a district by name, slug or code, or as `静安区/江宁路街道` where names repeat.
    ///
    /// # Errors
    /// No district or several bear the name.
    pub fn find_district(&self, name: &str) -> Result<DistrictId, NotADistrict> {
        match self.district_names.get(name).map(Vec::as_slice) {
            Some([id]) => Ok(*id),
            Some(several) => Err(NotADistrict::Ambiguous(several.iter().map(|id| self.qualified(*id)).collect())),
            None => Err(NotADistrict::Unknown),
        }
    }

    /// Its name, behind its parent's where another district bears the same.
    pub fn unambiguous(&self, id: DistrictId) -> String {
        let name = &self.district(id).name;
        if self.find_district(name).is_ok() { name.clone() } else { self.qualified(id) }
    }

    /// Its name behind its parent's: `静安区/江宁路街道`.
    pub fn qualified(&self, id: DistrictId) -> String {
        let district = self.district(id);
        match district.parent {
            Some(parent) => format!("{}/{}", self.district(parent).name, district.name),
            None => district.name.clone(),
        }
    }

    pub fn near_districts(&self, name: &str) -> Vec<&str> {
        nearest(name, self.districts.iter().flat_map(|district| [district.name.as_str(), district.slug.as_str()]))
    }

    pub fn find_topic(&self, name: &str) -> Option<TopicId> {
        let position = self.topics.iter().position(|topic| topic.name == name || topic.slug == name)?;
        Some(TopicId(position as u32))
    }

    pub fn near_topics(&self, name: &str) -> Vec<&str> {
        nearest(name, self.topics.iter().flat_map(|topic| [topic.name.as_str(), topic.slug.as_str()]))
    }

    pub fn find_column(&self, key: &str) -> Option<ColumnId> {
        let position = self.columns.iter().position(|column| column.key == key)?;
        Some(ColumnId(position as u32))
    }

    fn index_districts(&mut self) {
        for id in self.district_ids() {
            let district = self.district(id);
            let mut names = vec![district.name.clone(), district.slug.clone(), self.qualified(id)];
            names.extend(district.code.clone());
            names.sort();
            names.dedup();
            for name in names {
                self.district_names.entry(name).or_default().push(id);
            }
        }
    }
}

/// Reads `site.yaml`. `base_url` replaces the file's own where the command line gave one.
///
/// # Errors
/// All that is wrong in the file.
pub fn parse(text: &str, base_url: Option<&BaseUrl>) -> Result<Registry, Vec<Diagnostic>> {
    let file = FilePath::new(SITE_FILE);
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let value = yaml::read(&file, text, start..text.len())?;
    // Dates do not occur in the file, so that its own time zone is not needed to read it.
    let zone = TimeZone::UTC;
    let report = Report::new(&file, &zone, text, start..text.len());
    let root = Node { value: &value, path: KeyPath::default(), report: &report };
    let registry = root.fields(|fields| decode(fields, base_url));
    let mut diagnostics = report.diagnostics.into_inner();
    match registry {
        Some(mut registry) if diagnostics.is_empty() => {
            registry.vocabulary.index_districts();
            Ok(registry)
        }
        _ => {
            diagnostics.dedup();
            super::locate(&mut diagnostics, &|_| Some(Cow::Borrowed(text)));
            Err(diagnostics)
        }
    }
}

/// Decodes a configuration that lies in no file, for the sake of what is asked for.
pub(super) fn ask(value: &Value, report: &Report<'_>) {
    Node { value, path: KeyPath::default(), report }.fields(|fields| decode(fields, None));
}

fn decode(fields: &mut Fields<'_>, base_url: Option<&BaseUrl>) -> Registry {
    let written = fields.required::<Placed<BaseUrl>>("base_url", "网址").value;
    let zone = fields
        .optional::<Zone>("time_zone", "时区")
        .map_or_else(|| time_zone("+08:00").unwrap_or(TimeZone::UTC), |zone| zone.0);
    let vocabulary = Vocabulary {
        zone,
        columns: distinct(
            fields.list("columns", "栏目"),
            |column: &Column| vec![&column.key, &column.slug, &column.name],
            fields,
        ),
        districts: flatten(fields.list("districts", "区域"), fields.report),
        topics: distinct(fields.list("topics", "主题"), |topic: &Topic| vec![&topic.slug, &topic.name], fields),
        district_names: FxHashMap::default(),
    };
    let registry = Registry {
        vocabulary,
        title: fields.required("title", "网站名称"),
        base_url: base_url.cloned().unwrap_or(written),
        language: fields.optional("language", "语言").unwrap_or_else(|| "zh-Hans".to_owned()),
        theme: fields.optional("theme", "主题模板").unwrap_or_else(|| "default".to_owned()),
        organization: fields.optional("organization", "主办"),
        undertaker: fields.optional("undertaker", "承办"),
        phone: fields.phone("phone", "电话"),
        email: fields.email("email", "邮箱"),
        address: fields.optional("address", "地址"),
        copyright: fields.optional("copyright", "版权"),
        description: fields.optional("description", "简介"),
        keywords: fields.list("keywords", "关键词"),
        site_code: fields.optional("site_code", "网站标识码"),
        icp: fields.optional("icp", "ICP备案"),
        police_filing: fields.optional("police_filing", "公安备案"),
        conac_id: fields.optional("conac_id", "党政机关标识"),
        correction: fields.optional("correction", "纠错").unwrap_or_default(),
        picture: fields.optional("picture", "分享图片"),
        confirm_external: fields.flag("confirm_external", "外链提示"),
        page_size: fields.optional::<u32>("page_size", "每页条数").unwrap_or(20).clamp(1, 1000) as usize,
        permalink: fields
            .optional("permalink", "网址格式")
            .or_else(|| Permalink::parse("/:column/:year/:month/:slug.html"))
            .expect("the default is a pattern"),
        check: fields.optional("check", "检查").unwrap_or_default(),
        publish: fields.optional("publish", "发布").unwrap_or_default(),
    };
    // Kept for editions to come.
    for (key, alias) in [("editions", "版本"), ("languages", "语种")] {
        fields.node(key, alias);
    }
    registry
}

/// Reports names that occur twice in a list.
fn distinct<T>(list: Vec<Placed<T>>, names: impl Fn(&T) -> Vec<&String>, fields: &Fields<'_>) -> Vec<T> {
    let mut seen: Vec<(String, Place)> = Vec::new();
    for Placed { value, place } in &list {
        let mut names = names(value);
        names.dedup();
        for name in names {
            match seen.iter().find(|(known, other)| known == name && other != place) {
                Some((_, other)) => fields.report.push(catalogue::duplicate_name(place.clone(), name, other.clone())),
                None => seen.push((name.clone(), place.clone())),
            }
        }
    }
    list.into_iter().map(|placed| placed.value).collect()
}

/// A district as the file nests it.
struct Branch {
    district: District,
    place: Place,
    children: Vec<Branch>,
}

/// Puts the tree into one list, parents first; the addresses of siblings must differ.
fn flatten(branches: Vec<Branch>, report: &Report<'_>) -> Vec<District> {
    fn place(
        branches: Vec<Branch>,
        parent: Option<DistrictId>,
        report: &Report<'_>,
        list: &mut Vec<District>,
    ) -> Vec<DistrictId> {
        let mut seen: Vec<(String, Place)> = Vec::new();
        let mut ids = Vec::new();
        for branch in branches {
            let slug = branch.district.slug.clone();
            if let Some((_, other)) = seen.iter().find(|(known, _)| *known == slug) {
                report.push(catalogue::duplicate_name(branch.place.clone(), &slug, other.clone()));
            }
            seen.push((slug, branch.place));
            let id = DistrictId(list.len() as u32);
            ids.push(id);
            list.push(District { parent, ..branch.district });
            let children = place(branch.children, Some(id), report, list);
            list[id.0 as usize].children = children;
        }
        ids
    }
    let mut list = Vec::new();
    place(branches, None, report, &mut list);
    list
}

struct Zone(TimeZone);

impl Field for Zone {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let name = String::decode(node)?;
        let zone = time_zone(&name);
        if zone.is_none() {
            node.report.push(catalogue::unknown_time_zone(node.place(), &name));
        }
        zone.map(Self)
    }
}

impl Default for Placed<BaseUrl> {
    fn default() -> Self {
        let value = BaseUrl { origin: String::new(), host: String::new(), path: "/".to_owned() };
        Self { value, place: Place::file(&FilePath::new(SITE_FILE)) }
    }
}

impl Field for BaseUrl {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        let url = Self::parse(&text);
        if url.is_none() {
            node.report.push(catalogue::bad_base_url(node.place(), &text));
        }
        url
    }
}

impl Field for Permalink {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let text = String::decode(node)?;
        let permalink = Self::parse(&text);
        if permalink.is_none() {
            node.report.push(catalogue::bad_permalink(node.place(), &text));
        }
        permalink
    }
}

impl Field for Correction {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            email: fields.email("email", "邮箱"),
            phone: fields.phone("phone", "电话"),
            url: fields.web_address("url", "网址"),
        })
    }
}

impl Field for Column {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| {
            let key: String = fields.required("key", "文件夹");
            let item_type = fields.optional("type", "类型").unwrap_or_else(|| ItemType::of_folder(&key));
            Self {
                name: fields.required("name", "名称"),
                slug: fields.optional::<Slug>("slug", "网址名").map_or_else(|| key.clone(), |slug| slug.to_string()),
                description: fields.optional("description", "简介"),
                keywords: fields.list("keywords", "关键词"),
                column_type: fields.optional("column_type", "栏目类别"),
                freshness_days: fields.optional("freshness_days", "更新期限"),
                place: fields.place_of("name", "名称"),
                item_type,
                key,
            }
        })
    }
}

impl Field for Branch {
    fn decode(node: &Node<'_>) -> Option<Self> {
        let place = node.place();
        node.fields(|fields| Self {
            district: District {
                name: fields.required("name", "名称"),
                slug: fields.required::<Slug>("slug", "网址名").to_string(),
                code: fields.optional("code", "代码"),
                level: fields.optional("level", "级别"),
                parent: None,
                children: Vec::new(),
            },
            place,
            children: fields.list("children", "下级"),
        })
    }
}

impl Field for Topic {
    fn decode(node: &Node<'_>) -> Option<Self> {
        node.fields(|fields| Self {
            name: fields.required("name", "名称"),
            slug: fields.required::<Slug>("slug", "网址名").to_string(),
            platform: fields.flag("platform", "平台"),
            description: fields.optional("description", "简介"),
        })
    }
}

/// The theme named in `site.yaml`, for messages that point at it.
pub fn place_of_theme() -> Place {
    Place::value(&FilePath::new(SITE_FILE), KeyPath::default().key("theme"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_an_origin_and_a_path() {
        let base = BaseUrl::parse("https://example.org:8080/wenming").expect("an address");
        assert_eq!((base.origin.as_str(), base.path.as_str()), ("https://example.org:8080", "/wenming/"));
        assert_eq!(BaseUrl::parse("https://example.org").map(|base| base.path).as_deref(), Some("/"));
        assert_eq!(BaseUrl::parse("example.org"), None);
        assert_eq!(BaseUrl::parse("ftp://example.org/"), None);
        assert_eq!(BaseUrl::parse("https://example.org/?a=1"), None);
    }

    #[test]
    fn a_permalink_needs_its_slug() {
        assert!(Permalink::parse("/:column/:year/:month/:slug.html").is_some());
        assert!(Permalink::parse("/:slug/").is_some());
        assert!(Permalink::parse("/:column/:year.html").is_none());
        assert!(Permalink::parse("/:name/:slug.html").is_none());
        for pattern in
            ["/../:slug.html", "/./:slug.html", "/.xinfeng/:slug.html", "//:slug.html", "/:slug//", "/a//:slug/"]
        {
            assert!(Permalink::parse(pattern).is_none(), "{pattern}");
        }
        assert!(Permalink::parse(":slug.html").is_none());
    }
}
