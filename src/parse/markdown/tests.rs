//! The body's HTML as a specification: what an editor writes, and what the page holds.

use super::*;

/// As [`super::parse`], for a text that makes a file of its own.
fn parse(markdown: &str, body_start: usize) -> Parsed {
    super::parse(markdown, body_start, Fingerprint::of_bytes(markdown.as_bytes()))
}

/// Parses, fills every hole with the target itself and compares.
#[track_caller]
fn check(name: &str, markdown: &str, expected: &str) {
    assert_eq!(html(markdown).trim(), expected, "{name}");
}

fn html(markdown: &str) -> String {
    let Parsed { body, .. } = parse(markdown, 0);
    body.html.fill(|link, attributes| {
        let Link { target, role, .. } = &body.links[link];
        attributes.push_str(&format!(" {}=\"{target}\"", role.attribute()));
    })
}

/// One paragraph with this content.
#[track_caller]
fn check_line(markdown: &str, expected: &str) {
    check(markdown, markdown, &format!("<p>{expected}</p>"));
}

/// The findings as text: what was marked, and why.
#[track_caller]
fn check_findings(markdown: &str, expected: &[(&str, FindingKind)]) {
    // The bytes before the body show that spans count from the file's start.
    let file = format!("---\n{markdown}");
    let Parsed { findings, .. } = parse(markdown, 4);
    let found: Vec<_> = findings
        .into_iter()
        .map(|finding| (&file[finding.span.start as usize..finding.span.end as usize], finding.kind))
        .collect();
    assert_eq!(found, expected, "{markdown}");
}

#[test]
fn braces_at_the_end_of_a_heading_are_text_unless_they_name_it() {
    let check = |markdown, id: &str, text: &str| {
        let Parsed { body, .. } = parse(markdown, 0);
        let heading = Heading { level: 2, id: id.to_owned(), text: text.to_owned() };
        assert_eq!((body.html.outline(), html(markdown).contains(text)), (&[heading][..], true), "{markdown}");
    };
    check("## 管理办法 {试行}", "管理办法-试行", "管理办法 {试行}");
    check("## 名单{20人} ##", "名单20人", "名单{20人}");
    check("办法{草案}\n---", "办法草案", "办法{草案}");
    check("## 管理办法 {#banfa}", "banfa", "管理办法");
}

#[test]
fn a_definition_that_no_link_refers_to_is_told() {
    let unused = |name: &str| FindingKind::UnusedDefinition(name.to_owned());
    check_findings("甲。\n\n[备注]: 自行填写\n\n乙。", &[("[备注]: 自行填写", unused("备注"))]);
    check_findings("[时间]: 12月\n[地点]:中心", &[("[时间]: 12月", unused("时间")), ("[地点]:中心", unused("地点"))]);
    check_findings("见[官网][a]和[b]。\n\n[A]: https://www.example.org\n[b]: https://www.example.org", &[]);
}

#[test]
fn emphasis_beside_chinese_punctuation() {
    check_line("**文字（注）**后文", "<strong>文字（注）</strong>后文");
    check_line("**《倡议书》**公开", "<strong>《倡议书》</strong>公开");
    check_line("前文**《倡议书》**公开", "前文<strong>《倡议书》</strong>公开");
    check_line("2026**“十四五”**规划", "2026<strong>“十四五”</strong>规划");
    check_line("**A。**B**C。**D", "<strong>A。</strong>B<strong>C。</strong>D");
    check_line(
        "**これは太字になりません。**ご注意ください。",
        "<strong>これは太字になりません。</strong>ご注意ください。",
    );
    check_line(
        "カッコに注意**（太字にならない）**文が続く場合に要警戒。",
        "カッコに注意<strong>（太字にならない）</strong>文が続く場合に要警戒。",
    );
    check_line("**[链接](a)**也行", "<strong><a href=\"a\">链接</a></strong>也行");
    check_line("先**[链接](a)**也行", "先<strong><a href=\"a\">链接</a></strong>也行");
    check_line("请用**`git`**命令", "请用<strong><code>git</code></strong>命令");
    check_line("**先来后到。**请", "<strong>先来后到。</strong>请");
    check_line("太郎は**「こんにちわ」**といった", "太郎は<strong>「こんにちわ」</strong>といった");
    check_line("太郎は\"**こんにちわ**\"といった", "太郎は\"<strong>こんにちわ</strong>\"といった");
    check_line("*斜体（注）*后文", "<em>斜体（注）</em>后文");
    check_line("***重点！***后文", "<em><strong>重点！</strong></em>后文");
    check_line("~~作废（旧）~~后文", "<del>作废（旧）</del>后文");
    check_line("**스크립트(script)**라고", "<strong>스크립트(script)</strong>라고");
    check_line("**中文**English**中文。**English", "<strong>中文</strong>English<strong>中文。</strong>English");
    check_line("价格为**￥100**起", "价格为<strong>￥100</strong>起");
    check_line("**第一，**第二，**第三，**完", "<strong>第一，</strong>第二，<strong>第三，</strong>完");
    check_line("**“志愿服务”**和**“文明实践”**。", "<strong>“志愿服务”</strong>和<strong>“文明实践”</strong>。");
    check_line("**𠮟（しか）**る", "<strong>𠮟（しか）</strong>る");
    check_line("**说明：***注*", "<strong>说明：</strong><em>注</em>");
}

#[test]
fn emphasis_that_stays_as_the_standard_has_it() {
    check_line("** 文字（注）**后文", "** 文字（注）**后文");
    check_line("\\**文字（注）*后", "*<em>文字（注）</em>后");
    check_line("\\*\\*文字（注）\\*\\*后", "**文字（注）**后");
    check_line("`**《倡议书》**`公开", "<code>**《倡议书》**</code>公开");
    check_line("a * b * c", "a * b * c");
    check_line("snake_case_name", "snake_case_name");
    check_line("**bold(note)**text", "**bold(note)**text");
    check_line("[a](b**（c）**d)", "<a href=\"b**（c）**d\">a</a>");
    check_line("<https://a.cn/**（c）**d>", "<a href=\"https://a.cn/**（c）**d\">https://a.cn/**（c）**d</a>");
    check("fenced code", "```\n**《a》**b ~1~\n```", "<pre><code>**《a》**b ~1~\n</code></pre>");
}

