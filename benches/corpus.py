"""Makes the benchmark's corpus: a seeded set of Chinese items in one of several shapes, written as a site of each builder.

The bodies are the same bytes in all sites, but for the ends of links (see `peers.py`). What a site looks like beside its
items, and how an item's front matter is written, each builder knows (`builders.py`, `peers.py`).

Never knows how a site is built or measured. Start at `write_corpus`.
"""

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shapes import Shape

SEED = 310106
BASE_URL = "https://example.org/"
PAGE_SIZE = 20
FIRST_DAY = datetime(2021, 1, 1)
DAYS = 5 * 365

SITE = {
    "title": "新风文明实践网",
    "organization": "新风市精神文明建设办公室",
    "undertaker": "新风市志愿服务指导中心",
    "phone": "021-60000000",
    "email": "wenming@example.org",
    "address": "新风市人民大道1号",
    "copyright": "新风市精神文明建设办公室 版权所有",
    "site_code": "3101060001",
    "icp": "沪ICP备00000000号-1",
    "police_filing": "沪公网安备31010602000000号",
}

COLUMNS = [
    {"key": "news", "name": "要闻", "slug": "news", "column_type": "工作动态",
     "description": "全市新时代文明实践、志愿服务和群众性精神文明创建的工作动态。", "keywords": "要闻,文明实践,工作动态"},
    {"key": "recruitment", "name": "志愿招募", "slug": "recruitment", "column_type": "征集调查",
     "description": "各区志愿者招募：岗位、时间、地点、报名方式、风险提示与保障。", "keywords": "志愿者,招募,报名"},
    {"key": "notices", "name": "通知公告", "slug": "notices", "column_type": "政策文件",
     "description": "通知、公告、公示、通报、通告与倡议书。", "keywords": "通知,公告,公示,倡议书"},
]


