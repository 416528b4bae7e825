//! A theme: the templates and assets that are embedded in the program, with the site's own files over them.
//!
//! A file of the site's theme replaces the embedded one of the same path. An embedded template can still
//! be extended under the name `default/…`.

use std::collections::BTreeMap;

use rust_embed::Embed;
use rustc_hash::FxHashSet;
use tera::{ComponentArg, Context, ErrorKind, Kwargs, State, Tera, TeraResult, Value};

use crate::diagnostic::{At, Diagnostic, FilePath, Place, catalogue, nearest};
use crate::fingerprint::{Fingerprint, fingerprint};
use crate::parse::registry::{BaseUrl, place_of_theme};
use crate::plan::url::{self, OutputPath};
use crate::source::{ReadError, Sources, THEMES};

use super::{PAGE_TEMPLATES, VARIABLES, styles, tags, unused};

#[derive(Embed)]
#[folder = "themes/default"]
struct Embedded;

/// The embedded theme's name. Its templates bear it as a prefix.
pub(super) const DEFAULT: &str = "default";

/// The name that an embedded template has without its prefix.
pub(super) fn embedded(template: &str) -> Option<&str> {
    template.strip_prefix(DEFAULT)?.strip_prefix('/')
}

pub struct Theme {
    pub(super) tera: Tera,
    /// Of all templates and assets.
    pub(super) digest: Fingerprint,
    /// For each template that draws pages: the hash of all that its pages may depend on in the theme.
    page_digests: BTreeMap<String, Fingerprint>,
    /// For each of those templates: the variables that it or a part of it may use.
    variables: BTreeMap<&'static str, Variables>,
    /// By their path in the theme, e.g. `css/site.css`.
    assets: BTreeMap<String, Vec<u8>>,
    /// Where each asset is written to.
    pub asset_paths: BTreeMap<String, OutputPath>,
    /// What is wrong with it although it can be used.
    pub warnings: Vec<Diagnostic>,
    /// The name of the site's theme.
    name: String,
    /// The text of each template, by its name; for messages.
    texts: BTreeMap<String, String>,
}

/// Names of variables; `None` stands for all that there are.
pub(super) struct Variables(Option<FxHashSet<String>>);

impl Variables {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(name))
    }

    /// Whether no other one is among them.
    fn are_only(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|names| names.iter().all(|other| other == name))
    }
}

/// Why a theme could not be loaded.
pub enum ThemeError {
    Wrong(Vec<Diagnostic>),
    Read(ReadError),
}

