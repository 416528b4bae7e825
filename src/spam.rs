//! Injected spam: whether a line looks like those that break-ins leave on office sites.
//!
//! Several weak signs add up: segments of like length joined by `_ , ， | 丨 -` without a sentence's punctuation, words of
//! the trades that pay for such lines, digits and Latin mixed in. Sees one line and knows nothing of the page around it
//! ([`crate::script`] tells a line in the other script). Start at [`score`].

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::diagnostic::Text;
use crate::script::is_han;

/// A line that looks injected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spam {
    /// From [`SUSPICIOUS`] on; the more, the surer.
    pub score: u32,
    pub reasons: Vec<Reason>,
}

/// One sign of spam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// So many segments of 4 to 20 characters, joined without a sentence's punctuation.
    Segments(usize),
    /// Words of the trades, in the order of the line.
    Words(Vec<&'static str>),
    /// So many segments mix digits or Latin letters into Chinese.
    Mixed(usize),
    /// An address under a top-level domain that such sites use.
    Address(String),
    /// The name of an account right behind a word such as `微信`.
    Account(String),
}

impl Reason {
    pub fn text(&self) -> Text {
        match self {
            Self::Segments(count) => Text::new(
                format!("{count} 段长短相近的词语连在一起，没有句子"),
                format!("{count} phrases joined without a sentence"),
            ),
            Self::Words(words) => {
                Text::new(format!("含有“{}”", words.join("”“")), format!("has \"{}\"", words.join("\", \"")))
            }
            Self::Mixed(count) => {
                Text::new(format!("{count} 段混有数字或字母"), format!("{count} phrases mix in digits or letters"))
            }
            Self::Address(host) => Text::new(format!("含有网址 {host}"), format!("has the address {host}")),
            Self::Account(name) => Text::new(format!("留有联系账号 {name}"), format!("leaves the account {name}")),
        }
    }
}

/// From here on a line is reported.
pub const SUSPICIOUS: u32 = 6;
/// Form alone never condemns a line: lists of names and links have it too.
const WORDS_AT_LEAST: u32 = 3;
/// Of a line's characters, so many in a hundred belong to the words…
const SHARE: usize = 18;
/// …and so many where the line has a sentence's punctuation: a report on gambling names its games.
const SHARE_OF_PROSE: usize = 45;
/// The weight of words that nobody else writes.
const NOBODY_ELSE: u32 = 4;
/// What a warning word takes off: `打击网络赌博`.
const WARNED: u32 = 4;

/// A sentence with so many of them warns, whatever it names: `民警提醒：…都是诈骗，要远离…，及时举报`.
const SURELY_WARNED: usize = 3;

/// Judges one line. `None` for a line that looks clean.
pub fn score(line: &str) -> Option<Spam> {
    let line = fold(line);
    let Words { found, weight, heaviest, covered, .. } = Words::of(&line);
    if heaviest < 2 || weight < WORDS_AT_LEAST {
        return None;
    }
    let warnings = WARNINGS.iter().filter(|word| line.contains(**word)).count();
    let weight = if warnings > 0 { weight.saturating_sub(WARNED) } else { weight };
    let is_prose = line.contains(['。', '！', '？', '；', '：', '、', '“', '!', '?', ';', ':']);
    let (account, address) = (account(&line), odd_address(&line));
    // Whoever reports on a trade leaves no way to reach it.
    let is_report = is_prose && account.is_none() && address.is_none();
    if is_report && warnings >= SURELY_WARNED {
        return None;
    }
    let share = if is_report { SHARE_OF_PROSE } else { SHARE };
    // The name of an account says nothing of what the line is about.
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let length = letters(&line) - account.map_or(0, letters);
    if weight < WORDS_AT_LEAST || covered * 100 < share * length {
        return None;
    }
    let mut spam = Spam { score: weight, reasons: vec![Reason::Words(found)] };
    if !is_prose {
        spam.add_form(&line);
    }
    if let Some(host) = address {
        spam.score += 2;
        spam.reasons.push(Reason::Address(host.to_owned()));
    }
    if let Some(name) = account {
        spam.score += 2;
        spam.reasons.push(Reason::Account(name.to_owned()));
    }
    (spam.score >= SUSPICIOUS).then_some(spam)
}

/// Of a part of a title, so many characters in a hundred are the word that was spliced in.
const SHARE_OF_PART: usize = 45;

