//! Where links lead and resources come from: hosts that look like those of spam, and hosts that are not the site's.

use std::ops::Range;

use super::super::css;
use super::super::html::{Attribute, Document};
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::{Context, ItemFile, Page};
use crate::diagnostic::{FilePath, Place, Text};
use crate::parse::passages::Kind;

pub const SUSPICIOUS_HOST: Rule =
    Rule::warning(Family::Injection, "suspicious-host", "可疑的网址", "an address like those of spam");
pub const DISGUISED_LINK: Rule = Rule::error(
    Family::Injection,
    "disguised-link",
    "显示一个网址，却通向另一个网站",
    "a link that shows another address",
);
pub const FOREIGN_SCRIPT: Rule =
    Rule::error(Family::Injection, "foreign-script", "引用了外站的脚本、样式或框架", "code from another site");
pub const FOREIGN_RESOURCE: Rule =
    Rule::warning(Family::Injection, "foreign-resource", "引用了外站的图片或音视频", "a picture from another site");

/// Hosts that links may lead to without a word, with all hosts below them.
pub struct Hosts {
    known: Vec<String>,
}

/// Hosts of the state, of its media, and of the services that office sites link to.
const TRUSTED: [&str; 36] = [
    "gov.cn",
    "edu.cn",
    "mil.cn",
    "conac.cn",
    "wenming.cn",
    "people.com.cn",
    "people.cn",
    "xinhuanet.com",
    "news.cn",
    "cctv.com",
    "cntv.cn",
    "chinanews.com.cn",
    "gmw.cn",
    "ce.cn",
    "12371.cn",
    "12377.cn",
    "xuexi.cn",
    "eastday.com",
    "weibo.com",
    "weibo.cn",
    "qq.com",
    "baidu.com",
    "bdimg.com",
    "bdstatic.com",
    "cnzz.com",
    "qzone.com",
    "douban.com",
    "amap.com",
    "w3.org",
    "schema.org",
    "adobe.com",
    // Forms to fill in.
    "wjx.top",
    "wjx.cn",
    "jsj.top",
    "jinshuju.net",
    "jinshuju.com",
];

impl Hosts {
    /// The site's own host and those that `check.allowed_hosts` names.
    pub fn of_site(context: &Context<'_>) -> Self {
        let registry = context.registry();
        let own = std::iter::once(registry.base_url.host.as_str());
        let allowed = registry.check.allowed_hosts.iter().map(String::as_str);
        Self { known: own.chain(allowed).map(str::to_ascii_lowercase).collect() }
    }

    /// The host that a page of somebody else names as its own, in the tag that inspectors look for.
    pub fn of_page(document: &Document) -> Self {
        let tags = document.named("meta").map(|(_, element)| element);
        let mut named =
            tags.filter(|tag| tag.attribute("name").is_some_and(|it| it.eq_ignore_ascii_case("SiteDomain")));
        let host = named.next().and_then(|tag| tag.attribute("content")).map(|host| host.trim().to_ascii_lowercase());
        let host = host.map(|host| host.strip_prefix("www.").unwrap_or(&host).to_owned());
        Self { known: host.into_iter().filter(|host| host.contains('.')).collect() }
    }

    pub fn is_own(&self, host: &str) -> bool {
        self.known.iter().any(|known| is_below(host, known))
    }

    /// Whether a link there needs no look.
    pub fn is_known(&self, host: &str) -> bool {
        self.is_own(host) || TRUSTED.iter().any(|known| is_below(host, known))
    }
}

