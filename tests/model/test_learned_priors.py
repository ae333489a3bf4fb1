"""Priors with history are the product of prior and summary to the chosen power, and of nothing known later."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecast.errors import UsageError
from forecast.model.learned import (
    POWER,
    SHIPPED,
    CutOff,
    History,
    Learned,
    Scalar,
    applied,
    combined,
    history_text,
    newest,
    read_history,
    terms_hash,
    with_history,
)
from forecast.model.priors import prior_arrays, read_priors
from forecast.model.signals import FREE

PRIORS = read_priors()
COORDS = {"role": ["challenger", "target"], "free_channel": list(FREE)}


def scalar(name: str, index: int | None = None, size: int | None = None, **more) -> Scalar:
    prior = PRIORS.get(name)
    family = prior.family if prior else "normal"
    return Scalar(**({"parameter": name, "index": index, "size": size, "family": family, "data_set": "made up",
                      "prior": (0.0, 1.0)} | more))  # fmt: skip


def part(label: str, mean: float, sd: float) -> Learned:
    return Learned(label=label, mean=mean, sd=sd, posterior=(mean, sd), rhat=1.0)


def made_up(scalars: dict[str, Scalar] | None = None, cut_offs: tuple[CutOff, ...] = ()) -> History:
    described = scalars or {
        "war_opening": scalar("war_opening"),
        "campaign_days": scalar("campaign_days"),
        "overt_intercept[target]": scalar("overt_intercept", 1, 2),
    }
    parts = {"war_opening": (-1.0, 0.3), "campaign_days": (math.log(10.0), 0.2), "overt_intercept[target]": (-6.0, 0.4)}
    learned = tuple(part(label, *parts.get(label, (0.0, 1.0))) for label in described)
    early = CutOff(as_of=date(1985, 12, 31), episodes={"made up": 7}, learned=learned)
    return History(
        made=date(2026, 1, 1),
        terms_hash=terms_hash(PRIORS),
        corpora={},
        scalars=described,
        cut_offs=cut_offs or (early,),
    )


def moments(priors: dict, name: str) -> tuple[np.ndarray, np.ndarray]:
    return prior_arrays({name: priors[name]}, COORDS, priors[name].family)


def test_power_zero_gives_back_the_priors_to_the_digit():
    assert with_history(PRIORS, made_up(), 0, date(2026, 1, 1)) == PRIORS
    assert applied(PRIORS, 0.0, date(2026, 1, 1), "no file is read")[0] == PRIORS


@pytest.mark.parametrize("power", [0.1, 0.5, 1.0])
def test_a_prior_with_history_is_the_product_of_the_two_densities(power: float):
    found = with_history(PRIORS, made_up(), power, date(2026, 1, 1))
    grid = np.linspace(-14.0, 8.0, 400_001)
    for name, at, mean, sd in (
        ("war_opening", 0, -1.0, 0.3),
        ("campaign_days", 0, math.log(10.0), 0.2),
        ("overt_intercept", 1, -6.0, 0.4),
    ):
        location, scale = (values[at] for values in moments(PRIORS, name))
        log_density = -0.5 * ((grid - location) / scale) ** 2 - power * 0.5 * ((grid - mean) / sd) ** 2
        weight = np.exp(log_density - log_density.max())
        weight /= weight.sum()
        expected = float(weight @ grid)
        spread = float(np.sqrt(weight @ (grid - expected) ** 2))
        told_location, told_scale = (values[at] for values in moments(found, name))
        assert told_location == pytest.approx(expected, abs=1e-6)
        assert told_scale == pytest.approx(spread, rel=1e-4)


def test_what_history_does_not_inform_stays_as_it_is():
    found = with_history(PRIORS, made_up(), 1.0, date(2026, 1, 1))
    assert {name for name in PRIORS if found[name] != PRIORS[name]} == {
        "war_opening",
        "campaign_days",
        "overt_intercept",
    }
    (location, scale), (was, spread) = moments(found, "overt_intercept"), moments(PRIORS, "overt_intercept")
    assert (location[0], scale[0]) == (was[0], spread[0])
    assert location[1] != was[1]
    for name, prior in found.items():
        assert (prior.family, prior.dims, prior.unit, prior.meaning) == (
            PRIORS[name].family, PRIORS[name].dims, PRIORS[name].unit, PRIORS[name].meaning,
        )  # fmt: skip


def test_the_changed_prior_says_what_it_was_and_why_it_changed():
    changed = with_history(PRIORS, made_up(), 0.5, date(2026, 1, 1))["war_opening"]
    assert PRIORS["war_opening"].text in changed.reason
    assert "1985-12-31 at power 0.5" in changed.reason


def test_the_newest_cut_off_up_to_the_day_is_used_and_none_before_the_first():
    label = {"war_opening": scalar("war_opening")}
    cut_offs = tuple(
        CutOff(as_of=date(year, 12, 31), episodes={}, learned=(part("war_opening", mean, 0.3),))
        for year, mean in ((1975, -3.0), (1995, 3.0), (1985, 0.0))
    )
    history = made_up(label, cut_offs)
    for day, expected in ((date(1985, 12, 30), -3.0), (date(1985, 12, 31), 0.0), (date(2026, 1, 1), 3.0)):
        chosen = newest(history, day)
        assert chosen is not None
        assert chosen.learned[0].mean == expected
    assert newest(history, date(1975, 12, 30)) is None
    assert with_history(PRIORS, history, 1.0, date(1975, 12, 30)) == PRIORS


@pytest.mark.parametrize("power", [-0.1, 1.1, float("nan")])
def test_a_power_outside_zero_to_one_is_refused(power: float):
    with pytest.raises(UsageError, match="outside 0-1"):
        with_history(PRIORS, made_up(), power, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("label", "described", "says"),
    [
        ("no_such", {"no_such": scalar("no_such")}, "no parameter of this prior table"),
        ("war_opening", {"war_opening": scalar("war_opening", family="lognormal")}, "is normal here, not lognormal"),
        ("war_opening", {"war_opening": scalar("war_opening", 0, 2)}, "other entries"),
        ("overt_intercept", {"overt_intercept": scalar("overt_intercept")}, "other entries"),
        ("x", {"x": scalar("overt_intercept", 2, 2)}, "other entries"),
        ("track", {"track": scalar("track_weight", 0, 5)}, "other entries"),
        ("signal_any", {"signal_any": scalar("signal_any", 0, 6)}, "other entries"),
    ],
)
def test_a_summary_of_other_parameters_is_refused(label: str, described: dict, says: str):
    cut_off = CutOff(as_of=date(1985, 12, 31), episodes={}, learned=(part(label, 0.0, 1.0),))
    with pytest.raises(UsageError, match=f"another model.*{says}.*pretrain"):
        with_history(PRIORS, made_up(described, (cut_off,)), 0.5, date(2026, 1, 1))


def test_a_file_reads_back_and_says_so_when_it_was_changed(tmp_path: Path):
    history, file = made_up(), tmp_path / "learned.json"
    file.write_text(history_text(history), encoding="utf-8")
    assert read_history(file) == history
    file.write_text(history_text(history).replace('"mean": -1.0', '"mean": -1.5'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"learned\.json.*do not match their hash.*pretrain"):
        read_history(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"sha256": "", "history": {}}', '{"history": 3}'])
def test_a_file_that_is_no_summary_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "learned.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not a summary of history"):
        read_history(file)
    with pytest.raises(UsageError, match="not a summary of history"):
        read_history(tmp_path / "absent.json")


def test_a_scalar_that_is_learned_must_be_described(tmp_path: Path):
    document = json.loads(history_text(made_up()))
    del document["history"]["scalars"]["war_opening"]
    (tmp_path / "learned.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="no scalar is described for war_opening"):
        read_history(tmp_path / "learned.json")


def test_a_summary_made_with_other_terms_is_used_and_says_so(tmp_path: Path):
    file = tmp_path / "learned.json"
    file.write_text(history_text(made_up()), encoding="utf-8")
    found, told = applied(PRIORS, 0.5, date(2026, 1, 1), file)
    assert found == with_history(PRIORS, made_up(), 0.5, date(2026, 1, 1))
    assert "3 numbers" in told
    assert "7 episodes of made up" in told
    assert "other terms" not in told
    file.write_text(history_text(made_up().model_copy(update={"terms_hash": "0" * 64})), encoding="utf-8")
    assert "other terms" in applied(PRIORS, 0.5, date(2026, 1, 1), file)[1]


def test_the_shipped_summary_is_small_and_fits_the_shipped_priors():
    history = read_history()
    assert SHIPPED.stat().st_size < 100_000
    assert [cut.as_of for cut in history.cut_offs] == sorted(cut.as_of for cut in history.cut_offs)
    assert 0 <= POWER <= 1
    for cut in history.cut_offs:
        assert set(with_history(PRIORS, history, 1.0, cut.as_of)) == set(PRIORS)
        assert max(one.rhat for one in cut.learned) <= 1.05
        for one in cut.learned:
            assert combined(*history.scalars[one.label].prior, one, 1.0) == pytest.approx(one.posterior, abs=2e-3)
