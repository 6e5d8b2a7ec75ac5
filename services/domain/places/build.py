"""Builds data/areas.txt (states, local government areas, wards, coordinates) from the package naija-data.

The result is committed, so that a running service needs neither the package nor a build. Run it again after the
package has a new edition; the output is a function of the package alone.
"""

import argparse
import importlib.metadata
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from services.domain.places.names import fold

TARGET = Path(__file__).parent / "data" / "areas.txt"
STATE_NAMES = {"Federal Capital Territory": "FCT"}
AREA_NAMES = {  # names in use where the source keeps an older or a rarer one
    ("Ogun", "Egbado North"): "Yewa North",
    ("Ogun", "Egbado South"): "Yewa South",
    ("Abia", "Obingwa"): "Obi Ngwa",
    ("Kano", "Dawaki Kudu"): "Dawakin Kudu",
    ("Kano", "Dawaki Tofa"): "Dawakin Tofa",
    ("Plateau", "Barikin Ladi"): "Barkin Ladi",
}
NOT_NAMES = frozenset({"municipal", "arewa", "lagelu ogbomosho north", "nguru potiskum", "oboro district court"})
WRONG_SEATS = {("Cross River", "Yala"), ("Abia", "Umu Nneochi"), ("Imo", "Ahiazu Mbaise"), ("Ebonyi", "Ezza North")}
_QUARTER = re.compile(r"\s*-\s*(?=(?:north|south|east|west|central)\b)", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(?:[ivx]+|\d+|[a-z]\d*)$")
_NOT_A_WARD = re.compile(r"\bward\b|\burban\b|^\W*[a-z]\W*$|\d", re.IGNORECASE)
_BRACKETS = re.compile(r"\(.*?\)|\*|\"")


def canonical(name: str) -> str:
    """An area's name without slashes, since a full name is State/LGA: Oshodi/Isolo is Oshodi-Isolo.

    >>> canonical("Oshodi/Isolo"), canonical("Idemili-South")
    ('Oshodi-Isolo', 'Idemili South')
    """
    return _QUARTER.sub(" ", name.replace("/", "-")).strip()


def ward_names(raw: str) -> Iterator[str]:
    """The folded names within a ward's official name: Anifowoshe/Ikeja is two; numbers and quarters are cut.

    >>> list(ward_names("Anifowoshe/Ikeja")), list(ward_names("Atta II")), list(ward_names("Ward III. E3"))
    (['anifowoshe', 'ikeja'], ['atta'], [])
    """
    for part in re.split(r"[/,;&]| and ", _BRACKETS.sub(" ", raw)):
        if _NOT_A_WARD.search(part):
            continue
        name = _NUMBERED.sub("", fold(part)).strip()
        if len(name) >= 4:
            yield name


def lines() -> Iterator[str]:
    """The lines of areas.txt: state, area, latitude, longitude, other names, seat, wards; tab-separated."""
    import naija_data

    rows = [_row(state, area, naija_data.wards(area.code)) for state, area in _areas(naija_data)]
    yield "# Built by python -m services.domain.places.build from naija-data " + importlib.metadata.version(
        "naija-data"
    )
    yield "# naija-data by Akanji Oluwaseun Gabriel, CC BY 4.0; changed as NOTICE says."
    yield "# state\tarea\tlatitude\tlongitude\tother names\tseat\twards"
    yield from ("\t".join(row) for row in sorted(rows))


def _areas(naija_data: Any) -> Iterator[tuple[str, Any]]:
    for state in naija_data.states():
        name = STATE_NAMES.get(state.name, state.name)
        for area in naija_data.lgas(state.code):
            yield name, area


def _row(state: str, area: Any, official_wards: Iterable[Any]) -> tuple[str, ...]:
    wards = {name for ward in official_wards for name in ward_names(ward.name)}
    name = AREA_NAMES.get((state, area.name), canonical(area.name))
    halves = [half for half in area.name.split("/") if "/" in area.name and len(half) >= 4]
    others = {fold(alias) for alias in (*area.aliases, *halves, area.name)} - NOT_NAMES - {fold(name)}
    seat = "" if (state, name) in WRONG_SEATS else fold(area.headquarters or "")
    seat = "" if seat in NOT_NAMES or seat == fold(name) else seat
    return (
        state,
        name,
        f"{area.lat:.4f}",
        f"{area.lon:.4f}",
        ";".join(sorted(others)),
        seat,
        ";".join(sorted(wards - {fold(name)} - others)),
    )


def main() -> int:
    """Write data/areas.txt, or with --check say whether it is current."""
    parser = argparse.ArgumentParser(
        prog="python -m services.domain.places.build",
        description="Build data/areas.txt from the package naija-data.",
        epilog="example: python -m services.domain.places.build --check",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file is not current")
    args = parser.parse_args()
    text = "\n".join(lines()) + "\n"
    if args.check:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print(f"{TARGET.name} is {'current' if current else 'out of date'}", file=sys.stderr)
        return 0 if current else 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.name}: {text.count(chr(10)) - 3} areas", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
