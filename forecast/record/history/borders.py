"""Who can reach whom on land since 1946, by border or troops in place: common knowledge that data sets leave out."""

from __future__ import annotations

import re
from typing import Final

# A state and its neighbours on land, each pair written once. Years in brackets: first and last year of the
# border, a blank side for no bound. Overseas territories count while they were held (GBR at Aden, FRA in Algeria).
_LINES: Final = """\
USA CAN MEX
MEX GTM BLZ[1981-]
GTM BLZ[1981-] HND SLV
GBR BLZ[-1981] GTM[-1981] YEM[-1967] ESP CHN[-1997] EGY[-1956] SAU[-1971] MYS[-1957] IDN[-1963] BWA[-1966] IRL
GBR GUY[-1966] VEN[-1966]
HND SLV NIC
NIC CRI
CRI PAN
PAN COL
COL VEN BRA PER ECU
VEN GUY[1966-] BRA
GUY SUR[1975-] BRA NLD[-1975]
SUR BRA FRA
FRA BRA ESP BEL LUX DEU CHE ITA MAR[-1962] TUN[-1962] LBY[-1962] SDN[-1960] GHA[-1960] VNM[-1954] THA[-1953]
FRA ETH[-1977] SOM[1960-1977]
ECU PER
PER BRA BOL CHL
BRA BOL PRY ARG URY
BOL PRY ARG CHL
PRY ARG
ARG CHL URY
HTI DOM
NLD BEL DEU IDN[-1962]
BEL LUX DEU COD[-1960] RWA[-1962]
LUX DEU
DEU DNK POL CSK[-1992] CZE AUT CHE DDR[-1990]
DDR POL[-1990] CSK[-1990]
CHE ITA AUT LIE
AUT ITA CSK[-1992] CZE SVK HUN YUG[-1991] SVN LIE
ITA YUG[-1991] SVN
ESP PRT MAR AND
PRT IND[-1961] COD[-1975] ZMB[1964-1975] SEN[1960-1974] GIN[1958-1974] TZA[1961-1975] ZAF[-1975]
PRT ZWE[1965-1975] MWI[1964-1975] COG[1960-1975] CHN[-1999] IDN[-1975]
POL CSK[-1992] CZE SVK RUS LTU BLR UKR
CSK HUN[-1992] RUS[-1991] UKR[1991-1992]
SVK CZE HUN UKR
HUN YUG[-2006] SRB ROU UKR RUS[-1991] HRV SVN
YUG ALB[-2006] GRC[-1991] BGR[-2006] ROU[-2006] HRV BIH MKD SVN[-1991]
SRB ROU BGR MKD HRV BIH MNE XKX
MNE ALB HRV BIH XKX
XKX ALB MKD
ALB GRC MKD
MKD GRC BGR
HRV SVN BIH
GRC BGR TUR
BGR ROU TUR
ROU UKR MDA RUS[-1991]
MDA UKR
RUS FIN NOR TUR[-1991] IRN[-1991] AFG[-1991] CHN MNG PRK EST LVA LTU BLR UKR GEO AZE KAZ
EST LVA
LVA LTU BLR
LTU BLR
BLR UKR
ARM AZE GEO TUR IRN
AZE GEO IRN TUR
GEO TUR
FIN SWE NOR
SWE NOR
CYP TUR[1974-] GBR[1960-]
GNB SEN GIN
GNQ CMR GAB
GMB SEN
MLI SEN MRT DZA NER BFA CIV GIN
SEN MRT GIN
MRT DZA MAR
BEN NER BFA TGO NGA
NER DZA LBY TCD NGA BFA
CIV BFA GIN LBR GHA
GIN LBR SLE
LBR SLE
BFA GHA TGO
GHA TGO
CMR NGA TCD CAF COG GAB
NGA TCD
GAB COG
CAF TCD SDN COD COG SSD
TCD LBY SDN
COG COD AGO
COD SDN UGA RWA BDI TZA ZMB AGO SSD
UGA KEN TZA RWA SDN SSD
KEN TZA SOM ETH SDN SSD
TZA RWA BDI MOZ MWI ZMB
BDI RWA
SOM ETH DJI
DJI ETH ERI
ETH ERI SDN SSD
ERI SDN
AGO ZMB NAM ZAF[-1990]
MOZ MWI ZMB ZWE ZAF SWZ
ZMB MWI ZWE NAM BWA ZAF[-1990]
ZWE BWA ZAF
ZAF LSO BWA SWZ NAM[1990-]
NAM BWA
MAR DZA
DZA TUN LBY
TUN LBY
LBY EGY SDN
SDN EGY SSD
EGY ISR
IRN TUR IRQ PAK AFG TKM
TUR IRQ SYR
IRQ SYR JOR SAU KWT
SYR LBN JOR ISR
LBN ISR
JOR ISR SAU
SAU KWT QAT ARE OMN YEM YMD[1967-1990]
YEM YMD[1967-1990] OMN[1990-]
YMD OMN[1967-1990]
QAT ARE[-1974]
ARE OMN
AFG PAK CHN TKM UZB TJK
TKM UZB KAZ
TJK UZB KGZ CHN
KGZ UZB KAZ CHN
UZB KAZ
KAZ CHN
CHN MNG PRK VNM IND PAK NPL BTN MMR LAO
PRK KOR
IND PAK NPL BTN BGD[1971-] MMR
PAK MMR[-1971]
BGD MMR[1971-]
MMR THA LAO
THA LAO KHM MYS
KHM LAO VNM[1975-] RVN[-1975]
LAO VNM RVN[-1975]
VNM RVN[-1975]
MYS IDN[1963-] SGP[1963-1965] BRN
IDN PNG[1975-] TLS
AUS IDN[1963-1975]
"""
# Troops in place on the other's territory, at its border or off its shore for years on end; the best-known cases only.
_TROOPS: Final = """\
CHN TWN
USA PRK[1950-] VNM[1965-1973] CUB PAN[-1999]
"""
_NEIGHBOUR: Final = re.compile(r"(?P<id>[A-Z]{3})(?:\[(?P<first>\d*)-(?P<last>\d*)\])?")


def _parsed() -> dict[frozenset[str], tuple[int, int]]:
    borders = {}
    for line in (_LINES + _TROOPS).splitlines():
        state, *neighbours = line.split(" ")
        for match in map(_NEIGHBOUR.fullmatch, neighbours):
            if match is None:
                raise ValueError(f"border of {state}: not a state with years: {line}")
            years = int(match["first"] or 0), int(match["last"] or 9999)
            borders[frozenset((state, match["id"]))] = years
    return borders


BORDERS: Final[dict[frozenset[str], tuple[int, int]]] = _parsed()
"""Pair of states → first and last year in which one could reach the other on land."""


def ground_access(one: str, other: str, year: int) -> bool:
    """Whether two states (actor ids) had a land border, or troops in place, in a year since 1946."""
    first, last = BORDERS.get(frozenset((one, other)), (9999, 0))
    return first <= year <= last