impl From<ReadError> for ThemeError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl Theme {
    /// Loads the theme that `site.yaml` names.
    ///
    /// # Errors
    /// A template that cannot be parsed, a theme that is nowhere, or a file that cannot be read.
    pub fn load(name: &str, sources: &Sources, base_url: &BaseUrl) -> Result<Self, ThemeError> {
        let folder = format!("{THEMES}/{name}/");
        let mut files: BTreeMap<String, (FilePath, Vec<u8>)> = BTreeMap::new();
        for path in Embedded::iter() {
            let file = Embedded::get(&path).expect("an embedded file that was just listed");
            let shown = FilePath::new(format!("{THEMES}/{DEFAULT}/{path}"));
            files.insert(format!("{DEFAULT}/{path}"), (shown, file.data.into_owned()));
        }
        let mut found = name == DEFAULT;
        for (path, _) in sources.below(THEMES) {
            if let Some(below) = path.as_str().strip_prefix(&folder) {
                // The name that the embedded theme goes by here.
                if below.starts_with(&format!("{DEFAULT}/")) {
                    continue;
                }
                files.insert(below.to_owned(), (path.clone(), sources.root.read(path)?));
                found = true;
            }
        }
        if !found {
            return Err(ThemeError::Wrong(vec![catalogue::unknown_theme(place_of_theme(), name)]));
        }
        let mut templates: BTreeMap<String, String> = BTreeMap::new();
        let mut assets: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut style_sheets: Vec<(String, FilePath)> = Vec::new();
        let mut diagnostics = Vec::new();
        let default_templates = format!("{DEFAULT}/templates/");
        let default_assets = format!("{DEFAULT}/assets/");
        let digest = fingerprint(&files);
        for (path, (shown, bytes)) in files {
            if let Some(asset) = path.strip_prefix(&default_assets) {
                assets.entry(asset.to_owned()).or_insert(bytes);
            } else if let Some(asset) = path.strip_prefix("assets/") {
                if asset.ends_with(".css") {
                    match std::str::from_utf8(&bytes) {
                        Ok(_) => style_sheets.push((asset.to_owned(), shown)),
                        Err(error) => diagnostics.push(catalogue::invalid_utf8(&shown, error.valid_up_to())),
                    }
                }
                assets.insert(asset.to_owned(), bytes);
            } else if path.starts_with(&default_templates) || path.starts_with("templates/") {
                match String::from_utf8(bytes) {
                    // A byte order mark would stand in the pages; spaces in its place leave all else where it is.
                    Ok(text) => {
                        let text = text.strip_prefix('\u{feff}').map(|rest| format!("   {rest}")).unwrap_or(text);
                        templates.insert(path.replacen("templates/", "", 1), text);
                    }
                    Err(error) => diagnostics.push(catalogue::invalid_utf8(&shown, error.utf8_error().valid_up_to())),
                }
            }
        }
        let names = assets.keys().map(String::as_str);
        let missing = style_sheets.iter().flat_map(|(path, file)| {
            let css = std::str::from_utf8(&assets[path]).unwrap_or_default();
            styles::missing(file, css, path, names.clone())
        });
        let missing: Vec<Diagnostic> = missing.collect();
        let asset_paths = fingerprinted(&mut assets);
        let urls = asset_paths.iter().map(|(name, path)| (name.clone(), url::Addresses(base_url).url(path))).collect();
        let mut theme = Self {
            tera: Tera::new(),
            digest,
            page_digests: BTreeMap::new(),
            variables: BTreeMap::new(),
            assets,
            asset_paths,
            warnings: unused::files(name, sources, &templates).into_iter().chain(missing).collect(),
            name: name.to_owned(),
            texts: templates,
        };
        theme.tera.register_function("asset", asset_function(urls));
        let prefix = format!("{DEFAULT}/");
        let texts = theme.texts.iter();
        let loaded = theme.tera.set_fallback_prefixes([prefix]).and_then(|()| theme.tera.add_raw_templates(texts));
        match loaded {
            Ok(()) => {
                theme.variables = theme.variables_of(PAGE_TEMPLATES);
                theme.page_digests = page_digests(&theme.texts, &theme.asset_paths, theme.renames_site());
            }
            Err(error) => diagnostics.extend(theme.explain(&error, "base.html")),
        }
        if diagnostics.is_empty() { Ok(theme) } else { Err(ThemeError::Wrong(diagnostics)) }
    }

    /// The hash of what the pages of a template depend on in the theme.
    pub(super) fn digest_of(&self, template: &str) -> Fingerprint {
        self.page_digests.get(template).copied().unwrap_or(self.digest)
    }

    /// An asset's bytes; the plan names only those that the theme has.
    pub(crate) fn asset(&self, name: &str) -> &[u8] {
        &self.assets[name]
    }

    /// The templates, in which the parts of pages that show nothing but `site` are drawn already. An embedded part that
    /// the site does not replace bears its plain name, so that no page has to look twice for it.
    pub(super) fn for_site(&self, site: &Value) -> Tera {
        let mut tera = self.tera.clone();
        if self.renames_site() {
            return tera;
        }
        let mut context = Context::new();
        context.insert_value("site", site.clone());
        let variables = self.variables_of(self.texts.keys().map(String::as_str));
        let drawn = |name: &str| {
            let html = variables[name].are_only("site").then(|| self.tera.render(name, &context).ok())??;
            (!html.contains("endraw")).then(|| format!("{{% raw %}}{html}{{% endraw %}}"))
        };
        let parts = self.texts.iter().filter_map(|(name, text)| {
            let plain = embedded(name).filter(|plain| !self.texts.contains_key(*plain)).unwrap_or(name);
            plain.starts_with("partials/").then(|| (plain, drawn(name).unwrap_or_else(|| text.clone())))
        });
        // Where others take a component or a block from one of them, all stay as they are.
        drop(tera.add_raw_templates(parts));
        tera
    }

