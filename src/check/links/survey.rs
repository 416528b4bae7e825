//! Where links lead: into the site, to which output, or out of it; and what has been linked to so far.
//!
//! Pages are looked at in parallel and one at a time, so that whatever concerns two pages is noted here and told when
//! all have been seen. Start at [`Survey::lead`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use rustc_hash::FxHashMap;

use crate::diagnostic::Place;
use crate::parse::registry::BaseUrl;
use crate::pipeline::Edition;
use crate::plan::url::OutputPath;

/// All outputs, and what links were seen.
pub struct Survey<'a> {
    base: &'a BaseUrl,
    paths: Vec<&'a OutputPath>,
    positions: FxHashMap<&'a str, usize>,
    referenced: Vec<AtomicBool>,
    pub(super) anchors: Mutex<Vec<Anchor>>,
    /// Addresses on other sites, each with its first place.
    pub(super) external: Mutex<BTreeMap<String, Place>>,
}

/// A link to a place in another page.
pub(super) struct Anchor {
    pub page: usize,
    pub fragment: String,
    pub place: Place,
    pub written: String,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) enum Lead {
    /// To an output of ours, and perhaps to a place in it.
    Inside(usize, Option<String>),
    /// Into the site, where there is nothing.
    Nowhere,
    /// To a whole `http` or `https` address of another site.
    Outside,
    /// Neither: `mailto:`, a part of the host that is not ours, nothing at all.
    Elsewhere,
}

impl<'a> Survey<'a> {
    pub fn new(edition: &'a Edition) -> Self {
        let paths: Vec<&OutputPath> = edition.plan.outputs.keys().collect();
        let positions = paths.iter().enumerate().map(|(position, path)| (path.as_str(), position)).collect();
        let referenced = paths.iter().map(|_| AtomicBool::new(false)).collect();
        let base = &edition.plan.site.registry.base_url;
        Self { base, paths, positions, referenced, anchors: Mutex::default(), external: Mutex::default() }
    }

    pub(in crate::check) fn path(&self, position: usize) -> &'a OutputPath {
        self.paths[position]
    }

    pub(in crate::check) fn refer_to(&self, position: usize) {
        // Thousands of pages link to the same few: reading is cheaper than writing.
        if !self.referenced[position].load(Ordering::Relaxed) {
            self.referenced[position].store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_referenced(&self, path: &str) -> bool {
        self.positions.get(path).is_some_and(|position| self.referenced[*position].load(Ordering::Relaxed))
    }

    /// Notes an address on another site. What an editor wrote goes before what a page shows.
    pub(super) fn note_external(&self, address: &str, place: Place) {
        let address = address.split('#').next().unwrap_or_default();
        let address = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
        let mut external = self.external.lock().unwrap_or_else(PoisonError::into_inner);
        let known = external.entry(address).or_insert_with(|| place.clone());
        if place < *known {
            *known = place;
        }
    }

    pub(super) fn note_anchor(&self, anchor: Anchor) {
        self.anchors.lock().unwrap_or_else(PoisonError::into_inner).push(anchor);
    }

    /// Where a link of a page leads.
    pub(in crate::check) fn lead(&self, link: &str, from: &OutputPath) -> Lead {
        let link = link.trim();
        let own_host =
            link.strip_prefix(self.base.origin.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = match own_host {
            Some(rest) => rest,
            None if link.starts_with("//") => return Lead::Outside,
            None => match scheme(link) {
                Some("http" | "https") => return Lead::Outside,
                Some(_) => return Lead::Elsewhere,
                None if link.is_empty() => return Lead::Elsewhere,
                None => link,
            },
        };
        let (path, fragment) = path.split_once('#').map_or((path, None), |(path, fragment)| (path, Some(fragment)));
        let path = path.split('?').next().unwrap_or_default();
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let base = self.base.path.as_str();
        let below: Cow<'_, str> = match decoded.strip_prefix('/') {
            Some(_) => match decoded.strip_prefix(base) {
                Some(below) => below.into(),
                // The base path without its `/` is answered too.
                None if base.strip_suffix('/') == Some(&decoded) => "".into(),
                None => return Lead::Elsewhere,
            },
            None if path.is_empty() && own_host.is_none() => from.as_str().into(),
            None if path.is_empty() => return Lead::Elsewhere,
            None => {
                let folder = from.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
                let Some(path) = joined(folder, &decoded) else { return Lead::Elsewhere };
                path.into()
            }
        };
        let fragment = fragment.filter(|fragment| !matches!(*fragment, "" | "top"));
        let fragment = fragment.map(|fragment| percent_decode_str(fragment).decode_utf8_lossy().into_owned());
        self.position(&below).map_or(Lead::Nowhere, |position| Lead::Inside(position, fragment))
    }

    /// The output that answers a path, as a web server maps it.
    fn position(&self, path: &str) -> Option<usize> {
        if !path.is_empty() && !path.ends_with('/') {
            let plain = self.positions.get(path).copied();
            return plain.or_else(|| self.positions.get(format!("{path}/index.html").as_str()).copied());
        }
        self.positions.get(format!("{path}index.html").as_str()).copied()
    }
}

/// The scheme of an address, if it has one; in lower case where it is one of the web's.
fn scheme(link: &str) -> Option<&str> {
    let end = link.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c))?;
    let is_scheme = link[end..].starts_with(':') && link.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = is_scheme.then(|| &link[..end])?;
    Some(["http", "https"].into_iter().find(|web| name.eq_ignore_ascii_case(web)).unwrap_or(name))
}

