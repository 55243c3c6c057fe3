"""Table of the checks: for each, entries on both sides of its bounds (facts 5 and 9), as plain data."""

from datetime import date

from certification.people.identity import check_character, check_identity_number

TODAY = date(2026, 11, 25)
START = date(2026, 12, 7)
EXAM = date(2027, 1, 11)


def number(born: str, sequence: int = 21, division: str = "110105") -> str:
    """A right number; an odd ``sequence`` is a man's."""
    body = f"{division}{born}{sequence:03d}"
    return body + check_character(body)


def told(text: str) -> dict:
    """What an entry takes from a number that was read."""
    found = check_identity_number(text, today=TODAY)
    return {
        "number": found.number,
        "birth_date": found.birth_date,
        "own_sex": found.sex,
        "doubts": found.warnings,
    }


# facts 5: class, born, the day of retirement. Women: even sequence, class declared.
RETIREMENT = (
    ("M", "19641215", date(2024, 12, 15)),
    ("M", "19650115", date(2025, 2, 15)),
    ("M", "19650415", date(2025, 5, 15)),
    ("M", "19650515", date(2025, 7, 15)),
    ("M", "19660115", date(2026, 5, 15)),
    ("M", "19700115", date(2031, 5, 15)),
    ("M", "19760815", date(2039, 7, 15)),
    ("M", "19760915", date(2039, 9, 15)),
    ("F55", "19700115", date(2025, 2, 15)),
    ("F55", "19710415", date(2026, 8, 15)),
    ("F55", "19810815", date(2039, 7, 15)),
    ("F55", "19810915", date(2039, 9, 15)),
    ("F50", "19750115", date(2025, 2, 15)),
    ("F50", "19750315", date(2025, 5, 15)),
    ("F50", "19760115", date(2026, 8, 15)),
    ("F50", "19841015", date(2039, 9, 15)),
    ("F50", "19841115", date(2039, 11, 15)),
    # A day that the month lacks becomes its last.
    ("M", "19650131", date(2025, 2, 28)),
)