fn is_below(host: &str, known: &str) -> bool {
    host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The host of an address that names one, in lower case; the others belong to the site itself.
pub fn host_of(address: &str) -> Option<String> {
    let address = address.trim();
    let start = address.get(..address.find([':', '/', '\\'])?).unwrap_or_default();
    let rest = match start.to_ascii_lowercase().as_str() {
        "http" | "https" | "ftp" => address[start.len()..].strip_prefix(':')?,
        "" => address,
        _ => return None,
    };
    // Browsers take `\` for `/`.
    let rest = rest.strip_prefix(['/', '\\'])?.strip_prefix(['/', '\\'])?.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.find(']') {
        Some(end) => &host[..=end],
        None => host.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}

/// Why a host looks like those of spam.
pub fn suspicion(host: &str) -> Option<Text> {
    if host.starts_with('[') || is_ip_address(host) {
        return Some(Text::new("只有 IP 地址，没有域名", "an IP address, not a name"));
    }
    let (name, domain) = host.rsplit_once('.')?;
    if ODD_DOMAINS.contains(&domain) {
        return Some(Text::new(
            format!(".{domain} 域名几乎不要钱，常被用来挂暗链"),
            format!(".{domain} names cost next to nothing"),
        ));
    }
    let name = SECOND_LEVELS.iter().find_map(|second| name.strip_suffix(second)?.strip_suffix('.')).unwrap_or(name);
    let label = name.rsplit('.').next().unwrap_or(name);
    if label.starts_with("xn--") && !domain.starts_with("xn--") {
        return Some(Text::new("用特殊字符冒充普通域名", "a name of special characters"));
    }
    is_mostly_digits(label).then(|| Text::new("域名里数字太多", "a name full of digits"))
}

/// Top-level domains that such sites use.
const ODD_DOMAINS: [&str; 28] = [
    "top", "vip", "xyz", "cc", "icu", "bet", "win", "club", "pw", "tk", "ml", "ga", "cf", "gq", "loan", "casino",
    "sex", "xxx", "porn", "buzz", "cyou", "sbs", "lol", "bond", "cfd", "rest", "poker", "ws",
];
const SECOND_LEVELS: [&str; 6] = ["com", "net", "org", "co", "gov", "edu"];

fn is_ip_address(host: &str) -> bool {
    let numbers: Vec<&str> = host.split('.').collect();
    numbers.len() == 4 && numbers.iter().all(|number| number.parse::<u8>().is_ok())
}

/// `js5500`, `bet36588`, `7788123`; but not a year (`expo2010`) or a service number (`12345`, `10086`).
fn is_mostly_digits(label: &str) -> bool {
    let runs = label.split(|c: char| !c.is_ascii_digit());
    let is_year = |run: &str| run.len() == 4 && (run.starts_with("19") || run.starts_with("20"));
    let is_service =
        |run: &str| run.len() == 5 && ["10", "11", "12", "95", "96"].iter().any(|begin| run.starts_with(begin));
    let digits: usize = runs.filter(|run| !is_year(run) && !is_service(run)).map(str::len).sum();
    let has_letters = label.bytes().any(|byte| byte.is_ascii_alphabetic());
    digits >= if has_letters { 4 } else { 6 } && digits * 5 >= label.len() * 2
}

fn suspicious(place: Place, host: &str, written: &str, why: &Text) -> Finding {
    let message = Text::new(
        format!("这个网址可疑：{host}（{}）", why.zh),
        format!("the address {host} is suspicious: {}", why.en),
    );
    SUSPICIOUS_HOST.finds(place, written, message).help(
        "不是本单位放的就删去；确实要链接的，把域名写进 site.yaml 的 check.allowed_hosts（允许的网站）",
        "remove it unless your office put it there; else add the host to check.allowed_hosts in site.yaml",
    )
}

fn judge(address: &str, hosts: &Hosts, place: impl FnOnce() -> Place) -> Option<Finding> {
    let host = host_of(address).filter(|host| !hosts.is_known(host))?;
    let why = suspicion(&host)?;
    Some(suspicious(place(), &host, &host, &why))
}

/// A link whose text is an address of one site and which leads to another. Where that is known, nobody is deceived: one service
/// has several addresses.
fn disguised(text: &str, target: &str, hosts: &Hosts, place: impl FnOnce() -> Place) -> Option<Finding> {
    let shown = shown_host(text)?;
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let is_other = match host_of(target) {
        Some(leads_to) => {
            !hosts.is_known(&leads_to) && !is_below(&leads_to, &bare(&shown)) && !is_below(&shown, &bare(&leads_to))
        }
        // A page of the site itself, or a call or letter. Where only `https://` is missing, the build says so.
        None => !target.contains(':') && !hosts.is_own(&shown) && shown_host(target).is_none(),
    };
    let leads_to = host_of(target).unwrap_or_else(|| target.to_owned());
    let message = Text::new(
        format!("显示的网址是 {shown}，点开却是 {leads_to}"),
        format!("it shows {shown}, and leads to {leads_to}"),
    );
    is_other.then(|| {
        DISGUISED_LINK.finds(place(), text, message).help(
            "不是本单位放的就删去；写错了的，把显示的文字和网址改成一致，或把文字换成网站的名称",
            "remove it unless your office put it there; else let both agree, or write the site's name as its text",
        )
    })
}

/// The host of a text that is an address and nothing else: `https://www.gov.cn/`, `www.gov.cn`, `wenming.cn/a`.
fn shown_host(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(|c: char| !c.is_ascii_graphic() || c == '@') {
        return None;
    }
    host_of(text).or_else(|| {
        let host = text.split(['/', '?', '#', ':']).next()?.to_ascii_lowercase();
        let is_name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        let is_domain = [".cn", ".com", ".net", ".org"].iter().any(|end| host.ends_with(end));
        (is_name(&host) && is_domain && !host.starts_with('.')).then_some(host)
    })
}

/// The links of an item's body, and the addresses in its front matter.
pub fn of_item(item: &ItemFile<'_>, hosts: &Hosts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for passage in &item.text.passages {
        if matches!(passage.kind, Kind::Value(_)) {
            let whole = 0..passage.text.len();
            findings.extend(judge(&passage.text, hosts, || passage.place(item.file(), &whole)));
        }
        for (part, target) in &passage.links {
            let place = || passage.place(item.file(), part);
            findings.extend(judge(target, hosts, place));
            findings.extend(disguised(&passage.text[part.clone()], target, hosts, place));
        }
    }
    findings
}

/// All addresses of a page that a browser or a reader would follow.
pub fn of_page(page: &Page<'_>, hosts: &Hosts) -> Vec<Finding> {
    let followed = page.document.elements.iter().filter_map(|element| {
        let name = match element.name.as_str() {
            "a" | "area" | "link" => "href",
            "form" => "action",
            _ => "src",
        };
        element.find(name)
    });
    followed.filter_map(|it| judge(&it.value, hosts, || page.place(&it.span))).collect()
}

/// What a page of ours loads from other sites.
pub fn resources(page: &Page<'_>, hosts: &Hosts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, element) in page.document.elements.iter().enumerate() {
        let loaded: Option<(&Attribute, &Rule)> = match element.name.as_str() {
            "script" | "iframe" | "embed" | "frame" => element.find("src").map(|it| (it, &FOREIGN_SCRIPT)),
            "object" => element.find("data").map(|it| (it, &FOREIGN_SCRIPT)),
            "link" if is_loaded(element.attribute("rel")) => element.find("href").map(|it| (it, &FOREIGN_SCRIPT)),
            "img" | "audio" | "video" | "source" | "track" | "input" => {
                element.find("src").map(|it| (it, &FOREIGN_RESOURCE))
            }
            _ => None,
        };
        if let Some((it, rule)) = loaded
            && host_of(&it.value).is_some_and(|host| !hosts.is_own(&host))
        {
            findings.push(foreign_resource(rule, page.place(&it.span), &it.value));
        }
        if element.name == "style" {
            for text in page.document.texts.iter().filter(|text| text.parent == id) {
                findings.extend(
                    imports(&text.text, hosts)
                        .map(|(_, address)| foreign_resource(&FOREIGN_SCRIPT, page.place(&text.span), address)),
                );
            }
        }
    }
    findings
}