/// A word of the trades that was spliced into a title: a part of its own between joints, or hung onto either end.
/// `None` where the title warns of the trade, or only mentions it.
pub fn spliced(title: &str) -> Option<&'static str> {
    let title = fold(title);
    Words::of(&title).heavy?;
    if WARNINGS.iter().any(|word| title.contains(word)) {
        return None;
    }
    let parts = title.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let mut of_parts = parts.filter_map(|part| {
        let words = Words::of(part);
        let is_most = words.covered * 100 >= SHARE_OF_PART * part.chars().count();
        words.heavy.filter(|_| is_most)
    });
    of_parts.next().or_else(|| hung_on(&title))
}

/// A word at the beginning or the end of a title.
fn hung_on(title: &str) -> Option<&'static str> {
    let words = Words::of(title);
    let ends = |word: &str| title.starts_with(word) || title.ends_with(word);
    words.heavy.filter(|word| ends(word))
}

impl Spam {
    fn add_form(&mut self, line: &str) {
        let segments: Vec<&str> = line.split(JOINTS).map(str::trim).filter(|part| is_segment(part)).collect();
        if segments.len() >= 3 {
            self.score += if segments.len() >= 6 { 3 } else { 2 };
            self.reasons.push(Reason::Segments(segments.len()));
        }
        let mixed = segments.iter().filter(|segment| segment.bytes().any(|byte| byte.is_ascii_alphanumeric())).count();
        if mixed >= 2 {
            self.score += 1;
            self.reasons.push(Reason::Mixed(mixed));
        }
    }
}

/// What joins the segments.
const JOINTS: [char; 7] = ['_', ',', '，', '|', '丨', '-', '｜'];

/// A phrase of 4 to 20 characters with some Chinese in it.
fn is_segment(part: &str) -> bool {
    (4..=20).contains(&part.chars().count()) && part.chars().filter(|c| is_han(*c)).count() >= 2
}

/// Domains that cost next to nothing.
const ODD_DOMAINS: [&str; 9] = [".top", ".vip", ".xyz", ".cc", ".icu", ".bet", ".win", ".club", ".pw"];

fn odd_address(line: &str) -> Option<&str> {
    let hosts = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    hosts.into_iter().find(|host| ODD_DOMAINS.iter().any(|end| host.len() > end.len() + 1 && host.ends_with(end)))
}

/// Words before the name of an account, and how short such a name may be.
const ACCOUNTS: [&str; 8] = ["微信", "加微", "加v", "qq", "扣扣", "vx", "威信", "薇信"];
const SHORTEST_ACCOUNT: usize = 5;

/// `加微信abc123`, `QQ：123456`
fn account(line: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let behind = ACCOUNTS.iter().flat_map(|word| line.match_indices(word).map(|(at, word)| &line[at + word.len()..]));
    let names = behind.map(|text| {
        let text = text.trim_start_matches(['号', '同', ':', '：', ' ']);
        &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
    });
    names.into_iter().find(|name| name.len() >= SHORTEST_ACCOUNT)
}

/// Half-width, lower case, the words' characters in Simplified, without what hides between characters.
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\0'..='\x7F' => folded.push(c.to_ascii_lowercase()),
            // Most of a text, and it has no case.
            '\u{4E00}'..='\u{9FFF}' => folded.push(fold_character(c)),
            _ if HIDDEN.contains(&c) => {}
            _ => folded.extend(fold_character(c).to_lowercase()),
        }
    }
    folded
}

const HIDDEN: [char; 7] = ['\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FEFF}', '\u{00AD}', '\u{202E}'];

fn fold_character(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '．' | '＿' | '－' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        _ => {
            let simplified = u32::from(c).checked_sub(FIRST_HAN).and_then(|at| SIMPLIFIED.get(at as usize));
            simplified.copied().unwrap_or(c)
        }
    }
}

const FIRST_HAN: u32 = 0x4E00;
const LAST_HAN: u32 = 0x9FFF;

/// Each Traditional character before its Simplified one.
const PAIRS: &str = "國国產产區区無无碼码亞亚歐欧韓韩視视頻频線线觀观看看樂乐發发貸贷現现婦妇級级費费碰碰熱热網网錢钱賭赌場场註注冊册體体\
                     娛娱獎奖開开會会門门萬万遊游戲戏論论證证辦办藥药壯壮陽阳約约傳传帶带聯联繫系儲储電电腦脑機机";