#[test]
fn masked_names_and_marks_of_notes_keep_their_stars() {
    for text in [
        "王**、李**、张**三人获奖。",
        "王**,李**,张**三人获奖。",
        "联系人王**，电话138****1234，李**，电话139****5678。",
        "李**、王**和赵某**获奖。",
        "王**和李**获奖。",
        "志愿者王**与李**、张**三人获奖。",
        "王*、李*、张*。",
        "“王**”和“李**”获评先进。",
        "王**（社区志愿者）、李**（大学生）。",
        "王*（甲）、李*（乙）、张**（丙）参加。",
        "李**同学、王**同学获奖。",
        "*.docx、*.pdf",
        "欧阳**（甲）、诸葛**（乙）",
        "注*：带星号的为示范点。甲点*、乙点*、丙点",
        "*为必填项，**为选填项。",
        "*为必填，*为选填。",
        "王某*、李某**等2人",
        "姓名（*）、电话（*）、“**”为选填",
        "尾号**1234，手机尾号**5678",
        "拟表彰：王*明、李*红。",
        "王**明、李**红获奖",
        "王*明、欧阳*红、李*、张*华",
        "志愿者王*明、李*红获奖。",
        "王*明和李*红，王*明　李*红",
        "王*明同志、李*红同志",
        "王*明（甲）、李*红（乙）",
        "志愿者王**（甲）、李**（乙）",
        "王*明，女，35岁；李*红，男",
        "王*（138*****678）、李*（139*****123）",
        "王**（电话138****1234）、李**（电话139****5678）",
    ] {
        check_line(text, text);
        check_findings(text, &[]);
    }
    assert!(html("|名单|\n|-|\n|王*明、李*红|").contains("王*明、李*红"));
    let cells = html("|名单|王**|李**|\n|-|-|-|\n| 王**、李** |张*|赵*|");
    assert!(!cells.contains("<strong>") && !cells.contains("<em>"), "{cells}");
    check_line("王**、李**、张**三人获奖，**请**带证。", "王**、李**、张**三人获奖，<strong>请</strong>带证。");
    check_line("**联系人：王*，电话138****1234**", "<strong>联系人：王*，电话138****1234</strong>");
    check_line("**（王*）**", "<strong>（王*）</strong>");
    check_line("**张*、王*、李***（不分先后）", "<strong>张*、王*、李*</strong>（不分先后）");
    check_line(
        "**王***荣获一等奖，**李***荣获二等奖。",
        "<strong>王*</strong>荣获一等奖，<strong>李*</strong>荣获二等奖。",
    );
    check_line("***王***荣获", "<em><strong>王</strong></em>荣获");
    check_line("**重点 *强调*，其余**", "<strong>重点 <em>强调</em>，其余</strong>");
    check_line("*王*，*李*", "<em>王</em>，<em>李</em>");
    check_line("**获奖者：王**、李**先生**", "<strong>获奖者：王</strong>、李<strong>先生</strong>");
    check_line("**获奖者：王**、李", "<strong>获奖者：王</strong>、李");
    check_line("**甲**（一）、**乙**（二）", "<strong>甲</strong>（一）、<strong>乙</strong>（二）");
    check_line("，请**（务必）**携带", "，请<strong>（务必）</strong>携带");
    check_line("看**[链接](a)**吧", "看<strong><a href=\"a\">链接</a></strong>吧");
    assert!(html("前文**![图](a)**后文").contains("<strong><img"));
    check_line("**等等……**，“**引文**”。", "<strong>等等……</strong>，“<strong>引文</strong>”。");
    check_line("（**注意**）", "（<strong>注意</strong>）");
    check_line("**获奖者：王*明、李*红**", "<strong>获奖者：王*明、李*红</strong>");
    check_line("**高*明、李*红**", "<strong>高*明、李*红</strong>");
    check_line("**获奖者：王**明、李**红**", "<strong>获奖者：王**明、李**红</strong>");
    check_line("**王**明、**李**红", "<strong>王</strong>明、<strong>李</strong>红");
    check_line("加强**志愿服务**工作，突出*强调*", "加强<strong>志愿服务</strong>工作，突出<em>强调</em>");
    check_line("于**周六、周日**开放", "于<strong>周六、周日</strong>开放");
    check_line("，于**周六、日**开放", "，于<strong>周六、日</strong>开放");
    check_line("适用于**红、黄**两色", "适用于<strong>红、黄</strong>两色");
    check_line("，高**质量、高效率**推进", "，高<strong>质量、高效率</strong>推进");
    check_line("新疆**和田**地区，王家**和李家**", "新疆<strong>和田</strong>地区，王家<strong>和李家</strong>");
    check_line("他说“**重点**”，又说**“引用”**。", "他说“<strong>重点</strong>”，又说<strong>“引用”</strong>。");
    check_line("这是**“引用“**的", "这是<strong>“引用“</strong>的");
    check_line("这是**”引用”**的", "这是<strong>”引用”</strong>的");
}

