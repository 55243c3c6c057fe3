"""Papers of exam applications: attaching one, attaching many by file name, what is still missing.

Types are judged by content, never by name. A replaced paper stays on the record.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from certification.deadlines import admissions, ledger
from certification.deadlines.due import Due, require_in_time
from certification.organisations import access
from certification.records.content import JPEG, PDF, PNG, image_size, require_type
from certification.records.models import StoredFile
from certification.refusals import Refusal, WrongState
from certification.workflow import activity, lock, log
from exams import obligations, standards
from exams.models import Candidate, ExamApplication, Material, MaterialKind
from exams.states import EXAMINED, IN_SESSION, UNDER_REVIEW
from exams.states import ApplicationState as A

ENDINGS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
MEDIA_TYPES = tuple(ENDINGS)
# States in which the filer may change any paper.
OPEN_TO_FILER = (A.DRAFT, A.RETURNED)
# States in which only what may follow later is taken.
OPEN_TO_LATE_PAPERS = (*UNDER_REVIEW, A.CLEARED)

NOBODY = "班级中没有此人。"
SEVERAL = "班级中有多人同名，请改用证件号码作文件名。"
# Between who and what in a file's name.
SEPARATORS = " -_－—·"
NO_KIND = "文件名没有写明是哪种材料，例如“张三-身份证.jpg”。"


class WrongFile(Refusal):
    """A file that cannot be this paper: wrong type by content, too large, a photo of the wrong size."""

    code = "wrong_file"


@dataclass(frozen=True)
class Completeness:
    """Which papers an application holds, and which it lacks: at submission, or only until the hours proof is due."""

    held: dict[str, Material]
    missing: list[MaterialKind]
    missing_later: list[MaterialKind]
    offered: tuple[MaterialKind, ...]

    @property
    def complete(self) -> bool:
        """Whether the application may be submitted."""
        return not self.missing

    def standing(self, kind: MaterialKind) -> str:
        """ "held", "missing" (must be there at submission), "later" (may follow), or "none" (nothing is asked)."""
        if kind in self.held:
            return "held"
        if kind in self.missing:
            return "missing"
        return "later" if kind in self.missing_later else "none"


@dataclass
class Matched:
    """What an upload of many files did: papers attached, files that fitted nobody, files that were refused."""

    attached: list[Material] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)


@activity
def attach_material(*, actor, now, application_id: int, kind: str, content: bytes, name: str) -> Material:
    """Attach one paper, in place of the current one of its kind.

    While the application is a draft or returned, any paper that its kind asks for; afterwards only the proof of
    hours of a renewal, until one working day before the exam (rules 2.10). Raises WrongFile, WrongState, TooLate.
    """
    access.require(actor, "exams.application.file")
    (application,) = _locked(actor, [application_id])
    access.require_own(actor, application.institution_id)
    return _attach(application, MaterialKind(kind), content, name, actor=actor, now=now)


@activity
def attach_materials(*, actor, now, plan_id: int, kind: str, files: Iterable[tuple[str, bytes]]) -> Matched:
    """Attach many files to the applications of a class, matched by file name.

    The name says who, by identity number or by the name where only one in the class bears it, and then which paper
    (张三-身份证.jpg); the paper may be left out where ``kind`` says it for all, "" takes each file's own. What fits
    nobody or is refused is named, the rest is kept.
    """
    access.require(actor, "exams.application.file")
    applications = [row for row in _locked(actor, None, plan_id) if row.state not in (A.WITHDRAWN, A.REFUSED)]
    for row in applications[:1]:
        access.require_own(actor, row.institution_id)
    by_key = _by_key(applications)
    matched = Matched()
    for name, content in files:
        who, own_kind = _read_name(name)
        found = by_key.get(who, [])
        if why := _mismatch(found, kind, own_kind):
            matched.unmatched.append((name, why))
            continue
        paper = MaterialKind(kind or own_kind)
        try:
            attached = _attach(found[0], paper, content, name, actor=actor, now=now)
        except Refusal as refusal:
            matched.refused.append((name, refusal))
        else:
            matched.attached.append(attached)
    return matched


def completeness(applications: Iterable[ExamApplication]) -> dict[int, Completeness]:
    """Which papers each application holds and lacks, in one query."""
    applications = list(applications)
    held: dict[int, dict[str, Material]] = defaultdict(dict)
    rows = Material.objects.filter(application__in=[row.pk for row in applications], replaced_at__isnull=True)
    for material in rows.select_related("file").order_by("pk"):
        held[material.application_id][material.kind] = material
    return {row.pk: _completeness(row, held[row.pk]) for row in applications}


def _completeness(application: ExamApplication, held: dict[str, Material]) -> Completeness:
    standard = standards.materials_for(application.kind, application.rule_edition)
    kinds = set(held)
    return Completeness(held, standard.missing(kinds), standard.missing_later(kinds), standard.offered)


def _locked(actor, ids: list[int] | None, plan_id: int | None = None) -> list[ExamApplication]:
    rows = ExamApplication.objects.visible_to(actor).with_case()
    rows = rows.filter(pk__in=ids) if ids is not None else rows.filter(plan=plan_id)
    found = lock(rows)
    if ids is not None and not found:
        raise ExamApplication.DoesNotExist
    return found


def _attach(application: ExamApplication, kind: MaterialKind, content: bytes, name: str, *, actor, now) -> Material:
    in_time = _check_open(application, kind, now)
    media_type = _checked_type(application, kind, content, name)
    # Filers name files by identity number, which no page shows in full unasked; the paper's kind says more.
    name = f"{kind.label}.{ENDINGS[media_type]}"
    for current in Material.objects.filter(application=application, kind=kind, replaced_at__isnull=True):
        current.replaced_at = now
        current.save(update_fields=["replaced_at"])
    material = Material.objects.create(
        application=application,
        kind=kind,
        file=StoredFile.store(content, name=name, media_type=media_type, owner=application, actor=actor, now=now),
        submitted_by=actor,
        submitted_at=now,
    )
    log([application], "attach_material", actor=actor, now=now, detail={"kind": kind.value, "name": name})
    if kind in standards.materials_for(application.kind, application.rule_edition).later:
        ledger.meet(obligations.HOURS_PROOF, [application], now=now, actor=actor)
        admissions.use([in_time], actor=actor, now=now)
    return material


def _check_open(application: ExamApplication, kind: MaterialKind, now) -> Due | None:
    """Raise where this paper is not taken now; the answer is the due date of a paper that may follow late."""
    standard = standards.materials_for(application.kind, application.rule_edition)
    if kind not in standard.offered:
        raise WrongFile(f"{application.get_kind_display()}申报不需要“{kind.label}”。", code="not_needed")
    if application.state in OPEN_TO_FILER:
        return None
    late_paper = application.state in OPEN_TO_LATE_PAPERS and kind in standard.later
    if not late_paper or application.hours_confirmed_at is not None:
        raise WrongState(
            f"“{application}”当前状态为“{application.get_state_display()}”，不能更换“{kind.label}”。",
            advice="如需更正，请联系审核单位退回补正。",
        )
    place = Candidate.objects.filter(application=application).select_related("session").order_by("-pk").first()
    if place and place.state in EXAMINED:
        raise WrongState(f"“{application}”已参加考试，不再接收材料。")
    if place and place.state in IN_SESSION:
        return require_in_time(
            obligations.HOURS_PROOF,
            place.session.starts_on,
            now=now,
            edition=application.rule_edition,
            subject=application,
        )
    return None


def _checked_type(application: ExamApplication, kind: MaterialKind, content: bytes, name: str) -> str:
    media_type = require_type(content, MEDIA_TYPES, "file")
    if kind == MaterialKind.PHOTO:
        _check_photo(application, content, name, media_type)
    return media_type


def _check_photo(application: ExamApplication, content: bytes, name: str, media_type: str) -> None:
    standard = standards.photo_standard(application.rule_edition)
    wanted = f"照片应为 {standard.width}×{standard.height} 像素的 JPG，不超过 {standard.max_kilobytes} KB。"
    if media_type not in standard.media_types:
        raise WrongFile(f"“{name}”的格式不符合照片要求。", code="photo_type", advice=wanted)
    if len(content) > standard.max_kilobytes * 1024:
        raise WrongFile(f"“{name}”有 {len(content) // 1024} KB，超过照片大小上限。", code="photo_size", advice=wanted)
    width, height = image_size(content)
    if (width, height) != (standard.width, standard.height):
        raise WrongFile(f"“{name}”为 {width}×{height} 像素，不符合照片要求。", code="photo_pixels", advice=wanted)


def _by_key(applications: list[ExamApplication]) -> dict[str, list[ExamApplication]]:
    by_key: dict[str, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        by_key[row.person.document_number.upper()].append(row)
        by_key[row.person.name].append(row)
    return by_key


def _read_name(name: str) -> tuple[str, MaterialKind | None]:
    """Who and what a file's name says: identity number or name, and the paper where it is named behind."""
    stem = PurePath(name.replace("\\", "/")).stem.strip()
    named = next((kind for kind in MaterialKind if stem.endswith(kind.label) and stem != kind.label), None)
    if named:
        stem = stem.removesuffix(named.label).rstrip(SEPARATORS)
    return (stem.upper() if stem[:6].isdigit() else stem), named


def _mismatch(found: list[ExamApplication], kind: str, own_kind: MaterialKind | None) -> str:
    """Why a file is not attached to anybody; empty where it is clear."""
    if len(found) != 1:
        return SEVERAL if found else NOBODY
    if not kind and not own_kind:
        return NO_KIND
    if kind and own_kind and own_kind != kind:
        return f"文件名写的是“{own_kind.label}”，与所选的“{MaterialKind(kind).label}”不符。"
    return ""
