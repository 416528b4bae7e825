"""Measures builders on one corpus: the scenarios, in turn, with time and memory of each build.

What is measured: the wall time of one command, its CPU time (user and system), and its peak memory. Nothing is dropped from
the page cache; what an earlier command left to be written to the disk is written before the next one starts, outside of the
measured time. Never knows what is done with the samples. Start at `Measurement`.
"""

import json
import multiprocessing
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import corpus
from builders import Builder, write
from shapes import Shape

SCENARIOS = {
    "clean": "clean build",
    "unchanged": "nothing changed",
    "edited": "one article's body edited",
    "added": "one article added",
    "template": "the articles' template changed",
    "list_template": "the lists' template changed",
}
# Each template has one of these lines; what is added to it comes right behind.
MARKS = {"template": "</article>\n", "list_template": "</ul>\n"}


# Above this load, measured before the first build, other programs take time from the builders.
BUSY = 0.5


class Failed(Exception):
    """A build that failed, was given up, or did not do what it should."""


class Measurement:
    """All runs on one corpus. A builder that fails is left out of what follows, and `failures` says why. Of the builders whose keys are in
    `only_clean`, no builds after changes are measured."""

    def __init__(self, builders: list[Builder], root: Path, shape: Shape, asked: int, patience_s: float, only_clean: frozenset[str] = frozenset()):
        self.builders = list(builders)
        self.root = root
        self.shape = shape
        self.count = shape.count(asked)
        self.patience_s = patience_s
        self.only_clean = only_clean
        self.samples: list[dict] = []
        self.failures: dict[str, str] = {}

    def order(self, run: int) -> list[Builder]:
        """Who builds after whom. Who begins changes from run to run, so that none always finds the machine warmer."""
        first = run % max(1, len(self.builders))
        return self.builders[first:] + self.builders[:first]

    def clean(self, run: int) -> None:
        """One clean build of each builder. All runs of these come first: builds after changes delete files, see `set_aside`."""
        for builder in self.builders:
            for path in builder.state(self.root):
                set_aside(self.root, path)
        self.all_builders(self.order(run), "clean", run)

    def rebuild(self, run: int) -> None:
        """One build of each builder after nothing changed, and after each change. The sites are as before when it ends."""
        order = [builder for builder in self.order(run) if builder.key not in self.only_clean]
        if not order:
            return
        if run > 0:
            # What the run before has changed back.
            self.all_builders(order, None, run)
        self.all_builders(order, "unchanged", run)
        changes = Changes()

        folder, stem = apart(middle_article, self.root)
        article = f"{folder}/{stem}.html"
        for builder in order:
            file = builder.item_file(self.root, folder, stem)
            changes.remember(file)
            corpus.edit_body(file, run + 1)
        self.all_builders(order, "edited", run, lambda builder: (article, f"第{run + 1}次核对"))

        item = corpus.added_item(run + 1, self.count, self.shape)
        for builder in order:
            changes.remember(builder.item_file(self.root, item.folder, item.stem))
            builder.write_item(self.root, item, self.shape)
        self.all_builders(order, "added", run, lambda builder: (f"{item.folder}/{item.stem}.html", item.title))

        # The lists first: fewer files are replaced then, and so deleted.
        shown_on = {"list_template": lambda builder: f"{builder.list_folder(('column', 'news'), self.shape)}/index.html", "template": lambda builder: article}
        for scenario, page in shown_on.items():
            line = f"第{run + 1}次改版"
            for builder in order:
                file, text = builder.template(self.root, scenario)
                if MARKS[scenario] not in text:
                    sys.exit(f"{builder.title}'s {builder.templates[scenario]} has no line {MARKS[scenario].strip()}, behind which the benchmark adds one")
                changes.remember(file)
                write(file, text.replace(MARKS[scenario], f"{MARKS[scenario]}<p>{line}</p>\n"))
            self.all_builders(order, scenario, run, lambda builder: (page(builder), line))
        changes.undo()

    def all_builders(self, order: list[Builder], scenario: str | None, run: int, expected: Callable[[Builder], tuple[str, str]] | None = None) -> None:
        """A build of each builder, whose output is looked at for what is expected. Without a scenario it is not measured."""
        name = SCENARIOS.get(scenario, "catching up")
        for builder in order:
            if builder.key in self.failures:
                continue
            try:
                sample = measure(builder.command(self.root), self.root / f"{builder.key}.log", self.patience_s, builder.folder(self.root))
                builder.settle(self.root)
                if expected:
                    page, text = expected(builder)
                    file = builder.output(self.root) / page
                    if not file.exists() or text not in file.read_text(encoding="utf-8"):
                        raise Failed(f"{page} does not hold “{text}”")
            except Failed as failure:
                self.failures[builder.key] = f"{name}: {failure}"
                say(f"  run {run + 1}, {builder.key} failed, {self.failures[builder.key]}")
                continue
            if scenario is None:
                continue
            self.samples.append({"builder": builder.key, "scenario": scenario, "run": run, **sample})
            say(f"  run {run + 1}, {name}, {builder.key}: {sample['wall_s']:.2f} s wall, {sample['cpu_s']:.2f} s CPU, {sample['rss_mb']:.0f} MB")

    def copy(self, folder: Path, run: int) -> None:
        """`cp -r` of Xinfeng's output: what writing that many files costs by itself."""
        target = self.root / "copy"
        self.samples.append({"builder": "cp -r", "scenario": "clean", "run": run, **measure(["cp", "-r", folder, target], self.root / "copy.log", self.patience_s)})
        set_aside(self.root, target)


class Changes:
    """Files as they were before they were changed."""

    def __init__(self):
        self.before: dict[Path, bytes | None] = {}

    def remember(self, file: Path) -> None:
        self.before.setdefault(file, file.read_bytes() if file.exists() else None)

    def undo(self) -> None:
        for file, content in self.before.items():
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(content)


def measure(command: list, log: Path, patience_s: float, folder: Path | None = None) -> dict:
    """Runs a command. Memory is the greatest of the process and its children; no builder here has any.

    Linux begins a child's peak with its parent's, so nothing below this script's own 20 MB or so can be seen.
    """
    os.sync()
    with open(log, "wb") as output:
        start = time.perf_counter()
        try:
            process = subprocess.Popen([str(part) for part in command], cwd=folder, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        except OSError as failure:
            raise Failed(f"it cannot be started: {failure.strerror}") from failure
        given_up = threading.Timer(patience_s, process.kill)
        given_up.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        given_up.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0 and wall >= patience_s:
        raise Failed(f"not done after {patience_s:,.0f} s")
    if process.returncode < 0:
        raise Failed(f"killed by signal {-process.returncode} after {wall:.0f} s, at {megabytes(usage):,.0f} MB")
    if process.returncode != 0:
        say(log.read_text(encoding="utf-8", errors="replace")[-3000:])
        raise Failed(f"exit status {process.returncode} after {wall:.0f} s, at {megabytes(usage):,.0f} MB")
    return {"wall_s": round(wall, 4), "cpu_s": round(usage.ru_utime + usage.ru_stime, 4), "rss_mb": round(megabytes(usage), 1)}


def megabytes(usage) -> float:
    # Linux counts in kilobytes, macOS in bytes.
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def set_aside(root: Path, path: Path) -> None:
    """Takes a file or folder out of the way. It is deleted with the corpus: for five minutes after many files were
    deleted, an ext4 without a journal creates new ones several times slower, and that would be measured instead of the builder."""
    if path.exists():
        aside = root / "aside"
        aside.mkdir(exist_ok=True)
        path.rename(aside / f"{path.name}-{len(list(aside.iterdir()))}")


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


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
