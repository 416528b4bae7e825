//! What each key means, in both languages, with an example: one table, in the order in which editors read it.
//!
//! Keys themselves come from the decoders; a test holds that both are the same set. Start at [`words`].

use crate::diagnostic::Text;
use crate::parse::asked::Subject;
use crate::parse::item::ItemType;

/// What is said of a key.
#[derive(Debug, Clone)]
pub struct Words {
    pub meaning: Text,
    /// A value as an editor types it.
    pub example: &'static str,
}

/// A path, its meaning in Chinese and in English, and an example.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// What is said of a key of a subject.
pub fn words(subject: Subject, path: &[&str]) -> Option<Words> {
    let path = path.join(".");
    let (_, zh, en, example) = rows(subject).find(|(key, ..)| *key == path)?;
    Some(Words { meaning: Text::new(zh, en), example })
}

/// Where a path stands among the others of its subject.
pub fn rank(subject: Subject, path: &[&str]) -> Option<usize> {
    let path = path.join(".");
    rows(subject).position(|(key, ..)| key == path)
}

/// The keys of all types of items, in the order in which they stand in a front matter.
pub fn front_matter_order() -> impl Iterator<Item = &'static str> {
    let rows = [HEAD, RECRUITMENT, NOTICE, REST].into_iter().flatten();
    rows.map(|(path, ..)| *path).filter(|path| !path.contains('.'))
}

/// All paths that something is said of.
pub fn paths(subject: Subject) -> impl Iterator<Item = &'static str> {
    rows(subject).map(|(path, ..)| path)
}

fn rows(subject: Subject) -> impl Iterator<Item = Row> {
    let tables: [&'static [Row]; 3] = match subject {
        Subject::Site => [SITE, &[], &[]],
        Subject::Item(ItemType::Recruitment) => [HEAD, RECRUITMENT, REST],
        Subject::Item(ItemType::Notice) => [HEAD, NOTICE, REST],
        Subject::Item(ItemType::Article | ItemType::Page) => [HEAD, &[], REST],
    };
    tables.into_iter().flatten().copied()
}

const HEAD: &[Row] = &[
    ("type", "内容类型；一般不用写，由栏目决定", "the content type; usually the column decides", "要闻"),
    ("title", "标题，不换行，书名号要成对", "the title, on one line", "文明实践进楼组"),
    ("kicker", "引题：标题上方的一行小字", "the line over the title", "文明实践在身边"),
    ("subtitle", "副题：标题下方的一行小字", "the line under the title", "一上午服务居民二百余人次"),
    (
        "date",
        "发布时间；写将来的时间就是定时发布",
        "when it is published; a date in the future schedules it",
        "2026-11-20 09:30",
    ),
    ("updated", "更新时间，不早于发布时间", "when it was changed, not before date", "2026-11-21"),
    ("expires", "失效时间：过了这一天不再列出，页面注明已失效", "after this day it leaves the lists", "2027-01-31"),
    ("draft", "草稿：true 不发布，写好以后改成 false 或删去这一行", "true keeps it from being published", "true"),
    ("pin", "置顶：true 排在列表最前面", "true puts it first in lists", "true"),
    (
        "district",
        "哪个区域的内容，写 site.yaml 里有的名称；面向全站写 all",
        "a district of site.yaml, or all for the whole site",
        "静安区",
    ),
    ("topics", "主题，写 site.yaml 里有的名称，可以写几个", "topics of site.yaml, one or several", "[志愿服务]"),
    ("source", "来源：稿件由谁提供", "who supplied it", "静安区文明办"),
    ("source_url", "来源链接：转载时写原文网址", "the address of the original", "https://www.example.org/a.html"),
    ("author", "作者", "who wrote it", "王示例"),
    ("editor", "责任编辑", "the editor in charge", "区文明办编辑部"),
    (
        "summary",
        "摘要；不写就取正文的前几句",
        "a summary; without it, the first sentences",
        "十二个服务项目摆到家门口。",
    ),
    ("keywords", "关键词，给搜索引擎看", "keywords for search engines", "[便民集市, 理发]"),
    (
        "cover",
        "封面：图片和文字说明，列表和首页会用到",
        "the picture that lists show, and what is on it",
        "{src: 集市.jpg, alt: 居民在理发摊前排队}",
    ),
    ("cover.src", "封面图片的文件", "the picture's file", "集市.jpg"),
    ("cover.alt", "封面上是什么，读屏软件会念出来", "what is on the picture, for screen readers", "居民在理发摊前排队"),
    (
        "cover_alt",
        "封面的文字说明（封面只写了文件名时用）",
        "what is on the cover, where cover is only a file",
        "居民在理发摊前排队",
    ),
];

