"""Checks that the outputs hold the same site: the same lists with the same entries in the same order.

Xinfeng and Hugo are compared in full (`compare`), the smaller sites of `peers.py` by their items and lists (`check`).
Some differences are meant (see `benches/hugo/config/_default/hugo.yaml`) and are told as such; anything else is
"unexpected" and makes the benchmark fail. Never measures.
"""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from builders import Builder
from corpus import COLUMNS, PAGE_SIZE
from shapes import Shape

KIND = re.compile(r'<body[^>]*class="[^"]*kind-([a-z_]+)')
ITEMS = re.compile(r'<ul class="items">(.*?)</ul>', re.DOTALL)
ENTRY = re.compile(r'<h2>.*?<a href="([^"]+)"', re.DOTALL)
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
PROSE = re.compile(r'<div class="prose">(.*?)</div>\s*(?:<section|<p class="(?:colophon|sign)")', re.DOTALL)
RELATED = re.compile(r'class="section related".*?</section>', re.DOTALL)
ITEM_LINK = re.compile(r'href="(?:https://example\.org)?(/(?:news|recruitment|notices)/\d{4}/\d{2}/[^"#]+\.html)')
NEIGHBOURS = re.compile(r'<nav class="siblings".*?</nav>', re.DOTALL)
META = re.compile(r'<meta (?:name|property)="([^"]+)"')
# So many items are compared in detail.
DETAILED = 60


def compare(root: Path, shape: Shape, xinfeng: Builder, hugo: Builder) -> dict:
    """Compares two outputs. `counts` holds rows for a table, `expected` and `unexpected` hold sentences."""
    facts = read_facts(root)
    sides = {"xinfeng": Output(xinfeng.output(root)), "hugo": Output(hugo.output(root))}
    folders = {"xinfeng": xinfeng.list_folder, "hugo": hugo.list_folder}
    found = {"counts": [], "expected": [], "unexpected": []}
    lists = expected_lists(facts, shape)
    compare_kinds(sides, lists, facts, found)
    compare_lists(sides, {side: {key: folder(key, shape) for key in lists} for side, folder in folders.items()}, lists, found)
    compare_items(sides, facts, found)
    compare_machine_files(sides, {side: {key: folder(key, shape) for key in scopes(lists)} for side, folder in folders.items()}, found)
    return found


