"""Dossiers: opened with the first application, complete or with owners of what is missing, sealed once."""

import hashlib
import io
import json
import zipfile

import pytest

from approvals.dossiers import completeness, sealing
from approvals.dossiers.entries import visit_entry
from approvals.dossiers.opening import plans_in, unfinished
from approvals.dossiers.sealing.items import gather
from approvals.dossiers.sections.contents import contents
from approvals.models import Decision, Dossier, DossierItem
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.refusals import NotPermitted, Refusal
from exams.models import ExamApplication, InspectionTour, Result
from exams.sessions.listing import list_in_session
from tests.approvals.cases import content_of, make_group, take_exam
from tests.approvals.licensing_steps import SERVED, granted, served
from training.models import SpotCheck

pytestmark = pytest.mark.django_db


def finished(world, people=2, passed=1):
    group = make_group(world, people, state="CLEARED")
    take_exam(world, group, passed=passed)
    served(world, group)
    return group, Dossier.objects.get(session=group.session)


def test_opened_once_with_the_first_application(world):
    group = make_group(world, 2)
    assert Dossier.objects.filter(session=group.session).count() == 1
    other = make_group(world, 1, assigned=False)
    ExamApplication.objects.filter(pk__in=other.ids).update(wished_session=group.session)
    list_in_session(other.fresh(), group.session, actor=world.user("shi-kaowu"), now=SERVED)
    assert Dossier.objects.filter(session=group.session).count() == 1
    assert list(plans_in(group.session)) == sorted([group.plan, other.plan], key=lambda plan: plan.number)


def test_not_sealed_while_somebody_waits(world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group, passed=1)
    granted(world, group)
    dossier = Dossier.objects.get(session=group.session)
    assert [row.state for row in unfinished(group.session)] == ["PASSED"]
    with pytest.raises(Refusal) as caught:
        sealing.seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)
    assert caught.value.code == "unfinished"


def test_missing_items_name_their_owner(world):
    group = make_group(world, 1)
    entries = {entry.title: entry for entry in completeness.check(group.session, [group.plan], whole=True)}
    assert entries["审核意见"].owner == world.bureau
    assert entries["审核意见"].role.label == "市级审核员"
    assert entries["考试计划"].missing == "考试计划未报送"
    assert entries["学员名单"].complete
    assert entries["未办结人员"].missing.startswith("缺1人")


def test_who_acted_for_whom_stands_in_the_sections(world):
    group, _dossier = finished(world, 1)
    absent = world.user("shi-kaowu")
    Result.objects.filter(part="THEORY").update(entered_on_behalf_of=absent, checked_on_behalf_of=absent)
    found = contents(group.session, [group.plan], whole=True, masked=True)
    rows = [row for section in found.sections for row in section.rows]
    assert [sum(f" 代 {absent}" in cell for cell in row) for row in rows if any(" 代 " in cell for cell in row)] == [2]


def test_sealed_archive_verifies_and_is_never_overwritten(world):
    group, dossier = finished(world)
    officer = world.user("shi-kaowu")
    sealed = sealing.seal(actor=officer, now=SERVED, dossier_id=dossier.pk)
    content = content_of(sealed.archive)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        index = archive.read("index.json")
        indexes = [name for name in archive.namelist() if name.endswith("/index.json")]
        items = json.loads(index)["files"] + [
            one for name in indexes for one in json.loads(archive.read(name))["items"]
        ]
        for item in items:
            assert hashlib.sha256(archive.read(item["path"])).hexdigest() == item["sha256"]
        sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
        assert {path: hashlib.sha256(archive.read(path)).hexdigest() for path in sums} == sums
        assert "sha256sum" in archive.read("说明.txt").decode()
        number = Decision.objects.get().number
        decisions = json.loads(archive.read(f"classes/{group.plan.number}/decisions.json"))
    assert hashlib.sha256(index).hexdigest() == sealed.index_sha256
    assert decisions["rows"][0][2] == number
    assert set(DossierItem.objects.values_list("path", flat=True)) == {item["path"] for item in items}
    again = sealing.seal(actor=officer, now=SERVED, dossier_id=dossier.pk)
    assert (again.archive_id, again.sealed_at) == (sealed.archive_id, sealed.sealed_at)


def test_only_the_organiser_seals(world):
    _group, dossier = finished(world)
    with pytest.raises(Dossier.DoesNotExist):
        sealing.seal(actor=world.user("lanxi-kaowu"), now=SERVED, dossier_id=dossier.pk)
    with pytest.raises(NotPermitted):
        sealing.seal(actor=world.user("sheng-kaowu"), now=SERVED, dossier_id=dossier.pk)


def test_same_file_names_of_two_people_do_not_meet(world):
    _group, dossier = finished(world, people=3, passed=1)
    paths = [entry.path for part in gather(dossier).parts for entry in part.entries]
    assert len(paths) == len(set(paths))


def test_what_is_not_due_yet_is_neither_missing_nor_complete(world):
    group = make_group(world, 1)
    entries = {entry.title: entry for entry in completeness.check(group.session, [group.plan], whole=True)}
    assert (entries["许可决定"].pending, entries["许可决定"].missing) == (True, "")
    _group, dossier = finished(world)
    entries = completeness.check(dossier.session, list(plans_in(dossier.session)), whole=True)
    assert not any(entry.pending for entry in entries)


@pytest.mark.parametrize(("state", "owner"), [("REMEDY", "school"), ("RETURNED", "school"), ("ANSWERED", "bureau")])
def test_an_open_visit_is_theirs_who_remedy_then_that_of_whoever_came(state, owner):
    school, bureau = Organisation(name="school"), Organisation(name="bureau")
    for visit in (SpotCheck, InspectionTour):
        found = visit_entry(
            "1", visit(state=state, organisation=bureau), (school, Role.INSTITUTION_FILER), Role.CITY_SUPERVISOR
        )
        role = Role.INSTITUTION_FILER if owner == "school" else Role.CITY_SUPERVISOR
        assert (found.owner.name, found.role, found.complete) == (owner, role, False)