const REST: &[Row] = &[
    (
        "contacts",
        "联系方式，一条或几条，页面上排成表格",
        "whom to ask, shown as a table",
        "[{unit: 区志愿服务中心, phone: 021-00000000, hours: \"9:00-17:00\"}]",
    ),
    ("contacts.unit", "单位", "the office", "区志愿服务中心"),
    ("contacts.district", "所在区域", "its district", "静安区"),
    ("contacts.person", "联系人", "the person", "值班人员"),
    ("contacts.phone", "电话，可以写几个", "telephone numbers", "021-00000000"),
    ("contacts.email", "邮箱", "e-mail", "wmb@example.org"),
    ("contacts.hours", "接待时间", "office hours", "\"9:00-17:00\""),
    (
        "figures",
        "数据：名称和数值；写了各部分，相加要等于总数",
        "numbers with their parts, which must add up",
        "[{name: 参加志愿者, value: 30, unit: 人}]",
    ),
    ("figures.name", "数据的名称", "what is counted", "参加志愿者"),
    ("figures.value", "数值，只写数字", "the number", "30"),
    ("figures.unit", "单位", "the unit", "人"),
    ("figures.as_of", "截至哪一天", "as of which day", "2026-11-19"),
    ("figures.parts", "其中：各部分，相加要等于总数", "the parts, which must add up", "[{name: 大学生, value: 12}]"),
    ("figures.parts.name", "这一部分的名称", "what the part is", "大学生"),
    ("figures.parts.value", "这一部分的数值", "its number", "12"),
    (
        "attachments",
        "附件：文件和显示的名称",
        "files to download, with their names",
        "[{file: 报名表.docx, name: 志愿者报名表}]",
    ),
    ("attachments.file", "附件的文件", "the file", "报名表.docx"),
    ("attachments.name", "附件显示的名称", "the name that is shown", "志愿者报名表"),
    (
        "slug",
        "网址名：小写字母、数字和减号；不写就用文件名的拼音",
        "its part of the address: a-z, 0-9 and -",
        "bianmin-jishi",
    ),
    (
        "aliases",
        "旧网址：从 / 写起，访问旧网址的人会转到这里",
        "old addresses that lead here, each beginning with /",
        "[/2019/old.html]",
    ),
    (
        "privacy_exceptions",
        "脱敏例外：经批准可以公开的内容",
        "what the privacy check shall accept",
        "[{match: 138****1234, reason: 值班专用手机, approved_by: 区文明办}]",
    ),
    ("privacy_exceptions.match", "可以公开的文字", "the text that may be published", "138****1234"),
    ("privacy_exceptions.reason", "为什么可以公开", "why it may be", "值班专用手机"),
    ("privacy_exceptions.approved_by", "谁批准的", "who approved it", "区文明办"),
    ("extra", "扩展：给自己的主题模板用的内容", "anything for the theme's own use", "{topic_color: red}"),
];