#[test]
fn stars_in_numbers_are_text() {
    for text in [
        "3*4=12，5*6=30。",
        "桌子规格为120*60*75厘米",
        "6米*4米，另一间5米*3米",
        "60cm*40cm，30cm*20cm",
        "长2米*宽3米，长4米*宽5米，长*宽*高",
        "30元*5人*2天，（3+4）*2=14，（1+2）*3=9",
        "电话：138****1234，139****5678。",
        "请输入*123#查询，或拨打*#06#。",
        "*123#、**21*10086#、*100*1#",
        "3101**********1234，3101**********5678",
        "3101************12X，****5678",
        "张****，李****，沪A*1234、沪B*5678",
    ] {
        check_line(text, text);
        check_findings(text, &[]);
    }
    check_line(
        "共**100**人，**3#楼**集合，**2026年**起",
        "共<strong>100</strong>人，<strong>3#楼</strong>集合，<strong>2026年</strong>起",
    );
    check_line("138**0000**1234", "138<strong>0000</strong>1234");
    check_line("**电话138****1234**", "<strong>电话138****1234</strong>");
    check_line(
        "`3*4` [a](b3*4) <b title=\"3*4\">c</b>",
        "<code>3*4</code> <a href=\"b3*4\">a</a> <b title=\"3*4\">c</b>",
    );
    check("in code", "```a3*4\n5*6\n```", "<pre><code class=\"language-a3*4\">5*6\n</code></pre>");
    let Parsed { body, lead, .. } = parse("## 3*4\n\n5*6", 0);
    assert_eq!((body.html.outline()[0].text.as_str(), lead.as_str()), ("3*4", "5*6"));
}

#[test]
fn a_single_tilde_is_a_range() {
    check_line("9:00~11:00，14:00~17:00", "9:00~11:00，14:00~17:00");
    check_line("[a](/~user/) \\~ `~`", "<a href=\"/~user/\">a</a> ~ <code>~</code>");
}

