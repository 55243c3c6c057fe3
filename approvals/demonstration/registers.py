"""The register of people and certificates comes alive: a register imported in the past with some wrong rows, one that
waits to be looked at, names that differ or were corrected, declared facts, one of which extends a certificate. Played
through the real activities."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from approvals import samples
from approvals.certificates import extending
from approvals.certificates.register_importing import PURPOSE
from approvals.demonstration.people import InventedPerson, identity_number
from approvals.persons import persons as desk
from certification.imports import receiving, working
from certification.imports.models import Import
from certification.organisations.models import User
from certification.people.eligibility import add_years
from certification.people.models import Certificate, DeclaredFact, PersonName, Sex
from certification.people.retiring import Retirements
from certification.rulebook import lookup
from certification.spreadsheets.writing import workbook
from training.models import Trainee
from training.states import TraineeState

CLERK, FILER, DECIDER = "sheng-shouli", "jigou", "sheng-shenpi"
PEOPLE = 24
# So old is who retires before a certificate that was issued a year ago has run its six years.
SENIOR = 58
NAME, NEXT_NAME = "省级持证登记导出.xlsx", "望岳市原发证系统登记.xlsx"
_JOB_TYPES = (
    ("电工作业", "低压电工作业"),
    ("电工作业", "高压电工作业"),
    ("高处作业", "登高架设作业"),
    ("焊接与热切割作业", "熔化焊接与热切割作业"),
)
_AGO = timedelta(days=3)
_DAY = timedelta(days=1)


def play(users: dict[str, User], people: Iterator[InventedPerson], *, now) -> None:
    """Import one register, upload another, settle a name, declare two facts, extend a certificate."""
    clerk = users[CLERK]
    invented = _senior_first(list(islice(people, PEOPLE)), now.date())
    import_ = _uploaded(clerk, NAME, _register(invented, now.date()), now=now - _AGO)
    receiving.ask_to_save(actor=clerk, now=now - _AGO + timedelta(minutes=6), import_uuid=import_.uuid)
    working.work_on(import_.pk)
    _uploaded(clerk, NEXT_NAME, samples.files()[samples.NAME], now=now - timedelta(hours=3))
    _settle(clerk, now=now - timedelta(days=2))
    _declare_class(users[FILER], now=now - timedelta(days=1))
    _put_off_retirement(clerk, users[DECIDER], invented[0], now=now - timedelta(days=2))


def _uploaded(clerk: User, name: str, content: bytes, *, now) -> Import:
    import_ = receiving.receive(actor=clerk, now=now, purpose=PURPOSE, content=content, name=name)
    working.work_on(import_.pk)
    return import_


def _senior_first(invented: list[InventedPerson], today: date) -> list[InventedPerson]:
    """One of the men is to retire soon, and comes first."""
    man = next(one for one in invented if one.sex == Sex.MALE)
    born = add_years(today, -SENIOR)
    number = identity_number(man.number[:6], born, int(man.number[14:17]))
    return [replace(man, birth_date=born, number=number), *(one for one in invented if one != man)]


def _register(invented: list[InventedPerson], today: date) -> bytes:
    """Of the invented people one after the other, the first only up to his retirement; three rows are wrong."""
    rows = [_row(one, place, today) for place, one in enumerate(invented)]
    retires = Retirements(lookup.edition_on(today)).day(invented[0].birth_date, invented[0].sex)
    rows[0][samples.COLUMNS.index("有效期到")] = retires
    rows[4][samples.COLUMNS.index("准操项目")] = "带电抢修作业"
    rows[9][samples.COLUMNS.index("有效期到")] = add_years(rows[9][6], 5)
    rows[15][samples.COLUMNS.index("初领日期")] = "二〇二三年"
    return workbook(samples.COLUMNS, [*rows, *_known(today)], text_columns={"证号"})


def _row(one: InventedPerson, place: int, today: date) -> list:
    group, job_type = _JOB_TYPES[place % len(_JOB_TYPES)]
    start = today - timedelta(days=400 + 37 * place)
    sex = "男" if one.sex == Sex.MALE else "女"
    return _line(one.name, sex, f"T{one.number}", group, job_type, start, samples.AUTHORITY)


def _line(name, sex, number, group, job_type, start, authority) -> list:
    until, due = add_years(start, 6) - _DAY, add_years(start, 3) - _DAY
    return [name, sex, number, group, job_type, start, start, until, due, None, authority, "有效"]


def _known(today: date) -> list[list]:
    """Somebody whose certificate was issued here, which the file has from another authority; and two trainees under
    other names than in the register, one of them a former one."""
    issued = Certificate.objects.filter(source=Certificate.Source.ISSUED, valid_from__lte=today - _AGO)
    rows = []
    for held in issued.select_related("person", "job_type__group").order_by("valid_from", "pk")[:1]:
        person, job_type = held.person, held.job_type
        line = (person.name, person.get_sex_display(), held.number, job_type.group.name, job_type.name)
        rows.append(_line(*line, held.valid_from, "原发证机关"))
    trainees = Trainee.objects.filter(state=TraineeState.ENROLLED, certificate__isnull=True).select_related("person")
    for trainee, ending in zip(trainees.order_by("pk")[:2], "林川", strict=False):
        person = trainee.person
        name = f"{person.name[:-1]}{ending}"
        line = (name, person.get_sex_display(), f"T{person.document_number}", "高处作业", "登高架设作业")
        rows.append(_line(*line, today - timedelta(days=1200), samples.AUTHORITY))
    return rows


def _settle(clerk: User, *, now) -> None:
    """The second name was the true one; the first still waits for its papers."""
    noted = PersonName.objects.select_related("person").order_by("-pk").first()
    desk.correct_name(
        actor=clerk, now=now, person_id=noted.person_id, name=noted.name, reason="公安机关更名证明，户口簿曾用名栏"
    )


def _declare_class(filer: User, *, now) -> None:
    """A woman declares to her institution by which class she retires."""
    trainees = Trainee.objects.visible_to(filer).filter(state=TraineeState.ENROLLED, person__sex=Sex.FEMALE)
    desk.declare(
        actor=filer,
        now=now,
        person_id=trainees.order_by("pk").values_list("person", flat=True)[0],
        fact=DeclaredFact.FEMALE_CLASS,
        female_class="F50",
        proof="劳动合同岗位为生产操作岗",
    )


def _put_off_retirement(clerk: User, decider: User, senior: InventedPerson, *, now) -> None:
    """A man puts off his retirement; on the next day his certificate, which was to end with it, is extended."""
    held = Certificate.objects.get(person__document_number=senior.number)
    proof = "自愿延迟退休承诺书（2026年）；用人单位书面同意"
    desk.declare(actor=clerk, now=now, person_id=held.person_id, fact=DeclaredFact.DELAY, months=12, proof=proof)
    extending.extend(actor=decider, now=now + _DAY, certificate_id=held.pk, reason=proof)