const RECRUITMENT: &[Row] = &[
    ("organizer", "主办单位", "who organizes it", "静安区志愿者协会"),
    ("undertaker", "承办单位", "who carries it out", "新风街道志愿服务站"),
    (
        "positions",
        "岗位，一个或几个",
        "the positions, one or several",
        "[{name: 秩序引导, count: 10, tasks: 引导居民}]",
    ),
    ("positions.name", "岗位名称", "the position's name", "秩序引导"),
    ("positions.count", "招多少人，只写数字", "how many people", "10"),
    ("positions.tasks", "做什么", "what they do", "引导居民、维持秩序"),
    ("positions.skills", "需要的技能", "skills that are needed", "[沟通, 急救]"),
    ("positions.languages", "需要的语言：zh、en、ja 等代码或中文名称", "languages that are needed", "[en]"),
    ("positions.licence", "需要的证书", "a licence that is needed", "红十字救护员证"),
    ("service_start", "服务从哪天（几点）开始", "when the service begins", "2026-12-12 08:00"),
    ("service_end", "服务到哪天（几点）结束，前后不超过一年", "when it ends, at most a year later", "2026-12-13 12:00"),
    ("shifts", "班次：名称和起止钟点", "shifts with their hours", "[{name: 上午, start: \"08:00\", end: \"12:00\"}]"),
    ("shifts.name", "班次的名称", "the shift's name", "上午"),
    ("shifts.start", "开始的钟点，加英文引号", "the hour of its beginning, in quotes", "\"08:00\""),
    ("shifts.end", "结束的钟点，加英文引号，可以到 \"24:00\"", "the hour of its end, up to \"24:00\"", "\"12:00\""),
    ("round_clock", "全天轮班：true 时各班次要排满24小时", "true if the shifts fill 24 hours", "true"),
    ("place", "服务地点；线上服务写 online", "where it is, or online", "{name: 街心花园, address: 新风路1号}"),
    ("place.name", "地点的名称", "the place's name", "街心花园"),
    ("place.address", "地址，写到门牌号", "the address, exact to the number", "新风路1号"),
    ("place.district", "地点所在的区域", "its district", "静安区"),
    ("place.lat", "纬度", "latitude in degrees", "31.23"),
    ("place.lng", "经度", "longitude in degrees", "121.45"),
    ("online", "线上：true 与 place: online 相同", "true means the same as place: online", "true"),
    ("apply", "报名方式，下面至少写一种", "how to apply, at least one way", "{phone: 021-00000000}"),
    ("apply.url", "报名的网址", "a web address", "https://www.example.org/apply"),
    ("apply.wechat", "公众号或小程序的名称", "a WeChat account", "静安文明"),
    ("apply.phone", "报名电话，可以写几个", "telephone numbers", "021-00000000"),
    ("apply.office", "现场报名的地点", "an office", "区文明实践中心一楼"),
    ("apply.how", "其他报名方法", "any other way", "向所在居委会报名"),
    ("apply_open", "何时开始报名；不写就是发布后即可报名", "when applying opens; without it, at once", "2026-11-21"),
    (
        "apply_deadline",
        "报名截止时间，不晚于服务开始",
        "the deadline, not after the service begins",
        "2026-12-05 18:00",
    ),
    ("pre_registration", "预报名：true 会标明“预报名”", "true marks it as pre-registration", "true"),
    ("recruited", "已经招到多少人，满了状态会变", "how many have been taken on", "4"),
    ("age", "年龄要求，可以只写一头", "the ages that are wanted", "{min: 18, max: 65}"),
    ("age.min", "最小多少周岁", "the lowest age", "18"),
    ("age.max", "最大多少周岁", "the highest age", "65"),
    ("requirements", "健康等其他要求", "other requirements", "身体健康，能站立半天。"),
    ("risk", "风险提示：如实写明；确实没有就写 无", "the risks; 无 where there are none", "室外活动，地面可能湿滑"),
    (
        "insurance",
        "保险；有风险的必须有（《志愿服务条例》第十七条）",
        "insurance, a must where there is a risk",
        "{provided: true, kind: 人身意外伤害保险}",
    ),
    ("insurance.provided", "是否提供保险：true 或 false", "whether it is provided", "true"),
    ("insurance.kind", "险种", "its kind", "人身意外伤害保险"),
    ("training", "何时何地培训什么", "the training", "12月9日下午集中培训一小时。"),
    ("benefits", "保障：工作餐、服装、时长证明等", "what volunteers get", "提供工作餐，记录服务时长。"),
];