#[test]
fn sentinels_cannot_be_faked() {
    check_line("a\u{FDD0}b\u{FDD1}c\u{FDD2}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
    check_line("a&#xFDD0;b&#0;c", "ab\u{FFFD}c");
    check_line("图标\u{E000}\u{F8FF}", "图标\u{E000}\u{F8FF}");
    check_line("a\0b\u{1}c", "a\u{FFFD}bc");
    check("in raw HTML", "<b>x</b> href=\"&#xFDD0;0\"", "<p><b>x</b> href=\"0\"</p>");
}

#[test]
fn line_breaks() {
    check_line("中文\n中文", "中文中文");
    check_line("**中**\n文", "<strong>中</strong>文");
    check_line("中\n**（文）**后", "中<strong>（文）</strong>后");
    check_line("中文，\n“引文”", "中文，“引文”");
    check_line("中文\nLatin", "中文\nLatin");
    check_line("Latin\n中文", "Latin\n中文");
    check_line("한국\n한국", "한국\n한국");
    check_line("中文  \n中文", "中文<br>\n中文");
    check_line("中文\\\n中文", "中文<br>\n中文");
    check("carriage returns", "中文\r\n中文\r\n\r\nb", "<p>中文中文</p>\n<p>b</p>");
}

#[test]
fn typed_indents() {
    check_line("　　中文", "中文");
    check_line("&nbsp;&nbsp;中文", "中文");
    check_line("**　　中文**", "**　　中文**");
    check("an indented line is a paragraph", "　　甲。\n　　乙。", "<p>甲。</p>\n<p>乙。</p>");
    check("an empty paragraph", "甲\n\n　　\n\n&nbsp;\n\n乙", "<p>甲</p>\n<p>乙</p>");
}

#[test]
fn headings() {
    let heading = |level: u8, id: &str, text: &str| {
        format!(
            "<h{level} id=\"{id}\">{text}<a class=\"anchor\" href=\"#{id}\" aria-label=\"本节链接\">#</a></h{level}>"
        )
    };
    check("from the text", "## 活动 安排 A/B", &heading(2, "活动-安排-ab", "活动 安排 A/B"));
    check("given", "## 活动 {#Plan}", &heading(2, "Plan", "活动"));
    check("nothing left", "## ！", &heading(2, "section", "！"));
    let twice = [heading(2, "a", "a"), heading(2, "a-2", "a"), heading(2, "a-2-2", "a-2"), heading(2, "a-3", "a")];
    check("unique", "## a\n## a\n## a-2\n## a", &twice.join("\n"));
    let shifted = [heading(3, "b", "b"), heading(2, "a", "a"), heading(6, "c", "c")];
    check("the title stays alone", "## b\n# a\n###### c", &shifted.join("\n"));
    check("ids of notes", "## fn-1", &heading(2, "section-fn-1", "fn-1"));
    let escaped = "<h2 id=\"a&quot;%\">x<a class=\"anchor\" href=\"#a%22%25\" aria-label=\"本节链接\">#</a></h2>";
    check("escaped", "## x {#a\"%}", escaped);
    let Parsed { body, .. } = parse("## **甲** `x` [乙](c)[^1]\n\n[^1]: 注", 0);
    assert_eq!(body.html.outline(), [Heading { level: 2, id: "甲-x-乙".into(), text: "甲 x 乙".into() }]);
}

#[test]
fn pictures() {
    const LAZY: &str = "loading=\"lazy\" decoding=\"async\">";
    check("alone", "![图](a.jpg)", &format!("<figure><img src=\"a.jpg\" alt=\"图\" {LAZY}</figure>"));
    let captioned = format!("<figure><img src=\"a.jpg\" alt=\"图\" {LAZY}<figcaption>注</figcaption></figure>");
    check("with a caption", "![图](a.jpg \"注\")", &captioned);
    let inline = format!("<p>看<img src=\"a.jpg\" alt=\"图\" title=\"注\" {LAZY}</p>");
    check("in a sentence", "看![图](a.jpg \"注\")", &inline);
    let gallery = format!(
        "<div class=\"gallery\">\n<figure><img src=\"a\" alt=\"甲\" {LAZY}</figure>\n<figure><img src=\"b\" alt=\"乙\" {LAZY}</figure>\n</div>"
    );
    check("gallery", "![甲](a)\n![乙](b)", &gallery);
    let linked = format!("<figure><a href=\"b\"><img src=\"a\" alt=\"甲\" {LAZY}</a></figure>");
    check("linked", "[![甲](a)](b)", &linked);
    check("unsafe", "看![图](data:image/png;base64,xx)", "<p>看图</p>");
    check_findings("![](a.jpg)", &[("a.jpg", FindingKind::MissingAlt("a.jpg".into()))]);
    let tag = "<img src=\"a.jpg\">";
    check_findings(tag, &[(tag, FindingKind::TagWithoutAlt("a.jpg".into()))]);
    check_findings("<img src=\"a.jpg\" alt=\"\">", &[]);
}

#[test]
fn links() {
    check_line("[a](b.md \"c&d\")", "<a href=\"b.md\" title=\"c&amp;d\">a</a>");
    check_line("<a@b.cn>", "<a href=\"mailto:a@b.cn\">a@b.cn</a>");
    check_line("[a <https://b.cn>](c)", "<a href=\"c\">a https://b.cn</a>");
    check_line("[a](JavaScript:x)", "a");
    check_line("[a](java&#10;script:x)", "a");
    check_line("[甲](活动:一.md)", "<a href=\"活动:一.md\">甲</a>");
    check_findings("**《a》**b [c](vbscript:d)", &[("vbscript:d", FindingKind::UnsafeScheme("vbscript".into()))]);
    let file = "---\n**《甲》**乙 [丙](b.md) <https://c.cn> [丁][e]\n\n[e]: f.md";
    let Parsed { body, .. } = parse(&file[4..], 4);
    let spans: Vec<_> = body.links.iter().map(|link| &file[link.span.start as usize..link.span.end as usize]).collect();
    assert_eq!(spans, ["b.md", "https://c.cn", "[丁][e]"]);
}

#[test]
fn references_without_an_address_are_found() {
    check_findings(
        "见[名单][1]、[办法][b]\n\n[b]: /news/",
        &[("[名单][1]", FindingKind::UndefinedReference("1".into()))],
    );
    check_findings("[强][OK]、[OK][OK]、[多选][A]", &[]);
    check_findings("1. [单选][必填] 年龄、`[a][1]`、数组a[0][1]", &[]);
}

#[test]
fn footnotes() {
    let expected = "<p>甲<sup class=\"footnote\" id=\"fnref-1\"><a href=\"#fn-1\" role=\"doc-noteref\">1</a></sup>\
        乙<sup class=\"footnote\" id=\"fnref-1-2\"><a href=\"#fn-1\" role=\"doc-noteref\">1</a></sup></p>\n\
        <div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"注释\">\n<ol>\n<li id=\"fn-1\">\n<p>注 \
        <a href=\"#fnref-1\" role=\"doc-backlink\" aria-label=\"返回正文\">↩</a> \
        <a href=\"#fnref-1-2\" role=\"doc-backlink\" aria-label=\"返回正文 2\">↩<sup>2</sup></a></p>\n</li>\n</ol>\n</div>";
    check("twice", "甲[^注]乙[^注]\n\n[^注]: 注", expected);
    check_findings(
        "**《甲》**乙[^a]\n\n[^b]: 注",
        &[("[^a]", FindingKind::UndefinedFootnote("a".into())), ("[^b]:", FindingKind::UnusedFootnote("b".into()))],
    );
    check_findings("\\[^a] `[^b]`", &[]);
}

#[test]
fn tables_and_lists() {
    check(
        "a table",
        "|甲|乙|丙|\n|:-|:-:|-:|\n|1|2|**三（x）**四|",
        "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"表格\">\n<table>\n<thead>\n<tr>\
         <th scope=\"col\" class=\"align-left\">甲</th><th scope=\"col\" class=\"align-center\">乙</th>\
         <th scope=\"col\" class=\"align-right\">丙</th></tr>\n</thead>\n<tbody>\n<tr><td class=\"align-left\">1</td>\
         <td class=\"align-center\">2</td><td class=\"align-right\"><strong>三（x）</strong>四</td></tr>\n</tbody>\n\
         </table>\n</div>",
    );
    check(
        "tasks",
        "- [x] 甲\n- [ ] 乙",
        "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled checked aria-label=\"已完成\"> 甲</li>\n\
         <li class=\"task\"><input type=\"checkbox\" disabled aria-label=\"未完成\"> 乙</li>\n</ul>",
    );
    check("start", "3. 甲\n   - 乙", "<ol start=\"3\">\n<li>甲\n<ul>\n<li>乙</li>\n</ul>\n</li>\n</ol>");
    check("definitions", "甲\n: 乙", "<dl>\n<dt>甲</dt>\n<dd>乙</dd>\n</dl>");
    check("code", "```rust x\n<&\"\n```", "<pre><code class=\"language-rust\">&lt;&amp;\"\n</code></pre>");
    check("quotation", "> 甲", "<blockquote>\n<p>甲</p>\n</blockquote>");
    check(
        "alert",
        "> [!TIP]\n> 甲",
        "<div class=\"alert alert-tip\" role=\"note\">\n<p class=\"alert-title\">提示</p>\n<p>甲</p>\n</div>",
    );
}

#[test]
fn raw_html() {
    check_line("a<br>b <u>c</u> <ruby>汉<rt>hàn</rt></ruby>", "a<br>b <u>c</u> <ruby>汉<rt>hàn</rt></ruby>");
    check_line("<span onclick=\"x\" style=\"y\" id=\"z\" class=\"w\">a</span>", "<span>a</span>");
    check_line("<a href=\"b.md?c&amp;d\" target=\"_blank\">e</a>", "<a href=\"b.md?c&d\">e</a>");
    check_line("<a href=\"&#106;avascript:x\">e</a>", "<a>e</a>");
    check_line("a <img src=b.png> c", "a <img src=\"b.png\" alt=\"\" loading=\"lazy\" decoding=\"async\"> c");
    check_line("a <script>b</script> c", "a  c");
    check_line("a <form>b</form> <font color=red>c</font>", "a b c");
    check_line("a <!-- b --> c", "a  c");
    check_line("a <b>c", "a <b>c</b>");
    check("bold ends with its paragraph", "a <b>c\n\nd", "<p>a <b>c</b></p>\n<p>d</p>");
    check("the page stays whole", "</div></main>\n\na</p></div>", "<p>a</p>");
    check("an open block", "<div>\n\na", "<div>\n<p>a</p>\n</div>");
    check("a script", "<script>\nx < y\n</script>\n\na", "<p>a</p>");
    check("align", "<p align=\"right\">某办</p>", "<p class=\"align-right\">某办</p>");
    check("a tag over two lines", "<div\n  align=center>甲</div>", "<div class=\"align-center\">甲</div>");
    check(
        "media",
        "<video src=\"a.mp4\" poster=\"b.jpg\" autoplay></video>",
        "<p><video src=\"a.mp4\" poster=\"b.jpg\" controls=\"\"></video></p>",
    );
    check(
        "details",
        "<details>\n<summary>甲</summary>\n\n乙\n\n</details>",
        "<details>\n<summary>甲</summary>\n<p>乙</p>\n</details>",
    );
    check(
        "cells",
        "<table><tr><td colspan=2>甲<td>乙</table>",
        "<table><tbody><tr><td colspan=\"2\">甲</td><td>乙</td></tr></tbody></table>",
    );
    check("no tag", "<div>1 < 2 & <3</div>", "<div>1 &lt; 2 &amp; &lt;3</div>");
    check("never ends", "<div>a <b x=\"</div>", "<div>a &lt;b x=\"&lt;/div&gt;</div>");
}

#[test]
fn findings_of_raw_html() {
    use FindingKind::*;
    let attribute = |tag: &str, attribute: &str| RemovedAttribute { tag: tag.into(), attribute: attribute.into() };
    check_findings("**《a》**b <font>c</font>", &[("<font>", RemovedTag("font".into()))]);
    check_findings(
        "> <p\n> x=\"甲\"\n> onclick=\"乙\">c</p>",
        &[("甲", attribute("p", "x")), ("乙", attribute("p", "onclick"))],
    );
    check_findings("a <b>c", &[("<b>", UnbalancedTag("b".into()))]);
    check_findings("a </b>c", &[("</b>", UnbalancedTag("/b".into()))]);
    check_findings("<ul><li>a<li>b</ul>", &[]);
    check_findings("<!-- a -->\n\n<a href=\"#b\" target=\"_blank\" rel=\"x\">c</a>", &[]);
    check_findings("<!-- a", &[("<!-- a", UnclosedComment)]);
}

/// What the writer generates must survive the sanitizer, or one `<br>` would change the whole page.
#[test]
fn the_sanitizer_changes_nothing_of_ours() {
    let markdown = "# 标题\n\n甲[^1]**《乙》**丙\n乙\n\n- [x] 甲\n- [ ] 乙\n\n  丙\n\n|a|b|\n|:-|-:|\n|1|2|\n\n> [!NOTE]\n> 甲\n\n\
        ![a](b \"c\")\n\n![a](b)\n![a](b)\n\n[![a](b)](c)\n\n甲\n: 乙\n\n```x\n<a>\n```\n\n3. x\n\n---\n\n[a](b \"c\") ![a](b \"c\")\n\n[^1]: 注";
    let normal = html(markdown);
    let raw = html(&format!("{markdown}\n\n<br>"));
    let raw = raw.replace("disabled=\"\"", "disabled").replace("checked=\"\"", "checked").replace("\n<br>", "");
    assert_eq!(raw, normal);
}

#[test]
fn holes_are_in_order() {
    for raw in ["", "<br>"] {
        let Parsed { body, .. } = parse(&format!("[a](b)![c](d)\n\n<{raw}\n\n[e](f){raw}"), 0);
        let links: Vec<_> = body.html.holes().iter().map(|hole| hole.link).collect();
        assert_eq!(links, [0, 1, 2]);
        assert!(body.html.holes().is_sorted_by_key(|hole| hole.at));
        assert!(body.html.text().starts_with("<p><a>a</a><img alt="), "{}", body.html.text());
    }
}

#[test]
fn the_lead_leaves_out_what_is_no_sentence() {
    let lead = |markdown: &str| parse(markdown, 0).lead;
    assert_eq!(
        lead("## 标题\n\n甲。\n\n乙[^1]~丙\n\n|a|\n|-|\n|b|\n\n```\nx\n```\n\n![图](a) 丁\n\n[^1]: 注"),
        "甲。乙~丙 丁"
    );
    assert_eq!(lead("- 时间：周六\n- 地点：**广场（东）**侧\n\nend\nof"), "时间：周六 地点：广场（东）侧 end of");
    assert_eq!(lead(&"字".repeat(5000)).chars().count(), 240);
}

#[test]
fn blocks_know_their_place() {
    let markdown = "甲\n\n- 乙\n- [丙](c.md)\n\n> 丁\n\n## 戊\n";
    let Parsed { body, .. } = parse(markdown, 10);
    let sources: Vec<&str> = body
        .html
        .blocks()
        .iter()
        .map(|block| markdown[block.span.start as usize - 10..block.span.end as usize - 10].trim_end())
        .collect();
    assert_eq!(sources, ["甲", "- 乙\n- [丙](c.md)", "> 丁", "## 戊"]);
    let html = |index: usize| {
        let part = body.html.blocks()[index].html.clone().expect("no raw HTML");
        body.html.fill_part(part, |_, html| html.push_str(" href=\"c\""))
    };
    assert_eq!(html(0), "<p>甲</p>\n");
    assert_eq!(html(1), "<ul>\n<li>乙</li>\n<li><a href=\"c\">丙</a></li>\n</ul>\n");
    assert_eq!(parse("甲\n\n<div>乙</div>\n", 0).body.html.blocks()[0].html, None);
}

#[test]
fn summaries() {
    let check = |lead: &str, limit: usize, expected: &str| assert_eq!(summary(lead, limit), expected, "{lead}");
    check("短文", 120, "短文");
    check("第一句。第二句。第三句。", 9, "第一句。第二句。");
    check("他说：“好。”然后走了。", 8, "他说：“好。”");
    check("第一部分，第二部分，第三部分", 12, "第一部分，第二部分…");
    check("一二三四五六七八", 5, "一二三四…");
    check("Version 3.5 is out. More follows here.", 22, "Version 3.5 is out.");
    check("等等……后面还有很多", 6, "等等……");
    check("中文 longword and", 8, "中文…");
    check("", 0, "");
    check("甲", 0, "…");
}

#[test]
fn markup_is_escaped_wherever_it_stands_in_a_text() {
    for length in 0..80 {
        for at in 0..=length {
            let (before, behind) = ("a".repeat(at), "，".repeat(length - at));
            for (character, expected) in [('<', "&lt;"), ('\u{1}', ""), ('\u{FFFE}', ""), ('😀', "😀"), ('！', "！")]
            {
                let mut html = String::new();
                escape::text(&mut html, &format!("{before}{character}{behind}"));
                assert_eq!(html, format!("{before}{expected}{behind}"), "{character:?} at {at} of {length}");
            }
        }
    }
}

/// Whatever the input, parsing ends, holes are inside the text and spans inside the file.
#[test]
fn never_panics() {
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "*", "**", "~", "~~", "_", "（", "）", "《", "》", "文", "字。", "“", "”", "a", "B ", " ", "\n", "\n\n", "\r\n", "\t", "　　",
        "- ", "1. ", "> ", "# ", "## ", "- [ ] ", "- [x] ", "|", "|-|-|\n", ": ", "[", "]", "](", ")", "![", "](a.md)",
        "(b \"c\")", "[^a]", "[^a]: ", "[^b]", "<", ">", "<b>", "</b>", "<div>", "</div>", "<a href='x", "'>", "<!--", "-->",
        "<script>", "</script>", "<td ", "\"", "'", "=", "onclick=x", "&", "&#xFDD0;", "&nbsp;", "\0", "\u{FDD0}", "\u{FDD1}", "\u{FDD2}", "1", "****", "王", "、",
        "\u{E000}", "`", "```", "\\", "{#id}", "---", "===", "<?", "<!X", "http://a.cn", "<a@b.c>", "[!NOTE]", "\u{301}", "😀",
        "한", "<p>", "<br>", "<img src=x>", "<video poster=y>", "[r]: u\n", "[r]", "    ", "</p>", "<svg>", "<x-y>", "<é", "<b é=ü>",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3000);
    for _ in 0..rounds {
        let length = 1 + random(40);
        let markdown: String = (0..length).map(|_| PIECES[random(PIECES.len())]).collect();
        let Parsed { body, findings, .. } = parse(&markdown, 7);
        let html = body.html.fill(|link, _| assert!(link < body.links.len()));
        assert_eq!(html, body.html.text());
        assert!(!html.contains(['\u{FDD0}', '\u{FDD1}', '\u{FDD2}', '\0']), "{markdown:?}\n{html}");
        let spans = body.links.iter().map(|link| &link.span).chain(findings.iter().map(|finding| &finding.span));
        for span in spans {
            let range = span.start as usize - 7..span.end as usize - 7;
            assert!(markdown.get(range).is_some(), "{markdown:?} {span:?}");
        }
        let mut ids: Vec<_> = html.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{markdown:?}\n{html}");
    }
}

