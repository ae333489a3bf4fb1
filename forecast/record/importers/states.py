"""State numbers of the conflict data sets (Correlates of War, Gleditsch-Ward, ICB) and the actor ids of the record."""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd


class State(NamedTuple):
    """A state as actor of a record: its id and its name."""

    id: str
    name: str


# One line per state: the numbers that name it, the id (ISO 3166 where there is one), the name.
_LINES: Final = """\
2 USA United States
20 CAN Canada
31 BHS Bahamas
40 CUB Cuba
41 HTI Haiti
42 DOM Dominican Republic
51 JAM Jamaica
52 TTO Trinidad and Tobago
53 BRB Barbados
54 DMA Dominica
55 GRD Grenada
56 LCA Saint Lucia
57 VCT Saint Vincent and the Grenadines
58 ATG Antigua and Barbuda
60 KNA Saint Kitts and Nevis
70 MEX Mexico
80 BLZ Belize
90 GTM Guatemala
91 HND Honduras
92 SLV El Salvador
93 NIC Nicaragua
94 CRI Costa Rica
95 PAN Panama
100 COL Colombia
101 VEN Venezuela
110 GUY Guyana
115 SUR Suriname
130 ECU Ecuador
135 PER Peru
140 BRA Brazil
145 BOL Bolivia
150 PRY Paraguay
155 CHL Chile
160 ARG Argentina
165 URY Uruguay
200 GBR United Kingdom
205 IRL Ireland
210 NLD Netherlands
211 BEL Belgium
212 LUX Luxembourg
219 VFR Vichy France
220 FRA France
221 MCO Monaco
223 LIE Liechtenstein
225 CHE Switzerland
230 ESP Spain
232 AND Andorra
235 PRT Portugal
240 HAN Hanover
245 BAV Bavaria
255,260 DEU Germany
265 DDR German Democratic Republic
267 BAD Baden
269 SAX Saxony
271 WRT Württemberg
273 HSE Hesse Electoral
275 HSG Hesse Grand Ducal
280 MCK Mecklenburg-Schwerin
290 POL Poland
300 AHU Austria-Hungary
305 AUT Austria
310 HUN Hungary
315 CSK Czechoslovakia
316 CZE Czech Republic
317 SVK Slovakia
325 ITA Italy and Sardinia
327 PAP Papal States
329 TSI Two Sicilies
331 SMR San Marino
332 MOD Modena
335 PMA Parma
337 TSC Tuscany
338 MLT Malta
339 ALB Albania
340 SRB Serbia
341 MNE Montenegro
343 MKD North Macedonia
344 HRV Croatia
345 YUG Yugoslavia
346 BIH Bosnia and Herzegovina
347 XKX Kosovo
349 SVN Slovenia
350 GRC Greece
352 CYP Cyprus
355 BGR Bulgaria
359 MDA Moldova
360 ROU Romania
365 RUS Soviet Union / Russia
366 EST Estonia
367 LVA Latvia
368 LTU Lithuania
369 UKR Ukraine
370 BLR Belarus
371 ARM Armenia
372 GEO Georgia
373 AZE Azerbaijan
375 FIN Finland
380 SWE Sweden
385 NOR Norway
390 DNK Denmark
395 ISL Iceland
402 CPV Cabo Verde
403 STP São Tomé and Príncipe
404 GNB Guinea-Bissau
411 GNQ Equatorial Guinea
420 GMB Gambia
432 MLI Mali
433 SEN Senegal
434 BEN Benin
435 MRT Mauritania
436 NER Niger
437 CIV Côte d'Ivoire
438 GIN Guinea
439 BFA Burkina Faso
450 LBR Liberia
451 SLE Sierra Leone
452 GHA Ghana
461 TGO Togo
471 CMR Cameroon
475 NGA Nigeria
480 FWA French West Africa
481 GAB Gabon
482 CAF Central African Republic
483 TCD Chad
484 COG Congo
490 COD Democratic Republic of the Congo
500 UGA Uganda
501 KEN Kenya
510 TZA Tanzania
511 ZAN Zanzibar
516 BDI Burundi
517 RWA Rwanda
520 SOM Somalia
522 DJI Djibouti
530 ETH Ethiopia
531 ERI Eritrea
540 AGO Angola
541 MOZ Mozambique
551 ZMB Zambia
552 ZWE Rhodesia / Zimbabwe
553 MWI Malawi
560 ZAF South Africa
563 TRV Transvaal
564 OFS Orange Free State
565 NAM Namibia
570 LSO Lesotho
571 BWA Botswana
572 SWZ Eswatini
580 MDG Madagascar
581 COM Comoros
590 MUS Mauritius
591 SYC Seychelles
600 MAR Morocco
615 DZA Algeria
616 TUN Tunisia
620 LBY Libya
625 SDN Sudan
626 SSD South Sudan
630 IRN Iran
640 TUR Ottoman Empire / Turkey
645 IRQ Iraq
651 EGY Egypt
652 SYR Syria
660 LBN Lebanon
663 JOR Jordan
666 ISR Israel
670 SAU Saudi Arabia
671 HEJ Hejaz
672 NAJ Najd
678,679 YEM Yemen
680 YMD South Yemen
690 KWT Kuwait
692 BHR Bahrain
694 QAT Qatar
696 ARE United Arab Emirates
698 OMN Oman
700 AFG Afghanistan
701 TKM Turkmenistan
702 TJK Tajikistan
703 KGZ Kyrgyzstan
704 UZB Uzbekistan
705 KAZ Kazakhstan
710 CHN China
711 TIB Tibet
712 MNG Mongolia
713 TWN Taiwan
730 KRX Korea before 1945
731 PRK North Korea
732 KOR South Korea
740 JPN Japan
750 IND India
751 HYD Hyderabad
760 BTN Bhutan
770 PAK Pakistan
771 BGD Bangladesh
775 MMR Myanmar
780 LKA Sri Lanka
781 MDV Maldives
790 NPL Nepal
800 THA Thailand
811 KHM Cambodia
812 LAO Laos
815,816 VNM North Vietnam / Vietnam
817 RVN South Vietnam
820 MYS Malaysia
830 SGP Singapore
835 BRN Brunei
840 PHL Philippines
850 IDN Indonesia
860 TLS Timor-Leste
900 AUS Australia
910 PNG Papua New Guinea
920 NZL New Zealand
935 VUT Vanuatu
940 SLB Solomon Islands
946 KIR Kiribati
947 TUV Tuvalu
950 FJI Fiji
955 TON Tonga
970 NRU Nauru
983 MHL Marshall Islands
986 PLW Palau
987 FSM Micronesia
990 WSM Samoa
"""