/// What each character of the block of usual ones is folded to: a table, since every character of a site is looked up.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = (FIRST_HAN..=LAST_HAN).filter_map(char::from_u32).collect();
    let all: Vec<char> = PAIRS.chars().collect();
    for pair in all.chunks_exact(2) {
        table[(u32::from(pair[0]) - FIRST_HAN) as usize] = pair[1];
    }
    table
});

/// A line with one of these warns of the trade.
const WARNINGS: [&str; 22] = [
    "诈骗", "骗局", "骗人", "民警", "警方", "上当", "打击", "严禁", "警惕", "防范", "举报", "整治", "抵制", "拒绝",
    "反诈", "清理", "违法", "谨防", "远离", "查处", "专项", "危害",
];

/// The words of a line.
#[derive(Default)]
struct Words {
    found: Vec<&'static str>,
    /// Of all together, each counted once.
    weight: u32,
    /// That of one word. Ordinary words alone never condemn a line.
    heaviest: u32,
    /// How many characters they are.
    covered: usize,
    /// The first of those that nobody else writes.
    heavy: Option<&'static str>,
}

impl Words {
    fn of(line: &str) -> Self {
        let (lexicon, finder) = &*LEXICON;
        let mut words = Self::default();
        for found in finder.find_iter(line) {
            let (word, points) = lexicon[found.pattern()];
            words.add(word, points);
        }
        words
    }

    fn add(&mut self, word: &'static str, points: u32) {
        if points == 0 {
            return;
        }
        self.covered += word.chars().count();
        if points == NOBODY_ELSE {
            self.heavy.get_or_insert(word);
        }
        if !self.found.contains(&word) {
            self.found.push(word);
            self.weight += points;
            self.heaviest = self.heaviest.max(points);
        }
    }
}

/// The words with their weight, and what finds them; where several begin, the longest counts.
static LEXICON: LazyLock<(Vec<(&'static str, u32)>, AhoCorasick)> = LazyLock::new(|| {
    let of_weight = |(points, words): (u32, &'static str)| words.split_whitespace().map(move |word| (word, points));
    let words: Vec<(&str, u32)> = WORDS.into_iter().flat_map(of_weight).collect();
    let finder =
        AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words.iter().map(|(word, _)| word));
    (words, finder.expect("a few hundred words make a small machine"))
});

