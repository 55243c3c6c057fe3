"""One class of the demonstration with everybody who handles it, and what has come of it so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from approvals.demonstration.people import InventedPerson
from approvals.demonstration.province import CITIES, Province
from approvals.demonstration.stories import PROVINCE, Story
from certification.catalogue.models import ApplicationKind, Category, JobType
from certification.organisations.models import User
from exams.models import ExamSite


@dataclass(frozen=True)
class Cast:
    """Who plays: the accounts by username, with the prefix of the class's organiser."""

    users: dict[str, User]
    prefix: str
    window: str
    filer: User
    site_staff: User | None

    def organiser(self, name: str) -> User:
        """An account of the organiser: ``kaowu``, ``shenhe`` …"""
        return self.users[f"{self.prefix}{name}"]

    def province(self, name: str) -> User:
        """An account of the provincial centre."""
        return self.users[f"sheng-{name}"]


@dataclass
class Case:
    """A story under way. Days are fixed when the case is made; ids are filled in as things come to be."""

    story: Story
    cast: Cast
    job_type: JobType
    site: ExamSite
    people: list[InventedPerson]
    teachers: list[InventedPerson]
    class_start: date
    class_end: date
    exam_on: date
    built_on: date
    plan_id: int = 0
    session_id: int = 0
    exam_plan_id: int = 0
    batch_id: int = 0
    check_id: int = 0
    tour_id: int = 0
    # Fate → id.
    incident_ids: dict[str, int] = field(default_factory=dict)
    recheck_ids: list[int] = field(default_factory=list)
    application_ids: list[int] = field(default_factory=list)

    @property
    def category(self) -> Category:
        return self.job_type.category

    @property
    def initial(self) -> bool:
        return self.story.kind == ApplicationKind.INITIAL


def organiser_prefix(story: Story) -> str:
    """How the usernames of the story's organiser begin."""
    if story.organiser == PROVINCE:
        return "sheng-"
    (city,) = (city for city in CITIES if city.name == story.organiser)
    return "shi-" if city == CITIES[0] else f"{city.pinyin}-"


def site_of(story: Story, province: Province) -> ExamSite:
    """The first exam site of the story's organiser."""
    return province.provincial_sites[0] if story.organiser == PROVINCE else province.sites[story.organiser][0]


def take(people: Iterator[InventedPerson], number: int) -> list[InventedPerson]:
    """The next ``number`` people."""
    return [next(people) for _each in range(number)]
