"""Turns measurements into tables, into the README's block and into docs/benchmarks.md.

A record holds what was measured on one corpus: shape, number of items, versions, machine, samples, failures. Knows nothing of
how they were made. Start at `table` and `page`.
"""

import statistics

from builders import HERE, REPOSITORY, Xinfeng
from measure import BUSY, SCENARIOS, say
from peers import PEERS, Peer
from shapes import SHAPES

# What is told of each scenario, and how it is written.
METRICS = {"wall_s": ("Wall time", "s"), "cpu_s": ("CPU time", "s"), "rss_mb": ("Peak memory", "MB")}
BUILDERS = {"xinfeng": Xinfeng, **PEERS}


def median(samples: list[dict], builder: str, scenario: str, metric: str) -> float | None:
    values = [sample[metric] for sample in samples if (sample["builder"], sample["scenario"]) == (builder, scenario)]
    return statistics.median(values) if values else None


def number(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f} {unit}" if unit == "MB" or value >= 100 else f"{value:.2f} {unit}"


def times(xinfeng: float | None, peer: float | None) -> str:
    """How many times as much as Xinfeng a peer needs; below 1 the peer is ahead."""
    if not xinfeng or peer is None:
        return "—"
    factor = peer / xinfeng
    return f"{factor:.0f}×" if factor >= 20 else f"{factor:.1f}×" if factor >= 1.95 else f"{factor:.2f}×"


def ratio(xinfeng: float | None, peer: float | None) -> str:
    """The same for a column of its own, where it is said in words that Xinfeng needs more."""
    return times(xinfeng, peer) + (" (Xinfeng needs more)" if xinfeng and peer is not None and peer < xinfeng else "")


# ---------------------------------------------------------------------------------------------------------------------
# One record

def peers_of(record: dict) -> list[str]:
    return [key for key in PEERS if key in record["versions"] or key in record["failures"]]


def title_of(key: str) -> str:
    return BUILDERS[key].title + ("\\*" if issubclass(BUILDERS[key], Peer) else "")


def heading(record: dict) -> str:
    shape = "" if record["shape"] == "usual" else f", {record['shape']} ({SHAPES[record['shape']].about})"
    return f"{record['items']:,} items{shape}"


def table(record: dict) -> str:
    """With one peer a column says how many times as much it needs; with several this stands in each cell."""
    peers = peers_of(record)
    samples = record["samples"]
    titles = ["Xinfeng", *map(title_of, peers)] + ([f"{title_of(peers[0])} ÷ Xinfeng"] if len(peers) == 1 else [])
    lines = ["| | " + " | ".join(titles) + " |", "| --- |" + " ---: |" * len(titles)]
    for metric, (title, unit) in METRICS.items():
        for scenario, name in SCENARIOS.items():
            xinfeng, *others = values = [median(samples, key, scenario, metric) for key in ["xinfeng", *peers]]
            if not any(values):
                continue
            cells = [number(xinfeng, unit)]
            if len(peers) == 1:
                cells += [number(others[0], unit), ratio(xinfeng, others[0])]
            else:
                cells += [with_ratio(xinfeng, other, unit) for other in others]
            lines.append(f"| {title}, {name} | " + " | ".join(cells) + " |")
    empty = " |" * (len(titles) - 1)
    lines.append(f"| For comparison: `cp -r` of Xinfeng's output | {number(median(samples, 'cp -r', 'clean', 'wall_s'), 's')} |{empty}")
    outputs = [record["outputs"].get(key) for key in ["xinfeng", *peers]]
    files = [f"{output['files']:,} ({output['megabytes']:,.0f} MB)" if output else "—" for output in outputs]
    lines.append("| Files written | " + " | ".join(files) + " |" + " |" * (len(peers) == 1))
    notes = [f"{BUILDERS[key].title} failed: {text}." for key, text in record["failures"].items()]
    if any(title.endswith("\\*") for title in titles):
        notes.append("\\* A smaller site, which leaves out much of what Xinfeng and Hugo write: see “What the smaller sites leave out” in benches/README.md.")
    return "\n\n".join(["\n".join(lines), *notes])