/// The scripts that a page of somebody else runs from hosts that nobody knows.
pub fn foreign_scripts(page: &Page<'_>, hosts: &Hosts) -> Vec<Finding> {
    let scripts = page.document.named("script").filter_map(|(_, element)| element.find("src"));
    let foreign = scripts.filter(|it| host_of(&it.value).is_some_and(|host| !hosts.is_known(&host)));
    foreign.map(|it| foreign_resource(&FOREIGN_SCRIPT, page.place(&it.span), &it.value)).collect()
}

fn is_loaded(rel: Option<&str>) -> bool {
    let loaded = ["stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest"];
    rel.is_some_and(|rel| rel.split_ascii_whitespace().any(|word| loaded.contains(&word.to_ascii_lowercase().as_str())))
}

/// What a style sheet loads from other sites.
pub fn of_style_sheet(file: &FilePath, text: &str, hosts: &Hosts) -> Vec<Finding> {
    let found = imports(text, hosts);
    found.map(|(span, address)| foreign_resource(&FOREIGN_SCRIPT, Place::bytes(file, span), address)).collect()
}

/// The addresses of `@import` and `url(…)` that lead elsewhere.
fn imports<'c>(text: &'c str, hosts: &'c Hosts) -> impl Iterator<Item = (Range<usize>, &'c str)> {
    let unquote = |text: &'c str| text.trim().trim_matches(['"', '\'']).trim();
    let urls = text.match_indices("url(").filter_map(move |(at, open)| {
        let start = at + open.len();
        let inner = text[start..].split(')').next()?;
        Some((start..start + inner.len(), unquote(inner)))
    });
    let imports = css::imports(text).into_iter().filter_map(move |(at, statement)| {
        let open = statement.find(['"', '\''])?;
        let quote = statement[open..].chars().next()?;
        let inner = statement[open + 1..].split(quote).next()?;
        // `@import url("…")` is one of the first kind.
        let is_new = !statement[..open].contains("url(");
        is_new.then(|| (at + open + 1..at + open + 1 + inner.len(), inner))
    });
    urls.chain(imports).filter(|(_, address)| host_of(address).is_some_and(|host| !hosts.is_own(&host)))
}

