#!/usr/bin/env python3
"""Compares Xinfeng with other builders on the same Chinese corpus: time, memory, and whether they make the same pages.

    cargo build --release
    python3 benches/compare.py                                     # usual items, against Hugo
    python3 benches/compare.py --shape topics --articles 1000:5    # another shape, five runs
    python3 benches/compare.py --peers all --write-docs            # all peers, into docs/benchmarks.md
    python3 benches/compare.py --full --write-docs                 # all that docs/benchmarks.md shows
    python3 benches/compare.py --short                             # every shape, small: whether all of this still works

`shapes.py` and `corpus.py` make the items, `builders.py` and `peers.py` know the builders, `measure.py` runs them,
`parity.py` compares the outputs, `report.py` and `chart.py` write what came out. Builders are installed into the work
folder. Start at `main`.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

sys.dont_write_bytecode = True  # The repository is not ours to litter.
import chart  # noqa: E402
import corpus  # noqa: E402
import parity  # noqa: E402
import report  # noqa: E402
from builders import REPOSITORY, XINFENG, Builder, Xinfeng  # noqa: E402
from measure import BUSY, Measurement, apart, machine, say, tree_size  # noqa: E402
from peers import PEERS  # noqa: E402
from shapes import SHAPES, Shape  # noqa: E402

DOCS = REPOSITORY / "docs"
RESULTS = DOCS / "benchmarks.json"
# What --full measures: shape, number of items, runs, peers. Cobalt needs some fifteen times as long for three times as many
# items, so it is left out above 1,000; at the greatest sizes Hugo alone is left.
BUT_COBALT = "hugo,eleventy,hexo,pelican"
FULL = [
    ("usual", 300, 5, "all"), ("usual", 1000, 5, "all"), ("usual", 3000, 3, BUT_COBALT), ("usual", 10000, 3, BUT_COBALT), ("usual", 100000, 1, "hugo"),
    ("small", 3000, 3, BUT_COBALT), ("huge", 3000, 3, "all"), ("topics", 1000, 3, "all"), ("districts", 1000, 3, "all"),
    ("daily", 30000, 1, "hugo"), ("tables", 1000, 3, "all"),
]


def main() -> None:
    options = arguments()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    xinfeng = Xinfeng(work, options.xinfeng)
    xinfeng.install()
    where = machine(work)
    if where["load"] > BUSY and not options.short:
        say(f"the machine is busy (load {where['load']:.1f}): the times will be too long")
    peers, not_installed = install([key for key in PEERS if any(key in chosen for *_, chosen in options.plan)], work)
    records, wrong = [], []
    for shape, asked, runs, chosen in options.plan:
        builders = [xinfeng, *(peers[key] for key in chosen if key in peers)]
        record = {"shape": shape.name, "items": shape.count(asked), "runs": runs, "date": f"{date.today()}", "machine": where,
                  "versions": {builder.key: builder.version() for builder in builders},
                  **compare(builders, work / f"{shape.name}-{asked}", shape, asked, runs, options)}
        record["failures"] |= {key: text for key, text in not_installed.items() if key in chosen}
        records.append(record)
        wrong += [f"{report.heading(record)}: {text}" for text in record["unexpected"]]
        wrong += [f"{report.heading(record)}: {key} failed, {text}" for key, text in record["failures"].items() if key == "xinfeng" or options.short]
        # Written each time: the runs of the largest sizes are long.
        if options.json:
            options.json.write_text(as_json(records), encoding="utf-8")
        if options.write_docs:
            write_docs(record)
    # Only now, when nothing is measured any more: see `set_aside`.
    for shape, asked, *_ in [] if options.keep else options.plan:
        shutil.rmtree(work / f"{shape.name}-{asked}")
    if not options.short:
        print(report.readme_block(records))
    elif not wrong:
        print(f"{', '.join(SHAPES)}: built, and the outputs are as they should be")
    if options.write_readme:
        report.write_readme("benchmark", report.readme_block(records))
    if wrong:
        sys.exit("Not as it should be:\n" + "\n".join(wrong))


def install(keys: list[str], work: Path) -> tuple[dict[str, Builder], dict[str, str]]:
    """The peers that could be installed, and what went wrong with the others."""
    peers, failures = {}, {}
    for key in keys:
        peer = PEERS[key](work)
        try:
            peer.install()
            peers[key] = peer
        except (OSError, subprocess.CalledProcessError) as failure:
            say(f"{peer.title} could not be installed: {failure}")
            # Without the paths of this machine: it may get into the documentation.
            failures[key] = f"{peer.version()} could not be installed"
    return peers, failures


def compare(builders: list[Builder], root: Path, shape: Shape, asked: int, runs: int, options: argparse.Namespace) -> dict:
    """Writes one corpus, measures the builders on it, and compares what they wrote."""
    say(f"{shape.name}, {shape.count(asked):,} items: writing the corpus")
    apart(corpus.write_corpus, root, asked, shape, builders)
    if not options.short:
        # Sites are built some time after they were written: whoever looks at the times of files must not find all of them new.
        time.sleep(3)
    short = options.short and shape.name != "usual"
    only_clean = frozenset(builder.key for builder in builders if short or builder.key in options.only_clean)
    measurement = Measurement(builders, root, shape, asked, options.patience, only_clean)
    result = {"outputs": {}, "expected": [], "unexpected": []}

    def look_at_outputs() -> None:
        say(f"{shape.name}, {shape.count(asked):,} items: comparing the outputs")
        built = {builder.key: builder for builder in builders if builder.key not in measurement.failures}
        for key, builder in built.items():
            result["outputs"][key] = apart(tree_size, builder.output(root))
            if key not in ("xinfeng", "hugo"):
                result["unexpected"] += apart(parity.check, root, shape, builder)
        if "xinfeng" in built and "hugo" in built:
            found = apart(parity.compare, root, shape, built["xinfeng"], built["hugo"])
            result["expected"] += found["expected"]
            result["unexpected"] += found["unexpected"]
            say(parity.render(found))

    for run in range(runs):
        measurement.clean(run)
        if run == 0:
            look_at_outputs()
        if "xinfeng" not in measurement.failures:
            measurement.copy(builders[0].output(root), run)
    for run in range(runs):
        measurement.rebuild(run)
    return {"samples": measurement.samples, "failures": measurement.failures, **result}


def write_docs(record: dict) -> None:
    """Adds a record to docs/benchmarks.json, in place of an earlier one of the same corpus, and writes the page and the chart anew."""
    records = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    def key(one: dict) -> tuple:
        return list(SHAPES).index(one["shape"]), one["items"]
    records = sorted([one for one in records if key(one) != key(record)] + [record], key=key)
    RESULTS.write_text(as_json(records), encoding="utf-8")
    (DOCS / "benchmarks.md").write_text(report.page(records), encoding="utf-8")
    (DOCS / "benchmarks.svg").write_text(chart.clean_builds([one for one in records if one["shape"] == "usual"] or records), encoding="utf-8")


def as_json(records: list[dict]) -> str:
    """One record a line."""
    return "[\n" + ",\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\n]\n"


# ---------------------------------------------------------------------------------------------------------------------
# Options

def arguments() -> argparse.Namespace:
    """The options, and as `plan` what they come to: tuples of shape, number of items, runs, keys of peers."""
    parser = argparse.ArgumentParser(description="Compares Xinfeng with other builders on the same Chinese corpus.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--full", action="store_true", help="measures all that docs/benchmarks.md shows: two to three hours")
    what.add_argument("--short", action="store_true", help="every shape with 120 items, one run, changes in the usual shape alone; fails also where a peer fails")
    parser.add_argument("--shape", type=names(SHAPES), default=["usual"], metavar="NAME,…", help=f"{', '.join(SHAPES)} or all (default: usual)")
    parser.add_argument("--articles", type=sizes, default=[(1000, None), (10000, None)], metavar="N[:RUNS],…", help="numbers of items, each with its own number of runs (default: 1000,10000)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each build where --articles does not say; medians are shown (default: 3)")
    parser.add_argument("--peers", type=names(PEERS), metavar="NAME,…", help=f"{', '.join(PEERS)}, all or none (default: hugo)")
    parser.add_argument("--only-clean", type=names(PEERS), default=[], metavar="NAME,…", help="peers of which no builds after changes are measured: for sizes at which each takes minutes")
    parser.add_argument("--patience", type=float, default=1800, metavar="S", help="seconds after which a build is given up (default: 1800)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "target" / "bench", metavar="DIR", help="where corpora, outputs and builders go (default: target/bench)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes all samples to a file")
    parser.add_argument("--write-readme", action="store_true", help="writes the tables into benches/README.md, and into README.md where that has the marks")
    parser.add_argument("--write-docs", action="store_true", help="adds the results to docs/benchmarks.json and writes docs/benchmarks.md and its chart anew")
    parser.add_argument("--xinfeng", type=Path, default=XINFENG, metavar="FILE", help="the binary (default: target/release/xinfeng)")
    parser.add_argument("--keep", action="store_true", help="keeps corpora and outputs")
    options = parser.parse_args()
    if options.full:
        options.plan = [(SHAPES[shape], asked, runs, names(PEERS)(peers) if options.peers is None else options.peers) for shape, asked, runs, peers in FULL]
    else:
        wanted = [(shape, 120, 1) for shape in SHAPES] if options.short else [(shape, asked, runs or options.runs) for shape in options.shape for asked, runs in options.articles]
        peers = ["hugo"] if options.peers is None else options.peers
        options.plan = [(SHAPES[shape], asked, runs, peers) for shape, asked, runs in wanted]
    return options


def names(known: dict):
    """Reads a list of names; `all` and `none` too."""
    def read(text: str) -> list[str]:
        chosen = list(known) if text == "all" else [] if text == "none" else text.split(",")
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
        return chosen
    return read


def sizes(text: str) -> list[tuple[int, int | None]]:
    """Reads `1000:5,10000` as numbers of items with their numbers of runs."""
    parts = [part.partition(":") for part in text.split(",")]
    return [(int(items), int(runs) if runs else None) for items, _, runs in parts]


if __name__ == "__main__":
    main()