    /// Whether `site` may be something else where a part is included: a template gives the name to a value of its own.
    fn renames_site(&self) -> bool {
        self.arguments().any(|argument| argument.name() == "site" && !argument.is_implicit())
            || self.texts.values().any(|text| tags::names(text).any(|name| name == "site"))
    }

    pub(super) fn render(&self, tera: &Tera, template: &str, context: &Context) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::with_capacity(24 * 1024);
        match tera.render_to(template, context, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(self.explain(&error, template).swap_remove(0)),
        }
    }

    /// Draws a component; `shared` is what it may use beside its arguments.
    pub(super) fn component(&self, name: &str, arguments: &Context, shared: &Context) -> Result<Value, Diagnostic> {
        match self.tera.render_component_with_implicits(name, arguments, shared, None, true) {
            Ok(html) => Ok(Value::safe_string(&html)),
            Err(error) if matches!(error.kind(), ErrorKind::RenderingError(_)) => {
                Err(self.explain(&error, name).swap_remove(0))
            }
            // What it asks for is not what it gets.
            Err(error) => Err(template_error(self.definition_of(name), &error.to_string())),
        }
    }

    /// Where a component is defined: in the site's theme, or else in the embedded one.
    fn definition_of(&self, component: &str) -> Place {
        let head = format!("component {component}(");
        let defines = |(_, text): &(&String, &String)| text.contains(&head);
        let found = self.texts.iter().filter(defines).min_by_key(|(name, _)| embedded(name).is_some());
        found.map_or_else(
            || Place::file(&self.file_of(component)),
            |(template, _)| self.definition_in(template, component),
        )
    }

    /// What a page's template, or a part of it, may use.
    pub(super) fn variables(&self, template: &str) -> &Variables {
        &self.variables[template]
    }

    /// Whether any page's template may use a variable.
    pub(super) fn uses(&self, variable: &str) -> bool {
        self.variables.values().any(|variables| variables.contains(variable))
    }

    /// What components take.
    fn arguments(&self) -> impl Iterator<Item = ComponentArg> {
        let components = self.tera.get_component_names().filter_map(|name| self.tera.get_component_definition(name));
        components.flat_map(|component| component.args().to_vec())
    }

    /// What each of these templates may use.
    fn variables_of<'t>(&self, templates: impl IntoIterator<Item = &'t str>) -> BTreeMap<&'t str, Variables> {
        // A component may take these from the page that it stands on.
        let implicit = self.arguments().filter(ComponentArg::is_implicit);
        let implicit: Vec<String> = implicit.map(|argument| argument.name().to_owned()).collect();
        // Tera does not count this among the variables.
        let shows_all = self.texts.values().any(|text| text.contains("__tera_context"));
        let used = |template| {
            let known = self.tera.get_template_variables(template).ok().filter(|_| !shows_all);
            let names = known.map(|own| own.into_iter().map(str::to_owned).chain(implicit.iter().cloned()).collect());
            (template, Variables(names))
        };
        templates.into_iter().map(used).collect()
    }

    /// A template's mistakes, each at its line: at least one.
    fn explain(&self, error: &tera::Error, template: &str) -> Vec<Diagnostic> {
        if let ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) = error.kind() {
            // Whoever made the theme has no file of the embedded one; the mistake is in how it is used.
            if embedded(report.filename()).is_some()
                && let Some(place) = self.own_caller(&error.to_string())
            {
                let file = self.file_of(report.filename());
                return vec![catalogue::used_wrongly(template_error(place, report.message()), &file)];
            }
            let place = Place { file: self.file_of(report.filename()), at: At::bytes(report.span().range.clone()) };
            let missing = report.message().split_once(MISSING_ASSET).and_then(|(_, rest)| rest.split('`').next());
            return vec![match missing {
                Some(name) => {
                    let near = nearest(name, self.assets.keys().map(String::as_str));
                    catalogue::missing_asset(place, name, &near)
                }
                None => {
                    let is_vague = matches!(report.message(), "Unknown tag" | "Unexpected end of input");
                    let text = self.texts.get(report.filename()).filter(|_| is_vague);
                    let tag = text.and_then(|text| tags::unpaired(text));
                    match tag.filter(|tag| tag.span.start <= report.span().range.start) {
                        Some(tag) => {
                            let place = Place { at: At::bytes(tag.span), ..place };
                            catalogue::unpaired_tag(place, tag.name, tag.opens)
                        }
                        None => template_error(place, report.message()),
                    }
                }
            }];
        }
        // Tera tells unknown filters, functions and templates in one drawing of its own:
        // `error: Unknown filter …`, then `--> name.html:3:7`.
        let drawing = error.to_string();
        let mistakes = drawing.split("error: ").filter_map(|part| {
            let (message, rest) = part.split_once('\n')?;
            let (_, position) = rest.split_once("--> ")?;
            let (_, place) = self.position(position.lines().next()?)?;
            Some(template_error(place, message))
        });
        let mistakes: Vec<Diagnostic> = mistakes.collect();
        if mistakes.is_empty() {
            // The engine tells of one, whichever it comes upon first.
            let twice = if drawing.contains("is defined in both") { self.defined_twice() } else { Vec::new() };
            if !twice.is_empty() {
                return twice;
            }
            // `Template 'article.html' is inheriting from …`: without a place.
            let named = drawing.split('\'').nth(1).and_then(|name| self.texts.get_key_value(name));
            let place = named.map(|(name, text)| {
                let at = text.find("extends").map_or(At::File, |at| At::Bytes(at, at + "extends".len()));
                Place { file: self.file_of(name), at }
            });
            let place = place.unwrap_or_else(|| Place::file(&self.file_of(template)));
            return vec![template_error(place, drawing.trim())];
        }
        mistakes
    }

    /// The components that stand in two templates. What the site replaces of the embedded theme is not one of these.
    fn defined_twice(&self) -> Vec<Diagnostic> {
        let counts = |name: &str| embedded(name).is_none_or(|plain| !self.texts.contains_key(plain));
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let mut found = Vec::new();
        for (template, text) in self.texts.iter().filter(|(name, _)| counts(name)) {
            for component in tags::components(text) {
                let Some(other) = known.insert(component, template).filter(|other| other != template) else { continue };
                // The message stands where it can be mended.
                let (one, other) = if embedded(other).is_some() { (&**template, other) } else { (other, &**template) };
                let [one, other] = [one, other].map(|template| self.definition_in(template, component));
                found.push(catalogue::component_twice(one, component, other));
            }
        }
        found
    }

    /// Where the first of the templates that are not embedded stands among the callers that a drawing of the engine lists:
    /// `note: called from article.html:3:7`.
    fn own_caller(&self, drawing: &str) -> Option<Place> {
        let notes = drawing.split("\nnote: ").skip(1);
        let places = notes.filter_map(|note| self.position(note.lines().next()?.rsplit(' ').next()?));
        places.into_iter().find(|(name, _)| embedded(name).is_none()).map(|(_, place)| place)
    }

    /// The template and the place that the engine means by `name.html:3:7`.
    fn position<'p>(&self, position: &'p str) -> Option<(&'p str, Place)> {
        let mut parts = position.trim_end_matches(']').rsplitn(3, ':');
        let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let name = parts.next()?;
        let at = self.texts.get(name).map_or(At::File, |text| offset(text, line, column));
        Some((name, Place { file: self.file_of(name), at }))
    }

    /// Where a template defines a component.
    fn definition_in(&self, template: &str, component: &str) -> Place {
        let head = format!("component {component}(");
        let at = self.texts.get(template).and_then(|text| text.find(&head));
        let at = at.map_or(At::File, |at| At::Bytes(at, at + head.len() - 1));
        Place { file: self.file_of(template), at }
    }

    /// The file of a template, as the site's author would find it.
    fn file_of(&self, template: &str) -> FilePath {
        match embedded(template) {
            Some(name) => FilePath::new(format!("{THEMES}/{DEFAULT}/templates/{name}")),
            None if self.texts.contains_key(template) => {
                FilePath::new(format!("{THEMES}/{}/templates/{template}", self.name))
            }
            None => FilePath::new(format!("{THEMES}/{DEFAULT}/templates/{template}")),
        }
    }
}

