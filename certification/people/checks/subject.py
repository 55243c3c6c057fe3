"""For what people are judged, and what is said of each."""

from dataclasses import dataclass
from datetime import date

from certification.catalogue.models import JobType
from certification.people.identity import InvalidIdentityNumber
from certification.people.models import DocumentType
from certification.rulebook.models import RuleEdition


@dataclass(frozen=True)
class Subject:
    """A job type, a kind, an edition of rules and days. There need not be a class.

    ``start`` is the day of class start (without a class: today), ``exam`` the exam's where one is known, ``end`` the
    class's last day; ``start_word`` and ``exam_word`` say in messages which days these are. ``class_id`` and
    ``institution_id`` name the class that people are in already and whose institution reads the messages.
    ``capacity`` and ``hours`` are the class's, where the whole roster is judged.
    """

    job_type: JobType
    kind: str
    edition: RuleEdition
    today: date
    start: date
    exam: date | None = None
    end: date | None = None
    start_word: str = "开班当日"
    exam_word: str = "拟考试当日"
    class_id: int | None = None
    institution_id: int | None = None
    capacity: int | None = None
    hours: int | None = None

    @property
    def last_day(self) -> date:
        """The last day on which a person must still fulfil the conditions."""
        return max(self.start, self.exam or self.start)

    @property
    def last_word(self) -> str:
        """What that day is."""
        return self.start_word if self.last_day == self.start else self.exam_word


@dataclass(slots=True)
class Entry:
    """What is said of one person. ``number`` is "" and ``birth_date`` None where the number could not be read.

    ``sex`` is what was written, ``own_sex`` what the number (or the register) tells. ``refusal`` is why a stored
    number does not pass; a number read from a file was judged when it was read. ``female_class`` and ``delay_months``
    (of voluntary delay of retirement), where nothing is said, are what the person declared before. ``enrolment`` is
    the place in a class whose hours are judged, None where none are. ``key`` is the caller's own.
    """

    row: int | None = None
    key: int | None = None
    enrolment: int | None = None
    number: str = ""
    document_type: str = DocumentType.IDENTITY_CARD.value
    person_id: int | None = None
    name: str = ""
    sex: str = ""
    own_sex: str = ""
    birth_date: date | None = None
    education: str = ""
    female_class: str = ""
    delay_months: int = 0
    job_type: str = ""
    doubts: tuple[str, ...] = ()
    refusal: InvalidIdentityNumber | None = None
    retires: date | None = None