/// Quadratic work on these inputs would take minutes: nobody would overlook it.
#[test]
fn hostile_input_neither_panics_nor_hangs() {
    let many = |piece: &str| piece.repeat(10_000);
    let nested = format!("{}a{}", many("!["), many("](b)"));
    let lists: String = (0..300).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    let inputs = [
        format!("{}a", many("- ")),
        format!("{}a", many("> - ")),
        many("*a **b "),
        many("**（"),
        many("、王**（"),
        many("王*明、"),
        many("王*（1****2"),
        many("1*2"),
        many("“**”"),
        many("**”甲"),
        many("一、甲\n二、乙\n"),
        many("时间：\n"),
        many("|甲|\n|-|\n|乙|丙|\n\n"),
        many("> ```\n\n    ，\n"),
        many("<div>"),
        many("<b>\n\n"),
        many("<a x=\""),
        many("<!--"),
        many("a <script>"),
        many("[^a]") + "\n\n[^a]: b",
        many("\\*"),
        many("&"),
        many("# a\n"),
        nested,
        lists,
        many("<p><b>\n\n"),
        many("- <div>\n"),
        many("[a ![b](c)"),
        many("\0"),
    ];
    for input in inputs {
        parse(&input, 0);
    }
}

#[test]
fn bold_that_stayed_text_is_found() {
    let check = |markdown: &str, marked: &[&str]| {
        let expected: Vec<_> = marked.iter().map(|run| (*run, FindingKind::NotBold)).collect();
        check_findings(markdown, &expected);
    };
    check("这是**没有关上的加粗。", &["**"]);
    check("**第一段\n\n第二段**结束。", &["**", "**"]);
    check("这是** 空格加粗 **的文字。", &["**"]);
    check("** 注意事项 **", &["**"]);
    check("- 带好**身份证 **。\n- **好**的", &["**"]);
    check("| 甲 |\n|---|\n| **乙 |", &["**"]);
    check("***三星没有关上", &["***"]);
    check("**一等奖：王**、李**获奖", &["**"]);
    check_findings("**时间 **九点，**地点：**广场**", &[("**", FindingKind::BoldInBold)]);
    check_findings("****重要****、**甲**乙**丙**、***丁***、**戊*己*庚**", &[]);
    for fine in [
        "这是**加粗（好）**的。",
        "2 ** 3 = 8，x**2",
        "`**代码`和\\*\\*星号\\*\\*",
        "    **缩进\n\n```\n**代码\n```",
        "号码138****1234，身份证310**",
        "获奖的有王**。",
        "* * *\n\n*斜体*",
        "<p title=\"**甲\">乙</p>",
        "注释 ** 甲",
    ] {
        check(fine, &[]);
    }
}

