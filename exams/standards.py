"""What an edition asks of exams: parts by kind, pass marks, retakes, lead time, staff (rules 3, 8).

The numbers stand in ``rules.toml`` beside this module; nothing here knows one by heart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from certification.organisations.models import OrganisationKind
from certification.rulebook import lookup
from certification.rulebook.models import Rule, RuleEdition
from exams.models import Area, Part

EXAMINATION = "examination"
RESULTS = "results"
EXAM_DAY = "exam_day"
ROOM_EQUIPMENT = "room_equipment"
SITES = "sites"

# Areas whose sites the edition puts under one kind of exam body [四(三)], and how it names those.
BOUND_AREAS = (Area.PROVINCIAL_COUNTY, Area.ZONE)
MANAGERS = {"CITY": OrganisationKind.CITY_BUREAU, "PROVINCE": OrganisationKind.PROVINCIAL_CENTRE}

Edition = RuleEdition | date


@dataclass(frozen=True)
class Subject:
    """One subject of the practical part (K1 to K4). ``points`` is the most that it gives where the edition names it for
    the job type (``binding``); else its usual share, which differs by job type."""

    code: str
    name: str
    points: int
    binding: bool = False

    def __str__(self) -> str:
        return f"{self.name}（{'满分' if self.binding else '通常'} {self.points} 分）"


@dataclass(frozen=True)
class PartStandard:
    """How one part is examined: points out of ``total``, passed from ``pass_mark`` on. ``minutes`` is None where
    the edition names none; ``veto`` tells whether a veto item may end it."""

    total: Decimal
    pass_mark: Decimal
    minutes: int | None
    subjects: tuple[Subject, ...]
    veto: bool

    def passed_with(self, said) -> bool:
        """Whether ``said`` (a row, a result) is a pass; that an incident may cancel it is apart."""
        return not (said.absent or said.veto) and said.score is not None and said.score >= self.pass_mark


def parts_for(kind: str, edition: Edition) -> tuple[Part, ...]:
    """The parts that an application of ``kind`` must pass, in order."""
    return tuple(Part(part) for part in lookup.values(EXAMINATION, "parts", edition)[kind])


def part_standard(part: str, edition: Edition, job_type: str = "") -> PartStandard:
    """How ``part`` is examined in ``edition``; with the subjects' points of the job type of this code, where the
    edition names its own (``by_job_type``)."""
    values = lookup.values(EXAMINATION, Part(part).value.lower(), edition)
    own = values.get("by_job_type", {}).get(job_type, {})
    return PartStandard(
        total=Decimal(str(values["total"])),
        pass_mark=Decimal(str(values["pass"])),
        minutes=values.get("minutes"),
        subjects=tuple(
            Subject(
                **{**subject, "points": own.get(subject["code"], subject["points"])}, binding=subject["code"] in own
            )
            for subject in values.get("subjects", ())
        ),
        veto=values.get("veto", False),
    )


@dataclass(frozen=True)
class RetakeStandard:
    """How often somebody may sit again without training anew: ``per_part`` each part by itself, or the parts of an
    application together; whether an absence counts."""

    retakes: int
    by_part: Mapping[str, int]
    per_part: bool
    absence_counts: bool

    def allowed(self, part: Part) -> int:
        """How many retakes of ``part`` there are."""
        return self.by_part.get(part.value, self.retakes)


def retakes(edition: Edition) -> RetakeStandard:
    """How often somebody who failed or was absent may sit again."""
    values = lookup.values(EXAMINATION, "retake", edition)
    return RetakeStandard(
        values["retakes"], values.get("by_part", {}), values["per"] == "part", values["absence_counts"]
    )


def valid_months(edition: Edition) -> int:
    """For how many months after the exam day a passed part stays valid."""
    return lookup.values(EXAMINATION, "part_validity", edition)["months"]


def lead_days(edition: Edition) -> int:
    """How many working days before its start a session must be announced."""
    return lookup.values(EXAMINATION, "announcement", edition)["lead_working_days"]


def staff_per_room(part: str, edition: Edition) -> int:
    """How many invigilators (theory) or examiners (practical) a room needs."""
    values = lookup.values(EXAMINATION, "room_staff", edition)
    return values["invigilators"] if part == Part.THEORY else values["examiners"]


def site_levels(edition: Edition) -> dict[str, str]:
    """The levels that a site may reach, the lowest first: code → words."""
    return {level["code"]: level["text"] for level in lookup.values(EXAMINATION, "site_upkeep", edition)["levels"]}


def site_manager(area: str, edition: Edition) -> OrganisationKind | None:
    """What kind of exam body manages the sites of an area of this kind; None where the edition leaves it open."""
    return MANAGERS[lookup.values(EXAMINATION, SITES, edition)["managed_by"]] if area in BOUND_AREAS else None


def rounds_per_day(part: str, edition: Edition) -> int:
    """How often a day a room of ``part`` can be filled: what a site's load is measured by."""
    values = lookup.values(EXAMINATION, "site_upkeep", edition)
    return values["theory_rounds"] if part == Part.THEORY else values["practical_rounds"]


def record_required(part: str) -> str:
    """The name of the value that says whether a room of ``part`` with no equipment on record serves for no job type."""
    return {Part.THEORY: "theory_record_required", Part.PRACTICAL: "practical_record_required"}[Part(part)]


def unrecorded_serves(part: str, edition: Edition) -> bool:
    """Whether a room of ``part`` with no equipment on record counts as equipped for every job type."""
    return not lookup.values(EXAMINATION, ROOM_EQUIPMENT, edition)[record_required(part)]


def equipment_notice_days(edition: Edition) -> int:
    """How many days before the end of its validity a room's equipment is called to mind."""
    return lookup.values(EXAMINATION, "site_upkeep", edition)["notice_days"]


def sign_in_minutes(edition: Edition) -> int:
    """How many minutes before the start the door opens."""
    return lookup.values(EXAM_DAY, "sign_in", edition)["opens_minutes"]


def late_entry_minutes(edition: Edition) -> int:
    """How many minutes after the start nobody is let in any more."""
    return lookup.values(EXAMINATION, "late_entry", edition)["minutes"]


def second_reading_required(edition: Edition) -> bool:
    """Whether every score must be read a second time by who checks it, before it counts as checked."""
    return lookup.values(RESULTS, "second_reading", edition)["every_score"]


def recheck_days(edition: Edition) -> int:
    """For how many working days after the release a candidate may ask to have a score re-checked."""
    return lookup.values(RESULTS, "recheck", edition)["request_days"]


def rule_problems(rule: Rule) -> list[str]:
    """What is wrong with a rule of examinations beyond its shape: a manager of sites that there is not, subjects whose
    points do not come to the total."""
    if rule.code == SITES:
        return [] if rule.values.get("managed_by") in MANAGERS else ["managed_by 应为 CITY 或者 PROVINCE。"]
    if rule.code != "practical":
        return []
    total, usual = rule.values["total"], {each["code"]: each["points"] for each in rule.values["subjects"]}
    found = [] if sum(usual.values()) == total else ["各科目分值之和与总分不一致。"]
    for job_type, own in rule.values.get("by_job_type", {}).items():
        if unknown := [code for code in own if code not in usual]:
            found.append(f"by_job_type：操作项目 {job_type} 的科目 {'、'.join(unknown)} 不在 subjects 中。")
        elif sum({**usual, **own}.values()) != total:
            found.append(f"by_job_type：操作项目 {job_type} 的各科目分值之和与总分不一致。")
    return found
