"""Settlement: when the sides talk, and when talks, pressure and truce end in a deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.model.nodes import Binary, binary

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from pytensor.tensor import TensorVariable


def talks_and_deals(
    tables: Mapping[str, pd.DataFrame], resolve: TensorVariable, p: Mapping[str, TensorVariable], offset: float
) -> list[Binary]:
    """Hazards of talks and of a deal per period, from resolve of both sides, talks, fighting and truce before."""
    nodes = []
    for node, recent in (("talks", "talks_recent"), ("deal", "deal_talks")):
        rows = tables[node]
        a, b = (resolve[rows[f"latent_{side}"].to_numpy(dtype=int)] for side in "ab")
        logit = (
            offset
            + p[f"{node}_intercept"]
            + p[f"{node}_case"] * rows["case"].to_numpy(dtype=float)
            + p[f"{node}_resolve"] * 0.5 * (a + b)
            + p[recent] * rows["recent"].to_numpy(dtype=float)
            + p[f"{node}_fighting"] * rows["fighting"].to_numpy(dtype=float)
            + p[f"{node}_truce"] * rows["truce"].to_numpy(dtype=float)
        )
        nodes.append(binary(node, rows, logit))
    return nodes
