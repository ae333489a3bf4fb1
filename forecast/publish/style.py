"""One visual style for every figure: colours with a light and a dark value, and small accessible SVG."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial, wraps
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.figure import Figure

from forecast.publish.wording import clean
from forecast.terms import LADDER, REPLY_MODES

WIDTH: Final = 372.0
"""Width of every figure in points; close to what a phone shows, so that text of 11 points stays readable there."""

# Blue for a deal, grey for no change, then warm and darker with the scale of fighting; told apart without colour vision
# by lightness, and every mark is also labelled.
THEME: Final[dict[str, tuple[str, str]]] = {
    "ink": ("#1b1f24", "#e6e9ed"),
    "soft": ("#57606a", "#a3adb8"),
    "grid": ("#d5dbe1", "#39424c"),
    "veil": ("#eceff2", "#262d35"),
    "side-a": ("#0068a8", "#5bb5ea"),
    "side-b": ("#b44a00", "#f2a45c"),
    "side-none": ("#6e7780", "#98a2ad"),
    "o0": ("#8fc1e3", "#5a9cc4"),
    "o1": ("#c4ccd3", "#66707a"),
    "o2": ("#fcd49a", "#f7d6a2"),
    "o3": ("#f59b57", "#f0a45f"),
    "o4": ("#d95b38", "#e1714c"),
    "o5": ("#a12a4e", "#c0436a"),
    "o6": ("#4f1846", "#a868c6"),
    "on-o0": ("#15191d", "#0b0e10"),
    "on-o1": ("#15191e", "#ffffff"),
    "on-o2": ("#15191f", "#0b0e12"),
    "on-o3": ("#151a1d", "#0b0e13"),
    "on-o4": ("#151b1d", "#0b0e14"),
    "on-o5": ("#fffffd", "#fffffc"),
    "on-o6": ("#fffffb", "#0b0e15"),
    "m0": ("#d3d8de", "#525b65"),
    "m1": ("#bfb0dc", "#75649e"),
    "m2": ("#9b80c7", "#a08ad1"),
    "m3": ("#7049a8", "#c5b3ec"),
    "m4": ("#3e1f6b", "#ece3ff"),
    "on-m0": ("#161a1e", "#fefeff"),
    "on-m1": ("#161a1f", "#fefffe"),
    "on-m2": ("#161b1e", "#0c0e10"),
    "on-m3": ("#fefefe", "#0c0e11"),
    "on-m4": ("#fefefd", "#0c0e12"),
}
COLOUR: Final[dict[str, str]] = {name: light for name, (light, _) in THEME.items()}
RUNG_COLOUR: Final = {code: (COLOUR[code.lower()], COLOUR[f"on-{code.lower()}"]) for code in LADDER}
MODE_COLOUR: Final = {mode: (COLOUR[f"m{n}"], COLOUR[f"on-m{n}"]) for n, mode in enumerate(REPLY_MODES)}
SIDE_COLOUR: Final = {side: COLOUR[f"side-{side}"] for side in ("a", "b", "none")}

FONTS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
RC: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "forecast",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 11,
    "legend.fontsize": 10.5,
    "legend.frameon": False,
    "text.color": COLOUR["ink"],
    "axes.labelcolor": COLOUR["soft"],
    "axes.edgecolor": COLOUR["grid"],
    "axes.titlecolor": COLOUR["ink"],
    "xtick.color": COLOUR["soft"],
    "ytick.color": COLOUR["soft"],
    "xtick.labelcolor": COLOUR["soft"],
    "ytick.labelcolor": COLOUR["ink"],
    "grid.color": COLOUR["grid"],
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.unicode_minus": True,
}
_SVG: Final = "http://www.w3.org/2000/svg"


def styled[**P](draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a drawing function draw in the house style, whatever the caller's settings are.

    The figure shows itself as SVG in a notebook, also where no plotting backend was chosen.
    """

    @wraps(draw)
    def drawing(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(RC):
            figure = draw(*args, **kwargs)
        setattr(figure, "_repr_svg_", partial(drawn, figure))  # noqa: B010 - a method that notebooks look for
        return figure

    return drawing


def new_figure(height: float) -> Figure:
    """Empty figure of the common width and the given height, both in points."""
    return Figure(figsize=(WIDTH / 72, height / 72), dpi=72, layout="constrained")


def svg(figure: Figure, name: str, title: str, alt: str, *, themed: bool = True) -> str:
    """Figure as one `<svg>` element with a title and a text alternative; parameters as in `svg_element`."""
    return svg_element(drawn(figure), name, title, alt, themed=themed)


def drawn(figure: Figure) -> str:
    """Figure as SVG, as Matplotlib writes it in the house style."""
    stream = BytesIO()
    with mpl.rc_context(RC):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return stream.getvalue().decode("utf-8")


def svg_element(drawing: str, name: str, title: str, alt: str, *, themed: bool = True) -> str:
    """One `<svg>` element with a title and a text alternative.

    Parameters
    ----------
    drawing
        From `drawn`.
    name
        Unique in the page; ids start with it.
    title, alt
        Name of the figure and what it shows, for readers who do not see it.
    themed
        For a page: colours by CSS variables, so that it can switch between light and dark, and the reader's own font.
        Otherwise fixed colours and the font that the figure was laid out with, for paper or a file of its own.
    """
    # The text was written by Matplotlib and is not foreign input.
    root = ElementTree.fromstring(drawing)  # noqa: S314
    _drop(root, {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"})
    _shorten_ids(root, name)
    if themed:
        for element in root.iter():
            if "style" in element.attrib:
                element.set("style", _restyle(element.attrib["style"]))
        for side in ("width", "height", "version"):
            root.attrib.pop(side, None)
    root.attrib |= {"role": "img", "aria-labelledby": f"{name}-t {name}-d", "style": "stroke-linejoin:round"}
    for position, (tag, key, text) in enumerate((("title", "t", title), ("desc", "d", alt))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{key}"})
        element.text = clean(text)
        root.insert(position, element)
    ElementTree.register_namespace("", _SVG)
    text = ElementTree.tostring(root, encoding="unicode")
    return re.sub(r">\s+<", "><", text)


def css_variables() -> str:
    """CSS that gives every colour of `THEME` its light value, and its dark one where the reader prefers dark."""
    light = "".join(f"--{name}:{values[0]};" for name, values in THEME.items())
    dark = "".join(f"--{name}:{values[1]};" for name, values in THEME.items())
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _drop(root: ElementTree.Element, tags: set[str]) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in tags:
                parent.remove(child)


def _shorten_ids(root: ElementTree.Element, name: str) -> None:
    text = ElementTree.tostring(root, encoding="unicode")
    used = {found: f"{name}-{n}" for n, found in enumerate(dict.fromkeys(re.findall(r"#([\w.-]+)[\"')]", text)))}
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.attrib.pop("id")
                if value in used:
                    element.set("id", used[value])
            elif key.endswith("href"):
                element.attrib.pop(key)
                element.set("href", f"#{used[value.removeprefix('#')]}")
            elif "url(#" in value:
                element.set(key, re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{used[m[1]]})", value))


_BY_HEX: Final = {light: name for name, (light, _) in THEME.items()}


def _restyle(style: str) -> str:
    style = re.sub(r"(font: [^;]*?px) [^;]+", rf"\1 {FONTS}", style)
    return re.sub(r"#[0-9a-f]{6}", lambda m: f"var(--{_BY_HEX[m[0]]})" if m[0] in _BY_HEX else m[0], style)
