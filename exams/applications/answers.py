"""What was asked of returned applications: kept above in approvals, asked here before one goes back.

approvals registers one book in ``AppConfig.ready``; exams never imports it. An application that nothing was asked of
goes back as soon as it is complete.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from certification.refusals import Refusal
from exams.models import ExamApplication


@dataclass(frozen=True)
class Asked:
    """The open notice of one application: its number, the page where it is answered, and how much is answered."""

    number: str
    url: str
    answered: int
    items: int


class Book(Protocol):
    """Where notices are kept. All of it runs inside the transaction of the activity, on locked applications."""

    def unanswered(self, applications: Sequence[ExamApplication]) -> dict[int, Refusal]:
        """Which applications may not go back yet, and why."""

    def open_notices(self, applications: Sequence[ExamApplication]) -> dict[int, Asked]:
        """The open notice of each application that has one."""


_books: list[Book] = []


def register(book: Book) -> None:
    """Say where notices are kept."""
    if book not in _books:
        _books.append(book)


def unanswered(applications: Iterable[ExamApplication]) -> dict[int, Refusal]:
    """Application id → why it may not go back yet."""
    rows = list(applications)
    return {pk: refusal for book in _books for pk, refusal in book.unanswered(rows).items()}


def open_notices(applications: Iterable[ExamApplication]) -> dict[int, Asked]:
    """Application id → its open notice."""
    rows = list(applications)
    return {pk: asked for book in _books for pk, asked in book.open_notices(rows).items()}
