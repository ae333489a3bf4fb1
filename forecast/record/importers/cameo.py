"""CAMEO event codes in the words of the record: the longest prefix of a code that is listed decides."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.record.importers.draft import Act

ACTS: Final[dict[str, Act]] = {
    "0256": Act("proposal", 1),  # appeal for de-escalation
    "026": Act("proposal", 1),
    "027": Act("proposal", 1),
    "028": Act("proposal", 1),
    "03": Act("reassurance", 1),
    "036": Act("proposal", 1),
    "037": Act("proposal", 2),
    "0356": Act("reassurance", 2),
    "038": Act("acceptance", 2),
    "039": Act("mediation", 1),
    "040": Act("talks", 1),
    "041": Act("talks", 1),
    "042": Act("talks", 2),
    "043": Act("talks", 2),
    "044": Act("talks", 2),
    "045": Act("mediation", 2),
    "046": Act("talks", 2),
    "05": Act("reassurance", 1),
    "057": Act("deal", 2),
    "08": Act("concession", 2),
    "085": Act("sanctions_relief", 2),
    "0862": Act("inspection_access", 2),
    "087": Act("withdrawal", 2),
    "0871": Act("ceasefire", 2),
    "0872": Act("sanctions_relief", 2),
    "10": Act("demand", 2),
    "11": Act("denial", 1),
    "12": Act("rejection", 2),
    "13": Act("threat", 2),
    "131": Act("threat", 1),
    "132": Act("threat", 1),
    "1381": Act("threat", 3),
    "1382": Act("threat", 3),
    "1383": Act("threat", 3),
    "1384": Act("threat", 3),
    "1385": Act("threat", 3),
    "139": Act("ultimatum", 3),
    "150": Act("capability_display", 2),
    "152": Act("alert", 2),
    "154": Act("mobilisation", 2),
    "160": Act("walkout", 1),
    "161": Act("walkout", 2),
    "162": Act("sanctions", 1),
    "163": Act("sanctions", 2),
    "164": Act("walkout", 2),
    "165": Act("walkout", 1),
    "166": Act("walkout", 2),
    "1662": Act("inspection_block", 2),
    "171": Act("seizure", 2),
    "172": Act("sanctions", 1),
    "173": Act("seizure", 1),
    "174": Act("walkout", 1),
    "176": Act("cyber_attack", 2, 1),
    "180": Act("covert_attack", 2, 1),
    "181": Act("seizure", 2),
    "182": Act("harassment", 1, 1),
    "183": Act("covert_attack", 2, 1),
    "185": Act("covert_attack", 2, 1),
    "186": Act("covert_attack", 3, 1),
    "190": Act("limited_strike", 3, 4),
    "191": Act("embargo", 3),
    "192": Act("ground_operation", 3, 4),
    "193": Act("limited_strike", 3, 4),
    "194": Act("limited_strike", 3, 4),
    "195": Act("limited_strike", 3, 4),
    "196": Act("limited_strike", 3, 4),
    "20": Act("limited_strike", 3, 4),
}
"""Codes 01, 02 (statements and appeals), 06, 07 (cooperation and aid), 09 (investigations), 14 (protest), 151, 153
(police) and 175 (repression) have no counterpart between two states and are left out."""

_LONGEST: Final = 4


def cameo_acts(codes: pd.Series) -> pd.Series:
    """Return the listed prefix that decides each CAMEO code; blank where none is listed.

    Parameters
    ----------
    codes : Series of str
        ``EventCode``, with its leading zero.
    """
    found = pd.Series("", index=codes.index, dtype="str")
    for length in range(2, _LONGEST + 1):
        prefix = codes.str[:length]
        known = prefix.isin([code for code in ACTS if len(code) == length]) & codes.str.len().ge(length)
        found = found.mask(known, prefix)
    return found
