"""The words of a question's rule: forms, events and what narrows them; one table for check, sentences and page."""

from __future__ import annotations

from typing import Final, NamedTuple

from forecast.record.columns import MOVES
from forecast.terms import TYPES_BY_CHANNEL


class EventWord(NamedTuple):
    """One event of a rule.

    Attributes
    ----------
    meaning : str
        What has to happen, for the page.
    said : str
        The event as a noun, for sentences.
    takes : tuple of str
        Which keys may narrow it (`NARROWING`).
    needs : str
        What must have been watched for silence to mean "no": ``force`` or ``talks``; blank: see the event's types.
    """

    meaning: str
    said: str
    takes: tuple[str, ...]
    needs: str


EVENTS: Final[dict[str, EventWord]] = {
    "strike": EventWord(
        "an overt act of force (rung 3 or above) by a lead or member of one side against the other; of several acts of "
        "a side on a day the highest counts",
        "an overt strike",
        ("by", "at", "rung", "theatre", "struck"),
        "force",
    ),
    "first_strike": EventWord(
        "the first such act inside the window, with the rung and the side of that act",
        "a first strike",
        ("by", "rung"),
        "force",
    ),
    "leadership_strike": EventWord(
        "a strike at leaders or at a high-value site (rung 5) while no campaign runs",
        "a leadership or high-value strike",
        ("by",),
        "force",
    ),
    "campaign": EventWord("a campaign of several days (rung 6 or above) runs", "a campaign that runs", (), "force"),
    "campaign_opens": EventWord("a campaign runs on a day after one without", "the opening of a campaign", (), "force"),
    "campaign_halts": EventWord("no campaign runs on a day after one with", "the halt of a campaign", (), "force"),
    "several_theatres": EventWord(
        "a campaign runs that has spread to several theatres (rung 7, acts of closing apart)",
        "a campaign in several theatres",
        (),
        "force",
    ),
    "closure": EventWord(
        "an act or declaration that closes a chokepoint to shipping", "an act of closing a chokepoint", (), "force"
    ),
    "regional": EventWord(
        "several theatres or an act of closing a chokepoint", "several theatres or an act of closing", (), "force"
    ),
    "full_war": EventWord(
        "full-scale war or ground invasion (rung 8)", "full-scale war or ground invasion", (), "force"
    ),
    "talks": EventWord("talks between the sides, of level 2 or above", "talks between the sides", (), "talks"),
    "deal": EventWord(
        "a deal between the sides, signed or publicly accepted (level 2 or above)",
        "a deal between the sides",
        (),
        "talks",
    ),
    "ceasefire": EventWord("a cease-fire between the sides", "a cease-fire", (), "talks"),
    "act": EventWord(
        "any row of `moves.csv` of the types given; the record can resolve it, the model cannot give its probability",
        "a recorded act",
        ("type", "by", "at", "rung", "level", "theatre", "struck"),
        "",
    ),
}

NARROWING: Final[dict[str, str]] = {
    "by": "who acts: `a`, `b`, `either` (the default), or ids of actors",
    "at": "whom it hits or addresses: ids of actors",
    "rung": "least rung, or `{min: …, max: …}`",
    "theatre": "where: the text of column `theatre`",
    "struck": "what is struck: words of column `targets_struck`, one of which is enough",
    "type": "types of move, one of which is enough",
    "level": "least level, 1 to 3",
}

FORMS: Final[dict[str, tuple[str, str]]] = {
    "event": ("`event: …`, narrowed by the keys that it takes", "it happens inside the window"),
    "all": ("`all: [rule, rule, …]`", "every one of them holds"),
    "any": ("`any: [rule, rule, …]`", "at least one of them holds"),
    "not": ("`not: rule`", "it does not hold"),
    "after": (
        "`after: rule`, with `then: event` or `without: event`, and `within: days`",
        "the first holds, and the event follows on a later day (or does not) within so many days of it, past the end "
        "of the window if need be; without `within`: by the end of the window. `after` takes an event, or `all`, `any` "
        "and `after … then` of events",
    ),
    "reply": (
        "`reply: mode` or a list of modes, with `within: days` (14) and `to: a`, `b` or `either`",
        "there is a first strike inside the window (by the side named in `to`), and the highest direct answer of the "
        "struck side within so many days is of that mode: `none`; `proxy` (rung 1 or 2); `symbolic` (3); `bounded` "
        "(4 to 6); `widening` (an answer while several theatres burn, full war is on or a chokepoint is closed)",
    ),
    "ladder": (
        "`ladder: O4` (that outcome or a worse one), or `ladder: {min: …, max: …}`",
        "the window ends on that place of the ladder",
    ),
    "runaway": (
        "`runaway: rungs`",
        "there is a first strike, and by the end of the window an act or a campaign of either side lies so many rungs "
        "or more above it",
    ),
    "quiet": (
        "`quiet: days`",
        "inside the window lie so many days on end without an overt strike and without a campaign",
    ),
}

QUESTION_KEYS: Final[dict[str, str]] = {
    "id": "name of the question: small letters, digits and `-`; never used again for another question",
    "wording": "the question in words; `{a}` and `{b}` stand for the short names of the sides, `{opens}`, `{closes}` "
    "and `{days}` for the first and last day of the window and its length",
    "case": "case or past crisis that it is about; without it, every case of the record",
    "rule": "what makes the answer yes",
    "given": "a rule too: the probability is that of `rule` where `given` holds; where it does not, the answer is void",
    "window": "`30`: the 30 days after the as-of day; `[7, 30]`: two questions, `<id>-7d` and `<id>-30d`; "
    "`{opens: …, closes: …}`: fixed days, both included; `{closes: …}`: from the day after the as-of day",
}

TYPES: Final = tuple(kind for kinds in TYPES_BY_CHANNEL.values() for kind in kinds)
STRUCK: Final = next(column for column in MOVES.columns if column.name == "targets_struck").words
MINOR: Final = "minor"
"""Stands in `needs` for force below the threshold, which only a close watch sees."""