fn template_error(place: Place, detail: &str) -> Diagnostic {
    catalogue::template_error(place, detail, &VARIABLES.concat())
}

/// What each page template depends on: itself, all templates that draw no page of their own (frames, partials) or define a
/// component, the page templates that these name, and the addresses of assets. A template is named by a text in quotes
/// (`extends "base.html"`, `include …`), so whoever does not hold the name does not use it; a component is used without one. Whether any
/// template renames `site` decides how the parts of all are drawn.
fn page_digests(
    templates: &BTreeMap<String, String>,
    asset_paths: &BTreeMap<String, OutputPath>,
    renames_site: bool,
) -> BTreeMap<String, Fingerprint> {
    fn plain(name: &str) -> &str {
        embedded(name).unwrap_or(name)
    }
    let is_shared = |name: &str, text: &str| !PAGE_TEMPLATES.contains(&plain(name)) || tags::defines_component(text);
    let digest = |page: &&str| {
        let mut used: BTreeMap<&String, &String> =
            templates.iter().filter(|(name, text)| is_shared(name, text) || plain(name) == *page).collect();
        loop {
            let is_named = |name: &str| used.values().any(|text| text.contains(plain(name)));
            let more: Vec<_> =
                templates.iter().filter(|(name, _)| !used.contains_key(*name) && is_named(name)).collect();
            if more.is_empty() {
                break ((*page).to_owned(), fingerprint(&(&used, asset_paths, renames_site)));
            }
            used.extend(more);
        }
    };
    PAGE_TEMPLATES.iter().map(digest).collect()
}

