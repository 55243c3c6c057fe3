"""The doors of separation beside review and decision (rules 4): pages, direct POST, files that are imported, jobs.

As in ``test_separation_doors``: somebody who acted on the case in another capacity is planted where everybody asks, and
is refused by the name of the rule, with nothing changed.
"""

from dataclasses import dataclass
from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals.bars import deciding as bar_deciding
from approvals.bars import proposing
from approvals.clocks import extending
from approvals.endings import ending
from approvals.licences import acceptance, deciding
from approvals.models import BarCase, Decision, DecisionProposal, EndingCase, ExtensionProposal, LicenceApplicant
from approvals.reviews import preparing, reviewing
from certification.imports.models import Import
from certification.organisations import separation
from certification.organisations.models import User
from certification.organisations.separation import Capacity
from certification.records.models import TransitionLog
from certification.refusals import SeparationBreach
from certification.spreadsheets.writing import workbook
from exams.models import Candidate, ExamSession, Part, RoomUse, StaffAssignment
from exams.scores import results
from exams.scores.rows import Row
from tests.approvals.cases import NOW, TODAY, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, SUBMITTED, granted, ids_of, reconciled, submitted
from tests.approvals.test_separation_doors import _source_of, _Sources, others_of
from tests.factories import at
from training.models import PlanReceipt, TrainingPlan

pytestmark = pytest.mark.django_db
EVENING = at(TODAY, 19)
CASE = {"ground": "FRAUD", "reason": "伪造学历", "evidence": "核验函"}


@dataclass(frozen=True)
class Door:
    """Who, in which capacity, on which kind of case, posts what where; ``login`` where it is another's hand that posts
    (an officer who puts ``who`` on duty)."""

    name: str
    capacity: Capacity
    who: str
    kind: str
    url: str
    args: object
    data: object
    now: object = NOW
    login: str = ""


def _pk(group):
    return group.ids[:1]


def _session(*more):
    return lambda group: [group.session.pk, *more]


def _bar(group):
    return [group.bar.pk]


def _first(group) -> int:
    return Candidate.objects.filter(session=group.session).first().pk


def _says(**data):
    return lambda group, user: data


def _score(group, user):
    return {f"candidate-{_first(group)}-score": "88"}


def _file(group, user):
    candidate = Candidate.objects.select_related("application__person").get(pk=_first(group))
    row = [candidate.ticket_number, candidate.application.person.name, "88"]
    content = workbook(["准考证号", "姓名", "理论成绩"], [row], text_columns=["准考证号"])
    return {"file": SimpleUploadedFile("成绩.xlsx", content)}


def _duty(group, user):
    use = RoomUse.objects.get(part__session=group.session, part__part="THEORY")
    return {"use": use.pk, "duty": "INVIGILATOR", "person": user.person_id}


def _receipt(group):
    rows = PlanReceipt.objects.filter(plan=group.plan).exclude(recipient__kind="PROVINCIAL_CENTRE")
    return [rows.get().pk]


SCORES, CHECKS, STAFFS = Capacity.ENTERS_RESULTS, Capacity.CHECKS_RESULTS, Capacity.STAFFS


def _draft(group, user, outcome="approve"):
    return {"ids": [DecisionProposal.objects.get().pk], "outcome": outcome, "opinion": "意见"}


def _sent_back(group, user):
    return _draft(group, user, "send_back")


def _people(**data):
    return lambda group, user: {"ids": _licences(group), "confirmed": "1", **data}