fn foreign_resource(rule: &'static Rule, place: Place, address: &str) -> Finding {
    let host = host_of(address).unwrap_or_default();
    let message = if rule.code == FOREIGN_SCRIPT.code {
        Text::new(
            format!("网页运行或套用 {host} 的代码，对方一改，本站就变"),
            format!("the page runs code of {host}, which can change it at will"),
        )
    } else {
        Text::new(format!("网页显示 {host} 的文件，对方删改，本站就变"), format!("the page shows a file of {host}"))
    };
    rule.finds(place, address, message).help(
        "把文件存到本站再引用；确实要用外站的，把域名写进 site.yaml 的 check.allowed_hosts（允许的网站）",
        "keep the file on the site itself, or add the host to check.allowed_hosts in site.yaml",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_host() {
        let check = |address, expected: Option<&str>| assert_eq!(host_of(address).as_deref(), expected, "{address}");
        check("http://Example.org/a", Some("example.org"));
        check("//example.org", Some("example.org"));
        check(" https:\\\\example.org:8080?x ", Some("example.org"));
        check("https://user:secret@example.org/", Some("example.org"));
        check("https://[::1]:80/", Some("[::1]"));
        check("/a//b", None);
        check("a.html", None);
        check("mailto:a@example.org", None);
        check("javascript://example.org/%0a", None);
        check("#", None);
        check("", None);
    }

    #[test]
    fn a_link_leads_to_the_site_that_it_shows() {
        let hosts = Hosts { known: vec!["example.org".to_owned()] };
        let check = |text, target, expected: bool| {
            let found = disguised(text, target, &hosts, || Place::file(&FilePath::new("a.md")));
            assert_eq!(found.is_some(), expected, "{text} {target}");
        };
        for (text, target) in [
            ("https://www.gov.cn/", "https://example.net/"),
            ("www.gov.cn", "https://gov.cn.example.net/a"),
            ("wenming.cn/a", "/news/"),
        ] {
            check(text, target, true);
        }
        for (text, target) in [
            ("https://www.gov.cn/", "http://gov.cn/a"),
            ("weibo.com/wmsh", "https://m.weibo.cn/u/1"),
            ("gov.cn", "https://www.jingan.gov.cn/"),
            ("www.jingan.gov.cn", "https://jingan.gov.cn/"),
            ("https://example.org/news/", "/news/"),
            ("a@wenming.cn", "mailto:a@wenming.cn"),
            ("名单.docx", "files/a.docx"),
            ("a.com.zip", "files/a.zip"),
            ("www.gov.cn", "www.gov.cn/a"),
            ("中国文明网", "http://www.wenming.cn/"),
        ] {
            check(text, target, false);
        }
    }

    #[test]
    fn hosts_of_spam_look_odd() {
        let check = |host, expected| assert_eq!(suspicion(host).is_some(), expected, "{host}");
        for odd in ["a.vip", "www.example-8.top", "10.0.0.8", "js5500.com", "www.bet36588.net", "7788123.com"] {
            check(odd, true);
        }
        for odd in ["xn--80ak6aa92e.com", "[::1]", "hg0088.com.cn", "m.998877a.cn"] {
            check(odd, true);
        }
        for plain in ["example.org", "www.12345.cn", "10086.cn", "www.163.com", "hangzhou2022.cn", "expo2010.net"] {
            check(plain, false);
        }
        for plain in ["51job.com", "hao123.com", "4399.com", "xn--abc.xn--fiqs8s", "localhost", "1688.com", "360.cn"] {
            check(plain, false);
        }
    }

    #[test]
    fn a_known_host_covers_those_below_it() {
        let hosts = Hosts { known: vec!["example.org".to_owned()] };
        assert!(hosts.is_known("www.example.org"));
        assert!(hosts.is_known("www.jingan.gov.cn"));
        assert!(!hosts.is_known("badexample.org"));
        assert!(!hosts.is_known("gov.cn.example.net"));
    }

    #[test]
    fn a_style_sheet_loads_by_import_and_url() {
        let hosts = Hosts { known: vec!["example.org".to_owned()] };
        let css = "@import \"//a.example.net/x.css\"; @import url('https://b.example.net/y.css'); \
                   a{background:url(/own.png)} b{background:url( http://c.example.net/z.png )} i{background:url(//example.org/a)}";
        let found: Vec<&str> = imports(css, &hosts).map(|(_, address)| address).collect();
        assert_eq!(found, ["https://b.example.net/y.css", "http://c.example.net/z.png", "//a.example.net/x.css"]);
    }
}