/// A relative path, counted from a folder; `None` where it leads out of the site.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let (folders, last) = path.rsplit_once('/').map_or(("", path), |(folders, last)| (folders, last));
    for part in folders.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    match last {
        "." => parts.push(""),
        ".." => {
            parts.pop()?;
            parts.push("");
        }
        last => parts.push(last),
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey<'a>(base: &'a BaseUrl, paths: &'a [OutputPath]) -> Survey<'a> {
        let positions = paths.iter().enumerate().map(|(position, path)| (path.as_str(), position)).collect();
        let (paths, referenced) = (paths.iter().collect(), Vec::new());
        Survey { base, paths, positions, referenced, anchors: Mutex::default(), external: Mutex::default() }
    }

    #[test]
    fn links_lead_inside_outside_or_nowhere() {
        let base = BaseUrl::parse("https://example.org/wenming/").expect("an address");
        let paths = ["index.html", "news/index.html", "news/2026/a.html", "news/图.svg"];
        let paths = paths.map(|path| OutputPath::from_manifest(path).expect("a path"));
        let survey = survey(&base, &paths);
        let inside = |position| Lead::Inside(position, None);
        let cases = [
            ("/wenming/", inside(0)),
            ("/wenming", inside(0)),
            ("/wenming/news/", inside(1)),
            ("/wenming/news", inside(1)),
            ("https://example.org/wenming/news/?page=2", inside(1)),
            ("/wenming/news/%E5%9B%BE.svg", inside(3)),
            ("../图.svg", inside(3)),
            ("../../", inside(0)),
            ("a.html", inside(2)),
            ("#", inside(2)),
            ("#%E7%94%B2", Lead::Inside(2, Some("甲".into()))),
            ("?a=1", inside(2)),
            ("/wenming/news/#甲", Lead::Inside(1, Some("甲".into()))),
            ("b.html", Lead::Nowhere),
            ("/wenming/b.html", Lead::Nowhere),
            ("/wenmings/b.html", Lead::Elsewhere),
            ("/other/", Lead::Elsewhere),
            ("../../../other/", Lead::Elsewhere),
            ("mailto:a@example.org", Lead::Elsewhere),
            ("javascript:void(0)", Lead::Elsewhere),
            ("", Lead::Elsewhere),
            ("HTTPS://example.com/", Lead::Outside),
            ("//example.com/a.js", Lead::Outside),
            ("https://example.org.evil.example/", Lead::Outside),
        ];
        for (link, expected) in cases {
            assert_eq!(survey.lead(link, &paths[2]), expected, "{link}");
        }
    }
}
