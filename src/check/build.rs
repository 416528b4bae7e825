//! What building a site reports, as rules: a check tells it too, and `site.yaml` may make it graver or less grave there.
//!
//! The messages themselves are those of [`crate::diagnostic::catalogue`]; here is a name for each of its codes. A build
//! is never made laxer by this: what stops it, stops it. `missing-file` is a rule of the links as well, and stands there.

use super::rule::{Family, Rule};

const fn error(code: &'static str, zh: &'static str, en: &'static str) -> Rule {
    Rule::error(Family::Site, code, zh, en)
}

const fn warning(code: &'static str, zh: &'static str, en: &'static str) -> Rule {
    Rule::warning(Family::Site, code, zh, en)
}

/// In the order of the catalogue.
pub const RULES: &[Rule] = &[
    error("no-front-matter", "文件开头没有信息区", "a file without front matter"),
    error("unclosed-front-matter", "信息区没有结束", "front matter that does not end"),
    error("not-keys", "信息区里有不是“名称: 内容”的行", "front matter that is no keys and values"),
    error("full-width-colon", "名称后面用了全角冒号", "a full-width colon behind a key"),
    error("tab-indentation", "信息区行首用了制表符", "tabs that indent front matter"),
    error("ideographic-space", "信息区里有全角空格或看不见的字符", "full-width or invisible spaces in front matter"),
    error("missing-space", "名称的冒号后面少了空格", "no space behind a key's colon"),
    error("unquoted-colon", "内容里有冒号加空格，却没有加引号", "a colon and a space in a value without quotes"),
    error(
        "unquoted-start",
        "内容以特殊符号开头，却没有加引号",
        "a special character that begins a value without quotes",
    ),
    error("broken-yaml", "信息区或设置读不懂", "YAML that cannot be read"),
    error("duplicate-key", "同一项写了两次", "a key that stands twice"),
    error("full-width-comma", "括号里用了全角逗号", "a full-width comma in brackets"),
    error("unclosed-quote", "没有配对的英文双引号", "a double quote that is not closed"),
    error("missing-colon", "没有冒号的一行", "a line without a colon"),
    error("unclosed-bracket", "信息区里的括号没有成对", "a bracket that is not closed"),
    warning("hash-in-value", "# 后面的内容被当作注释", "a value that is cut off at a #"),
    error("invalid-utf8", "文件不是 UTF-8 编码", "a file that is not in UTF-8"),
    error("unknown-key", "没有这一项", "an unknown key"),
    error("secret-in-settings", "密码写在了 site.yaml 里", "a secret in site.yaml"),
    error("missing-key", "缺少必填的项", "a key that is missing or empty"),
    error("wrong-type", "内容的形式不对", "a value of the wrong type"),
    error("unknown-value", "不在可选范围内的内容", "a value that is not among those allowed"),
    error("bad-date", "读不懂的日期", "a date that cannot be read"),
    error("impossible-date", "不存在的日期或时间", "a date or time that does not exist"),
    error("title-line-break", "标题里有换行", "a line break in a title"),
    error("unpaired-book-marks", "标题里的书名号没有成对", "book title marks that are not in pairs"),
    error("bad-slug", "网址名里有不能用的字符", "a slug that cannot stand in an address"),
    error("bad-alias", "旧网址不是网站内的地址", "an alias that is no address of the site"),
    error("cover-without-alt", "封面图没有文字说明", "a cover without a text"),
    error("updated-before-date", "更新时间早于发布时间", "an update before the publication"),
    error("parts-do-not-add-up", "各部分相加与总数不等", "parts that do not add up"),
    error("deadline-after-start", "报名截止晚于服务开始", "a deadline after the start of the service"),
    error("reversed", "结束早于开始", "an end before its start"),
    error("service-too-long", "服务时间超过一年", "a service of more than a year"),
    error("shifts-do-not-tile", "24 小时轮班没有排满", "round-the-clock shifts with gaps"),
    error("bad-time", "读不懂的钟点", "a time of day that cannot be read"),
    error("no-way-to-apply", "没有写怎样报名", "no way to apply"),
    error("no-feedback", "公示没有写怎样反映意见", "a public comment without a way to respond"),
    error("risk-without-insurance", "有风险的活动没有保险", "a risky activity without insurance"),
    error("age-reversed", "最小年龄大于最大年龄", "a lowest age above the highest"),
    error("unknown-district", "没有这个区域", "an unknown district"),
    error("ambiguous-district", "有几个区域同名", "a district's name that several have"),
    error("unknown-topic", "没有这个主题", "an unknown topic"),
    error("unknown-column", "文件夹不是栏目", "a folder that is no column"),
    error("unknown-type", "没有这种内容类型", "an unknown type of content"),
    error("type-mismatch", "别的类型才有的项", "a key of another type of content"),
    error("bad-address", "不完整的网址", "an incomplete web address"),
    error("bad-host", "不是主机名", "no name of a host"),
    error("bad-email", "不是邮箱地址", "no mail address"),
    error("bad-phone", "没有号码的电话", "a telephone without a number"),
    error("comma-in-number", "写了逗号的数字", "a number with a comma"),
    error("dead-link", "链接指向的页面不存在", "a link to a page that does not exist"),
    error("dead-anchor", "链接指向的小标题不存在", "a link to a heading that does not exist"),
    error("link-to-unpublished", "链接指向还没有发布的内容", "a link to what is not published"),
    error("same-address", "两个页面的网址相同", "one address for two pages"),
    warning("symbolic-link", "没有读取的符号链接", "a symbolic link that is not read"),
    warning("special-file", "没有读取的特殊文件", "a file that is no plain one"),
    warning("hidden-ending", "以 .md.txt 结尾的文件", "a file that ends in .md.txt"),
    warning("odd-file-name", "读不了的文件名", "a file name that cannot be read"),
    warning("removed-html", "正文里去掉了不允许的 HTML", "HTML that was removed from a body"),
    warning("full-width-bracket", "圆括号是全角的链接或图片", "a link or picture in full-width brackets"),
    warning("space-in-address", "地址里有空格的链接或图片", "a link or picture with a space in its address"),
    warning(
        "title-in-other-quotes",
        "图注不在英文引号里的图片",
        "a link or picture whose title is not in plain quotes",
    ),
    warning("not-a-heading", "没有生效的小标题", "a heading that has no effect"),
    error("unsafe-link", "链接的开头不允许使用", "a link of a scheme that is not allowed"),
    warning("undefined-footnote", "没有写内容的脚注", "a footnote without a text"),
    warning("unused-footnote", "没有引用的脚注", "a footnote that nothing refers to"),
    warning("unbalanced-tag", "没有成对的 HTML 标签", "an HTML tag without its pair"),
    warning("missing-alt", "正文图片没有文字说明", "a picture without an alternative text"),
    error("no-site-yaml", "没有 site.yaml", "no site.yaml"),
    error("bad-base-url", "网站的网址不完整", "an incomplete base URL"),
    error("unknown-time-zone", "没有这个时区", "an unknown time zone"),
    error("bad-permalink", "不能用的网址格式", "a permalink that cannot be used"),
    error("duplicate-name", "名字用了两次", "a name that is used twice"),
    error("unknown-theme", "没有这个主题模板", "an unknown theme"),
    error("template-error", "主题模板有误", "a mistake in a template"),
    error("missing-asset", "主题里没有这个文件", "an asset that the theme does not have"),
];
