//! What a reader meets: every link of every page leads somewhere.

use std::collections::{BTreeMap, BTreeSet};

/// Links that lead to no file, as `page -> link`, on all pages that can be reached from the home page or from a page that a reader
/// may have known before.
pub fn dead_links(files: &BTreeMap<String, Vec<u8>>, known: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut waiting: Vec<String> = known.keys().filter(|path| files.contains_key(*path)).cloned().collect();
    waiting.push("index.html".to_owned());
    let (mut seen, mut dead) = (BTreeSet::new(), Vec::new());
    while let Some(path) = waiting.pop() {
        let Some(bytes) = files.get(&path).filter(|_| path.ends_with(".html") && seen.insert(path.clone())) else {
            continue;
        };
        for link in links(&String::from_utf8_lossy(bytes)) {
            match resolve(&path, &link) {
                Some(target) if files.contains_key(&target) => waiting.push(target),
                Some(_) => dead.push(format!("{path} -> {link}")),
                None => {}
            }
        }
    }
    dead
}

/// The values of `href` and `src`.
pub fn links(html: &str) -> Vec<String> {
    let after = [" href=\"", " src=\""].into_iter().flat_map(|name| html.split(name).skip(1));
    after.filter_map(|rest| Some(rest.split_once('"')?.0.replace("&amp;", "&"))).collect()
}

/// The file that a link on a page means; `None` where it leaves the site.
pub fn resolve(page: &str, link: &str) -> Option<String> {
    let link = link.strip_prefix("https://www.example.org").unwrap_or(link);
    let link = link.split(['#', '?']).next().unwrap_or_default();
    if link.is_empty() || link.contains(':') || link.starts_with("//") {
        return None;
    }
    let mut parts: Vec<&str> = match link.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => page.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect()),
    };
    for part in link.trim_start_matches('/').split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut target = parts.join("/");
    if link.ends_with('/') {
        target = if target.is_empty() { "index.html".to_owned() } else { format!("{target}/index.html") };
    }
    let bytes = percent_decoded(&target);
    Some(String::from_utf8(bytes).unwrap_or(target))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    bytes
}