/// A line and a column, both from 1, as a place in a text.
fn offset(text: &str, line: usize, column: usize) -> At {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let within = text[start..].chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>();
    At::Bytes(start + within, start + within + 1)
}

/// Puts a hash of its bytes into each asset's name. Style sheets come last, since they may name the others, and of them those that
/// import others behind these. Some that import each other in a circle share one hash.
fn fingerprinted(assets: &mut BTreeMap<String, Vec<u8>>) -> BTreeMap<String, OutputPath> {
    let name_of = |path: &str, bytes: &[u8]| url::asset(path, &Fingerprint::of_bytes(bytes).to_string()[..10]);
    let is_style = |path: &str| path.ends_with(".css");
    let mut paths: BTreeMap<String, OutputPath> = assets
        .iter()
        .filter(|(path, _)| !is_style(path))
        .map(|(path, bytes)| (path.clone(), name_of(path, bytes)))
        .collect();
    // Each with those that it names.
    let mut left: BTreeMap<&String, (&mut Vec<u8>, Vec<String>)> = BTreeMap::new();
    for (path, bytes) in assets.iter_mut().filter(|(path, _)| is_style(path)) {
        let named = std::str::from_utf8(bytes).map(|css| styles::style_sheets_in(css, path)).unwrap_or_default();
        left.insert(path, (bytes, named));
    }
    while !left.is_empty() {
        let waits = |path: &String, named: &[String]| named.iter().any(|it| it != path && left.contains_key(it));
        let unhindered = left.iter().filter(|(path, (_, named))| !waits(path, named));
        let mut ready: Vec<&String> = unhindered.map(|(path, _)| *path).collect();
        if ready.is_empty() {
            // With the names of all else that they name.
            let named = |(path, (css, _)): (&&String, &(&mut Vec<u8>, _))| match std::str::from_utf8(css) {
                Ok(css) => styles::with_fingerprints(css, path, &paths).into_bytes(),
                Err(_) => css.to_vec(),
            };
            let all: Vec<u8> = left.iter().flat_map(named).collect();
            paths.extend(left.keys().map(|path| ((*path).clone(), name_of(path, &all))));
            ready.extend(left.keys().copied());
        }
        for path in ready {
            let (bytes, _) = left.remove(path).expect("it was there");
            if let Ok(css) = std::str::from_utf8(bytes) {
                *bytes = styles::with_fingerprints(css, path, &paths).into_bytes();
            }
            let name = name_of(path, bytes);
            paths.entry((*path).clone()).or_insert(name);
        }
    }
    paths
}

