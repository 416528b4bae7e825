"""The shapes of the benchmark's corpus: how long items are, how they spread over time, and the districts and topics they lie in.

Knows nothing of sentences and nothing of any builder. Start at `SHAPES`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class District:
    name: str
    slug: str
    level: str
    code: str
    children: tuple["District", ...] = ()


@dataclass(frozen=True)
class Topic:
    name: str
    slug: str
    is_platform: bool
    description: str


@dataclass(frozen=True, eq=False)
class Shape:
    """What a corpus is like apart from its number of items."""

    name: str
    about: str  # for the captions of tables
    districts: tuple[District, ...]
    topics: tuple[Topic, ...]
    # A body's length, as a multiple of the usual one; below 0.2 it is a single paragraph.
    length: float = 1.0
    # So many tables of so many rows stand at the end of each body, beside the small ones.
    large_tables: tuple[int, int] = (0, 0)
    # How likely an item lies in a child of a district rather than in the district itself.
    descent: float = 0.6
    items_per_day: int | None = None
    # One item stands for so many of the number that was asked for, so that long items come to as many bytes.
    items_in_one: int = 1
    # Too few items would leave lists and types without any.
    least_items: int = field(default=20, repr=False)

    def count(self, asked: int) -> int:
        """The number of items that is written where `asked` was asked for."""
        return asked if self.items_in_one == 1 else max(self.least_items, asked // self.items_in_one)

    @cached_property
    def lineages(self) -> dict[str, list[str]]:
        """The slugs from each district up to its root, itself first; in the order of the tree."""
        return dict(lineages(self.districts, []))

    @cached_property
    def district_names(self) -> dict[str, str]:
        return {district.slug: district.name for district in walk(self.districts)}

    @cached_property
    def topic_names(self) -> dict[str, str]:
        return {topic.slug: topic.name for topic in self.topics}


def walk(districts: tuple[District, ...]) -> Iterator[District]:
    for district in districts:
        yield district
        yield from walk(district.children)


def lineages(districts: tuple[District, ...], above: list[str]) -> Iterator[tuple[str, list[str]]]:
    for district in districts:
        line = [district.slug, *above]
        yield district.slug, line
        yield from lineages(district.children, line)


# ---------------------------------------------------------------------------------------------------------------------
# The usual city: 16 districts, 8 of them with 4 streets each, and 12 topics.

def district(name: str, slug: str, code: str, *streets: tuple[str, str]) -> District:
    children = tuple(District(street, street_slug, "街道", f"{code}{number:03d}") for number, (street, street_slug) in enumerate(streets, 1))
    return District(name, slug, "区", code, children)


DISTRICTS = (
    district("黄浦区", "huangpu", "310101", ("南京东路街道", "nanjingdonglu"), ("外滩街道", "waitan"), ("豫园街道", "yuyuan"), ("打浦桥街道", "dapuqiao")),
    district("徐汇区", "xuhui", "310104", ("湖南路街道", "hunanlu"), ("徐家汇街道", "xujiahui"), ("田林街道", "tianlin"), ("漕河泾街道", "caohejing")),
    district("长宁区", "changning", "310105", ("华阳路街道", "huayanglu"), ("江苏路街道", "jiangsulu"), ("新华路街道", "xinhualu"), ("天山路街道", "tianshanlu")),
    district("静安区", "jingan", "310106", ("江宁路街道", "jiangninglu"), ("石门二路街道", "shimenerlu"), ("南京西路街道", "nanjingxilu"), ("曹家渡街道", "caojiadu")),
    district("普陀区", "putuo", "310107", ("曹杨新村街道", "caoyang"), ("长风新村街道", "changfeng"), ("长寿路街道", "changshoulu"), ("甘泉路街道", "ganquanlu")),
    district("虹口区", "hongkou", "310109", ("欧阳路街道", "ouyanglu"), ("曲阳路街道", "quyanglu"), ("广中路街道", "guangzhonglu"), ("凉城新村街道", "liangcheng")),
    district("杨浦区", "yangpu", "310110", ("定海路街道", "dinghailu"), ("平凉路街道", "pinglianglu"), ("江浦路街道", "jiangpulu"), ("四平路街道", "sipinglu")),
    district("闵行区", "minhang", "310112", ("江川路街道", "jiangchuanlu"), ("古美路街道", "gumeilu"), ("新虹街道", "xinhong"), ("浦锦街道", "pujin")),
    district("宝山区", "baoshan", "310113"), district("嘉定区", "jiading", "310114"), district("浦东新区", "pudong", "310115"),
    district("金山区", "jinshan", "310116"), district("松江区", "songjiang", "310117"), district("青浦区", "qingpu", "310118"),
    district("奉贤区", "fengxian", "310120"), district("崇明区", "chongming", "310151"),
)

TOPICS = (
    Topic("理论宣讲", "theory", True, "理论宣讲团走进社区、校园和楼宇。"),
    Topic("教育服务", "education", True, "面向未成年人和老年人的课堂与陪伴。"),
    Topic("文化服务", "culture", True, "演出、展览、阅读与非物质文化遗产传承。"),
    Topic("科技与科普服务", "science", True, "科普讲座、防灾演练与数字技能培训。"),
    Topic("健身体育服务", "sports", True, "全民健身、义诊与健康讲堂。"),
    Topic("志愿服务", "volunteer", False, "志愿者的招募、培训与服务纪实。"),
    Topic("文明创建", "civility", False, "文明城区、文明社区与文明校园创建。"),
    Topic("未成年人", "minors", False, "未成年人思想道德建设。"),
    Topic("道德模范", "exemplars", False, "道德模范与身边好人的事迹。"),
    Topic("移风易俗", "customs", False, "婚事新办、丧事简办、节约为荣。"),
    Topic("垃圾分类", "sorting", False, "生活垃圾分类与绿色低碳生活。"),
    Topic("爱心帮扶", "care", False, "为老、助残、济困与邻里互助。"),
)

# ---------------------------------------------------------------------------------------------------------------------
# Generated districts and topics. Each name is two of these words and an ending, so none comes twice.

FIRST = "东 南 西 北 中 上 下 前 后 左 右 新 老 大 小 长 高 平 清 明 春 夏 秋 冬 金 银 玉 青 红 白".split()
SECOND = "江 河 湖 海 山 川 林 泉 溪 桥 塘 岗 坪 湾 浦 原 岭 洲 港 园 坊 亭 台 井 关 堡 寨 渡 堂 营".split()
# The levels of a deep tree, and how many children each district of the level above has.
LEVELS = [("省", 4), ("市", 3), ("区", 3), ("街道", 2), ("社区", 2), ("网格", 2)]


def deep_districts(level: int = 0, above: str = "d") -> Iterator[District]:
    ending, children = LEVELS[level]
    for number in range(1, children + 1):
        slug = f"{above}{number}"
        # The digits of the slug, each below 5, number the districts of a level.
        place = int(slug[1:], 5)
        name = FIRST[place // len(SECOND) % len(FIRST)] + SECOND[place % len(SECOND)] + SECOND[place // 900] + ending
        below = tuple(deep_districts(level + 1, slug)) if level + 1 < len(LEVELS) else ()
        yield District(name, slug, ending, slug[1:], below)


def many_topics(count: int) -> Iterator[Topic]:
    for number in range(count):
        name = FIRST[number // len(SECOND) % len(FIRST)] + SECOND[number % len(SECOND)] + ["志愿行", "文化节", "宣讲团"][number // 900]
        yield Topic(name, f"topic-{number:04d}", number < 5, f"{name}的安排、现场与反响。")


SHAPES = {shape.name: shape for shape in [
    Shape("usual", "bodies of about 5 kB; 48 districts and streets, 12 topics, five years", DISTRICTS, TOPICS),
    Shape("small", "bodies of about 0.5 kB", DISTRICTS, TOPICS, length=0.1),
    Shape("huge", "bodies of about 300 kB; one item for sixty usual ones", DISTRICTS, TOPICS, length=66, items_in_one=60),
    Shape("topics", "2,000 topics", DISTRICTS, tuple(many_topics(2000))),
    Shape("districts", "a tree of districts six levels deep", tuple(deep_districts()), TOPICS, descent=0.85),
    Shape("daily", "300 items a day", DISTRICTS, TOPICS, items_per_day=300),
    Shape("tables", "three tables of 100 rows in each body", DISTRICTS, TOPICS, large_tables=(3, 100)),
]}