def with_ratio(xinfeng: float | None, peer: float | None, unit: str) -> str:
    """Bold where the peer is ahead."""
    cell = f"{number(peer, unit)} ({times(xinfeng, peer)})" if xinfeng and peer is not None else number(peer, unit)
    return f"**{cell}**" if xinfeng and peer is not None and peer < xinfeng else cell


def ahead(record: dict) -> list[str]:
    """A sentence for each number in which a peer is better than Xinfeng."""
    found = []
    for key in peers_of(record):
        for metric, (title, unit) in METRICS.items():
            for scenario, name in SCENARIOS.items():
                xinfeng, peer = (median(record["samples"], builder, scenario, metric) for builder in ["xinfeng", key])
                if xinfeng is not None and peer is not None and peer < xinfeng:
                    found.append(f"{heading(record)}: {title_of(key)}, {title.lower().replace('cpu', 'CPU')}, {name}: {number(peer, unit)} against {number(xinfeng, unit)} ({times(xinfeng, peer)})")
    return found


def setting(record: dict) -> str:
    where = record["machine"]
    shown = ", ".join([f"{where['cores']} cores of {where['cpu']}", f"{where['memory_gb']} GB", where["system"], where["file_system"]])
    return f"{', '.join(record['versions'].values())}; {shown}"


def runs(record: dict) -> str:
    load = record["machine"]["load"]
    busy = f" on a busy machine (load {load:.1f}), so times are too long" if load > BUSY else ""
    return ("one run" if record["runs"] == 1 else f"medians of {record['runs']} runs") + busy


# ---------------------------------------------------------------------------------------------------------------------
# The README's block, and the page

def readme_block(records: list[dict]) -> str:
    blocks = [f"**{heading(record)}**\n\n{table(record)}" for record in records]
    how = " ".join(f"{heading(record)}: {runs(record)}, {record['date']}; {setting(record)}." for record in records)
    about = f"The corpus: Chinese Markdown, {SHAPES['usual'].about}; their crossings, months, feeds."
    return "\n\n".join([*blocks, f"{how} {about} Run `python3 benches/compare.py` to repeat it; "
                        "`benches/hugo/config/_default/hugo.yaml` says where the sites of Xinfeng and Hugo differ."])


def page(records: list[dict]) -> str:
    """docs/benchmarks.md from all records."""
    settings = {setting(record) for record in records}
    parts = ["# Benchmarks", "This page and its chart are written by `benches/compare.py --write-docs` from the samples in "
             "[benchmarks.json](benchmarks.json). [benches/README.md](../benches/README.md) says what is compared, how to repeat it, and what the sites "
             "of the peers leave out. Ratios say how many times as much as Xinfeng a peer needs; below 1× the peer is ahead.",
             "![Wall time of a clean build by number of items](benchmarks.svg)"]
    if len(settings) == 1:
        parts.append(f"Measured with {settings.pop()}.")
        settings = set()
    parts.append("## Where a peer is ahead")
    found = [line for record in records for line in ahead(record)]
    parts.append("\n".join(f"- {line}" for line in found) if found else "Nowhere in what was measured.")
    for shape in SHAPES.values():
        of_shape = [record for record in records if record["shape"] == shape.name]
        if of_shape:
            parts.append(f"## {shape.name.capitalize()}: {shape.about}")
        for record in of_shape:
            where = f" {setting(record)}." if settings else ""
            parts += [f"### {record['items']:,} items", f"{runs(record).capitalize()}, {record['date']}.{where}", table(record), *differences(record)]
    return "\n\n".join(parts) + "\n"


def differences(record: dict) -> list[str]:
    """What the comparison of Xinfeng's and Hugo's outputs found, where it is not the same."""
    found = [("", text) for text in record["expected"]] + [("not meant: ", text) for text in record["unexpected"]]
    return ["<details><summary>How the outputs of Xinfeng and Hugo differ</summary>\n\n" + "\n".join(f"- {word}{text}" for word, text in found) + "\n\n</details>"] if found else []


def write_readme(name: str, text: str) -> None:
    """Puts the text between the marks of this name; a README without marks stays as it is."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    for readme in [HERE / "README.md", REPOSITORY / "README.md"]:
        before = readme.read_text(encoding="utf-8") if readme.exists() else ""
        if begin not in before or end not in before:
            say(f"{readme} has no marks for the table: left as it is")
            continue
        head, rest = before.split(begin, 1)
        readme.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")
