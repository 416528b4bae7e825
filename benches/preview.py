#!/usr/bin/env python3
"""Compares the live previews of Xinfeng and Hugo: how long after a save does the open page show it?

    cargo build --release
    python3 -B benches/preview.py [--articles 1000,10000] [--edits 50] [--rounds 10] [--runs 1] [--work DIR] [--json FILE] [--write-readme]

`corpus.py` writes the two sites, `preview.js` starts one server on a copy of its site, opens one article in a real
Chromium and saves its file. Hugo is installed as `builders.py` says, playwright-core as tests/run does. Start at `main`.

What is measured: the time from the start of the process until the article is served; the time from just before the
open article's file is written to the moment when its new text is in the document of the open page, for this item saved
alone and as the last of 30 saved together; the memory of the server afterwards. One server runs at a time, on a warm disk cache.
"""

import argparse
import json
import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
import measure as builds  # noqa: E402
import report as tables  # noqa: E402
from builders import REPOSITORY, XINFENG, Builder, Hugo, Xinfeng  # noqa: E402
from measure import apart, say  # noqa: E402
from shapes import SHAPES  # noqa: E402

TOGETHER = 30
WEB_CHECKS = REPOSITORY / "tests" / "web"


def main() -> None:
    options = arguments()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    install_playwright()
    both = [Xinfeng(work, options.xinfeng), Hugo(work)]
    servers: dict[str, Builder] = {builder.key: builder for builder in both if not (options.hugo_only and builder.key == "xinfeng" or options.no_hugo and builder.key == "hugo")}
    for builder in servers.values():
        builder.install()
    report = {"date": f"{date.today()}", "machine": builds.machine(work), "versions": {name: server.version() for name, server in servers.items()},
              "chromium": chromium_version(), "options": {name: getattr(options, name) for name in ["edits", "rounds", "runs", "patience", "edit_patience"]}, "sizes": {}}
    if report["machine"]["load"] > 0.5:
        say(f"the machine is busy (load {report['machine']['load']:.1f}): the times will be too long")
    for count in options.articles:
        root = work / f"preview-{count}"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        sites = Path(options.corpus.format(count)) if options.corpus else root / "corpus"
        if not options.corpus:
            say(f"{count:,} items: writing the corpus")
            apart(corpus.write_corpus, sites, count, SHAPES["usual"], both)
        samples = report["sizes"][str(count)] = []
        for run in range(options.runs):
            # Who begins changes from run to run, as in measure.py.
            for name in list(servers) if run % 2 == 0 else list(reversed(servers)):
                sample = measure(name, servers[name].binary, sites, root / f"{name}-{run}", run, options)
                samples.append({"server": name, "run": run, **sample})
                say(f"{count:,} items, run {run + 1}, {name}: " + summary(sample))
                # Written each time: the runs of the largest size are long.
                (options.json or work / "preview.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    # Only now, when nothing is measured any more: see `set_aside` in measure.py.
    for count in [] if options.keep else options.articles:
        shutil.rmtree(work / f"preview-{count}")
    table = render(report)
    print(table)
    if options.write_readme:
        tables.write_readme("preview", table)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares the live previews of Xinfeng and Hugo.")
    parser.add_argument("--articles", type=lambda text: [int(part) for part in text.split(",")], default=[1000, 10000], metavar="N,…", help="numbers of items (default: 1000,10000)")
    parser.add_argument("--edits", type=int, default=50, metavar="N", help="saves of the open item in each run (default: 50)")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help=f"saves of {TOGETHER} items together in each run (default: 10)")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="starts of each server (default: 1)")
    parser.add_argument("--patience", type=float, default=600, metavar="S", help="seconds that a server may take to start, and for all edits or all rounds (default: 600)")
    parser.add_argument("--edit-patience", type=float, default=120, metavar="S", help="seconds after which a save counts as never shown (default: 120)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "target" / "bench", metavar="DIR", help="where sites and Hugo go (default: target/bench)")
    parser.add_argument("--corpus", metavar="DIR", help="sites that are there already, {} for the number of items; on the disk of --work")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all samples go (default: preview.json in the work folder)")
    parser.add_argument("--write-readme", action="store_true", help="writes the table into benches/README.md and README.md")
    parser.add_argument("--xinfeng", type=Path, default=XINFENG, metavar="FILE", help="the binary (default: target/release/xinfeng)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--no-hugo", action="store_true", help="measures Xinfeng alone")
    only.add_argument("--hugo-only", action="store_true", help="measures Hugo alone")
    parser.add_argument("--keep", action="store_true", help="keeps the sites")
    return parser.parse_args()


# ---------------------------------------------------------------------------------------------------------------------
# Measuring

def measure(name: str, binary: Path, sites: Path, copy: Path, run: int, options: argparse.Namespace) -> dict:
    """Starts one server on a fresh copy of its site and has preview.js edit it."""
    # Hard links: a save renames a new file into place, so that the shared corpus keeps the old one.
    shutil.copytree(sites / name, copy, copy_function=os.link)
    for file in copy.rglob("*"):
        if file.is_file():
            file.read_bytes()  # The disk cache is warm for both.
    folder, stem = apart(builds.middle_article, sites)
    opened = f"{folder}/{stem}"
    port = free_port()
    job = {"command": [str(part) for part in command(name, binary, copy, port)], "log": f"{copy}.log", "url": f"http://127.0.0.1:{port}/{opened}.html",
           "files": [str(copy / "content" / f"{item}.md") for item in [*spread(sites, opened), opened]], "edits": options.edits, "rounds": options.rounds,
           "seed": run, "patience_s": options.patience, "edit_patience_s": options.edit_patience}
    os.sync()
    done = subprocess.run(["node", Path(__file__).with_suffix(".js")], input=json.dumps(job), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"preview.js failed with {done.returncode}; what {name} said is in {job['log']}")
    return json.loads(done.stdout)


def command(name: str, binary: Path, site: Path, port: int) -> list:
    if name == "xinfeng":
        return [binary, "serve", "--site", site, "--port", port]
    # Fast render mode is Hugo's default; the cache is new in every run, as the site is.
    return [binary, "server", "--source", site, "--renderToMemory", "--bind", "127.0.0.1", "--baseURL", "http://127.0.0.1/", "--port", port, "--cacheDir", f"{site}-cache"]


def spread(sites: Path, opened: str) -> list[str]:
    """The items that are saved together with the opened one, from the oldest to the newest."""
    with open(sites / "facts.jsonl", encoding="utf-8") as lines:
        items = [json.loads(line)["url"].strip("/").removesuffix(".html") for line in lines]
    items.remove(opened)
    return [items[index * len(items) // (TOGETHER - 1)] for index in range(TOGETHER - 1)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def install_playwright() -> None:
    """The packages of tests/web, as `npm_packages` in tests/run installs them."""
    lock, installed = WEB_CHECKS / "package-lock.json", WEB_CHECKS / "node_modules" / ".installed-lock"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=WEB_CHECKS, stdout=sys.stderr, check=True)
        shutil.copy(lock, installed)


def chromium_version() -> str:
    found = subprocess.run([os.environ.get("CHROMIUM", "/usr/bin/chromium"), "--version"], capture_output=True, text=True)
    return " ".join(found.stdout.split()[:2])


# ---------------------------------------------------------------------------------------------------------------------
# The report. A time is in seconds; None is one that was given up.

# Title, key of the samples, the part of them that is told, unit, and the option with the time after which it was given up.
ROWS = [
    ("Start of the process to the first page", "start_s", 0.5, "s", "patience"),
    ("One item saved to its text in the open page", "edits_s", 0.5, "s", "edit_patience"),
    ("the same, 95th percentile", "edits_s", 0.95, "s", "edit_patience"),
    (f"{TOGETHER} items saved to the text in the open page", "together_s", 0.5, "s", "edit_patience"),
    ("Memory after all that", "resident_mb", 0.5, "MB", None),
    ("Peak memory", "peak_mb", 0.5, "MB", None),
]


def quantile(values: list[float | None], part: float) -> float | None:
    """Infinity where the save was never shown; nothing where there are no samples."""
    known = sorted(math.inf if value is None else value for value in values)
    if not known:
        return None
    return statistics.median(known) if part == 0.5 else known[math.ceil(part * len(known)) - 1]


def told(samples: list[dict], server: str | None, key: str, part: float) -> float | None:
    values = [sample[key] for sample in samples if sample["server"] == server and key in sample]
    return quantile([one for value in values for one in (value if isinstance(value, list) else [value])], part)


def shown(value: float | None, unit: str, limit: float | None = None) -> str:
    if value == math.inf:
        return f"more than {limit:,.0f} s"
    return f"{value * 1000:.0f} ms" if unit == "s" and value is not None and value < 1 else tables.number(value, unit)


def render(report: dict) -> str:
    blocks, notes = [], []
    for count, samples in report["sizes"].items():
        lines = [f"**{int(count):,} items**", "", "| | Xinfeng | Hugo | Hugo ÷ Xinfeng |", "| --- | ---: | ---: | ---: |"]
        for title, key, part, unit, patience in ROWS:
            values = [told(samples, name, key, part) for name in ["xinfeng", "hugo"]]
            cells = [shown(value, unit, report["options"].get(patience)) for value in values]
            lines.append(f"| {title} | {cells[0]} | {cells[1]} | {'—' if math.inf in values else tables.ratio(*values)} |")
            if key == "together_s":
                ones = [told(samples, name, "edits_s", 0.5) for name in ["xinfeng", "hugo"]]
                times = [f"{many / one:.2f}×" if one and many and math.inf not in (one, many) else "—" for many, one in zip(values, ones)]
                lines.append(f"| {TOGETHER} items ÷ one item | {times[0]} | {times[1]} | |")
        blocks.append("\n".join(lines))
        notes += [f"{int(count):,} items, {sample['server']}: {text}" for sample in samples for text in remarks(sample, report["options"])]
    machine, options = report["machine"], report["options"]
    where = ", ".join([f"{machine['cores']} cores of {machine['cpu']}", f"{machine['memory_gb']} GB", machine["system"], machine["file_system"]])
    blocks.append(f"{', '.join([*report['versions'].values(), report['chromium']])}; {where}; {report['date']}. {options['edits']} single saves and {options['rounds']} saves "
                  f"of {TOGETHER} items in each of {options['runs']} run(s), 150 to 400 ms after the one before was shown; medians where nothing else is said.")
    return "\n\n".join(blocks + ["\n".join(f"- {note}" for note in notes)] * bool(notes))


def remarks(sample: dict, options: dict) -> list[str]:
    """What a reader of the table has to know of a run."""
    found = [sample["failure"]] if "failure" in sample else []
    for key, wanted, name in [("edits_s", "edits", "single saves"), ("together_s", "rounds", f"saves of {TOGETHER}")]:
        tried, lost = len(sample.get(key, [])), sample.get(key, []).count(None)
        if tried < options[wanted] or lost:
            found.append(f"{tried} of {options[wanted]} {name} tried, {lost} of them not shown within {options['edit_patience']:.0f} s")
    worst = max((abs(clock["offset_ms"]) + clock["round_trip_ms"] / 2 for clock in sample.get("clocks", [])), default=0)
    if worst >= 1:
        found.append(f"the browser's clock may be {worst:.1f} ms off")
    return found


def summary(sample: dict) -> str:
    times = [f"{name} {shown(quantile(values, 0.5), 's', math.inf)}" for name, values in
             [("start", [sample.get("start_s")]), ("one item", sample.get("edits_s", [])), (f"{TOGETHER} items", sample.get("together_s", []))]]
    clocks = [f"{clock['offset_ms']:+.2f} ± {clock['round_trip_ms'] / 2:.2f} ms" for clock in sample.get("clocks", [])]
    return ", ".join(times) + f"; browser's clock {' and '.join(clocks) or 'unknown'}" + (f"; {sample['failure']}" if "failure" in sample else "")


if __name__ == "__main__":
    main()
