"""Texts of notices: shipped as TOML by the app that sends them, changed by administrators, filled by name.

An app registers its file in ``AppConfig.ready``. The file holds ``[placeholders.<name>]`` with ``meaning`` and
``sample``, and ``[[text]]`` tables with ``code``, ``name``, ``title``, ``body``, and optionally ``variant``.
A placeholder is a known name in braces: ``{事项}``.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from certification.notices.models import NoticeText
from certification.organisations import access
from certification.refusals import Incomplete, Problem
from certification.workflow import activity

MANAGE = "notices.manage"
TITLE_LENGTH = NoticeText._meta.get_field("title").max_length
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Placeholder:
    """A name that a text may hold, what is put in its place, and an example of it for the preview."""

    name: str
    meaning: str
    sample: str


@dataclass(frozen=True)
class Text:
    """Title and body, with placeholders or filled."""

    title: str
    body: str

    def filled(self, values: Mapping[str, object]) -> "Text":
        """With each known placeholder replaced; never fails."""

        def value(found: re.Match) -> str:
            return str(values.get(found[1], found[0]))

        return Text(_BRACES.sub(value, self.title), _BRACES.sub(value, self.body).strip())


@dataclass(frozen=True)
class Kind:
    """One text that an app sends: its code, its name for administrators, and what it may hold."""

    code: str
    name: str
    placeholders: tuple[Placeholder, ...]
    variants: Callable[[], dict[str, str]]

    @property
    def sample(self) -> dict[str, str]:
        return {placeholder.name: placeholder.sample for placeholder in self.placeholders}


_files: dict[Path, Callable[[], dict[str, str]]] = {}


def register(path: Path, variants: Callable[[], dict[str, str]]) -> None:
    """Add an app's file. ``variants`` gives the kinds of matter that a text may be narrowed to: code → name."""
    _files[path] = variants
    _shipped.cache_clear()


def kinds() -> dict[str, Kind]:
    """Every text by its code, in the order shipped."""
    return _shipped()[0]


def shipped(code: str, variant: str = "") -> Text:
    """The text as shipped; that of ``variant`` where there is one of its own. Raises KeyError."""
    texts = _shipped()[1]
    return texts.get((code, variant)) or texts[code, ""]


class Texts:
    """All texts as they are in force, changed ones read once: ``Texts().of("BEFORE", "roster")``."""

    def __init__(self):
        rows = NoticeText.objects.filter(in_use=True).values_list("code", "variant", "title", "body")
        self._changed = {(code, variant): Text(title, body) for code, variant, title, body in rows}

    def of(self, code: str, variant: str = "") -> Text:
        """The narrower text before the general one, at each step the changed one before the shipped one."""
        own = self._changed.get((code, variant)) or _shipped()[1].get((code, variant))
        return own or self._changed.get((code, "")) or shipped(code)

    def is_changed(self, code: str, variant: str = "") -> bool:
        return (code, variant) in self._changed


def problems_of(kind: Kind, title: str, body: str) -> list[Problem]:
    """Everything that is wrong with a changed text: every unknown placeholder by name, stray braces, an empty title."""
    known = {placeholder.name for placeholder in kind.placeholders}
    found = [Problem("标题不能为空。", field="title")] if not title.strip() else []
    if len(title) > TITLE_LENGTH:
        found.append(Problem(f"标题最多 {TITLE_LENGTH} 个字。", field="title"))
    for field, text in (("title", title), ("body", body)):
        if unknown := _unknown(text, known):
            names = "、".join(f"{{{name}}}" for name in unknown)
            found.append(Problem(f"不认识的占位符：{names}。", code="placeholder", field=field))
        if set(_BRACES.sub("", text)) & {"{", "}"}:
            found.append(Problem("花括号不成对。", code="braces", field=field))
    return found


@activity
def change_text(*, actor, now: datetime, code: str, variant: str = "", title: str, body: str) -> NoticeText:
    """Put another text in place of the shipped one. Raises Incomplete with every problem."""
    access.require(actor, MANAGE)
    kind = _kind(code, variant)
    body = body.replace("\r\n", "\n").strip()
    if problems := problems_of(kind, title, body):
        raise Incomplete(problems)
    row = NoticeText.objects.select_for_update().filter(code=code, variant=variant).first()
    row = row or NoticeText(code=code, variant=variant)
    row.title, row.body, row.in_use = title.strip(), body, True
    return _saved(row, actor, now)


@activity
def reset_text(*, actor, now: datetime, code: str, variant: str = "") -> NoticeText | None:
    """Let the shipped text hold again; the changed one stays in the history."""
    access.require(actor, MANAGE)
    row = NoticeText.objects.select_for_update().filter(code=code, variant=variant, in_use=True).first()
    if row is None:
        return None
    row.in_use = False
    return _saved(row, actor, now)


def _saved(row: NoticeText, actor, now: datetime) -> NoticeText:
    row.changed_at, row.changed_by = now, actor
    row.save()
    return row


def _kind(code: str, variant: str) -> Kind:
    kind = kinds().get(code)
    if kind is None or (variant and variant not in kind.variants()):
        raise Incomplete([Problem("没有这一种提醒文字。", code="unknown_text")])
    return kind


def _unknown(text: str, known: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in _BRACES.findall(text) if name not in known))


@cache
def _shipped() -> tuple[dict[str, Kind], dict[tuple[str, str], Text]]:
    found: dict[str, Kind] = {}
    texts: dict[tuple[str, str], Text] = {}
    for path, variants in _files.items():
        content = tomllib.loads(path.read_text("utf-8"))
        placeholders = tuple(Placeholder(name, **values) for name, values in content["placeholders"].items())
        for text in content["text"]:
            code, variant = text["code"], text.get("variant", "")
            texts[code, variant] = Text(text["title"], text["body"].strip())
            if not variant:
                found[code] = Kind(code, text["name"], placeholders, variants)
    return found, texts
