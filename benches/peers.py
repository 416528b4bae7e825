"""Builders whose sites are smaller than Xinfeng's and Hugo's: an item's page, and paged lists of columns, districts and topics.

All of them have the same markup, which is that of Xinfeng's default theme as far as it goes. `README.md` says what is left
out. Links between items are written as the finished addresses, so that none of them has to resolve any; districts with those
above them are written into each item, as for Hugo.

Knows the folder of each builder beside this file; never measures. Start at `PEERS`.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from builders import HERE, THEME, Builder, Hugo, front_matter, npm_packages, python, run, virtual_environment, write
from corpus import COLUMNS, PAGE_SIZE, SITE, Item
from shapes import Shape


class Peer(Builder):
    """What the smaller sites have in common."""

    # Where the site facts are written as JSON, and where the style sheet lies.
    facts = "site.json"
    style = "css/site.css"

    def item_text(self, item: Item, shape: Shape) -> str:
        return front_matter(self.fields(item)) + linked(item.body)

    def fields(self, item: Item) -> dict:
        # `published` and `source` are Hexo's own words.
        return {"title": item.title, "date": f"{item.date:%Y-%m-%dT%H:%M:%S}+08:00", "released": f"{item.date:%Y-%m-%d %H:%M}", "column": item.column,
                "origin": item.fields["source"], "editor": item.fields["editor"], "places": item.districts, "districts": item.listed, "topics": item.topics}

    def write_site(self, root: Path, shape: Shape, with_posts: set[str]) -> None:
        site = self.site(root)
        shutil.copytree(HERE / self.key, site, dirs_exist_ok=True)
        write(site / self.style, (THEME / "assets" / "css" / "site.css").read_text(encoding="utf-8"))
        write(site / self.facts, json.dumps(site_facts(shape), ensure_ascii=False, indent=1) + "\n")

    def list_folder(self, key: tuple, shape: Shape) -> str:
        kind, name = key
        return {"column": name, "district": f"districts/{name}", "topic": f"topics/{name}"}[kind]


def linked(body: str) -> str:
    """The body with links to the finished pages."""
    return body.replace(".md)", ".html)")


def site_facts(shape: Shape) -> dict:
    """What templates show of the site, and the names of all lists."""
    return {"site": SITE, "page_size": PAGE_SIZE, "menu": [column["key"] for column in COLUMNS], "columns": {column["key"]: column["name"] for column in COLUMNS},
            "districts": shape.district_names, "topics": shape.topic_names}


class Eleventy(Peer):
    key = "eleventy"
    title = "Eleventy"
    pinned = "3.1.8"
    templates = {"template": "_includes/item.njk", "list_template": "lists.njk"}
    facts = "_data/facts.json"
    style = "assets/css/site.css"

    def install(self) -> None:
        self.package = npm_packages(self.work / f"eleventy-{self.pinned}", f"@11ty/eleventy@{self.pinned}") / "node_modules" / "@11ty" / "eleventy"

    def command(self, root: Path) -> list:
        return ["node", self.package / "cmd.cjs", "--quiet", "--output", os.path.relpath(self.output(root), self.site(root))]


class Hexo(Peer):
    """Hexo with its database, which spares a later build the reading and rendering of what is unchanged."""

    key = "hexo"
    title = "Hexo"
    pinned = "8.1.2"
    marked = "7.0.1"
    content = "source/_posts"
    templates = {"template": "themes/bench/layout/post.njk", "list_template": "themes/bench/layout/list.njk"}
    facts = "facts.json"
    style = "themes/bench/source/css/site.css"

    def install(self) -> None:
        self.packages = npm_packages(self.work / f"hexo-{self.pinned}", f"hexo@{self.pinned}", f"hexo-renderer-marked@{self.marked}") / "node_modules"

    def write_site(self, root: Path, shape: Shape, with_posts: set[str]) -> None:
        super().write_site(root, shape, with_posts)
        # Hexo loads the plug-ins that the site's package file names, from the site's own packages.
        write(self.site(root) / "package.json", json.dumps({"private": True, "hexo": {"version": self.pinned}, "dependencies": {"hexo": self.pinned, "hexo-renderer-marked": self.marked}}))

    def command(self, root: Path) -> list:
        link = self.site(root) / "node_modules"
        if not link.exists():
            link.symlink_to(self.packages)
        return ["node", self.packages / "hexo" / "bin" / "hexo", "generate", "--silent", "--bail"]

    def state(self, root: Path) -> list[Path]:
        return [self.output(root), self.site(root) / "db.json"]


class Pelican(Peer):
    key = "pelican"
    title = "Pelican"
    pinned = "4.12.0"
    markdown = "3.10"
    templates = {"template": "theme/templates/article.html", "list_template": "theme/templates/list.html"}
    facts = "facts.json"
    style = "theme/static/css/site.css"

    def install(self) -> None:
        self.python = python(virtual_environment(self.work / f"pelican-{self.pinned}", f"pelican=={self.pinned}", f"Markdown=={self.markdown}"))

    def command(self, root: Path) -> list:
        return [self.python, "-m", "pelican", "--settings", "pelicanconf.py", "--output", self.output(root), "--quiet", "--fatal", "errors"]

    def item_text(self, item: Item, shape: Shape) -> str:
        fields = self.fields(item)
        # Pelican's own kinds of lists: a category for the column, tags for districts and topics.
        tags = [f"districts/{slug}" for slug in item.listed] + [f"topics/{slug}" for slug in item.topics]
        lines = {"Title": item.title, "Date": f"{item.date:%Y-%m-%d %H:%M}", "Slug": item.stem, "Category": item.column, "Tags": ", ".join(tags),
                 "Released": fields["released"], "Origin": fields["origin"], "Editor": fields["editor"],
                 "Places": " ".join(item.districts), "Topics": " ".join(item.topics)}
        return "".join(f"{name}: {value}\n" for name, value in lines.items() if value) + "\n" + linked(item.body)


class Cobalt(Peer):
    key = "cobalt"
    title = "Cobalt"
    pinned = "0.20.4"
    content = "posts"
    templates = {"template": "_layouts/item.liquid", "list_template": "tags.liquid"}
    facts = "_data/facts.json"

    def install(self) -> None:
        """Compiles Cobalt, which takes some minutes. Needs a linker and cargo."""
        folder = self.work / f"cobalt-{self.pinned}"
        self.program = folder / "bin" / "cobalt"
        if not self.program.exists():
            print(f"compiling Cobalt {self.pinned}: some minutes", file=sys.stderr, flush=True)
            run(["cargo", "install", "cobalt-bin", "--version", self.pinned, "--root", folder, "--locked", "--quiet"])

    def command(self, root: Path) -> list:
        return [self.program, "build", "--destination", os.path.relpath(self.output(root), self.site(root)), "--quiet"]

    def item_text(self, item: Item, shape: Shape) -> str:
        fields = self.fields(item)
        # One kind of paged lists for all: tags, whose addresses Cobalt makes of their names.
        tags = [f"column-{item.column}"] + [f"district-{slug}" for slug in item.listed] + [f"topic-{slug}" for slug in item.topics]
        own = {"title": item.title, "published_date": f"{item.date:%Y-%m-%d %H:%M:%S} +0800", "permalink": f"/{item.folder}/{item.stem}.html", "tags": tags}
        return front_matter(own | {"data": {name: fields[name] for name in ["released", "column", "origin", "editor", "places", "topics"]}}) + linked(item.body)

    def list_folder(self, key: tuple, shape: Shape) -> str:
        return f"tags/{'-'.join(key)}"


PEERS = {peer.key: peer for peer in [Hugo, Eleventy, Hexo, Pelican, Cobalt]}
