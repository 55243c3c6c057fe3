"""Numbers as they stand on pages, for tests that compare one page with another and with the database.

Many pages are read at each stage of a case. They are fetched with the login of the browser and read by it without
being drawn: what a test acts on is drawn, what it only counts need not be.
"""

import csv
import io
from urllib.parse import urljoin

# Without the names of columns, which stand inside the cells for a phone.
_OPEN = """html => {
    window.shown = new DOMParser().parseFromString(html, 'text/html');
    shown.querySelectorAll('.stacked-label').forEach(label => label.remove());
}"""
_TEXT = "const text = node => node.textContent.replace(/\\s+/g, ' ').trim();"
_TABLES = f"""caption => {{ {_TEXT} return [...shown.querySelectorAll("table")]
    .filter(table => text(table.caption) === caption)
    .map(table => [...table.rows].map(row => [...row.cells].map(text))) }}"""
_TEXTS = f"selector => {{ {_TEXT} return [...shown.querySelectorAll(selector)].map(text) }}"
_LINKS = f"""selector => {{ {_TEXT}
    return [...shown.querySelectorAll(selector)].map(link => [link.getAttribute("href"), text(link)]) }}"""


class Reader:
    """One browser in which one person after the other opens a page."""

    def __init__(self, page, login_as, world):
        self._page, self._login_as, self._world = page, login_as, world
        self._who = self._address = ""

    def again(self) -> None:
        """Let the next page be opened with a new login: time has passed."""
        self._who = ""

    def open(self, username: str, path: str) -> "Reader":
        """Open a page as somebody."""
        if username != self._who:
            self._login_as(self._world.user(username), self._page)
            self._who = username
        self._address = urljoin(self._address, path)
        answer = self._page.context.request.get(self._address)
        assert answer.status == 200, f"{username} {self._address}: {answer.status}"
        self._page.evaluate(_OPEN, answer.text())
        return self

    def rows(self, caption: str) -> list[dict[str, str]]:
        """The rows of a table on this page and all that follow it: the text of each cell by the head of its column."""
        found = []
        while True:
            for head, *body in self._page.evaluate(_TABLES, caption):
                found += [dict(zip(head, row, strict=True)) for row in body]
            following = self.links('a[rel="next"]')
            if not following:
                return found
            self.open(self._who, following[0][0])

    def numbers(self, caption: str) -> dict[str, int]:
        """The one row of a table of numbers; those that are not 0."""
        (row,) = self.rows(caption)
        return counted(row)

    def texts(self, selector: str) -> list[str]:
        """The texts of what ``selector`` finds."""
        return self._page.evaluate(_TEXTS, selector)

    def links(self, selector: str) -> list[tuple[str, str]]:
        """Address and text of the links that ``selector`` finds."""
        return [(address, text) for address, text in self._page.evaluate(_LINKS, selector)]

    def beside(self, selector: str, label: str) -> int:
        """The number that stands with a label, among the entries that ``selector`` finds; 0 where it does not stand."""
        text = next((text for text in self.texts(selector) if text.startswith(label)), "")
        return int("".join(sign for sign in text.removeprefix(label) if sign.isdigit()) or 0)

    def todo(self, title: str) -> int:
        """How many the home page counts under a title; 0 where it has no such line."""
        captions = ("由我办理的事项，按到期日排列", "等待他方办理的事项")
        lines = [row for caption in captions for row in self.rows(caption) if row["事项"] == title]
        return sum(int(row["数量"].split()[0]) for row in lines)

    def figure(self, title: str) -> int:
        """A number of those who oversee, on their home page; it stands before its title."""
        return next(int(text.removesuffix(title)) for text in self.texts("a.figure") if text.endswith(title))

    def exported(self) -> list[dict[str, str]]:
        """The rows of the file that this list can be saved as; none where it offers no file."""
        addresses = [address for address, form in self.links(".exports a") if form == "csv"]
        if not addresses:
            return []
        content = self._page.context.request.get(urljoin(self._address, addresses[0])).body()
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def counted(row: dict[str, str]) -> dict[str, int]:
    """The cells of a row that are numbers and not 0; on a phone the head of the column stands before them."""
    words = {head: text.removeprefix(head).strip() for head, text in row.items()}
    return {head: int(text) for head, text in words.items() if text.isdigit() and text != "0"}