const NOTICE: &[Row] = &[
    ("kind", "文种", "the kind of notice", "通知"),
    ("document_number", "发文字号：年份用六角括号〔〕，序号不补零", "the document's number", "静文明办〔2026〕12号"),
    ("issuer", "发文机关；几个单位用顿号连写", "who issues it", "静安区文明办"),
    ("issued", "成文日期：文件落款的日期，可以早于发布时间", "the date under the document", "2026-11-19"),
    ("addressee", "主送机关，后面的冒号由网站加上", "whom it is addressed to", "各街道、镇新时代文明实践分中心"),
    ("effect", "有效性", "whether it is in force", "有效"),
    ("index_number", "索引号", "the index number", "JA-2026-0012"),
    ("category", "主题分类", "the subject category", "志愿服务"),
    ("publicity", "公示期：起止日期，文种是公示时必填", "the period of a 公示", "{start: 2026-11-20, end: 2026-11-26}"),
    ("publicity.start", "公示从哪天开始", "its first day", "2026-11-20"),
    ("publicity.end", "公示到哪天结束", "its last day", "2026-11-26"),
    (
        "feedback",
        "意见反馈：文种是公示时必填，电话、邮箱、地址至少一项",
        "how to respond to a 公示",
        "{unit: 区文明办志愿服务科, phone: 021-00000000}",
    ),
    ("feedback.unit", "受理意见的部门", "who takes responses", "区文明办志愿服务科"),
    ("feedback.phone", "电话", "telephone numbers", "021-00000000"),
    ("feedback.email", "邮箱", "e-mail", "gongshi@example.org"),
    ("feedback.address", "地址", "the address", "示例路100号"),
];

