"""Whatever text stands in the record, the report shows it as inert text."""

from __future__ import annotations

import re

import pytest

from forecast.publish import render_report
from forecast.publish.page import Link, web_link

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></script><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% for x in y %}",
    "$x^2$ \\frac{a} & < > \" '",
    "\u202egnp.exe \u2066 \x00\x1b[31m ]]> -->",
    "javascript:alert(1)",
)
FIGURES = ("ladder", "intervals", "history", "latents", "sequence", "replies", "waiting", "hazard", "prior range")
COLUMNS = {
    "signals": ("actor", "target", "type", "summary", "confidence", "sources", "move_id"),
    "sources": ("source_id", "citation"),
    "questions": ("question_id", "wording", "rule", "in_words", "reason"),
    "quantities": ("wording",),
    "parameters": ("name", "meaning", "prior", "unit", "reason", "source"),
    "gate": ("check", "where", "advice"),
    "basis": ("item", "value", "note"),
    "tail": ("quantity", "reference", "source"),
    "claims": ("claim", "quantity", "says", "verdict", "would_change"),
    "analogues": ("name", "differs", "ended_by", "reply"),
    "scores": ("candidate", "score"),
    "treatments": ("treatment", "wording", "outcome", "note"),
    "prior_changes": ("set", "name", "published", "changed", "reason"),
    "history": ("created", "run_id"),
}


@pytest.mark.parametrize("text", [" ".join(HOSTILE), "".join(reversed(HOSTILE)), HOSTILE[4]])
def test_hostile_text_is_inert(meta, tables, text) -> None:
    for name, columns in COLUMNS.items():
        tables[name] = tables[name].assign(**dict.fromkeys(columns, text))
    tables["sources"] = tables["sources"].assign(url="https://example.org/?q=" + text)
    tables["gate"] = tables["gate"].assign(passed=False)
    sides = dict.fromkeys(("title", "side_a", "side_b", "side_a_short", "side_b_short"), text)
    html = render_report({**meta, **sides, "notes": [text], "credibility_note": text, "gate_passed": False}, tables)
    assert len(re.findall("<script", html)) == 1
    assert len(re.findall("<style", html)) == 1
    assert len(re.findall("<svg", html)) == len(FIGURES)
    assert "<img" not in html
    assert not re.search(r"<[^>]*\son\w+\s*=", html)
    assert "\x00" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    if "{{" in text:
        assert "{{ 7 * 7 }}" in html
    if "<" in text:
        assert "&lt;" in html


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org", "ftp://x",
     "https://exa mple.org", "java\nscript:alert(1)", "vbscript:x", ""],
)  # fmt: skip
def test_only_web_addresses_are_linked(url) -> None:
    assert web_link("citation", url) == Link("citation", "")


def test_web_addresses_are_linked_and_escaped(meta, tables) -> None:
    tables = {name: tables[name] for name in ("ladder", "quantities", "gate", "basis", "sources")}
    tables["sources"] = tables["sources"].assign(url='https://example.org/a?b=1&c="2"')
    html = render_report(meta, tables)
    assert 'href="https://example.org/a?b=1&amp;c=&#34;2&#34;"' in html