#[test]
fn tables_and_alerts_that_stayed_text_are_found() {
    check_findings("安排：\n\n| 甲 | 乙 |\n| 丙 | 丁 |", &[("| 甲 | 乙 |", FindingKind::NotATable)]);
    let table = "| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |";
    check_findings(&format!("{table}\n\n| 戊 | 己 |\n\n庚。"), &[("| 戊 | 己 |", FindingKind::NotATable)]);
    check_findings("绝对值 |a| 与 |b|\n\n|a|", &[]);
    check_findings("> | 甲 | 乙 |\n> | 丙 | 丁 |", &[("| 甲 | 乙 |", FindingKind::NotATable)]);
    check_findings("｜甲｜乙｜\n｜丙｜丁｜", &[("｜甲｜乙｜", FindingKind::NotATable)]);
    check_findings("| 甲 | 乙 |\n|---|\n| 丙 | 丁 |", &[("| 甲 | 乙 |", FindingKind::NotATable)]);
    check_findings("| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |", &[]);
    check_findings("安排：\n| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |", &[]);
    check_findings("甲 | 乙\n丙 | 丁", &[]);
    check_findings("|x| 与\n甲", &[]);
    check_findings("甲\t乙\n丙\t丁", &[("甲\t乙", FindingKind::TabsForATable)]);
    check_findings("甲\t乙\n\n\t丙\n丁\t", &[("丙", FindingKind::IndentedProse)]);
    let alert = |kind: &str| FindingKind::NotAnAlert(kind.to_owned());
    check_findings("> [!提示]\n> 甲", &[("[!提示]", alert("提示"))]);
    check_findings("> [!TIP] 甲\n> 乙", &[("[!TIP]", alert("TIP"))]);
    check_findings("> [!TIP]\n> 甲", &[]);
    check_findings("> [!tip]\n> 甲", &[]);
    check_findings("[!甲](/a)", &[]);
}

