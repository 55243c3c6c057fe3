"""The forms of a page as a browser would send them when nothing is typed: what is filled in, one box ticked, the button
pressed. So pages are reached that only answer a POST: what asks before acting, and forms with their errors."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

# Ticked once; any other box is left as it is.
TICKED = "ids"


@dataclass
class Sent:
    """One way to send a form of the page: to which address, with what."""

    action: str
    data: dict[str, list[str]]
    # Name and value of the button.
    pressed: tuple[str, str]


@dataclass
class _Form:
    action: str
    posts: bool
    data: list[tuple[str, str]] = field(default_factory=list)
    # (name, value, an address of its own) of each button.
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


def forms_of(html: str, address: str) -> list[Sent]:
    """Every form of the page that posts, once for each of its buttons."""
    reader = _Reader()
    reader.feed(html)
    found = []
    for form in reader.forms.values():
        for name, value, own in (form.buttons or [("", "", "")]) if form.posts else ():
            data: dict[str, list[str]] = {}
            for key, content in [*form.data, *([(name, value)] if name else [])]:
                if key != "csrfmiddlewaretoken":
                    data.setdefault(key, []).append(content)
            found.append(Sent(urljoin(address, own or form.action or address), data, (name, value)))
    return found


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms: dict[str, _Form] = {}
        self._open = ""
        self._select = ""

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._open = given.get("id") or f"form {len(self.forms)}"
            self.forms[self._open] = _Form(given.get("action", ""), given.get("method", "").lower() == "post")
        form = self.forms.get(given.get("form") or self._open)
        if form is None:
            return
        if tag == "input" and given.get("name"):
            self._read_input(form, given)
        elif tag == "button" and given.get("type", "submit") == "submit":
            form.buttons.append((given.get("name", ""), given.get("value", ""), given.get("formaction", "")))
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and "selected" in given and self._select:
            form.data.append((self._select, given.get("value", "")))

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = ""
        elif tag == "select":
            self._select = ""

    @staticmethod
    def _read_input(form: _Form, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        first_box = kind == "checkbox" and name == TICKED and name not in dict(form.data)
        if kind in ("file", "submit", "reset", "button"):
            return
        if kind in ("checkbox", "radio") and "checked" not in given and not first_box:
            return
        form.data.append((name, given.get("value", "on" if kind == "checkbox" else "")))
