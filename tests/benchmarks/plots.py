"""The pictures of the performance pages, readable on light and dark pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import Rates, median, quartiles

GREY, WARM, COLD = "#7d7d7d", "#d9822b", "#3f8fc5"
STYLE = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "sanic_jwt_oo",
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


def draw(results: dict[str, Any], folder: Path) -> None:
    """Draw every picture into a folder."""
    with mpl.rc_context(STYLE):
        rates = Rates(results["rates"])
        _ratios(rates, folder / "ratios.svg")
        _choice(rates, folder / "choice.svg")
        _memory(results["memory"], folder / "memory.svg")


def _save(figure: Figure, path: Path) -> None:
    metadata = {"Date": None, "Creator": None}
    figure.savefig(path, transparent=True, metadata=metadata)


def _choice(rates: Rates, path: Path) -> None:
    chosen = ("ours", "ours, sessions", "ours, sessions, cookies")
    names = (*chosen, "by hand", "sanic-jwt")
    keys = [(name, "HS256", "protected") for name in names]
    _bars(rates, [key for key in keys if key in rates], path)


def _ratios(rates: Rates, path: Path) -> None:
    _bars(rates, [key for key in rates if key[2] == "protected"], path)


def _bars(rates: Rates, keys: list[tuple[str, str, str]], path: Path) -> None:
    keys.sort(key=lambda key: median(rates.to_open(*key, "warm")))
    height = 0.36 * len(keys) + 0.8
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes = figure.subplots()
    for mode, colour, shift in (("warm", WARM, 0.2), ("cold", COLD, -0.2)):
        found = [rates.to_open(*key, mode) for key in keys]
        middles = [median(values) for values in found]
        spreads = [
            [abs(middle - quartile) for quartile in quartiles(values)]
            for middle, values in zip(middles, found, strict=True)
        ]
        axes.barh(
            [place + shift for place in range(len(keys))],
            middles,
            0.36,
            xerr=[*zip(*spreads, strict=True)],
            color=colour,
            ecolor=GREY,
            label=mode,
        )
    axes.set_yticks(range(len(keys)), [f"{k[0]}, {k[1]}" for k in keys])
    axes.axvline(1, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_xlim(0, 1.05)
    axes.set_xlabel("requests per second, relative to the open route")
    axes.legend(loc="lower right", bbox_to_anchor=(0.94, 0))
    _save(figure, path)


def _memory(found: dict[str, Any], path: Path) -> None:
    figure = Figure(figsize=(7.2, 2.4), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    names = {"verifications": "verifications", "log_ins": "log-ins"}
    for axes, (what, name) in zip(panels, names.items(), strict=True):
        _curve(axes, found[what], name)
    panels[0].set_ylabel("resident memory, MiB")
    panels[0].set_ylim(0)
    _save(figure, path)


def _curve(axes: Axes, found: dict[str, Any], name: str) -> None:
    curve, count = found["resident"], found["count"]
    unit, word = (1e6, "million") if count >= 1e6 else (1e3, "thousand")
    last = len(curve) - 1
    places = [count * point / last / unit for point in range(last + 1)]
    axes.plot(places, curve, color=COLD)
    axes.set_xlabel(f"{word} {name}")