@dataclass
class Item:
    """One item of the corpus: what all front matters say, and its Markdown body."""

    column: str
    stem: str
    title: str
    date: datetime
    districts: list[str]  # slugs as the editor writes them; empty for the whole site (`all`)
    listed: list[str]  # slugs of the districts whose lists show the item: those and all above them
    topics: list[str]
    fields: dict  # the further front matter, with Xinfeng's keys
    body: str

    @property
    def folder(self) -> str:
        return f"{self.column}/{self.date:%Y/%m}"

    def facts(self) -> dict:
        """What the parity check needs to know of the item."""
        return {"url": f"/{self.folder}/{self.stem}.html", "column": self.column, "title": self.title, "date": f"{self.date:%Y-%m-%d %H:%M}",
                "districts": self.listed, "topics": self.topics, "month": f"{self.date:%Y-%m}",
                "bold": self.body.count("**") // 2, "internal_links": self.body.count(".md)")}


# ---------------------------------------------------------------------------------------------------------------------
# Vocabulary. Sentences are templates whose slots are filled from these lists, names and numbers; with about 900 words,
# 45 templates and combined names, no two bodies are alike.

def words(text: str) -> list[str]:
    return text.split()


SURNAMES = words("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 欧阳 诸葛 上官")
GIVEN = "建国明华志强丽秀英伟芳娜敏静磊军洋勇艳杰娟涛超霞平刚桂文辉玲宇浩欣怡子轩雨涵梓萱思远佳慧晓东海波春梅冬兰国庆红卫立新民生安康永福德善仁义礼智信温良恭俭让勤朴诚毅和睦"
ROADS = words("人民路 建设路 团结路 和平路 光明路 胜利路 文化路 学苑路 公园路 滨河路 长乐路 安福路 康宁路 永兴路 共和路 友谊路 延河路 清泉路 梅园路 兰亭路 竹溪路 菊盛路 桃浦路 槐荫路 银杏路 梧桐路 香樟路 松柏路 芙蓉路 百合路 紫薇路 丁香路 海棠路 玉兰路 牡丹路 石榴路 枫林路 杨柳路 水杉路 星火路 朝阳路 晨光路 晚霞路 望江路 临江路 凤溪路 龙泉路 鹤鸣路 雁荡路 鹭岛路")
COMMUNITIES = words("阳光 幸福 和谐 康乐 祥和 锦绣 翠湖 绿苑 金桂 银河 华光 新苑 嘉园 怡景 云锦 春晖 秋实 夏荷 冬青 兰馨 竹园 梅苑 松涛 柏林 枫桥 柳岸 桃源 杏林 槐安 榆园 望江 临河 湖滨 海韵 江南 河畔 东苑 西园 南里 北里 中心 新村 花园 书苑 学府 文昌 崇文 尚德 仁和 义和 礼和 智和 信和 同心 齐心 联心 暖心 知心")
VENUES = words("文明实践中心 文明实践分中心 文明实践站 党群服务中心 社区文化活动中心 图书馆 文化馆 科技馆 少年宫 社区学校 老年大学 邻里中心 睦邻点 市民驿站 社区食堂 卫生服务中心 体育公园 健身步道 城市书房 非遗工坊 青少年活动中心 志愿服务驿站 长者照护之家 为老服务中心 社区花园 议事厅 百姓舞台 家长学校 农家书屋 乡村大舞台 园区会客厅 楼宇服务站 地铁站厅 火车站南广场 长途客运站 医院门诊大厅 菜市场广场 街心花园 滨江驿站 河长工作站")
ROLES = words("志愿者 社区党员 楼组长 退休教师 退休医生 大学生 中学生 网格员 社工 居委会干部 快递小哥 外卖骑手 民警 消防员 护士 律师 工程师 摄影爱好者 合唱团成员 书法爱好者 非遗传承人 全职妈妈 企业职工 个体商户 环卫工人 公交司机 军休干部 归侨侨眷 新居民 团干部 妇联执委 宣讲员 讲解员 心理咨询师 营养师 园艺师 理发师 维修师傅 电工师傅 体育指导员")
PEOPLE = words("独居老人 高龄老人 残疾人 困境儿童 留守儿童 双职工家庭 新就业群体 外来务工人员 社区居民 中小学生 学龄前儿童 青年职工 退役军人 孕产妇 慢性病患者 视障人士 听障人士 候车旅客 就诊患者 过往行人 游客 新婚夫妇 准毕业生 求职青年 退休职工 园区白领 商户 骑行市民 养宠居民 广场舞队员")
ACTIVITIES = words("文明交通劝导 垃圾分类宣传 邻里节 敬老茶会 义务植树 便民服务集市 科普讲座 防诈骗宣讲 消防演练 急救培训 读书分享会 经典诵读 书法展 摄影展 剪纸体验 皮影演出 戏曲专场 合唱比赛 健步走 乒乓球赛 太极拳教学 八段锦课堂 义诊 心理疏导 法律咨询 家电维修 磨刀修伞 智能手机课堂 编程启蒙 航模体验 天文观测 博物馆研学 红色寻访 烈士陵园祭扫 我们的节日主题活动 端午包粽子 元宵猜灯谜 重阳慰问 中秋赏月 春节写春联 清明诗会 七夕集体婚礼 家庭教育指导 爱心暑托班 课后陪伴 旧物交换 光盘行动 爱心送考 文明旅游倡导 无烟宣传 控烟劝导 文明养犬倡导 楼道清洁 河道巡护 绿化认养 屋顶种植 社区花园营造 旧衣回收 电池回收 节水宣传 低碳骑行")
GOALS = words("把服务送到居民家门口 打通服务群众的最后一公里 让文明新风吹进千家万户 让老人晚年更有温度 让孩子在身边就能找到课堂 提升居民的获得感 凝聚邻里共治的力量 营造互助互爱的氛围 让志愿服务成为生活方式 把大家的事商量着办 推动好人好事常态长效 让城市更有人情味 守护一方平安 擦亮城市文明底色 让新风尚扎根社区 让传统节日更有味道 丰富群众的精神文化生活 让公共空间更整洁有序 带动更多家庭参与 培育向上向善的社会风气 织密社区的关爱网络 让年轻人愿意走进社区 让需求与服务精准对接 让规则意识深入人心")
METHODS = words("点单派单 网格走访 错时服务 结对帮扶 小班授课 入户走访 线上预约 流动服务车 积分兑换 联席会议 轮值值守 师徒结对 走街串巷 院落议事 楼组自治 双向认领 专题辅导 情景演示 现场答疑 问卷调查 志愿接力 以老带新 校社联动 医社联动 警社联动 区域共建")
RESULTS = words("群众满意度明显提升 参与人数创下新高 楼道环境焕然一新 邻里关系更加融洽 矛盾纠纷明显减少 报名名额很快约满 现场秩序井然 孩子们收获满满 老人们连连点赞 商户主动加入 投放准确率稳步提高 活动口碑越来越好 服务时长持续增长 服务项目更加丰富 队伍结构更加合理 响应时间大为缩短 意见建议逐条落实 典型经验在全区推广")
TIMES = words("近日 日前 连日来 本周末 上周六上午 周五下午 清晨六点 华灯初上 暑假期间 开学前夕 元旦假期 春节前后 清明前夕 五一假期 端午时节 国庆期间 重阳节当天 入秋以来 入冬以来 今年以来 上半年 第三季度 岁末年初 学雷锋纪念日当天 国际志愿者日前夕 世界读书日 全国科普日 全民健身日")
ADVERBS = words("积极 主动 有序 耐心 细致 认真 及时 扎实 持续 深入 广泛 热情 用心 精准 稳步 逐一 反复 定期 自发 共同")
VERBS = words("组织开展 策划推出 承办 启动 举办 发起 走进社区开展 联合开展 常态化开展 精心筹备 继续推进 全面铺开 试点开展 接力开展 因地制宜开展 创新开展")
THINGS = words("宣传折页 爱心药箱 雨具 热茶 防暑用品 图书 助行器 老花镜 便民服务卡 活动手册 环保袋 春联 绿植 急救包 应急手电 文具 运动器材 志愿马甲 反光背心 服务手册 民情日记 心愿卡 联系卡 意见箱")
MOODS = words("暖心 难忘 热闹 温馨 踏实 生动 鲜活 朴素 亲切 贴心")
QUOTES = words("能为邻居做点事，心里特别踏实 以前要跑好几趟，现在楼下就能办 孩子有人陪，我们上班也安心 年纪大了也能学会用手机，真高兴 大家的小区大家管，人人都出一份力 看到老人笑了，再累也值得 文明不是口号，是一点一滴做出来的 一个人的力量有限，一群人就能成事 规矩立起来了，日子就顺了 多走一步路，多说一句话，矛盾就少一点 第一次参加，没想到收获这么多 希望这样的活动多办几场 只要大家需要，我们就一直在 把小事做好，就是最大的文明 我们不只是来帮忙，也是来学习")
SECTIONS = words("走进现场 群众点单 服务到家 经验做法 数据背后 志愿者说 居民点赞 共建共享 机制建设 下一步打算 活动亮点 故事里的人 从一件小事做起 让服务更精准 让队伍更专业 让阵地更温暖 多方联动 长效管理 细节之处见真情 以文化人 以文育人 身边的榜样 小积分大能量 楼道里的变化 一张清单 一次议事会 一堂特别的课 新风进万家")
SLOGANS = words("文明实践 志愿有我 邻里一家亲 爱心接力 银龄行动 小手拉大手 文明新风进万家 点亮微心愿 情暖夕阳 书香社区 绿色家园 科普大篷车 百姓宣讲 健康同行 温暖回家路 向阳花开 守望相助 青春课堂 红色记忆 非遗传承 光盘在行动 垃圾分类我先行 文明交通你我同行 清风家训 好邻居 最美楼道 微光成炬 星火宣讲 春风送暖 蒲公英")
ORGS = words("区文明办 区志愿者协会 团区委 区妇联 区民政局 区教育局 区文旅局 区体育局 区卫健委 区科协 区残联 区红十字会 街道党工委 街道办事处 社区居委会 区融媒体中心 区总工会 区司法局 区绿化市容局 区图书馆")
SOURCES = words("区文明办 区融媒体中心 市志愿者协会 区志愿服务指导中心 新风日报 新风晚报 区教育局 街道文明实践分中心 团区委 区妇联")
EDITORS = words("陈编辑 林编辑 周编辑 区文明办编辑部 吴编辑 顾编辑")
KEYWORDS = words("文明实践 志愿者 社区治理 邻里互助 为老服务 公益 文明社区 共建共享 新风尚 移风易俗 未成年人 科普 健身 阅读 垃圾分类 节约 诚信 敬业 友善 奉献")

SENTENCES = [
    "{time}，{place}的{role}们{adverb}{verb}{activity}，{goal}。",
    "{role}{name}告诉记者，这项服务从{year}年起坚持至今，已累计服务{people}{count}人次。",
    "“{quote}。”{role}{name}一边整理{thing}，一边笑着说。",
    "活动现场，{role}{adverb}为{people}讲解，并向大家发放{thing}{count}份。",
    "据介绍，{org}{adverb}探索{method}的做法，{result}。",
    "围绕{activity}，{org}会同{org2}排出计划，把任务分解到人、把时间落实到天。",
    "{place}每周安排{small}场{activity}，由{role}轮流值守，{people}在家门口就能参加。",
    "为了{goal}，{community}社区采取{method}的方式，逐户了解{people}的需要。",
    "记者在{place}看到，{people}正排队领取{thing}，{role}在一旁{adverb}引导，现场{mood}而有序。",
    "截至目前，全区共有{count}名{role}登记参加，其中{part}人接受过专门培训。",
    "{name}今年{age}岁，是一名{role}，她{adverb}参与{activity}已有{small}年。",
    "从{activity}到{activity2}，服务清单上的项目由{small}项增加到{medium}项。",
    "{community}社区的{name}说，自从有了{method}，大家碰面的机会多了，话也多了。",
    "{org}有关负责人表示，下一步将{verb}{activity}，{goal}。",
    "在{road}的{venue}，{role}{name}每天早到半个小时，把{thing}摆放整齐。",
    "通过{method}，{place}形成了需求、项目、队伍三张清单，{result}。",
    "不少{people}表示，{activity}贴近生活，听得懂、学得会、用得上。",
    "{time}，一场{mood}的{activity}在{place}举行，{count}余名{people}参加。",
    "“{quote}，{quote2}。”说起{activity}，{name}打开了话匣子。",
    "针对{people}提出的{medium}条意见，{org}{adverb}逐条回应，{result}。",
    "{role}与{people}结成{small}对帮扶对子，每月至少上门{few}次，送去{thing}和问候。",
    "{community}社区地处{road}一带，居民{count}户，{people}较多，服务需求多样。",
    "在{activity}中，{role}用通俗的语言把道理讲清楚，{people}听得津津有味。",
    "这支队伍由{small}名{role}发起，如今已发展到{medium}人，平均年龄{age}岁。",
    "{org}把{activity}列入年度重点项目，安排专人负责，{adverb}推进落实。",
    "活动分为{activity}、{activity2}和互动交流三个环节，{people}{adverb}参与。",
    "一个小小的{venue}，连起了{role}和{people}，也{adverb}连起了邻里之间的情谊。",
    "遇到雨天，{role}还会{adverb}准备{thing}，提醒{people}注意安全。",
    "{place}的一面墙上贴满了{thing}，每一张背后都有一个{mood}的故事。",
    "过去一年，{place}共{verb}{activity}{medium}场，参与{people}{count}人次，{result}。",
    "{name}和同伴们把{activity}带到{road}，哪里有需要，就往哪里去。",
    "在{org}的支持下，{community}社区建起{venue}，面向{people}免费开放。",
    "大家商定，每月第一个星期六为集中服务日，由{role}牵头，{adverb}开展{activity}。",
    "对行动不便的{people}，{role}提供上门服务，{adverb}做好登记和回访。",
    "{org}还邀请{role}担任监督员，对{activity}的效果{adverb}评价，{result}。",
    "培训内容包括服务礼仪、沟通技巧、应急处置和{activity}，共{small}个课时。",
    "服务结束后，志愿者系统记录时长{medium}小时，作为评优的参考。",
    "{time}，{org}召开现场会，交流{method}的经验，{count}名代表到{place}观摩。",
    "孩子们在{venue}里体验{activity}，家长们则学习{activity2}，其乐融融。",
    "如今走在{road}上，随处可见身穿红马甲的{role}，成为一道{mood}的风景。",
    "要实现{count}户全覆盖，光靠{org}不够，还要请{role}和{people}一起出力。",
    "从{time}的第一次尝试，到今天的常态运行，{community}社区走出了自己的路子。",
    "{org2}与{org}签订共建协议，{adverb}提供场地、师资和{thing}。",
    "{people}最关心的，往往是一件件小事：{activity}有没有人组织，{thing}够不够用。",
    "群众的需要在哪里，服务就延伸到哪里，{goal}。",
]

TITLES = [
    "{community}社区{verb}{activity}", "{activity}走进{place}", "{place}：{goal}", "“{slogan}”项目在{community}社区启动",
    "{role}{name}：{small}年坚持{activity}", "{count}名{role}参与{activity}", "{org}{verb}{activity}", "{time}，{community}社区的{activity}这样办",
    "{method}让{activity}更贴心", "一场{mood}的{activity}：{community}社区{result}",
]


class Writer:
    """Makes sentences, paragraphs and bodies out of one random generator."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.slots = {
            "role": ROLES, "people": PEOPLE, "activity": ACTIVITIES, "activity2": ACTIVITIES, "goal": GOALS, "method": METHODS,
            "result": RESULTS, "time": TIMES, "adverb": ADVERBS, "verb": VERBS, "thing": THINGS, "mood": MOODS, "quote": QUOTES, "quote2": QUOTES,
            "org": ORGS, "org2": ORGS, "venue": VENUES, "road": ROADS, "community": COMMUNITIES, "slogan": SLOGANS,
        }
        self.numbers = {"count": (60, 2400), "part": (12, 58), "small": (2, 9), "medium": (12, 86), "few": (1, 4), "age": (19, 78), "year": (2008, 2020)}

    def __getitem__(self, slot: str) -> str:
        """`str.format_map` asks here for each slot."""
        rng = self.rng
        if slot in self.slots:
            return rng.choice(self.slots[slot])
        if slot in self.numbers:
            return str(rng.randint(*self.numbers[slot]))
        if slot == "name":
            return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.randint(1, 2)))
        if slot == "place":
            return rng.choice(COMMUNITIES) + "社区" + rng.choice(VENUES)
        raise KeyError(slot)

    def fill(self, template: str) -> str:
        return template.format_map(self)

    def sentence(self) -> str:
        return self.fill(self.rng.choice(SENTENCES))

    def paragraph(self, least: int = 3, most: int = 5) -> str:
        sentences = [self.sentence() for _ in range(self.rng.randint(least, most))]
        rng = self.rng
        if rng.random() < 0.25:
            # Bold whose marks touch Chinese punctuation, which plain CommonMark leaves as asterisks, and plain bold.
            bold = rng.choice(["**“{slogan}”**{activity}同步启动。", "服务口号是**“{slogan}（{year}版）”**，大家{adverb}响应。",
                               "**《{slogan}倡议书》**公开征求意见，{result}。", "其中，**{activity}（{small}场）**最受{people}欢迎。",
                               "{org}提出，要**{goal}**，{adverb}推进各项工作。", "今年新增的服务有**{activity}**和**{activity2}**两项。"])
            sentences.insert(1, self.fill(bold))
        # Editors break some lines by hand: the soft break between two wide characters has to vanish.
        return ("\n" if rng.random() < 0.15 else "").join(sentences)

    def bullet_list(self) -> str:
        numbered = self.rng.random() < 0.4
        items = [self.fill(self.rng.choice(["{activity}：由{org}负责，每月{small}次", "{people}的{activity}，地点在{place}", "{method}，{goal}", "准备{thing}{medium}份，{adverb}发放"]))
                 for _ in range(self.rng.randint(3, 5))]
        return "\n".join(f"{number}. {item}" if numbered else f"- {item}" for number, item in enumerate(items, 1))

    def table(self, count: int | None = None) -> str:
        rows = [self.fill("| {activity} | {place} | {medium} | {org} |") for _ in range(count or self.rng.randint(3, 6))]
        return "\n".join(["| 项目 | 地点 | 场次 | 责任单位 |", "| --- | --- | ---: | --- |", *rows])

    def body(self, characters: int, link: tuple[str, str] | None, shape: Shape) -> str:
        rng = self.rng
        blocks = [self.paragraph()]
        if shape.length >= 0.2:
            blocks.append(self.paragraph())
        if link:
            title, target = link
            blocks.append(f"此前的报道见[{title}]({target})。" + self.sentence())
        if shape.length >= 0.2:
            self.add_sections(blocks, characters - 120)
            blocks.append(self.paragraph(2, 3))
        tables, rows = shape.large_tables
        for _ in range(tables):
            blocks += [f"## {rng.choice(SECTIONS)}", self.table(rows)]
        return "\n\n".join(blocks) + "\n"

    def add_sections(self, blocks: list[str], characters: int) -> None:
        """Adds sections until the blocks hold so many characters."""
        rng = self.rng
        has_table = rng.random() < 0.2
        section = 0
        while sum(map(len, blocks)) < characters:
            # A long body is like many of the usual ones after one another.
            section = section % 8 + 1
            blocks.append(f"## {rng.choice(SECTIONS)}")
            blocks.append(self.paragraph())
            if section == 1 and rng.random() < 0.7:
                blocks.append(self.bullet_list())
            if section == 2:
                blocks.append(f"### {rng.choice(SECTIONS)}")
                if has_table:
                    blocks.append(self.table())
            if section == 3 and rng.random() < 0.3:
                blocks.append("> " + self.fill("{quote}，{quote2}。——{role}{name}"))
            blocks.append(self.paragraph())


# ---------------------------------------------------------------------------------------------------------------------
# Items

def items(count: int, shape: Shape) -> Iterator[Item]:
    """Yields the items, oldest first. Only slugs and titles of the items so far are kept, so memory stays small."""
    rng = random.Random(f"{SEED}-{count}")
    writer = Writer(rng)
    # Every tenth item is a recruitment post and every tenth a notice, so the shares are exact.
    kinds = ["news"] * 8 + ["recruitment", "notices"]
    earlier = []
    for index, date in enumerate(moments(rng, count, shape)):
        if index % 10 == 0:
            rng.shuffle(kinds)
        item = make_item(writer, shape, index, kinds[index % 10], date, is_among_newest=index >= count - max(40, count // 50), earlier=earlier)
        earlier.append((item.folder, item.stem, item.title))
        yield item


def moments(rng: random.Random, count: int, shape: Shape) -> Iterator[datetime]:
    """When the items were published, in order, in office hours. No two share a moment: how ties are broken is each builder's own affair."""
    if shape.items_per_day:
        for first in range(0, count, shape.items_per_day):
            day = FIRST_DAY + timedelta(days=first // shape.items_per_day, hours=8)
            for minute in sorted(rng.sample(range(12 * 60), min(shape.items_per_day, count - first))):
                yield day + timedelta(minutes=minute)
        return
    previous = FIRST_DAY
    for minutes in sorted(rng.randrange(DAYS * 24 * 60) for _ in range(count)):
        date = FIRST_DAY + timedelta(minutes=minutes)
        # With the order kept, the minute of the day is squeezed into 8:00–20:00.
        minute_of_day = 8 * 60 + (date.hour * 60 + date.minute) // 2
        date = date.replace(hour=minute_of_day // 60, minute=minute_of_day % 60, second=0)
        previous = max(date, previous + timedelta(minutes=1))
        yield previous


def make_item(writer: Writer, shape: Shape, index: int, column: str, date: datetime, is_among_newest: bool, earlier: list) -> Item:
    rng = writer.rng
    districts = pick_districts(rng, shape)
    topics = rng.sample(list(shape.topic_names), rng.choice([1, 1, 2, 2, 2, 3]))
    link = None
    if earlier and rng.random() < 0.3:
        folder, stem, title = rng.choice(earlier)
        # Relative to the file, as an editor's tool would write it.
        link = (title, f"../../../{folder}/{stem}.md")
    title = writer.fill(rng.choice(TITLES))
    fields = {"source": rng.choice(SOURCES), "editor": rng.choice(EDITORS)}
    if rng.random() < 0.3:
        fields["summary"] = writer.fill("{time}，{place}{verb}{activity}，{result}。{goal}。")
    fields["keywords"] = rng.sample(KEYWORDS, 3)
    stem = {"news": "news", "recruitment": "zhaomu", "notices": "tongzhi"}[column] + f"-{index:06d}"
    body_characters = rng.randint(1350, 1650)
    if column == "recruitment":
        title = writer.fill("{place}{activity}志愿者招募")
        fields |= recruitment_fields(writer, date, shape.district_names[districts[0]] if districts else None, is_among_newest)
        body_characters = 1200
    elif column == "notices":
        kind = rng.choice(["通知", "公告", "公示", "通报", "通告", "倡议书"])
        title = writer.fill("关于{verb}{activity}的") + kind
        fields |= notice_fields(writer, date, kind)
        body_characters = 1350
    elif rng.random() < 0.1:
        whole = rng.randint(800, 3000)
        part = rng.randint(200, 600)
        fields["figures"] = [{"name": "参与志愿者", "value": whole, "unit": "人", "as_of": f"{date:%Y-%m-%d}",
                              "parts": [{"name": "党员志愿者", "value": part}, {"name": "居民志愿者", "value": whole - part}]}]
    body = writer.body(round(body_characters * shape.length), link, shape)
    return Item(column, stem, title, date, districts, with_those_above(districts, shape), topics, fields, body)


def with_those_above(districts: list[str], shape: Shape) -> list[str]:
    return list(dict.fromkeys(slug for district in districts for slug in shape.lineages[district]))


def pick_districts(rng: random.Random, shape: Shape) -> list[str]:
    """One district mostly, on any level of the tree, sometimes two; one item in twenty is for the whole site."""
    if rng.random() < 0.05:
        return []
    first = district = rng.choice(shape.districts)
    while district.children and rng.random() < shape.descent:
        district = rng.choice(district.children)
    slugs = [district.slug]
    if rng.random() < 0.08:
        second = rng.choice(shape.districts)
        if second != first:
            slugs.append(second.slug)
    return slugs


def phone(rng: random.Random) -> str:
    return f"021-6{rng.randrange(10**7):07d}"


def recruitment_fields(writer: Writer, date: datetime, district: str | None, is_open: bool) -> dict:
    rng = writer.rng
    # The newest posts stay open until 2029, so that the board has something to show whenever the benchmark is run.
    deadline = datetime(2029, rng.randint(1, 12), rng.randint(1, 28), 18) if is_open else (date + timedelta(days=rng.randint(5, 20))).replace(hour=18, minute=0)
    start = deadline + timedelta(days=rng.randint(1, 10))
    end = start + timedelta(days=rng.randint(0, 40))
    positions = [{"name": writer.fill("{activity}岗"), "count": rng.randint(5, 60), "tasks": writer.fill("{adverb}引导{people}，发放{thing}"),
                  "skills": rng.sample(["沟通", "急救", "摄影", "写作", "普通话", "驾驶", "电脑"], 2), "languages": rng.choice([["zh"], ["zh", "en"], ["zh", "ja"]])}
                 for _ in range(rng.randint(1, 3))]
    risky = rng.random() < 0.6
    round_clock = rng.random() < 0.15
    shifts = ([{"name": "夜班", "start": "00:00", "end": "08:00"}, {"name": "早班", "start": "08:00", "end": "16:00"}, {"name": "晚班", "start": "16:00", "end": "24:00"}]
              if round_clock else [{"name": "上午班", "start": "08:30", "end": "11:30"}, {"name": "下午班", "start": "13:30", "end": "16:30"}])
    place = {"name": writer.fill("{community}社区{venue}"), "address": writer.fill("{road}") + f"{rng.randint(1, 990)}号"}
    if district:
        place["district"] = district
    fields = {
        "organizer": writer.fill("{org}"), "undertaker": writer.fill("{community}社区居委会"), "positions": positions,
        "service_start": f"{start:%Y-%m-%d}", "service_end": f"{end:%Y-%m-%d}", "shifts": shifts,
        "place": place,
        "apply": {"wechat": "新风文明实践", "url": f"{BASE_URL}apply", "phone": phone(rng)},
        "apply_open": f"{date:%Y-%m-%d %H:%M}", "apply_deadline": f"{deadline:%Y-%m-%d %H:%M}", "recruited": rng.randint(0, 4),
        "age": {"min": 18, "max": rng.choice([55, 60, 65, 70])}, "requirements": writer.fill("身体健康，能{adverb}参加{activity}，服从现场安排"),
        "risk": rng.choice(["人流密集，注意防挤防摔", "户外高温，注意防暑", "夜间值守，注意出行安全"]) if risky else "无",
        "insurance": {"provided": risky, **({"kind": "人身意外伤害保险"} if risky else {})},
        "training": "上岗前统一培训半天", "benefits": "提供工作餐、服装和服务证书，记录服务时长",
        "contacts": [{"unit": writer.fill("{org}志愿服务中心"), "phone": phone(rng), "hours": "9:00-17:00"}],
    }
    if round_clock:
        fields["round_clock"] = True
    return fields


def notice_fields(writer: Writer, date: datetime, kind: str) -> dict:
    rng = writer.rng
    fields = {
        "kind": kind, "document_number": f"沪新文明办〔{date.year}〕{rng.randint(1, 90)}号", "issuer": SITE["organization"],
        "issued": f"{date:%Y-%m-%d}", "addressee": "各区文明办、各街道办事处", "effect": "有效",
        "index_number": f"XF-{date.year}-{rng.randint(1, 9999):04d}", "category": rng.choice(["精神文明建设", "志愿服务", "未成年人工作"]),
    }
    if kind == "公示":
        fields["publicity"] = {"start": f"{date:%Y-%m-%d}", "end": f"{date + timedelta(days=6):%Y-%m-%d}"}
        fields["feedback"] = {"phone": phone(rng), "email": "gongshi@example.org", "address": "人民大道1号", "unit": SITE["organization"]}
    return fields


# ---------------------------------------------------------------------------------------------------------------------
# Writing the sites

def write_corpus(root: Path, asked: int, shape: Shape, builders: list) -> None:
    """Writes a site for each builder and `root/facts.jsonl`, which says what the sites hold; their number of items is `shape.count(asked)`."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with_posts = set()
    with open(root / "facts.jsonl", "w", encoding="utf-8") as facts:
        for item in items(shape.count(asked), shape):
            for builder in builders:
                builder.write_item(root, item, shape)
            facts.write(json.dumps(item.facts(), ensure_ascii=False) + "\n")
            if item.column == "recruitment":
                with_posts.update(item.listed)
    for builder in builders:
        builder.write_site(root, shape, with_posts)


# ---------------------------------------------------------------------------------------------------------------------
# Changes that the benchmark makes

def added_item(number: int, count: int, shape: Shape) -> Item:
    """A new item, newer than all the others; `count` is their number."""
    writer = Writer(random.Random(f"added-{number}"))
    days = max(DAYS, count // (shape.items_per_day or count) + 1)
    date = FIRST_DAY + timedelta(days=days, hours=10, minutes=number)
    # As deep in the tree as there is any, since the lists above show it too.
    lineage = max(shape.lineages.values(), key=len)
    topics = list(shape.topic_names)[5:7]
    return Item("news", f"added-{number:06d}", f"第{number}篇新增报道：" + writer.fill("{community}社区{verb}{activity}"), date,
                lineage[:1], lineage, topics,
                {"source": "区文明办", "editor": "陈编辑", "keywords": KEYWORDS[:3]}, writer.body(round(1500 * shape.length), None, shape))


def edit_body(file: Path, number: int) -> None:
    """Adds a sentence to the end of a file: a change of the body that no list shows."""
    with open(file, "a", encoding="utf-8") as text:
        text.write(f"\n更正：服务人次以第{number}次核对的结果为准。\n")