#[test]
fn text_that_became_a_heading_is_found() {
    check_findings("今天开市。\n---\n明天休市。", &[("---", FindingKind::UnderlinedText)]);
    check_findings("> 甲\n> 乙\n> ===", &[("===", FindingKind::UnderlinedText)]);
    check_findings("集市\n---\n今天开市。\n\n---\n\n## 集市？", &[]);
}

#[test]
fn cells_without_a_head_are_found() {
    let check = |row: &str, lost: &[&str]| {
        let expected: Vec<_> = lost.iter().map(|lost| (*lost, FindingKind::TooManyCells)).collect();
        check_findings(&format!("| 甲 | 乙 |\n|---|---|\n{row}\n"), &expected);
        check_findings(&format!("> | 甲 | 乙 |\n> |---|---|\n> {row}"), &expected);
    };
    check("| 丙 | 丁 | 戊 |", &["戊"]);
    check("| 丙 | 丁 | 戊 | 己 |", &["戊 | 己"]);
    check("丙 | 丁 | 戊", &["戊"]);
    check("| `a|b` | 丁**（x）** |", &["丁**（x）**"]);
    check("| 丙 | 丁 |", &[]);
    check("| 丙 | 丁 | |", &[]);
    check("| 丙 |", &[]);
    check_findings("| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |\n注：戊。", &[("注：戊。", FindingKind::JoinedToTable)]);
    check_findings("| 甲 |\n|---|\n丙", &[]);
    check("| 丙\\|x | 丁 |", &[]);
}

#[test]
fn text_that_became_code_is_found() {
    let prose = |line| (line, FindingKind::IndentedProse);
    check_findings("    今天上午，集市开市。\n    欢迎。", &[prose("今天上午，集市开市。")]);
    check_findings("甲\n\n\t今天**上午**，集市开市。\n", &[prose("今天**上午**，集市开市。")]);
    check_findings("- 甲\n\n        乙，丙", &[prose("乙，丙")]);
    check_findings("甲。\n\n    示例区文明办\n    2026年2月1日", &[prose("示例区文明办")]);
    check_findings("    let x = 1; // 甲\n", &[]);
    check_findings("甲\n    乙，丙。", &[]);
    check_findings("- 甲\n\n    乙，丙。", &[]);
    let open = |line, fence: &str| (line, FindingKind::UnclosedCode(fence.to_owned()));
    check_findings("甲\n\n```text\n乙\n\n丙", &[open("```text", "```")]);
    check_findings("~~~~\n乙\n~~~", &[open("~~~~", "~~~~")]);
    check_findings("> ```\n> 乙\n\n丙", &[open("```", "```")]);
    check_findings("```", &[open("```", "```")]);
    for fine in [
        "```\n乙\n```",
        "```\n乙\n`````  \n\n丙",
        "> ```\n> 乙\n> ```",
        "- ```\n  乙\n  ```\n- 丙",
        "```\n```",
        "  ```\n  x\n  ```",
    ] {
        check_findings(fine, &[]);
    }
}

#[test]
fn stars_between_tags_are_found() {
    let check = |markdown, found| check_findings(markdown, &[(found, FindingKind::MarkdownInHtml)]);
    check("<p align=\"center\">**通知**</p>", "**通知**");
    check("<table>\n<tr><td>**乙**</td></tr>\n</table>", "**乙**");
    check_findings("<div>\n\n**通知**\n\n</div>\n\n<!-- **甲** -->\n\n<p>王**、李**</p>", &[]);
}