/// Begins the error of [`asset_function`], which Tera passes on as a text.
const MISSING_ASSET: &str = "the theme has no asset `";

/// `asset(path="css/site.css")`: the address of an asset.
fn asset_function(
    urls: BTreeMap<String, String>,
) -> impl Fn(Kwargs, &State<'_>) -> TeraResult<Value> + Sync + Send + 'static {
    move |arguments, _| {
        let path = arguments.must_get::<&str>("path")?;
        match urls.get(path) {
            Some(url) => Ok(Value::normal_string(url)),
            None => Err(tera::Error::message(format!("{MISSING_ASSET}{path}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_imports_others_by_the_names_that_they_are_written_to() {
        let sheets = |texts: &[(&str, &str)]| {
            let text = |(path, css): &(&str, &str)| ((*path).to_owned(), css.as_bytes().to_vec());
            let mut assets = texts.iter().map(text).collect();
            let paths = fingerprinted(&mut assets);
            let name = |path: &str| paths[path].as_str().strip_prefix("assets/").expect("their folder").to_owned();
            let css = |path: &str| String::from_utf8(assets[path].clone()).expect("text");
            (name("b.css"), css("a.css"), css("b.css"), name("a.css"))
        };
        let (b, in_a, _, before) = sheets(&[("a.css", "@import \"b.css\";"), ("b.css", "a{}")]);
        assert_eq!(in_a, format!("@import \"{b}\";"));
        let (_, _, _, after) = sheets(&[("a.css", "@import \"b.css\";"), ("b.css", "b{}")]);
        assert_ne!(before, after, "what it imports has changed");
        // In a circle too.
        let (b, in_a, in_b, a) = sheets(&[("a.css", "@import url(b.css);"), ("b.css", "@import 'a.css';")]);
        assert_eq!((in_a, in_b), (format!("@import url({b});"), format!("@import '{a}';")));
        let with_picture = |picture| {
            let css = "@import 'b.css';a{background:url(p.svg)}";
            sheets(&[("a.css", css), ("b.css", "@import 'a.css';"), ("p.svg", picture)])
        };
        assert_ne!(with_picture("1").3, with_picture("2").3, "what is named in it has changed");
    }

    #[test]
    fn a_page_depends_on_what_its_template_may_use() {
        let theme = |changed: &str| {
            let text = |name: &str, text: &str| {
                let comment = if name == changed { "{# changed #}" } else { "" };
                (name.to_owned(), format!("{text}{comment}"))
            };
            let texts = BTreeMap::from([
                text("default/base.html", "{% include \"partials/foot.html\" %}"),
                text("default/partials/foot.html", "foot"),
                text("default/list.html", "{% extends \"base.html\" %}"),
                text("default/article.html", "{% extends \"base.html\" %}"),
                text("default/page.html", "{% extends \"article.html\" %}"),
                text("article.html", "{% extends \"default/article.html\" %}"),
            ]);
            page_digests(&texts, &BTreeMap::new(), false)
        };
        let before = theme("");
        let changed = |name: &str| -> Vec<String> {
            let after = theme(name);
            let pages = ["article.html", "list.html", "page.html"].into_iter();
            pages.filter(|page| before[*page] != after[*page]).map(str::to_owned).collect()
        };
        assert_eq!(changed("default/list.html"), ["list.html"]);
        assert_eq!(changed("article.html"), ["article.html", "page.html"]);
        assert_eq!(changed("default/article.html"), ["article.html", "page.html"]);
        assert_eq!(changed("default/page.html"), ["page.html"]);
        assert_eq!(changed("default/partials/foot.html"), ["article.html", "list.html", "page.html"]);
    }
}