def _parsed() -> dict[int, State]:
    states = {}
    for line in _LINES.splitlines():
        numbers, code, name = line.split(" ", 2)
        states |= {int(number): State(code, name) for number in numbers.split(",")}
    return states


STATES: Final[dict[int, State]] = _parsed()
"""State number to state."""

STATE_NAMES: Final[dict[str, str]] = {state.id: state.name for state in STATES.values()}
"""Actor id of a state to its name."""

NUCLEAR_SINCE: Final[dict[str, int]] = {
    "USA": 1945,
    "RUS": 1949,
    "GBR": 1952,
    "FRA": 1960,
    "CHN": 1964,
    "ISR": 1967,
    "IND": 1998,
    "PAK": 1998,
    "PRK": 2006,
}
"""First year with usable nuclear weapons (first test; Israel: by common estimate; India: the tests of 1998)."""

_SOUTH_AFRICA: Final = (1982, 1989)


def state_ids(numbers: pd.Series) -> pd.Series:
    """Return the actor id of each state number; blank where the number names no state."""
    return numbers.map({number: state.id for number, state in STATES.items()}).fillna("")


def is_nuclear(actors: pd.Series, years: pd.Series) -> pd.Series:
    """Return 1 where the actor had nuclear weapons by the end of the year before, else 0."""
    since = actors.map(NUCLEAR_SINCE).fillna(9999)
    own = years > since
    return (own | (actors.eq("ZAF") & years.between(*_SOUTH_AFRICA))).astype(int)
