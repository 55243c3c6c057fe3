"""Papers of exam applications: attaching one, attaching many by file name, what is still missing.

What a file must be like is said in ``papers``, whose it is in ``matching``. A replaced paper stays on the record; the
same file again changes nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.notices.sending import notify_role
from certification.organisations import access
from certification.organisations.models import User
from certification.organisations.roles import Role
from certification.records.models import Scan, StoredFile
from certification.refusals import WrongState
from certification.workflow import activity, lock, log
from exams.applications import obligations
from exams.materials import declarations, paper_standards, papers
from exams.materials.paper_standards import MaterialStandard
from exams.materials.papers import ENDINGS, Sound, WrongFile
from exams.models import (
    Candidate,
    ClassMaterial,
    ClassMaterialKind,
    DeclarationText,
    ExamApplication,
    Material,
    MaterialKind,
)
from exams.states import EXAMINED, IN_SESSION, UNDER_REVIEW
from exams.states import ApplicationState as A
from training.models import TrainingPlan

# States in which the filer may change any paper.
OPEN_TO_FILER = (A.DRAFT, A.RETURNED)
# States in which only what may follow later is taken.
OPEN_TO_LATE_PAPERS = (*UNDER_REVIEW, A.CLEARED)
# States whose people are in the class's matrix and among whom files are matched.
ENDED = (A.WITHDRAWN, A.REFUSED)


@dataclass(frozen=True)
class Completeness:
    """Which papers an application holds, and which it lacks: at submission, or only until the hours proof is due."""

    held: dict[str, Material]
    standard: MaterialStandard
    missing: list[MaterialKind]
    missing_later: list[MaterialKind]

    @property
    def offered(self) -> tuple[MaterialKind, ...]:
        """Every paper that may be handed in."""
        return self.standard.offered

    @property
    def complete(self) -> bool:
        """Whether the application may be submitted."""
        return not self.missing

    def standing(self, kind: MaterialKind) -> str:
        """ "held", "instead" (by what stands in), "missing" (must be there at submission), "later" (may follow), or
        "none" (nothing is asked)."""
        if kind in self.held:
            return "held"
        if kind in self.missing:
            return "missing"
        if kind in self.missing_later:
            return "later"
        return "instead" if kind in self.standard.asked else "none"


@activity
def attach_material(
    *, actor, now, application_id: int, kind: str, content: bytes, name: str, text_id: int | None = None
) -> Material:
    """Attach one paper, in place of the current one of its kind; ``is_new`` of the answer is false where the same file
    was there already.

    While the application is a draft or returned, any paper that its kind asks for; afterwards only the proof of
    hours of a renewal, until one working day before the exam (rules 2.10). ``text_id``: the edition that a signed form
    bears, by default the one in force. Raises WrongFile, NeedsCrop, Infected, WrongState, TooLate.
    """
    access.require(actor, "exams.application.file")
    application = ExamApplication.objects.visible_to(actor).with_case().get(pk=application_id)
    access.require_own(actor, application.institution_id)
    # Judged, scanned and made fit before anything is locked.
    if same := _same_as_current(application, kind, content, text_id):
        return same
    file = papers.fitted(papers.sound(content, name), kind, name, application.rule_edition)
    (application,) = lock(ExamApplication.objects.with_case().filter(pk=application.pk))
    current = current_papers([application]).get((application.pk, kind))
    return attach(application, MaterialKind(kind), file, current, actor=actor, now=now, text=_text(kind, text_id, now))


def attach(
    application: ExamApplication,
    kind: MaterialKind,
    file: Sound,
    current: Material | None,
    *,
    actor,
    now,
    text: DeclarationText | None = None,
) -> Material:
    """Keep a fitted file as the paper of a locked application, in place of ``current``; raises where that is not open
    now. ``is_new`` of the answer is false where the paper that is there was made from the same file."""
    paper = prepare(application, kind, file, current, actor=actor, now=now, text=text)
    if paper is None:
        return current
    keep([paper], actor=actor, now=now)
    return paper.material


@dataclass(frozen=True)
class Prepared:
    """A paper that may be kept, not saved yet: ``current`` is the one that it replaces, ``due`` the day by which one
    that follows late is due."""

    material: Material
    file: Sound
    current: Material | None
    due: Due | None

    @property
    def kind(self) -> MaterialKind:
        return MaterialKind(self.material.kind)


def prepare(
    application: ExamApplication,
    kind: MaterialKind,
    file: Sound,
    current: Material | None,
    *,
    actor,
    now,
    text: DeclarationText | None = None,
) -> Prepared | None:
    """What ``keep`` makes the paper of a locked application; None where ``current`` was made from the same file. Raises
    where that paper is not open now."""
    due = check_open(application, kind, now)
    if current and _is_same(current, file, text):
        return None
    material = Material(
        application=application,
        kind=kind,
        source_sha256=file.sha256,
        text=text,
        submitted_by=actor,
        submitted_at=now,
    )
    material.is_new = True
    return Prepared(material, file, current, due)


def keep(papers: Sequence[Prepared], *, actor, now) -> None:
    """Store prepared papers, one of a kind for an application, with history and log: as many statements for one as for
    a hundred, but for each that is replaced and each that follows late."""
    if not papers:
        return
    for paper in papers:
        if paper.current:
            paper.current.replaced_at = now
            paper.current.save(update_fields=["replaced_at"])
    # Filers name files by identity number, which no page shows in full unasked; the paper's kind says more.
    names = [f"{paper.material.name}.{ENDINGS[paper.file.media_type]}" for paper in papers]
    stored = StoredFile.store_all(
        [
            _to_store(paper.file, name, paper.material.application, actor, now)
            for paper, name in zip(papers, names, strict=True)
        ]
    )
    for paper, file in zip(papers, stored, strict=True):
        paper.material.file = file
    materials = [paper.material for paper in papers]
    bulk_create_with_history(materials, Material, default_user=actor, default_date=now)
    details = [_detail(paper, name) for paper, name in zip(papers, names, strict=True)]
    log([row.application for row in materials], "attach_material", actor=actor, now=now, detail=details)
    for paper in papers:
        application = paper.material.application
        if paper.kind in paper_standards.papers_of(application).later:
            ledger.meet(obligations.HOURS_PROOF, [application], now=now, actor=actor)
            admissions.use([paper.due], actor=actor, now=now)


@activity
def attach_class_material(*, actor, now, plan_id: int, kind: str, content: bytes, name: str) -> ClassMaterial:
    """Attach a paper that the class hands in once, in place of the current one of its kind; the same file again changes
    nothing. Open as long as an application of the class may be changed. Raises what ``papers`` raises, WrongState."""
    access.require(actor, "exams.application.file")
    applications = list(of_class(actor, plan_id).select_related("plan__rule_edition"))
    if not applications:
        raise WrongState("请先生成申报，再上传班级材料。")
    plan = applications[0].plan
    access.require_own(actor, plan.institution_id)
    if kind not in paper_standards.class_materials(plan.kind, plan.rule_edition).offered:
        raise WrongFile("该班不需要此种材料。", code="not_needed")
    current = ClassMaterial.objects.filter(plan=plan, kind=kind, replaced_at__isnull=True).select_related("file")
    sha256 = hashlib.sha256(content).hexdigest()
    if same := current.filter(source_sha256=sha256).first():
        return same
    if not any(row.state in OPEN_TO_FILER for row in applications):
        raise WrongState("该班的申报都已提交，不能更换班级材料。", advice="如需更正，请联系审核单位退回补正。")
    file = papers.fitted(papers.sound(content, name), kind, name, plan.rule_edition)
    lock(type(plan).objects.filter(pk=plan.pk))
    for old in current:
        old.replaced_at = now
        old.save(update_fields=["replaced_at"])
    material = ClassMaterial(plan=plan, kind=kind, source_sha256=sha256, submitted_by=actor, submitted_at=now)
    name = f"{material.get_kind_display()}.{ENDINGS[file.media_type]}"
    material.file = StoredFile.store(**_to_store(file, name, plan, actor, now))
    material.save()
    material.is_new = True
    log([plan], "attach_class_material", actor=actor, now=now, detail={"kind": kind})
    return material


def of_class(actor, plan_id: int):
    """The standing applications of a class that ``actor`` may see."""
    rows = ExamApplication.objects.visible_to(actor).with_case().filter(plan=plan_id).exclude(state__in=ENDED)
    return rows.order_by("pk")


def completeness(applications: Iterable[ExamApplication]) -> dict[int, Completeness]:
    """Which papers each application holds and lacks, in one query. What turned out to be infected is not held."""
    applications = list(applications)
    by_id = {row.pk: row for row in applications}
    held: dict[int, dict[str, Material]] = defaultdict(dict)
    rows = Material.objects.filter(application__in=[row.pk for row in applications], replaced_at__isnull=True)
    for material in rows.select_related("file", "text").order_by("pk"):
        material.application = by_id[material.application_id]
        held[material.application_id][material.kind] = material
    return {row.pk: _completeness(row, held[row.pk]) for row in applications}


def class_papers(plan: TrainingPlan, edition) -> tuple[dict[str, ClassMaterial], list[ClassMaterialKind]]:
    """What the class has handed in once for all, by kind, and the kinds that it must hand in by ``edition`` and has
    not."""
    rows = ClassMaterial.objects.filter(plan=plan, replaced_at__isnull=True).select_related("file")
    held = {row.kind: row for row in rows.order_by("pk")}
    standard = paper_standards.class_materials(plan.kind, edition)
    return held, [kind for kind in standard.required if kind not in held]


def withdraw_infected(stored: StoredFile, now: datetime) -> None:
    """A file that came in while the scanner was away is infected: it is nobody's paper any more, and its institution
    is told. Called by the scan within its transaction."""
    for material in Material.objects.filter(file=stored, replaced_at__isnull=True).select_related(
        "application__person"
    ):
        (application,) = lock(ExamApplication.objects.with_case().filter(pk=material.application_id))
        material.replaced_at = now
        material.rejected_reason = f"病毒扫描发现 {stored.signature}"
        material.save(update_fields=["replaced_at", "rejected_reason"])
        detail = {"kind": material.kind, "name": stored.name}
        log([application], "material_infected", actor=User.objects.system(), now=now, detail=detail)
        notify_role(
            Role.INSTITUTION_FILER,
            application.institution,
            title=f"材料含有病毒，须重新上传：{application.person}的{material.name}",
            body=f"扫描发现 {stored.signature}，该文件已隔离，不能作为材料。请在杀毒后重新上传。",
            url=f"/exams/applications/{application.pk}/",
            about=application,
            now=now,
        )


def check_open(application: ExamApplication, kind: MaterialKind, now) -> Due | None:
    """Raise where this paper is not taken now; the answer is the due date of a paper that may follow late."""
    standard = paper_standards.papers_of(application)
    if kind not in standard.offered:
        raise WrongFile(f"{application.get_kind_display()}申报不需要“{_named(application, kind)}”。", code="not_needed")
    if application.state in OPEN_TO_FILER:
        return None
    late_paper = application.state in OPEN_TO_LATE_PAPERS and kind in standard.later
    if not late_paper or application.hours_confirmed_at is not None:
        raise WrongState(
            f"“{application}”当前状态为“{application.get_state_display()}”，不能更换“{_named(application, kind)}”。",
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


def _completeness(application: ExamApplication, held: dict[str, Material]) -> Completeness:
    standard = paper_standards.papers_of(application)
    kinds = set(held)
    return Completeness(held, standard, standard.missing(kinds), standard.missing_later(kinds))


def current_papers(applications: Iterable[ExamApplication]) -> dict[tuple[int, str], Material]:
    """The current papers of applications, by application and kind."""
    rows = Material.objects.filter(application__in=[row.pk for row in applications], replaced_at__isnull=True)
    return {(row.application_id, row.kind): row for row in rows.select_related("file", "text")}


def _same_as_current(application: ExamApplication, kind: str, content: bytes, text_id: int | None) -> Material | None:
    """The current paper where it was made from the very same file (and bears the text that is named)."""
    sha256 = hashlib.sha256(content).hexdigest()
    rows = Material.objects.filter(application=application, kind=kind, replaced_at__isnull=True, source_sha256=sha256)
    rows = rows.filter(text=text_id) if text_id else rows
    return rows.select_related("file").first()


def _is_same(current: Material, file: Sound, text: DeclarationText | None) -> bool:
    """Whether the paper that is there was made from the same file in the same way; somebody else may just have been
    quicker."""
    made = hashlib.sha256(file.content).hexdigest()
    same = current.source_sha256 == file.sha256 and current.file.sha256 == made
    return same and current.text_id == (text.pk if text else None)


def _detail(paper: Prepared, name: str) -> dict:
    """What the log says of a paper that was attached."""
    material = paper.material
    detail = {"kind": material.kind, "name": name, "sha256": material.file.sha256}
    detail |= {"replaces": paper.current.pk} if paper.current else {}
    return detail | ({"text": str(material.text)} if material.text else {})


def _named(application: ExamApplication, kind: MaterialKind) -> str:
    return kind.named(application.person.document_type)


def _to_store(file: Sound, name: str, owner, actor, now) -> dict:
    """What ``StoredFile.store`` takes."""
    said = {"content": file.content, "name": name, "media_type": file.media_type, "scan": Scan(file.scan)}
    return said | {"owner": owner, "actor": actor, "now": now}


def _text(kind: str, text_id: int | None, now) -> DeclarationText | None:
    """The edition that a signed form bears: the one named among those that can have been signed, else the latest."""
    texts = declarations.signable(MaterialKind(kind), clock.day_of(now))
    return next((text for text in texts if text.pk == text_id), texts[0] if texts else None)
