"""Opinions about applications, written above in approvals and shown here to the filer.

approvals registers one source in ``AppConfig.ready``; exams never imports it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from certification.organisations.models import User
from exams.models import ExamApplication


@dataclass(frozen=True)
class Opinion:
    """One opinion: at which stage, with which outcome, why, and what is to be corrected (one line each)."""

    at: datetime
    stage: str
    outcome: str
    who: str
    reason: str = ""
    items: tuple[str, ...] = ()


Source = Callable[[ExamApplication, User], Iterable[Opinion]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source of opinions that the user may see."""
    if source not in _sources:
        _sources.append(source)


def opinions_of(application: ExamApplication, user: User) -> list[Opinion]:
    """Every opinion about the application that ``user`` may see, the newest first."""
    found = [opinion for source in _sources for opinion in source(application, user)]
    return sorted(found, key=lambda opinion: opinion.at, reverse=True)