/// Words with their weight. 4: nobody else writes so. 1: ordinary words that such lines are made of. 0: ordinary
/// expressions that hold another word.
const WORDS: [(u32, &str); 5] = [
    (
        4,
        "国产精品 一区二区 二区三区 无码 久久久 久久精品 亚洲av 成人av 日韩av 欧美av 国产av 少妇 人妻 熟女 巨乳 约炮 偷拍自拍 91视频 \
         99re 99热 三级片 黄片 毛片 成人视频 成人网站 成人电影 成人在线 天天色 丁香五月 果冻传媒 麻豆传媒 四虎 超碰 欧美一级 一本道 色综合 久久综合 \
         床戏 裸聊直播 外围女 高端品茶 同城约 催情 学生妹 约妹 全国空降 高清完整版 porn viagra cialis \
         娱乐城 必发官网 yabo888 即送彩金 开户送彩金 首存送 刷单兼职 日赚 附近美女 上门服务美女 空降到酒店 代考枪手 出售枪支 毕业证学位证 各类毕业证 真人娱乐 真人荷官 百家乐 时时彩 北京赛车 pk10 棋牌app 线上赌场 体育投注 现金网 新葡京 皇冠体育 皇冠现金 澳门金沙 澳门永利 \
         bet365 开云体育 华体会 万博体育 米兰体育 半岛体育 炸金花 彩票平台 彩票app 送彩金 备用网址 九游会 开元棋牌 pg电子 ag真人 麻将胡了 \
         先开票后付款 验后付款 秒下款 秒批 股票配资 杠杆炒股 配资平台 信用卡代还 空放贷款 信用卡套现 刷卡套现 不看征信 办假证 办文凭 香烟批发 代写硕士 代写毕业 代写论文 论文代写 私家侦探 查开房 迷药 伟哥 壮阳 \
         传奇私服 黑客接单",
    ),
    (
        3,
        "激情视频 黄色视频 伦理片 爱爱 六合彩 幸运28 棋牌游戏 威尼斯人 必威 亚博 乐鱼 星空体育 德州扑克 老虎机 特码 一肖 平特 注册送 首存 返水 \
         最新网址 代开增值税 住宿费发票 点数优惠 无抵押贷款 黑户 当天放款 急用钱 身份证贷款 代办证件 各种证件 代孕 私服 \
         一手货源 讨债公司 私家调查 彩票官方 秒到账 casino jackpot",
    ),
    (
        2,
        "在线观看 免费观看 在线播放 高清在线 中文字幕 快三 博彩 博彩平台 体育博彩 足球投注 电子游艺 同城约会 增值税专用发票代开 点数低 办证刻章 澳门赌场 赌场 投注 下注 爱游戏 开奖结果 官网入口 登录入口 首页入口 app下载 \
         官方下载 手机版下载 代开发票 发票代开 餐饮发票 住宿发票 无抵押 套现 加微信 加qq 刷单 外挂 裸聊 无需抵押 核心期刊 \
         官方网站下载 日入 poker pharmacy",
    ),
    (
        1,
        "国产 亚洲 欧美 日韩 精品 成人 午夜 免费看 不卡 久久 第一页 赌博 色情 彩票 开奖 棋牌 捕鱼 官网 手机版 注册 下载 电竞 \
         真人 葡京 太阳城 发票 开票 增值税专用发票 小额贷款 贷款 放款 网贷 花呗 借呗 办证 刻章 学历证书 联系电话 微信",
    ),
    (
        0,
        "福利彩票 体育彩票 成人教育 成人高考 成人学校 棋牌室 微信公众号 微信群 亚洲杯 亚洲运动会 华体会展 华体会议 精品课 精品力作 精品线路 电子发票",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// In the form of real ones, with what names nobody.
    const INJECTED: &[&str] = &[
        "成人免费在线视频软件_久久精品久久久_亚洲国产精品久久久_天天色_欧美一级在线观看",
        "欧美视频在线第一页_午夜影视日本欧洲精品_国产精品99久久久_精品国产一二三四区_99视频精品在线",
        "999精品在线视频,手机成人午夜在线视频,久久不卡国产精品无码,中日无码在线观看,四虎国产在线观看",
        "亚洲免费av电影一区二区三区,日韩爱爱视频,91视频,中文字幕AV,久久综合视频网站,国产在线不卡免费播放",
        "国产精品无码一区二区三区",
        "亚洲AV无码一区二区三区在线观看",
        "日韩av在线播放，欧美av免费观看，国产av一区二区",
        "国产精品视频丨亚洲无码在线丨久久久精品丨成人在线视频",
        "麻豆传媒视频-果冻传媒在线观看-国产精品官网入口-成人app下载",
        "無碼中文字幕_國產精品在線觀看_亞洲一區二區",
        "国\u{200B}产精\u{200B}品_无\u{200B}码视频_一区\u{200B}二区",
        "真人娱乐|百家乐平台|时时彩开奖结果|北京赛车官网",
        "澳门新葡京官网_皇冠体育app下载_bet365备用网址",
        "开云体育官方下载-华体会登录入口-米兰体育手机版",
        "六合彩开奖结果,特码资料大全,一肖中特,平特一肖",
        "线上赌场注册送彩金，首存返水最高，真人荷官在线发牌",
        "棋牌app下载，炸金花官网，德州扑克手机版，捕鱼注册送",
        "万博体育 www.example-8.vip 最新网址",
        "線上娛樂城註冊送體驗金|真人百家樂|體育投注",
        "代开发票_增值税专用发票代开_住宿费发票_先开票后付款",
        "餐饮发票代开,建筑材料发票,点数优惠,验后付款,联系电话微信同号",
        "北京代开发票，上海发票代开，广州住宿费发票，加微信点数优惠",
        "无抵押贷款_身份证贷款_当天放款_黑户可贷",
        "急用钱秒下款,不看征信空放贷款,信用卡套现,花呗套现",
        "小额贷款秒下款丨网贷口子不看征信丨手机放款",
        "办假证_办文凭_刻章_代写论文",
        "论文代写,代写论文发表,毕业论文代写价格",
        "传奇私服发布网_私服外挂_最新网址",
        "私家侦探_婚外情调查_同城约_高端品茶",
        "ＰＫ１０计划，北京赛车开奖，幸运28预测",
        "代开发票加微信abc123",
        "无需抵押 秒批到账 加V：dk88888",
        "办理各种证件 刻章 学历证书 QQ 88997766",
        "正品香烟批发 一手货源 微信 xy66668",
        "天天彩票官方网站-天天彩票app",
        "最新电影免费在线观看高清完整版",
        "股票配资_杠杆炒股_配资平台排名",
        "AG真人_PG电子试玩_PG麻将胡了",
        "代写硕士论文 发表核心期刊 加微信lunwen666",
        "蚂蚁借呗套现 信用卡代还 花呗秒到账",
        "开元棋牌官方网站下载",
        "专业讨债公司 私家调查 查开房记录",
        "Viagra cheap online pharmacy casino poker bonus",
        "网上兼职刷单日入500元加QQ12345678",
        "刷单兼职，加QQ：12345678",
        "住宿发票 餐饮发票 VX:fapiao88",
        "全球最大的博彩平台，开户即送彩金，微信 abc123。",
        "足球投注、体育博彩、电子游艺，首存送100%。",
        "买球就上必发官网，yabo888.vip",
        "同城约会，附近美女上门，空降到酒店。",
        "办证刻章，代考枪手，联系QQ123456789。",
        "刷单兼职，日赚300元，加V：abc_123。",
    ];

    const CLEAN: &[&str] = &[
        "静安区,黄浦区,徐汇区,长宁区,普陀区,虹口区,杨浦区",
        "江宁路街道，天目西路街道，彭浦镇，华阳路街道，新华路街道，虹桥街道",
        "张建国，李秀英，王德明，陈美华，赵志强，周小燕",
        "欧阳建国,司马文静,上官美华,诸葛志强,皇甫小燕,慕容丽萍",
        "首页 | 新闻中心 | 通知公告 | 志愿服务 | 文明创建 | 联系我们",
        "首页_静安区文明办_通知公告_志愿者招募",
        "设为首页 | 加入收藏 | 手机版 | 官网 | 微信公众号 | 下载中心",
        "中国文明网 | 上海文明网 | 东方网 | 上海志愿者网 | 学习强国",
        "奉献,友爱,互助,进步",
        "富强、民主、文明、和谐，自由、平等、公正、法治，爱国、敬业、诚信、友善",
        "讲文明树新风，做文明有礼上海人",
        "垃圾分类一小步，健康文明一大步",
        "人民有信仰，民族有希望，国家有力量",
        "有时间做志愿者，有困难找志愿者",
        "周一 9:00-11:00 老年大学合唱班，周二 13:00-15:00 书法班，周三 9:00-11:00 国画班",
        "08:30-14:30 早班，14:30-20:30 晚班，20:30-次日08:30 夜班",
        "1月20日-1月25日，东南出口引导，30人",
        "静安区志愿服务中心 021-00000000，黄浦区志愿服务中心 021-00000001，徐汇区志愿服务中心 021-00000002",
        "静安区|秣陵路303号|021-00000000|周一至周五 9:00-17:00",
        "单位,联系人,联系电话,办公时间,微信",
        "附件：1.志愿者报名表 2.岗位说明 3.安全须知",
        "来源：静安区文明办  责任编辑：张三  字号：大 中 小",
        "发布时间：2020-04-13 09:30 | 来源：上海文明网 | 作者：李四",
        "沪ICP备00000000号-1 | 沪公网安备 31010002000000号 | 网站标识码3101000001",
        "主办：静安区文明办，承办：静安区新时代文明实践中心，技术支持：某某科技",
        "关于严厉打击网络赌博、六合彩、百家乐等违法犯罪活动的通告",
        "警惕网络贷款诈骗_防范刷单返利_拒绝裸聊陷阱",
        "反诈宣传进社区：刷单、裸聊、博彩都是骗局，不听、不信、不转账",
        "“扫黄打非”专项行动清理黄色视频网站",
        "民警提醒，真人荷官在线发牌的网站都是骗人的，切勿下注。",
        "自然人代开发票,税务登记变更,社保缴费查询,公积金提取",
        "电子发票开具,增值税专用发票,发票真伪查询,纳税信用查询",
        "创业担保贷款,小额贷款贴息,助学贷款,公积金贷款",
        "身份证办理,居住证办理,老年人优待证办证,志愿者证",
        "成人教育,社区教育,老年教育,家庭教育,学前教育",
        "成人高考报名,自学考试报名,普通话水平测试,教师资格认定",
        "福利彩票公益金使用情况公告",
        "体育彩票公益金资助全民健身工程",
        "社区棋牌室，乒乓室，图书室，舞蹈房，健身房，免费开放",
        "亚洲杯,全运会,城市马拉松,龙舟赛,社区篮球赛",
        "精品课程在线观看，免费报名，名额有限",
        "精品线路推荐_红色文化_海派文化_江南文化",
        "中国国际进口博览会志愿者“小叶子”上岗",
        "第九届万博园灯会志愿者招募，地铁7号线，公交49路",
        "微信公众号 静安文明，抖音号 静安文明，官网 example.org",
        "电子发票咨询，加微信 jingan_tax 或者致电 021-00000000",
        "网络投票请关注微信公众号 jinganwenming",
        "警方提示：凡是要求加微信、加QQ刷单返利的都是诈骗",
        "住宿发票请交给财务室报销",
        "民警提醒：“刷单返利”“免费领彩金”“无抵押贷款当天放款”都是诈骗，要远离网络赌博、六合彩、百家乐，发现代开发票、办假证的小广告及时举报。",
        "志愿者代写春联、代写书信",
        "各种证件、学历证书请带原件和复印件",
        "核心期刊导读讲座，加微信群 jingan01 报名",
        "纪录片《上海的桥》在线观看",
        "国产大飞机C919科普讲座-浦东图书馆-3月5日",
        "日韩语翻译志愿者,英语翻译志愿者,法语翻译志愿者,德语翻译志愿者",
        "欧美音乐鉴赏，亚洲电影沙龙，国产动画展映，午夜书房",
        "党建引领,三会一课,主题党日,民主评议,组织生活",
        "2020-04-13 2020-04-14 2020-04-15",
        "Home | News | Notices | Volunteers | Contact",
        "一、总体要求 二、重点任务 三、保障措施",
        "志愿服务时长：1600小时，其中：敬老853小时，助残747小时",
        "麻豆合唱团_五月天歌迷志愿队_丁香花园讲解队",
        "皇冠小区,金沙新村,太阳城小区,永利大厦,葡京路居委会",
        "最美志愿者丨李阿姨丨二十年如一日丨楼道里的好邻居",
        "上一篇：社区食堂开张了 下一篇：冬至邻里节活动安排",
        "",
        "。。。。。。",
    ];

    #[test]
    fn injected_lines_are_found() {
        assert!(INJECTED.len() >= 25);
        let missed: Vec<&&str> = INJECTED.iter().filter(|line| score(line).is_none()).collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn clean_lines_are_left_alone() {
        assert!(CLEAN.len() >= 50);
        let hit: Vec<_> = CLEAN.iter().filter_map(|line| Some((line, score(line)?))).collect();
        assert!(hit.is_empty(), "{hit:#?}");
    }

    #[test]
    fn a_brand_in_a_title_is_told_from_a_report() {
        let check = |title: &str, expected| assert_eq!(spliced(title), expected, "{title}");
        check("开云体育_静安区召开志愿者大会", Some("开云体育"));
        check("静安区召开志愿者大会 - 百家乐平台", Some("百家乐"));
        check("静安区召开志愿者大会皇冠体育", Some("皇冠体育"));
        check("米兰体育官网静安区召开志愿者大会", Some("米兰体育"));
        check("社区重阳节活动|Bet365备用网址", Some("bet365"));
        check("严厉打击百家乐等网络赌博", None);
        check("民警捣毁一处百家乐赌窝", None);
        check("静安区召开志愿者大会", None);
        check("城市业余体育联赛开赛", None);
        check("《卖火柴的小女孩》少儿剧排演", None);
        check("", None);
    }

    #[test]
    fn a_score_says_what_it_is_made_of() {
        let spam = score("北京赛车开奖_pk10计划_真人娱乐平台_www.example-8.vip").expect("spam");
        assert_eq!(
            spam.reasons,
            [
                Reason::Words(vec!["北京赛车", "开奖", "pk10", "真人娱乐"]),
                Reason::Segments(3),
                Reason::Address("www.example-8.vip".to_owned()),
            ]
        );
        assert_eq!(spam.score, 4 + 1 + 4 + 4 + 2 + 2);
        assert_eq!(spam.reasons[0].text().zh, "含有“北京赛车”“开奖”“pk10”“真人娱乐”");
    }
}
