"""Who may open the pages of an import: whoever may do what it is for, in the organisation that uploaded it. The URL map
cannot know which; every view asks ``receiving.find``."""

from certification.organisations.access import ANY_ACCOUNT

ACTIONS: list[tuple[str, str, list]] = []

URLS = {
    "imports:detail": ANY_ACCOUNT,
    "imports:columns": ANY_ACCOUNT,
    "imports:correct": ANY_ACCOUNT,
    "imports:drop": ANY_ACCOUNT,
    "imports:save": ANY_ACCOUNT,
    "imports:discard": ANY_ACCOUNT,
    "imports:workbook": ANY_ACCOUNT,
}