def _licences(group) -> list[int]:
    rows = LicenceApplicant.objects.filter(candidate__application__in=group.ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _nothing(group):
    return []


def _certificate(group):
    return [Decision.objects.filter(applicant__in=_licences(group)).first().certificate_id]


def _ending(group):
    return [EndingCase.objects.get().pk]


ACCEPTS, RECONCILES, EXTENDS = Capacity.ACCEPTS, Capacity.RECONCILES, Capacity.EXTENDS
CONFIRMS, PROPOSES_EXTENSION = Capacity.CONFIRMS, Capacity.PROPOSES_EXTENSION
PROPOSES_ENDING, DECIDES_ENDING = Capacity.PROPOSES_ENDING, Capacity.DECIDES_ENDING
FACTS = {"facts": "考试由他人代考。", "evidence": "监控录像"}
PROPOSES, IMPOSES, NOTES = Capacity.PROPOSES_BAR, Capacity.IMPOSES_BAR, Capacity.NOTES
WHY = _says(reason="理由")
DOORS = (
    Door("scores page", SCORES, "shi-luru", "held", "exams:results_enter", _session("theory"), _score, EVENING),
    Door("scores file", SCORES, "shi-luru", "held", "exams:results_upload", _session("theory"), _file, EVENING),
    Door("check page", CHECKS, "shi-fuhe", "entered", "exams:results_check", _session("theory"), _says(), EVENING),
    Door("send back page", CHECKS, "shi-fuhe", "checked", "exams:results_send_back", _session("theory"), WHY, EVENING),
    Door("release page", CHECKS, "shi-fuhe", "checked", "exams:results_release", _session(), _says(), EVENING),
    Door("second reading", CHECKS, "shi-fuhe", "entered", "exams:results_read", _session("theory"), _file, EVENING),
    Door("duty", STAFFS, "shi-jiankao", "roomed", "exams:session_staff", _session(), _duty, login="shi-kaowu"),
    Door("duty accepted", STAFFS, "shi-jiankao", "asked", "exams:duty_accept", lambda g: [g.duty.pk], _says()),
    Door("note", NOTES, "shi-shenhe", "waiting", "approvals:note_write", _pk, _says(text="请核对")),
    Door("message", NOTES, "shi-shenhe", "waiting", "approvals:message_send", _pk, _says(text="请补交")),
    Door("bar proposed", PROPOSES, "shi-shenhe", "waiting", "approvals:bar_propose", None, _says(**CASE)),
    Door("bar imposed", IMPOSES, "sheng-fuze", "proposed", "approvals:bar_impose", _bar, WHY),
    Door("bar declined", IMPOSES, "sheng-fuze", "proposed", "approvals:bar_decline", _bar, WHY),
    Door("bar lifted", IMPOSES, "sheng-fuze", "barred", "approvals:bar_lift", _bar, WHY),
    Door("extension", EXTENDS, "sheng-fuze", "extension", "approvals:extension_decide", "approve", WHY, DECIDED),
    Door("no extension", EXTENDS, "sheng-fuze", "extension", "approvals:extension_decide", "decline", WHY, DECIDED),
    Door(
        "extension proposed",
        PROPOSES_EXTENSION,
        "sheng-shenpi",
        "reconciled",
        "approvals:extension_propose",
        _nothing,
        _people(reason="案情复杂"),
        DECIDED,
    ),
    *(
        Door(
            act, capacity, "sheng-shouli", kind, "approvals:acceptance_act", _nothing, _people(act=act, **more), DECIDED
        )
        for act, capacity, kind, more in (
            ("accept", ACCEPTS, "submitted", {}),
            ("ask_correction", ACCEPTS, "submitted", {"text_1": "请补交身份证件"}),
            ("reconcile", RECONCILES, "accepted", {}),
        )
    ),
    Door("draft approved", CONFIRMS, "sheng-shenpi2", "drafted", "approvals:confirm", _nothing, _draft, DECIDED),
    Door("draft sent back", CONFIRMS, "sheng-shenpi2", "drafted", "approvals:confirm", _nothing, _sent_back, DECIDED),
    Door(
        "ending proposed",
        PROPOSES_ENDING,
        "sheng-shouli",
        "granted",
        "approvals:ending_propose",
        _certificate,
        _says(ground="UNFIT", **FACTS),
        SERVED,
    ),
    *(
        Door(
            name, DECIDES_ENDING, "sheng-shenpi2", "ending", f"approvals:{name}", _ending, _says(opinion="同意"), SERVED
        )
        for name in ("ending_decide", "ending_drop")
    ),
    Door("receipt", Capacity.REVIEWS, "shi-shenhe", "filed", "training:receipt_acknowledge", _receipt, _says()),
    Door(
        "receipts",
        Capacity.REVIEWS,
        "shi-shenhe",
        "filed",
        "training:acknowledge_many",
        lambda _group: [],
        lambda group, user: {"receipt": _receipt(group)},
    ),
    Door(
        "inspection",
        Capacity.INSPECTS,
        "shi-jianguan",
        "running",
        "training:check_record",
        lambda group: [group.plan.pk],
        _says(counted="2"),
    ),
)
# What of these is asked about a class alone: who reviewed or staffs an exam has nothing to do with it.
OF_THE_CLASS = (Capacity.TRAINS, Capacity.CONFLICTED)


def make(world, kind: str):
    if kind in ("held", "entered", "checked"):
        return _examined(world, kind)
    if kind in LICENSED:
        return _licensed(world, kind)
    group = make_group(world)
    if kind in ("roomed", "asked"):
        use = RoomUse.objects.create(
            part=group.session.parts.get(part="THEORY"), room=world.site.rooms.filter(part="THEORY").first()
        )
        if kind == "asked":
            person, officer = world.user("shi-jiankao").person, world.user("shi-kaowu")
            group.duty = StaffAssignment.objects.create(
                use=use, person=person, duty="INVIGILATOR", assigned_by=officer, assigned_at=NOW
            )
    if kind in ("proposed", "barred"):
        actor, row = world.user("shi-shenhe2"), group.applications[0]
        group.bar = proposing.propose(actor=actor, now=NOW, person_id=row.person_id, application_id=row.pk, **CASE)
    if kind == "barred":
        # The other head imposed it: who lifts is asked alike.
        bar_deciding.impose(actor=world.user("sheng-fuze"), now=NOW, case_id=group.bar.pk, reason="同意")
    if kind == "filed":
        days = {"class_start": date(2026, 11, 9), "class_end": date(2026, 11, 20)}
        TrainingPlan.objects.filter(pk=group.plan.pk).update(state="FILED", **days)
        PlanReceipt.objects.filter(plan=group.plan).update(state="RECEIVED")
    return group


LICENSED = ("submitted", "accepted", "reconciled", "extension", "drafted", "granted", "ending")


def _licensed(world, kind: str):
    group = make_group(world, state="CLEARED")
    take_exam(world, group)
    if kind in ("submitted", "accepted"):
        ids = ids_of(submitted(world, group))
        if kind == "accepted":
            acceptance.accept(actor=world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=ids)
        return group
    if kind in ("granted", "ending"):
        granted(world, group)
        if kind == "ending":
            said = {"certificate_id": _certificate(group)[0], "ground": "REQUEST", **FACTS}
            ending.propose(actor=world.user("sheng-shouli"), now=SERVED, **said)
        return group
    (pk,) = ids_of(reconciled(world, group))
    maker = {"actor": world.user("sheng-shenpi"), "now": DECIDED}
    if kind == "extension":
        extending.propose(applicant_ids=[pk], reason="案情复杂", **maker)
    if kind == "drafted":
        deciding.refuse(applicant_id=pk, facts="事实", basis="依据", reasons="理由", **maker)
    return group


def _examined(world, kind: str):
    group = make_group(world, state="CLEARED", exam_on=TODAY)
    Candidate.objects.filter(session=group.session).update(state="ADMITTED", ticket_number="20260001")
    ExamSession.objects.filter(pk=group.session.pk).update(state="HELD")
    said = {"session_id": group.session.pk, "part": Part.THEORY, "now": EVENING}
    if kind in ("entered", "checked"):
        results.enter_results(actor=world.user("shi-luru"), rows=[Row(_first(group), score=61)], **said)
    if kind == "checked":
        results.check_results(actor=world.user("shi-fuhe"), **said)
    return group


def address(door: Door, group) -> str:
    if door.url == "approvals:bar_propose":
        return f"{reverse(door.url)}?application={group.ids[0]}"
    if door.url == "approvals:extension_decide":
        return f"{reverse(door.url)}?outcome={door.args}&proposal={ExtensionProposal.objects.get().pk}"
    return reverse(door.url, args=door.args(group))


def steps() -> int:
    """How much has been written; taking a file in writes nothing yet."""
    of_imports = ContentType.objects.get_for_model(Import)
    return TransitionLog.objects.exclude(subject_type=of_imports).count() + BarCase.objects.count()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_every_pair_is_refused_by_the_name_of_its_rule(world, client, at, monkeypatch, door):
    group = make(world, door.kind)
    at(door.now)
    user = world.user(door.who)
    client.force_login(world.user(door.login or door.who))
    before = steps()
    for other, rule in others_of(door.capacity):
        if "training:" in door.url and other not in OF_THE_CLASS:
            continue
        with monkeypatch.context() as planted:
            sources = dict(separation._sources)
            for model in {model for model, _capacity in separation._sources}:
                sources[model, other] = [*separation._sources[model, other], _source_of(user.person_id)]
            planted.setattr(separation, "_sources", _Sources(sources))
            answer = client.post(address(door, group), door.data(group, user), follow=True)
            if "file" in door.data(group, user):
                import_ = Import.objects.order_by("-pk").first()
                answer = client.post(reverse("imports:save", args=[import_.uuid]), follow=True)
        said = answer.content.decode()
        assert f"规则 {rule}" in said, (other, said[-3000:])
        assert steps() == before, other


def test_no_job_reviews_proposes_imposes_or_enters(world):
    """Jobs act as the system, which is nobody: whatever they call, they are no way around the people."""
    group, system = make_group(world), User.objects.system()
    person_id = group.applications[0].person_id
    said = {"actor": system, "now": NOW, "application_ids": group.ids, "stage": "PRELIMINARY", "outcome": "PASS"}
    for act in (reviewing.review, preparing.prepare):
        (result,) = act(**said)
        assert isinstance(result.refusal, SeparationBreach)
    bar = proposing.propose(actor=world.user("shi-shenhe"), now=NOW, person_id=person_id, **CASE)
    ExamSession.objects.filter(pk=group.session.pk).update(state="HELD")
    scores = {"session_id": group.session.pk, "part": Part.THEORY, "now": NOW}
    for act in (
        lambda: bar_deciding.impose(actor=system, now=NOW, case_id=bar.pk, reason="到期"),
        lambda: bar_deciding.decline(actor=system, now=NOW, case_id=bar.pk, reason="到期"),
        lambda: results.enter_results(actor=system, rows=[], **scores),
        lambda: results.check_results(actor=system, **scores),
    ):
        with pytest.raises(SeparationBreach):
            act()
    assert BarCase.objects.get().state == "PROPOSED"
