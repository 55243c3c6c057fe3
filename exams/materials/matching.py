"""Whose paper a file is, and which: read from its name and the names of the folders around it.

The whole number of somebody's document decides; otherwise a name that stands by itself, where only one in the class
bears it. Words of the edition say which paper. What is not certain is a question to a person, never a guess.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from certification.people.models import mask
from exams.models import ExamApplication, MaterialKind

NOBODY = "班级中没有此人。"
NOT_IN_CLASS = "文件名中的证件号码不在班级中。"
SEVERAL = "班级中有多人同名，请改用证件号码作文件名，或者在此指定。"
CONTRADICTION = "文件名中的证件号码和姓名不是同一人。"
SEVERAL_NAMES = "文件名中有多名学员的姓名。"
WITHIN = "文件名中的姓名前后还有别的字，不能确定是谁的。"
NO_KIND = "文件名没有写明是哪种材料，例如“张三-身份证.jpg”。"
SEVERAL_KINDS = "文件名中有多种材料的名称。"

_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_END_OF_NUMBER = re.compile(r"(?<!\d)\d{3,7}[\dX](?![\dX])")
# What numbers of passports and permits look like, and little else does.
_OTHER_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,2}\d{7,10}|[A-Za-z]{3}\d{12})(?![A-Za-z0-9])")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
# Within names: they are written in many ways, and left out.
_DOT = "[·•・‧∙⋅．]"
_DOTS = re.compile(rf"{_DOT}|[\s\u200b-\u200f\ufeff]")
_ANY_DOTS = f"(?:{_DOTS.pattern})*"
# A name ends where no further character of a name follows, or one of the words that people write beside names.
_BEFORE_NAMES = ("学员", "考生", "姓名", "本人", "同学")
_BEHIND_NAMES = ("的", "同学", "本人", "个人", "学员", "考生", "复印件", "扫描件", "原件")
_HAN, _LATIN = "\u3400-\u9fff\U00020000-\U0003ffff", "A-Z\u00c0-\u024f"


@dataclass(frozen=True)
class Match:
    """What a name says. ``application`` and ``kind`` are None where it does not say it for certain; then ``why`` tells,
    and ``candidates`` are those who may be meant."""

    application: ExamApplication | None = None
    kind: MaterialKind | None = None
    why: str = ""
    candidates: tuple[ExamApplication, ...] = field(default=())

    @property
    def certain(self) -> bool:
        return self.application is not None and self.kind is not None and not self.why


class Names:
    """The people of a class and the words for papers, against which names are read."""

    def __init__(self, applications: Iterable[ExamApplication], words: dict[MaterialKind, tuple[str, ...]]):
        self._by_number: dict[str, ExamApplication] = {}
        self._by_name: dict[str, list[ExamApplication]] = defaultdict(list)
        self._alone: dict[str, re.Pattern] = {}
        for row in applications:
            self._by_number[row.person.document_number.upper()] = row
            self._by_name[_bare(row.person.name)].append(row)
        self._others = {
            number: re.compile(rf"(?<![A-Z0-9]){re.escape(number)}(?![A-Z0-9])")
            for number in self._by_number
            if not _NUMBER.fullmatch(number)
        }
        self._words = sorted(
            ((_plain(word), kind) for kind, own in words.items() for word in (*own, kind.label)),
            key=lambda pair: -len(pair[0]),
        )
        # 身份证 says less than 身份证正面: which kinds a kind gives way to.
        self._narrower: dict[MaterialKind, set[MaterialKind]] = defaultdict(set)
        for word, kind in self._words:
            for longer, other in self._words:
                if other != kind and word != longer and word in longer:
                    self._narrower[kind].add(other)

    def read(self, name: str, kind: str = "") -> Match:
        """Whose and which paper the file ``name`` (with its folders) is; ``kind`` where all of them are one paper."""
        text = _plain(_ENDING.sub("", name.strip()))
        kinds, rest = self._kinds(text)
        kinds = [one for one in kinds if not self._narrower[one] & set(kinds)]
        whose = self._whose(rest)
        paper, why = _which(kinds, kind)
        return Match(whose.application, paper, whose.why or why, whose.candidates)

    def _kinds(self, text: str) -> tuple[list[MaterialKind], str]:
        """The papers that are named, the innermost folder or file deciding, and the text without their words."""
        *folders, own = re.split(r"[/\\]", text)
        found, rest = self._take_words(own)
        around: list[MaterialKind] = []
        for folder in reversed(folders):
            named, left = self._take_words(folder)
            around, rest = around or named, f"{left}/{rest}"
        return found or around, rest

    def _take_words(self, text: str) -> tuple[list[MaterialKind], str]:
        found: list[MaterialKind] = []
        for word, kind in self._words:
            if word in text and not any(word in name for name in self._by_name if name in _bare(text)):
                text = text.replace(word, " ")
                if kind not in found:
                    found.append(kind)
        return found, text

    def _whose(self, text: str) -> Match:
        text = text.upper()
        numbers = [self._by_number.get(number) for number in _NUMBER.findall(text)]
        numbers += [self._by_number[number] for number, alone in self._others.items() if alone.search(text)]
        rows, certain = self._named(_NUMBER.sub(" ", text))
        if numbers:
            row = numbers[0]
            if row is None or None in numbers:
                return Match(why=NOT_IN_CLASS, candidates=tuple(rows))
            if len(set(numbers)) > 1 or (rows and row not in rows):
                return Match(why=CONTRADICTION, candidates=tuple(dict.fromkeys([*numbers, *rows])))
            return Match(row)
        if not rows:
            return Match(why=NOBODY)
        if not certain:
            return Match(why=WITHIN, candidates=tuple(rows))
        if len(rows) > 1:
            rows = _told_apart(rows, text) or rows
        if len(rows) > 1:
            same = len({_bare(row.person.name) for row in rows}) == 1
            return Match(why=SEVERAL if same else SEVERAL_NAMES, candidates=tuple(rows))
        if rows[0].person.document_number.upper() in self._others and _OTHER_NUMBER.search(text):
            return Match(why=NOT_IN_CLASS, candidates=tuple(rows))
        return Match(rows[0])

    def _named(self, text: str) -> tuple[list[ExamApplication], bool]:
        """Who is named, and whether for certain: 张三 is not, where only 张三丰 is written."""
        whole = _bare(text)
        within = [name for name in self._by_name if name in whole]
        found = [name for name in within if self._stands_alone(name).search(text)]
        certain = bool(found)
        found = found or [name for name in within if not any(name in other for other in within if other != name)]
        return [row for name in found for row in self._by_name[name]], certain

    def _stands_alone(self, name: str) -> re.Pattern:
        """Finds the name where it is not a part of a longer one, with dots or blanks in it or without."""
        if name not in self._alone:
            letters = _ANY_DOTS.join(map(re.escape, name))
            if name.lower() != name.upper():
                pattern = f"(?<![{_LATIN}]){letters}(?![{_LATIN}])"
            else:
                before = "|".join(f"(?<={word})" for word in _BEFORE_NAMES)
                behind = "|".join(f"(?={word})" for word in _BEHIND_NAMES)
                first, last = f"(?<![{_HAN}])(?<![{_HAN}]{_DOT})", f"(?!{_DOT}?[{_HAN}])"
                pattern = f"(?:{first}|{before}){letters}(?:{last}|{behind})"
            self._alone[name] = re.compile(pattern)
        return self._alone[name]


def masked(name: str) -> str:
    """A file's name as pages show it: what is or looks like the number of a document without its middle."""
    name = _NUMBER.sub(lambda match: f"{match[0][:4]}{'*' * 10}{match[0][-4:]}", name)
    return _OTHER_NUMBER.sub(lambda match: mask(match[0]), name)


def _which(kinds: list[MaterialKind], chosen: str) -> tuple[MaterialKind | None, str]:
    if len(kinds) > 1:
        return (MaterialKind(chosen) if chosen else None), SEVERAL_KINDS
    if not chosen:
        return (kinds[0], "") if kinds else (None, NO_KIND)
    paper = MaterialKind(chosen)
    if kinds and kinds[0] != paper:
        return None, f"文件名写的是“{kinds[0].label}”，与所选的“{paper.label}”不符。"
    return paper, ""


def _told_apart(rows: list[ExamApplication], text: str) -> list[ExamApplication]:
    """Of people of one name those whose number ends as the text says (张三_0018)."""
    ends = _END_OF_NUMBER.findall(text.upper())
    return [row for row in rows if any(row.person.document_number.upper().endswith(end) for end in ends)]


def _plain(text: str) -> str:
    """One way of writing letters, digits and signs."""
    return unicodedata.normalize("NFKC", text).lower()


def _bare(text: str) -> str:
    """A name without the dots and blanks that are written in many ways."""
    return _DOTS.sub("", unicodedata.normalize("NFKC", text)).upper()