#[test]
fn numbers_that_change_are_found() {
    let check =
        |markdown, line, typed, shown| check_findings(markdown, &[(line, FindingKind::Renumbered { typed, shown })]);
    check("1. 甲\n3. 丙\n4. 丁", "3.", 3, 2);
    check("2. 甲\n1. 乙", "1.", 1, 3);
    check("- 甲\n\n  3. 乙\n  5. 丙", "5.", 5, 4);
    check_findings("1. 甲\n  - 子项\n2. 乙", &[("-", FindingKind::ShallowList)]);
    check_findings("- 甲\n\n  1. 乙\n    - 丙", &[("-", FindingKind::ShallowList)]);
    check_findings("1. 甲\n   - 子项\n2. 乙\n\n- 丙", &[]);
    check_findings("1. 甲\n\n1) 乙\n- 丙", &[]);
    for fine in ["1. 甲\n2. 乙\n   1. 丙\n3. 丁", "1. 甲\n1. 乙\n1. 丙", "3. 甲\n4. 乙", "- 甲\n- 乙", "1) 甲\n2) 乙"]
    {
        check_findings(fine, &[]);
    }
}

#[test]
fn lines_that_are_joined_are_found() {
    let check = |markdown: &str, lines: &[&str]| {
        let expected: Vec<_> = lines.iter().map(|line| (*line, FindingKind::JoinedLines)).collect();
        check_findings(markdown, &expected);
    };
    check("一、甲\n二、乙\n三、丙", &["二、乙"]);
    check("要求：\n（一）甲\n（二）乙", &["（一）甲"]);
    check("1.第一\n2.第二\n\n1、甲\n2、乙", &["2.第二", "2、乙"]);
    check("要求：\n• 甲\n• 乙", &["• 甲"]);
    check("要求：\r\n-第一项\r\n-第二项\r\n", &["-第一项"]);
    check("①甲\n②乙", &["②乙"]);
    check("1）甲\n2）乙", &["2）乙"]);
    check("·甲\n·乙", &["·乙"]);
    check("*甲\n*乙", &["*乙"]);
    check("1. 一\n2.二\n3. 三", &["2.二"]);
    check("1. 甲\n2、乙\n3. 丙", &["2、乙"]);
    check("时间：九点\n地点：广场\n电话：1", &["地点：广场"]);
    check("**时间**：九点\n**地点：**广场", &["**地点：**广场"]);
    check("公示时间：2026年11月23日至29日\n如有异议，请来电。", &["如有异议，请来电。"]);
    check("来源丨示例街道\n编辑丨小王", &["编辑丨小王"]);
    check("抄送：区民政局。\n示例区文明办　2026年11月9日印发", &["示例区文明办　2026年11月9日印发"]);
    check("张三　　李四\n王　五　　赵六", &["王　五　　赵六"]);
    check("王老师 021-00000001\n李老师  021-00000002", &["李老师  021-00000002"]);
    check("- 时间：九点\n  地点：广场", &["地点：广场"]);
    check("**一、报名时间**\n11月21日", &["11月21日"]);
    check("> 一、甲\n> 二、乙", &["二、乙"]);
    check("请报名。\n\n示例区文明办\n2026年2月1日", &["2026年2月1日"]);
    check("示例区文明办\n二〇二六年二月一日", &["二〇二六年二月一日"]);
    check("示例区文明办\n示例区教育局\n\n2026年2月1日", &["示例区教育局"]);
    check("张三\n李四\n王五六", &["李四"]);
    check("示例区新风街道\n示例区和风镇", &["示例区和风镇"]);
    check("张三、李四、王五\n赵六、钱七、孙八", &["赵六、钱七、孙八"]);
    check("第一条　为了规范。\n第二条　本办法。", &["第二条　本办法。"]);
    check("- 甲；\n- 乙。\n以上各项请落实。", &["以上各项请落实。"]);
    check("> 引文。\n以上是引文。", &["以上是引文。"]);
    check("各街道、镇：\n\t通知如下。\n\t请执行。", &["通知如下。"]);
    check("各街道、镇：\n\u{A0}\u{A0}通知如下。", &["\u{A0}\u{A0}通知如下。"]);
    for fine in [
        "一、甲\n\n二、乙",
        "一、甲  \n二、乙",
        "时间：九点\\\n地点：广场",
        "甲\n*乙*丙",
        "活动口号：我参与，我奉献，\n我快乐",
        "集市上有理发、\n修伞、量血压。",
        "张三、李四、\n王五、赵六",
        "按照本办法\n第二条 的规定",
        "- 甲。\n  乙。",
        "- 甲，\n乙。",
        "1. 甲。\n   乙。",
        "他说：\n大家好",
        "示例区文明办\\\n2026年2月1日",
        "欢迎市民 拨打热线\n咨询 报名",
        "咨询　\n021-00000001",
        "集市定于\n2026年2月1日\n开市",
        "示例区文明办\n2026年2月1日，集市开市。",
        "　　一、甲\n　　二、乙",
        "　　示例区文明办\n　　2026年2月1日",
        "- 时间：九点\n- 地点：广场",
        "甲\n- 乙\n- 丙",
        "第一、\n二、三组参加",
        "依照第三条第\n（二）项办理",
        "共用去\n2.5万元",
        "他说：好\n的确如此",
        "**加粗的**半行\n和下一行",
        "**甲**、**乙**\n和丙",
        "**一、报名时间**\\\n11月21日",
        "1. 甲\n2. 乙",
        "```\n一、甲\n二、乙\n```",
        "<p>\n一、甲\n二、乙\n</p>",
        "| 一、甲 |\n|---|\n| 二、乙 |",
    ] {
        check(fine, &[]);
    }
}