const SITE: &[Row] = &[
    ("title", "网站名称", "the site's name", "示例区新时代文明实践"),
    (
        "base_url",
        "完整网址，可以带目录",
        "the whole address, perhaps with a folder",
        "https://www.example.org/wenming/",
    ),
    ("description", "网站简介，给搜索引擎看", "what search engines show", "示例区文明实践动态、志愿招募和通知公告"),
    ("keywords", "网站的关键词", "keywords of the site", "[文明实践, 志愿服务]"),
    ("language", "语言，默认 zh-Hans", "the language, zh-Hans by default", "zh-Hans"),
    ("time_zone", "时区，默认北京时间", "the time zone, +08:00 by default", "Asia/Shanghai"),
    ("theme", "主题模板，默认 default，程序自带", "the theme; default is built in", "default"),
    ("organization", "主办单位", "who runs the site", "示例区文明办"),
    ("undertaker", "承办单位", "who carries it out", "示例区新时代文明实践中心"),
    ("phone", "电话，显示在页脚", "the phone in the footer", "021-00000000"),
    ("email", "邮箱，显示在页脚", "the e-mail in the footer", "wmb@example.org"),
    ("address", "地址，显示在页脚", "the address in the footer", "示例路100号"),
    ("copyright", "版权说明", "the copyright line", "示例区文明办 版权所有"),
    ("site_code", "网站标识码，加英文引号", "the site code, in quotes", "\"3101000001\""),
    ("icp", "ICP备案号，自动链接到工信部备案网站", "the ICP filing", "沪ICP备00000000号-1"),
    ("police_filing", "公安备案号，自动链接到公安备案网站", "the police filing", "沪公网安备 31010002000000号"),
    ("conac_id", "党政机关网站标识，加英文引号", "the CONAC mark, in quotes", "\"00000000000000000000\""),
    ("correction", "读者发现错误时找谁", "where readers report errors", "{email: jiucuo@example.org}"),
    ("correction.email", "纠错的邮箱", "e-mail", "jiucuo@example.org"),
    ("correction.phone", "纠错的电话", "telephone", "021-00000001"),
    ("correction.url", "纠错的网址", "web address", "https://www.example.org/jiucuo"),
    (
        "picture",
        "分享图片：转发没有图片的网页时显示",
        "the picture beside links to pages without one",
        "{src: static/fenxiang.jpg, alt: 志愿者在社区广场集合}",
    ),
    ("picture.src", "图片文件，从网站文件夹算起", "its path from the site's folder", "static/fenxiang.jpg"),
    ("picture.alt", "图上是什么", "what is on it", "志愿者在社区广场集合"),
    ("confirm_external", "外链提示：true 时离开网站前先询问", "true asks before a link leaves the site", "true"),
    ("page_size", "列表每页多少条，默认 20", "items on a list page, 20 by default", "20"),
    (
        "permalink",
        "内容的网址格式，必须有 :slug",
        "the pattern of addresses, with :slug",
        "\"/:column/:year/:month/:slug.html\"",
    ),
    (
        "columns",
        "栏目，按菜单顺序，一个栏目一个文件夹",
        "the columns in menu order, a folder each",
        "[{key: news, name: 要闻}]",
    ),
    ("columns.key", "content 下面的文件夹名", "the folder below content/", "news"),
    ("columns.name", "菜单上的名称", "the name in the menu", "要闻"),
    ("columns.slug", "网址里的名称，默认与 key 相同", "its part of addresses, by default the key", "news"),
    ("columns.type", "这个栏目放哪种内容", "the type of its items", "article"),
    ("columns.description", "栏目简介", "what the column is", "全区文明实践工作的最新动态"),
    ("columns.keywords", "栏目的关键词", "its keywords", "[要闻, 工作动态]"),
    ("columns.column_type", "栏目类别，写进网页标签，供检查读取", "the category that inspectors look for", "工作动态"),
    ("columns.freshness_days", "多少天内应有更新", "within how many days something new is due", "14"),
    ("districts", "区域的树，区下面可以有街道、镇", "the tree of districts", "[{name: 示例区, slug: shiliqu}]"),
    ("districts.name", "区域名称", "the district's name", "示例区"),
    ("districts.slug", "网址名：小写字母、数字和减号", "its part of addresses", "shiliqu"),
    ("districts.code", "行政区划代码，加英文引号", "its code, in quotes", "\"310106\""),
    ("districts.level", "级别：区、街道、镇等", "its level", "区"),
    ("districts.children", "下级区域，写法与区域相同", "the districts below it", "[{name: 新风街道, slug: xinfeng}]"),
    ("topics", "主题", "the topics", "[{name: 志愿服务, slug: zhiyuan-fuwu}]"),
    ("topics.name", "主题名称", "the topic's name", "志愿服务"),
    ("topics.slug", "网址名：小写字母、数字和减号", "its part of addresses", "zhiyuan-fuwu"),
    ("topics.platform", "平台：true 表示是服务平台，单独列出", "true for a service platform", "true"),
    ("topics.description", "主题简介", "what the topic is", "志愿者的招募、培训和保障"),
    ("editions", "版本（为以后的功能保留）", "editions of the site, kept for later", "[zh-Hant]"),
    ("languages", "语种（为以后的功能保留）", "languages of the site, kept for later", "[en]"),
    ("check", "检查的设置", "settings of the checks", "{allowed_hosts: [example.org]}"),
    (
        "check.severity",
        "改变规则的轻重：规则名: 错误、提醒或关闭",
        "rules by their codes: error, warning or off",
        "{latin-spacing: off}",
    ),
    ("check.allowed_hosts", "允许链接和引用的外站，连同其下级域名", "hosts that pages may use", "[example.org]"),
    (
        "check.exceptions",
        "看过、认可的发现，按规则和文件",
        "findings that were accepted, by rule and file",
        "[{rule: orphan-page, path: content/pages/, reason: 只从微信进入}]",
    ),
    ("check.exceptions.rule", "规则名，xinfeng check --rules 列出全部", "the rule's code", "orphan-page"),
    ("check.exceptions.path", "文件路径的开头，不写就是全站", "the beginning of a file's path", "content/pages/"),
    ("check.exceptions.reason", "理由", "the reason", "只从微信进入"),
    ("check.freshness", "更新期限", "when columns count as stale", "{home_days: 14}"),
    ("check.freshness.home_days", "首页多少天内要有更新", "days for the home page", "14"),
    ("check.freshness.news_days", "动态类栏目多少天内要有更新", "days for columns of news", "14"),
    ("check.freshness.notice_days", "通知公告类栏目多少天内要有更新", "days for columns of notices", "180"),
    ("check.freshness.stale_columns", "几个栏目不更新就不通过", "so many stale columns fail a site", "5"),
    ("check.freshness.empty_columns", "几个空白栏目就不通过", "so many empty columns fail a site", "5"),
    ("check.freshness.forecast_days", "预报多少天", "how far the forecast looks", "30"),
    ("check.freshness.due_soon_days", "到期前几天提醒", "how many days before one is reported", "7"),
    ("check.dates", "发布时间的检查", "what counts as an untrue date", "{backdated_days: 30}"),
    ("check.dates.backdated_days", "发布时间早多少天要提醒", "days after which a date is asked about", "30"),
    ("check.publicity_days", "公示至少几天", "days that a 公示 must last", "5"),
    ("check.page_kb", "一个网页最大多少 kB", "the largest page in kB", "300"),
    ("check.picture_kb", "一张图片最大多少 kB", "the largest picture in kB", "500"),
    ("check.first_load_kb", "打开一个网页最多下载多少 kB", "the largest first load in kB", "2000"),
    ("check.dictionary", "本单位的词库文件", "the site's dictionary", "words.yaml"),
    ("check.spacing", "中文与字母、数字之间：保留、不加或加空格", "spaces beside Latin letters", "keep"),
    ("publish", "发布的设置", "settings of publishing", "{public_key: …}"),
    ("publish.public_key", "签名的公钥，由 xinfeng keys new 给出", "the public key, from xinfeng keys new", "…"),
    (
        "publish.targets",
        "发布到哪里",
        "where the site is published to",
        "[{name: 主站, type: folder, path: /srv/www/html}]",
    ),
    ("publish.targets.name", "目标的名称，发布时写它", "what the command line calls it", "主站"),
    ("publish.targets.type", "种类", "the kind of place", "sftp"),
    ("publish.targets.path", "那里的文件夹", "the folder there", "/srv/www/html"),
    ("publish.targets.host", "主机名（sftp、rsync）", "the host (sftp, rsync)", "www.example.org"),
    ("publish.targets.user", "登录用户（sftp、rsync）", "the account (sftp, rsync)", "deploy"),
    ("publish.targets.port", "SSH 端口（sftp、rsync）", "SSH's port (sftp, rsync)", "22"),
    (
        "publish.targets.key_file",
        "SSH 私钥文件（sftp、rsync）",
        "the file of SSH's private key (sftp, rsync)",
        "~/.ssh/id_ed25519",
    ),
    (
        "publish.targets.endpoint",
        "服务地址（对象存储、webdav）",
        "the service's address (object storage, webdav)",
        "https://oss-cn-hangzhou.aliyuncs.com",
    ),
    ("publish.targets.bucket", "存储桶（对象存储）", "the bucket (object storage)", "wmsj"),
    ("publish.targets.region", "地域（对象存储）", "the region (object storage)", "cn-hangzhou"),
    ("publish.targets.url", "公众访问的网址，默认是 base_url", "where readers find it", "https://www.example.org/"),
    ("publish.targets.compress", "同时存放压缩好的 .gz 和 .br", "store .gz and .br files too", "true"),
    ("publish.targets.keep", "不归网站管、要留下的文件（路径开头）", "files there that stay", "[baidu_verify_]"),
    ("publish.targets.max_deletions", "一次最多删除百分之几，超过先问", "the share that may be deleted", "20"),
    (
        "publish.targets.releases",
        "保留几个版本，各放一个文件夹，用链接切换（folder、sftp）",
        "how many published states are kept in folders, with a link to the current one (folder, sftp)",
        "5",
    ),
    ("publish.targets.at_once", "同时上传几个文件", "how many files are sent at once", "8"),
];
