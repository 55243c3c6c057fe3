"""用系统生成的学时证明: the proof that training makes is taken as a material, whoever lacks hours is named."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from certification.catalogue.models import ApplicationKind
from certification.jobs.tasks import work
from certification.records.models import StoredFile
from certification.refusals import NotPermitted, WrongState
from exams.materials import generated_hours
from exams.materials.generated_hours import use_generated_proofs
from exams.models import Material, MaterialKind
from tests.factories import at as moment
from training.models import HoursProof, Lesson, OnlineHours, OnlineImport, TrainingPlan

LEARNT_ON = date(2026, 4, 1)


@pytest.fixture
def learnt(bench):
    """Drafts of a renewal class whose people learnt online, all but the last."""
    plan = bench.plan(ApplicationKind.RENEWAL, size=3)
    TrainingPlan.objects.filter(pk=plan.pk).update(onsite_hours=0, online_hours=8)
    drafts = bench.drafts(plan, papers=False)
    filer = bench.user("jigou")
    file = StoredFile.store(b"x", name="x.csv", media_type="text/csv", owner=plan, actor=filer, now=moment(LEARNT_ON))
    source = OnlineImport.objects.create(
        plan=plan,
        platform="某平台",
        version=1,
        file=file,
        headcount=2,
        imported_by=filer,
        imported_at=moment(LEARNT_ON),
    )
    for row in drafts[:-1]:
        OnlineHours.objects.create(source=source, trainee=row.trainee, hours=8, began_on=LEARNT_ON, ended_on=LEARNT_ON)
    return drafts


def test_complete_hours_become_a_material_and_missing_ones_are_named(bench, learnt):
    client = Client()
    client.force_login(bench.user("jigou"))
    page = client.get(reverse("exams:class_applications", args=[learnt[0].plan_id])).content.decode()
    assert (page.count("线下 0，线上 8"), page.count("缺 8 学时")) == (2, 1)
    results = use_generated_proofs(actor=bench.user("jigou"), application_ids=[row.pk for row in learnt])
    assert [result.ok for result in results] == [True, True, False]
    assert results[-1].refusal.code == "hours_missing"
    material = Material.objects.get(application=learnt[0], kind=MaterialKind.HOURS_PROOF)
    proof = HoursProof.objects.get(trainee=learnt[0].trainee)
    assert material.file.sha256 == proof.file.sha256
    with pytest.raises(NotPermitted):
        use_generated_proofs(actor=bench.user("shi-shenhe"), application_ids=[learnt[0].pk])
    assert not Lesson.objects.exists()


def test_the_buttons(bench, learnt, at):
    client = Client()
    client.force_login(bench.user("jigou"), backend="certification.organisations.backends.AccountBackend")
    page = client.get(reverse("exams:application_detail", args=[learnt[0].pk])).content.decode()
    assert "用系统生成的学时证明" in page
    answer = client.post(reverse("exams:class_hours", args=[learnt[0].plan_id]), follow=True).content.decode()
    assert "已为 2 人附上系统生成的学时证明" in answer
    assert "不能开具学时证明" in answer
    client.post(reverse("exams:application_hours", args=[learnt[0].pk]))
    assert Material.objects.filter(kind=MaterialKind.HOURS_PROOF, replaced_at__isnull=True).count() == 2
    other = Client()
    other.force_login(bench.user("lanxi-jigou"), backend="certification.organisations.backends.AccountBackend")
    assert other.post(reverse("exams:application_hours", args=[learnt[0].pk])).status_code == 404


def test_those_of_a_large_class_are_made_in_the_background(bench, learnt, at, monkeypatch):
    monkeypatch.setattr(generated_hours, "AT_ONCE", 1)
    at(moment(LEARNT_ON))
    client = Client()
    client.force_login(bench.user("jigou"), backend="certification.organisations.backends.AccountBackend")
    page = reverse("exams:class_applications", args=[learnt[0].plan_id])
    client.post(reverse("exams:class_hours", args=[learnt[0].plan_id]))
    waiting = client.get(page).content.decode()
    assert ('id="errand"' in waiting, "用系统生成的学时证明" in waiting) == (True, False)
    assert 'id="errand"' in client.get(page, headers={"HX-Request": "true"}).content.decode()
    with pytest.raises(WrongState):
        generated_hours.ask(actor=bench.user("jigou"), plan=learnt[0].plan, application_ids=[learnt[0].pk])
    assert work() == {"done": 1, "refused": 0}
    assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    after = client.get(page).content.decode()
    assert "已为 2 人附上系统生成的学时证明" in after
    assert "不能开具学时证明" in after
    assert Material.objects.filter(kind=MaterialKind.HOURS_PROOF, replaced_at__isnull=True).count() == 2


def test_begun_anew_it_makes_no_second_proof_and_attaches_no_paper_twice(bench, learnt, at):
    at(moment(LEARNT_ON))
    ids = [row.pk for row in learnt]
    errand = generated_hours.ask(actor=bench.user("jigou"), plan=learnt[0].plan, application_ids=ids)
    first = generated_hours.make(errand, lambda *_: None)
    assert generated_hours.make(errand, lambda *_: None) == first
    assert (HoursProof.objects.count(), Material.objects.filter(kind=MaterialKind.HOURS_PROOF).count()) == (2, 2)