def check(root: Path, shape: Shape, peer: Builder) -> list[str]:
    """What is wrong with the output of a smaller site: each item has its page, each list its entries in their order."""
    facts = read_facts(root)
    output = Output(peer.output(root))
    pages = set(output.files)
    missing = [fact["url"] for fact in facts if fact["url"].strip("/") not in pages]
    found = [f"{peer.key}: {len(missing):,} of {len(facts):,} items have no page, {missing[0]} for one"] if missing else []
    for fact in facts[:: max(1, len(facts) // DETAILED)]:
        text = output.read(fact["url"].strip("/"))
        if text and not (fact["title"] in text and "<p>" in text):
            found.append(f"{peer.key}: {fact['url']} does not hold its title and text")
    # Where a list is empty, some have no page for it.
    lists = {key: urls for key, urls in expected_lists(facts, shape).items() if key[0] in ("column", "district", "topic") and urls}
    wrong = [key for key, urls in lists.items() if [url for page in output.entries(peer.list_folder(key, shape)) for url in page] != urls]
    if wrong:
        found.append(f"{peer.key}: {len(wrong):,} of {len(lists):,} lists differ from the corpus, {' '.join(wrong[0])} for one")
    return found


def read_facts(root: Path) -> list[dict]:
    with open(root / "facts.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def render(found: dict) -> str:
    lines = ["Pages by kind (Xinfeng, Hugo):"] + [f"  {name}: {xinfeng:,} {hugo:,}{note and '   ' + note}" for name, xinfeng, hugo, note in found["counts"]]
    for name in ["expected", "unexpected"]:
        lines.append(f"Differences that are {'meant' if name == 'expected' else 'not meant'}: {len(found[name]) or 'none'}")
        lines += [f"  {text}" for text in found[name]]
    return "\n".join(lines)


class Output:
    """The files of one output folder, the kind of each HTML page among them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and ".xinfeng" not in path.parts)
        self.kinds = Counter()
        self.bytes = Counter()
        for file in self.files:
            if file.endswith(".html"):
                text = self.read(file)
                kind = KIND.search(text)
                name = kind[1] if kind else "(none)"
                if name == "archive":
                    name = "month" if ITEMS.search(text) else "archive"
                self.kinds[name] += 1
                self.bytes[name] += len(text.encode())

    def read(self, file: str) -> str:
        path = self.folder / file
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def pages(self, folder: str) -> list[str]:
        """The pages of a list, the newest items first."""
        numbered = []
        for file in self.files_below(folder):
            # Xinfeng: page-3.html, counted from the oldest. Hugo: page/3/index.html, counted from the newest.
            if match := re.fullmatch(re.escape(folder) + r"/page-(\d+)\.html", file):
                numbered.append((-int(match[1]), file))
            elif match := re.fullmatch(re.escape(folder) + r"/page/(\d+)/index\.html", file):
                numbered.append((int(match[1]), file))
        return [f"{folder}/index.html"] + [file for _, file in sorted(numbered)]

    def files_below(self, folder: str) -> list[str]:
        if not hasattr(self, "_below"):
            self._below = defaultdict(list)
            for file in self.files:
                if match := re.fullmatch(r"(.+?)/(?:page-\d+|page/\d+/index)\.html", file):
                    self._below[match[1]].append(file)
        return self._below[folder]

    def entries(self, folder: str) -> list[list[str]]:
        """The addresses of a list's entries, page by page."""
        result = []
        for file in self.pages(folder):
            block = ITEMS.search(self.read(file))
            result.append(ENTRY.findall(block[1]) if block else [])
        return result


def expected_lists(facts: list[dict], shape: Shape) -> dict[tuple, list[str]]:
    """The lists that the corpus makes, each with its entries, newest first."""
    lists = defaultdict(list)
    for fact in reversed(facts):
        url = fact["url"]
        lists["column", fact["column"]].append(url)
        lists["month", fact["month"]].append(url)
        for topic in fact["topics"]:
            lists["topic", topic].append(url)
        for district in fact["districts"]:
            lists["district", district].append(url)
            for topic in fact["topics"]:
                lists["district_topic", district, topic].append(url)
    # Columns, districts and topics have a page also where they are empty.
    for key in [("column", column["key"]) for column in COLUMNS] + [("district", slug) for slug in shape.district_names] + [("topic", slug) for slug in shape.topic_names]:
        lists.setdefault(key, [])
    return dict(lists)


def scopes(lists: dict[tuple, list[str]]) -> list[tuple]:
    """The fullest lists of a district and of a topic, and the last district that has entries: feeds are looked at there."""
    districts, topics = ([key for key, urls in lists.items() if key[0] == kind and urls] for kind in ["district", "topic"])
    return [max(districts, key=lambda key: len(lists[key])), sorted(districts)[-1], max(topics, key=lambda key: len(lists[key]))]


def page_count(side: str, entries: int) -> int:
    if side == "xinfeng":
        return max(1, entries // PAGE_SIZE)
    return max(1, -(-entries // PAGE_SIZE))


def compare_kinds(sides: dict, lists: dict, facts: list[dict], found: dict) -> None:
    list_kinds = ["column", "district", "topic", "district_topic", "month"]
    columns = Counter(fact["column"] for fact in facts)
    fixed = {"article": columns["news"], "recruitment": columns["recruitment"], "notice": columns["notices"]}
    kinds = sorted(set(sides["xinfeng"].kinds) | set(sides["hugo"].kinds))
    for kind in kinds:
        counts = {side: output.kinds[kind] for side, output in sides.items()}
        note = ""
        if kind in list_kinds:
            number = sum(1 for key in lists if key[0] == kind)
            note = f"{number:,} lists; Xinfeng's first page holds up to {2 * PAGE_SIZE - 1} items" if counts["xinfeng"] != counts["hugo"] else f"{number:,} lists"
            for side in sides:
                wanted = sum(page_count(side, len(entries)) for key, entries in lists.items() if key[0] == kind)
                if counts[side] != wanted:
                    found["unexpected"].append(f"{side} has {counts[side]:,} pages of kind {kind}; the corpus makes {wanted:,}")
        else:
            for side in sides:
                if counts[side] != fixed.get(kind, counts["xinfeng"]):
                    found["unexpected"].append(f"{side} has {counts[side]:,} pages of kind {kind} instead of {fixed.get(kind, counts['xinfeng']):,}")
        sizes = [output.bytes[kind] / max(1, output.kinds[kind]) / 1000 for output in sides.values()]
        found["counts"].append((kind, counts["xinfeng"], counts["hugo"], f"a page has {sizes[0]:.1f} kB, {sizes[1]:.1f} kB" + (f"; {note}" if note else "")))
    totals = [sum(output.kinds.values()) for output in sides.values()]
    found["counts"].append(("all", *totals, ""))
    fewer = totals[1] - totals[0]
    if fewer:
        found["expected"].append(f"Hugo has {fewer:,} more HTML pages ({fewer / totals[0]:.1%}), from the two ways of paging")


def compare_lists(sides: dict, folders: dict, lists: dict, found: dict) -> None:
    """Every list has the same entries in the same order."""
    wrong = Counter()
    for key, wanted in sorted(lists.items()):
        for side, output in sides.items():
            pages = output.entries(folders[side][key])
            entries = [url for page in pages for url in page]
            if entries != wanted:
                wrong[side] += 1
                if wrong[side] <= 3:
                    missing, extra = set(wanted) - set(entries), set(entries) - set(wanted)
                    how = f"{len(missing)} missing, {len(extra)} too many" if missing or extra else "in another order"
                    found["unexpected"].append(f"{side}: list {' × '.join(key[1:])} ({key[0]}): {len(entries)} entries of {len(wanted)}, {how}")
    for side, count in wrong.items():
        found["unexpected"].append(f"{side}: {count} of {len(lists)} lists differ from the corpus")
    found["counts"].append(("(lists compared entry by entry)", len(lists), len(lists), ""))


def compare_items(sides: dict, facts: list[dict], found: dict) -> None:
    """A sample of items, spread over the corpus, in detail."""
    sample = facts[:: max(1, len(facts) // DETAILED)][:DETAILED]
    sample += [fact for column in ["recruitment", "notices"] for fact in [fact for fact in facts if fact["column"] == column][:: max(1, len(facts) // 200)][:20]]
    sums = {side: Counter() for side in sides}
    for fact in sample:
        texts = {side: output.read(fact["url"].strip("/")) for side, output in sides.items()}
        prose = {side: (PROSE.search(text) or [""])[0] for side, text in texts.items()}
        for side in sides:
            sums[side]["items"] += 1
            sums[side]["bold"] += prose[side].count("<strong>")
            sums[side]["literal asterisks"] += prose[side].count("**")
            sums[side]["links inside the body"] += len(ITEM_LINK.findall(prose[side]))
            related = RELATED.search(texts[side])
            sums[side]["related items"] += len(ITEM_LINK.findall(related[0])) if related else 0
            sums[side]["bytes"] += len(texts[side].encode())
        neighbours = {side: ITEM_LINK.findall((NEIGHBOURS.search(text) or [""])[0]) for side, text in texts.items()}
        if neighbours["xinfeng"] != neighbours["hugo"]:
            found["unexpected"].append(f"{fact['url']}: previous and next are {neighbours['xinfeng']} in Xinfeng, {neighbours['hugo']} in Hugo")
        metas = {side: Counter(META.findall(text)) for side, text in texts.items()}
        if metas["xinfeng"] != metas["hugo"]:
            only = (metas["xinfeng"] - metas["hugo"]).keys(), (metas["hugo"] - metas["xinfeng"]).keys()
            text = f"meta tags of {fact['column']}: only in Xinfeng {sorted(only[0])}, only in Hugo {sorted(only[1])}"
            if text not in found["expected"]:
                found["expected"].append(text)
        for side in sides:
            if fact["internal_links"] != len(ITEM_LINK.findall(prose[side])):
                found["unexpected"].append(f"{side}: {fact['url']} has {len(ITEM_LINK.findall(prose[side]))} links in its body instead of {fact['internal_links']}")
    sums["corpus"] = Counter({"bold": sum(fact["bold"] for fact in sample)})
    notes = {"bold": f" (the corpus has {sums['corpus']['bold']})", "literal asterisks": "",
             "related items": " (Hugo relates by district × topic, so items for the whole site have none)"}
    for name, more in notes.items():
        x, h = sums["xinfeng"][name], sums["hugo"][name]
        if x != h:
            found["expected"].append(f"{name} in {len(sample)} items: {x} in Xinfeng, {h} in Hugo{more}")
    if sums["xinfeng"]["bold"] != sums["corpus"]["bold"]:
        found["unexpected"].append(f"Xinfeng makes {sums['xinfeng']['bold']} bold passages of {sums['corpus']['bold']}")


def compare_machine_files(sides: dict, folders: dict, found: dict) -> None:
    """Feeds, calendars, site maps: how many, and how many entries."""
    # By the protocol, no file of a site map has more than 50,000 addresses; Hugo's has all of them.
    maps = {side: [file for file in output.files if re.fullmatch(r"sitemap-\d+\.xml", file)] for side, output in sides.items()}
    endings = {side: Counter(file.rpartition(".")[2] for file in output.files if file not in maps[side]) for side, output in sides.items()}
    for ending in sorted(set(endings["xinfeng"]) | set(endings["hugo"])):
        x, h = endings["xinfeng"][ending], endings["hugo"][ending]
        if x != h and ending != "html":
            note = " (QR codes are files in Hugo and part of the page in Xinfeng)" if ending == "png" else ""
            found["expected" if note else "unexpected"].append(f"files *.{ending}: {x:,} in Xinfeng, {h:,} in Hugo{note}")
    checks = [("feed.xml", "feed.xml", r"<entry>"), ("feed.json", "feed.json", r'"date_published"'), ("calendar.ics", "calendar.ics", r"BEGIN:VEVENT")]
    for key in folders["xinfeng"]:
        names = [("feed.xml", r"<entry>"), ("feed.json", r'"date_published"')] + [("calendar.ics", r"BEGIN:VEVENT")] * (key[0] == "district")
        checks += [(f"{folders['xinfeng'][key]}/{name}", f"{folders['hugo'][key]}/{name}", pattern) for name, pattern in names]
    for xinfeng_file, hugo_file, pattern in checks:
        counts = [len(re.findall(pattern, sides[side].read(file))) for side, file in [("xinfeng", xinfeng_file), ("hugo", hugo_file)]]
        if counts[0] != counts[1]:
            found["unexpected"].append(f"{xinfeng_file}: {counts[0]} entries in Xinfeng, {counts[1]} in Hugo")
    addresses = {side: sum(output.read(file).count("<loc>") for file in maps[side] or ["sitemap.xml"]) for side, output in sides.items()}
    if addresses["xinfeng"] != addresses["hugo"]:
        found["expected"].append(f"addresses in the site map: {addresses['xinfeng']:,} in Xinfeng (with the further pages of lists), {addresses['hugo']:,} in Hugo (without)")
