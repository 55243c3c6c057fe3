"""Ten years in the trade without a breach: no review before the certificate ends (令30 art. 21, setting)."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals.certificates import forecast, long_service
from approvals.models import Decision, LongService
from certification.organisations.models import User
from certification.people.models import Certificate
from certification.records.models import StoredFile, TransitionLog
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import SERVED, granted
from tests.exams.conftest import PHOTO

pytestmark = pytest.mark.django_db
SINCE = date(2012, 3, 1)
PAPERS = (("从业证明.jpg", PHOTO),)


@pytest.fixture
def certificate(world) -> Certificate:
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    return Decision.objects.get().certificate


@pytest.fixture
def applied(world):
    """The edition in force applies it."""
    Rule.objects.filter(edition__code="1", code="long_service").update(values={"applies": True, "years": 10})
    lookup.forget()
    yield
    lookup.forget()


def agree(world, certificate, *, by="sheng-shenpi", since=SINCE, employer="青屏电力公司", files=PAPERS, now=SERVED):
    return long_service.agree(
        actor=world.user(by), now=now, certificate_id=certificate.pk, since=since, employer=employer, files=files
    )


def test_off_by_default_and_then_nothing_changes(client, world, certificate, at):
    at(SERVED)
    with pytest.raises(WrongState) as refused:
        agree(world, certificate)
    assert refused.value.code == "not_applied"
    client.force_login(world.user("sheng-shenpi"))
    page = client.get(reverse("approvals:certificate", args=[certificate.pk])).content.decode()
    assert "延长复审周期" not in page
    url = reverse("approvals:certificate_put_off", args=[certificate.pk])
    assert client.get(url).status_code == 302
    certificate.refresh_from_db()
    assert certificate.review_due_on


def test_the_review_is_put_off_to_the_end_with_its_proof(world, certificate, applied):
    due = certificate.review_due_on
    months = 12 * 7
    assert forecast.due(world.user("sheng-shenpi"), SERVED.date(), months).get().what == forecast.REVIEW
    row = agree(world, certificate)
    certificate.refresh_from_db()
    assert (certificate.review_due_on, row.review_was_due_on) == (None, due)
    foreseen = forecast.due(world.user("sheng-shenpi"), SERVED.date(), months).get()
    assert (foreseen.what, foreseen.due_on) == (forecast.RENEWAL, certificate.valid_until)
    assert StoredFile.objects.of(LongService, [row.pk]).count() == 1
    assert certificate.history.first().history_change_reason == "有效期内不再复审"
    assert TransitionLog.objects.about(certificate).get(name="put_off_review").detail == {"before": f"{due:%Y-%m-%d}"}
    with pytest.raises(WrongState) as refused:
        agree(world, certificate)
    assert refused.value.code == "nothing_due"


def test_too_few_years_no_employer_no_paper_all_at_once(world, certificate, applied):
    ten_years_before = certificate.review_due_on.replace(year=certificate.review_due_on.year - 10)
    with pytest.raises(Incomplete) as refused:
        agree(world, certificate, since=ten_years_before + timedelta(days=1), employer=" ", files=())
    assert [one.field for one in refused.value.problems] == ["since", "employer", "files"]
    with pytest.raises(Incomplete) as refused:
        agree(world, certificate, files=(("从业证明.pdf", b"MZ"),))
    assert [one.field for one in refused.value.problems] == ["files"]
    assert not LongService.objects.exists()
    assert agree(world, certificate, since=ten_years_before)


def test_not_what_is_overdue_or_reviewed_or_has_ended(world, certificate, applied):
    after = SERVED + (certificate.review_due_on - SERVED.date()) + timedelta(days=1)
    for change, now, code in (
        ({}, after, "overdue"),
        ({"reviewed_on": SERVED.date()}, SERVED, "nothing_due"),
        ({"state": "CANCELLED"}, SERVED, "not_valid"),
    ):
        Certificate.objects.filter(pk=certificate.pk).update(**change)
        with pytest.raises(WrongState) as refused:
            agree(world, certificate, now=now)
        assert refused.value.code == code


def test_who_may_agree_and_whom_it_is_shown_to(client, world, certificate, applied, at):
    at(SERVED)
    with pytest.raises(NotPermitted):
        agree(world, certificate, by="sheng-shouli")
    User.objects.filter(username="sheng-shenpi2").update(person=certificate.person_id)
    with pytest.raises(SeparationBreach):
        agree(world, certificate, by="sheng-shenpi2")
    client.force_login(world.user("sheng-shenpi"))
    url = reverse("approvals:certificate_put_off", args=[certificate.pk])
    assert client.get(url).status_code == 200
    data = {"since": "2012-03-01", "employer": "青屏电力公司"}
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert "请上传用人单位的从业证明" in refused.content.decode()
    assert "青屏电力公司" in refused.content.decode()
    paper = SimpleUploadedFile("证明.jpg", PHOTO, "image/jpeg")
    assert client.post(url, {**data, "files": paper}).status_code == 302
    page = client.get(reverse("approvals:certificate", args=[certificate.pk])).content.decode()
    assert "有效期内不再复审" in page
    file = StoredFile.objects.of(LongService, [LongService.objects.get().pk]).get()
    sent = client.get(f"/files/{file.uuid}")
    assert (sent.status_code, b"".join(sent.streaming_content)[:2]) == (200, PHOTO[:2])
    client.force_login(world.user("jigou"))
    page = client.get(reverse("approvals:certificate", args=[certificate.pk])).content.decode()
    assert "自2012年3月1日起连续从事本工种" in page
    assert "青屏电力公司" not in page
    assert client.get(f"/files/{file.uuid}").status_code == 404
    assert client.get(url).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_at_once_agree_once(world, certificate, applied, at_once):
    outcomes = at_once(*[lambda by=by: agree(world, certificate, by=by) for by in ("sheng-shenpi", "sheng-shenpi2")])
    assert sum(isinstance(outcome, LongService) for outcome in outcomes) == 1
    assert LongService.objects.count() == 1
