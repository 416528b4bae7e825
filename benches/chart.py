"""Draws the chart of docs/benchmarks.md: wall time of a clean build by number of items, both logarithmic, one line per builder.

Plain SVG with its own background, so that it reads on light and on dark pages alike. Start at `clean_builds`.
"""

import math
from html import escape

from report import BUILDERS, median

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 76, 200, 60, 56
# Told apart also without colours: each has a mark of its own.
LOOKS = {"xinfeng": ("#c1272d", "circle"), "hugo": ("#1f6fb2", "square"), "eleventy": ("#2e8b57", "triangle"), "hexo": ("#b8660b", "diamond"),
         "pelican": ("#7b4fa3", "cross"), "cobalt": ("#5f6b76", "ring")}
STYLE = """
text { font: 14px system-ui, "Noto Sans", sans-serif; fill: #222 }
.title { font-size: 16px; font-weight: 600 }
.quiet { fill: #555 }
.card { fill: #fff; stroke: #d0d0d0 }
.grid { stroke: #e4e4e4 }
.line { fill: none; stroke-width: 2.5 }
"""


def clean_builds(records: list[dict]) -> str:
    lines = {}
    for key in BUILDERS:
        points = [(record["items"], median(record["samples"], key, "clean", "wall_s")) for record in records]
        points = sorted((items, seconds) for items, seconds in points if seconds is not None)
        if points:
            lines[key] = points
    return svg(lines)


def svg(lines: dict[str, list[tuple[int, float]]]) -> str:
    every = [point for points in lines.values() for point in points]
    x = Axis([items for items, _ in every], LEFT, WIDTH - RIGHT)
    y = Axis([seconds for _, seconds in every], HEIGHT - BOTTOM, TOP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title">',
             '<title id="title">Wall time of a clean build by number of items</title>', f"<style>{STYLE}</style>",
             f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>',
             f'<text class="title" x="{LEFT}" y="32">Clean build: wall time by number of items (both axes logarithmic)</text>']
    for tick in y.ticks:
        parts += [f'<path class="grid" d="M{LEFT} {y.place(tick):.1f}H{WIDTH - RIGHT}"/>',
                  f'<text class="quiet" x="{LEFT - 10}" y="{y.place(tick) + 5:.1f}" text-anchor="end">{tick:,g} s</text>']
    for tick in x.ticks:
        parts += [f'<path class="grid" d="M{x.place(tick):.1f} {TOP}V{HEIGHT - BOTTOM}"/>',
                  f'<text class="quiet" x="{x.place(tick):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{tick:,g}</text>']
    parts.append(f'<text class="quiet" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">items</text>')
    labels = apart({key: y.place(points[-1][1]) for key, points in lines.items()})
    for key, points in lines.items():
        colour, form = LOOKS[key]
        places = [(x.place(items), y.place(seconds)) for items, seconds in points]
        path = "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in places)
        parts.append(f'<path class="line" stroke="{colour}" d="{path}"/>')
        parts += [mark(form, across, down, colour) for across, down in places]
        # A thin line leads to the label where the builder was not measured at the greatest size, or where labels would lie upon each other.
        across, down = places[-1]
        where = "" if points[-1][0] == max(items for items, _ in every) else f" at {points[-1][0]:,}"
        parts += [f'<path stroke="{colour}" stroke-width="0.75" stroke-dasharray="2 3" fill="none" d="M{across + 8:.1f} {down:.1f}L{WIDTH - RIGHT + 10} {labels[key]:.1f}"/>',
                  f'<text x="{WIDTH - RIGHT + 16}" y="{labels[key] + 5:.1f}" style="fill:{colour};font-weight:600">{escape(BUILDERS[key].title)} '
                  f'<tspan font-weight="400">{points[-1][1]:.3g} s{where}</tspan></text>']
    return "\n".join([*parts, "</svg>"]) + "\n"


class Axis:
    """A logarithmic axis from `start` to `end` that holds all values, with ticks at powers of ten (and at 2 and 5 where these are few)."""

    def __init__(self, values: list[float], start: float, end: float):
        low, high = min(values) / 1.25, max(values) * 1.25
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        tens = [10.0**power for power in powers]
        within = [tick for tick in tens if low <= tick <= high]
        self.ticks = within if len(within) >= 3 else [factor * ten for ten in tens for factor in (1, 2, 5) if low <= factor * ten <= high]
        self.low, self.high, self.start, self.end = math.log(low), math.log(high), start, end

    def place(self, value: float) -> float:
        return self.start + (math.log(value) - self.low) / (self.high - self.low) * (self.end - self.start)


def apart(places: dict[str, float], distance: float = 20) -> dict[str, float]:
    """The places of labels, moved so that none lies upon another or outside."""
    moved, above = {}, TOP - distance
    for key in sorted(places, key=places.get):
        above = moved[key] = max(places[key], above + distance)
    below = HEIGHT - BOTTOM + distance
    for key in reversed(moved):
        below = moved[key] = min(moved[key], below - distance)
    return moved


def mark(form: str, x: float, y: float, colour: str) -> str:
    if form in ("circle", "ring"):
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour if form == "circle" else "#fff"}" stroke="{colour}" stroke-width="2"/>'
    paths = {"square": "m-5-5h10v10h-10z", "triangle": "m0-6 6 11h-12z", "diamond": "m0-7 6 7-6 7-6-7z", "cross": "m-5-5 10 10m0-10-10 10"}
    return f'<path d="M{x:.1f} {y:.1f}{paths[form]}" fill="{"none" if form == "cross" else colour}" stroke="{colour}" stroke-width="2"/>'
