"""Scope at the doors that take ids in what is posted, and at files, PDF, exports and feeds (rules 5): another
organisation's record is not there, for the whole of the request."""

import pytest
from django.urls import reverse

from approvals.assignments.assigning import take_cases
from approvals.models import (
    Assignment,
    CorrectionNotice,
    Decision,
    Dossier,
    LicenceApplicant,
    PreparedOpinion,
    SavedView,
)
from approvals.reviews.preparing import prepare
from approvals.reviews.reviewing import review
from exams.models import ExamApplication, Material
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import SERVED, served

pytestmark = pytest.mark.django_db
ITEMS = [{"material": "PHOTO", "text": "照片不清晰"}]
# Doors that act on ids in the body: who knocks, what is posted beside the ids. The case is of the first city.
POSTED = {
    "approvals:bulk": ("lanxi-shenhe", "ids", {"stage": "PRELIMINARY", "act": "PASS"}),
    "approvals:take_over": ("sheng-shenhe", "ids", {"confirmed": "1", "reason": "逾期"}),
    "approvals:record": ("sheng-shenhe", "ids", {}),
    "approvals:acceptance_act": ("sheng-shouli", "ids", {"act": "accept"}),
    "approvals:lapse": ("sheng-shouli", "ids", {"confirmed": "1"}),
    "approvals:grant": ("sheng-shenpi", "ids", {"confirmed": "1"}),
    "approvals:hand_over": ("shi-shenhe", "ids", {}),
    "approvals:take_back": ("shi-shenhe", "ids", {}),
    "approvals:assignment_act": ("shi-shenhe", "ids", {"act": "take"}),
    "approvals:assign_cases": ("shi-fuze", "ids", {"stage": "PRELIMINARY", "assignee": "1"}),
    "approvals:pause": ("sheng-shouli", "ids", {"confirmed": "1"}),
    "approvals:resume": ("sheng-shouli", "ids", {"confirmed": "1"}),
    "approvals:extension_propose": ("sheng-shouli", "ids", {"confirmed": "1", "reason": "案情复杂"}),
    "approvals:confirm": ("sheng-fuze", "ids", {"outcome": "approve", "reason": "同意"}),
    "approvals:serve": ("sheng-shouli", "ids", {"method": "THROUGH_INSTITUTION", "evidence": "回证"}),
}
# What cities do with ids of the body, each on the case of another city.
BETWEEN_CITIES = {
    "hand over": ("lanxi-shenhe", "approvals:hand_over", lambda ids: {"ids": ids}),
    "take back": ("lanxi-shenhe", "approvals:take_back", lambda ids: {"ids": ids}),
    "take": ("lanxi-shenhe", "approvals:assignment_act", lambda ids: {"act": "take", "ids": ids}),
    "take the case": ("lanxi-shenhe", "approvals:assignment_act", lambda ids: {"act": "take", "case": ids[0]}),
    "take over": ("lanxi-shenhe", "approvals:assignment_act", lambda ids: {"act": "take_over", "ids": ids}),
    "spread": ("lanxi-fuze", "approvals:assign_cases", lambda ids: {"act": "spread", "ids": ids}),
    "assign": ("lanxi-fuze", "approvals:assign_cases", lambda ids: {"ids": ids}),
}
BULK_ACTS = ("PASS", "RETURN", "PROPOSE_REFUSAL", "TAKE", "ASSIGN", "HAND_ON")


def counted() -> list:
    return [*ExamApplication.objects.order_by("pk").values_list("pk", "state", "due_on")]


@pytest.mark.parametrize("act", BULK_ACTS)
def test_a_bulk_action_on_another_citys_applications_finds_nothing(client, world, at, act):
    at(NOW)
    own = make_group(world, 1)
    before = counted()
    client.force_login(world.user("lanxi-shenhe"))
    data = {"stage": "PRELIMINARY", "act": act, "ids": own.ids, "sure": "1", "reason": "理由", "text": "照片"}
    answer = client.post(reverse("approvals:bulk"), data)
    assert answer.status_code in (403, 404) or not answer.context.get("results")
    assert own.applications[0].person.name not in answer.content.decode()
    assert counted() == before


@pytest.mark.parametrize("name", BETWEEN_CITIES)
def test_what_a_city_does_with_posted_ids_reaches_no_other_city(client, world, at, name):
    at(NOW)
    group = make_group(world, 1)
    prepare(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    take_cases(actor=world.user("shi-shenhe2"), now=NOW, application_ids=group.ids)
    who, url, sends = BETWEEN_CITIES[name]
    colleague = world.user("lanxi-shenhe2").pk
    client.force_login(world.user(who))
    said = {"stage": "PRELIMINARY", "assignee": colleague, "people": colleague, **sends(group.ids)}
    answer = client.post(reverse(url), said, follow=True)
    assert answer.status_code in (200, 404)
    page = answer.content.decode()
    assert group.applications[0].person.name not in page
    assert group.applications[0].number not in page
    assert PreparedOpinion.objects.standing().count() == 1
    assert Assignment.objects.open().get().assignee == world.user("shi-shenhe2")


def test_half_a_foreign_selection_is_not_silently_acted_upon(client, world, at):
    at(NOW)
    here = make_group(world, 1)
    there = make_group(world, 1)
    ExamApplication.objects.filter(pk__in=there.ids).update(
        organiser=world.province.bureaux["澜溪市"], institution=world.user("lanxi-jigou").organisation
    )
    client.force_login(world.user("shi-shenhe"))
    data = {"stage": "PRELIMINARY", "ids": [*here.ids, *there.ids]}
    assert client.post(reverse("approvals:bulk"), data).status_code == 404
    assert here.states() == ["PRELIMINARY_REVIEW"]


def test_ids_that_are_nobodys_answer_404_at_every_posted_door(client, world, at):
    at(NOW)
    for name, (who, field, data) in POSTED.items():
        client.force_login(world.user(who))
        status = client.post(reverse(name), {**data, field: [10**9]}).status_code
        assert status in (302, 404), (name, status)
        # Taken by somebody else or gone: back to the list, where nothing has happened.
        assert status == 404 or name == "approvals:grant", (name, status)


def test_papers_are_files_of_those_who_see_the_application(client, world, at):
    """records:file, which the matrix of addresses cannot name."""
    at(NOW)
    group = make_group(world, 1)
    stored = Material.objects.filter(application__in=group.ids).first().file
    url = reverse("records:file", args=[stored.uuid])
    expected = {
        **dict.fromkeys(("shi-shenhe", "sheng-shenhe", "jigou", "shenji"), {200}),
        **dict.fromkeys(("lanxi-shenhe", "lanxi-jigou", "jigou2", "chuangkou", "guanli", "shi-jiankao"), {403, 404}),
    }
    for who, statuses in expected.items():
        client.force_login(world.user(who))
        answer = client.get(url)
        if answer.streaming:
            b"".join(answer.streaming_content)
        assert answer.status_code in statuses, who


def test_pdfs_exports_history_and_dossiers_of_another_city_are_not_there(client, world, at):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    served(world, group)
    other = make_group(world, 1)
    city = {"actor": world.user("shi-shenhe"), "now": NOW, "stage": "PRELIMINARY"}
    review(application_ids=other.ids, outcome="RETURN", items=ITEMS, **city)
    at(SERVED)
    decision, notice, dossier = (
        Decision.objects.get(),
        CorrectionNotice.objects.get(),
        Dossier.objects.get(session=group.session),
    )
    applicant = LicenceApplicant.objects.get()
    addresses = {
        "letter": reverse("approvals:letter", args=[decision.pk]),
        "correction letter": reverse("approvals:correction_letter", args=[notice.pk]),
        "correction": reverse("approvals:correction", args=[notice.pk]),
        "dossier": reverse("approvals:dossier", args=[dossier.pk]),
        "dossier part": reverse("approvals:dossier_part", args=[dossier.pk, group.plan.pk]),
        "licence": reverse("approvals:licence", args=[applicant.batch_id]),
        "applicant": reverse("approvals:applicant", args=[applicant.pk]),
        "clocks": reverse("approvals:clocks", args=[applicant.pk]),
        "case": reverse("approvals:case", args=[group.ids[0]]),
        "class": reverse("approvals:class_totals", args=[group.plan.pk]),
        "person": reverse("approvals:person", args=[group.applications[0].person_id]),
    }
    for who in ("lanxi-shenhe", "lanxi-kaowu", "lanxi-fuze", "lanxi-jigou"):
        client.force_login(world.user(who))
        for name, url in addresses.items():
            assert client.get(url).status_code in (403, 404), (who, name)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("name", ["reviews_export", "reports_export"])
def test_exports_hold_what_the_list_holds(client, world, at, name, form):
    at(NOW)
    group = make_group(world, 1)
    who = "lanxi-shenhe" if name == "reviews_export" else "sheng-shenhe"
    client.force_login(world.user(who))
    answer = client.get(reverse(f"approvals:{name}", args=[form]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200
    assert group.applications[0].number.encode() not in content


def test_lists_counts_and_search_know_nothing_of_another_city(client, world, at):
    at(NOW)
    group = make_group(world, 1)
    prepare(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    person, number = group.applications[0].person.name, group.applications[0].number
    for who in ("lanxi-shenhe", "lanxi-fuze"):
        client.force_login(world.user(who))
        for name in ("reviews", "reviewed", "taken_over", "classes", "corrections"):
            page = client.get(reverse(f"approvals:{name}")).content.decode()
            assert person not in page, (who, name)
            assert number not in page, (who, name)
        found = client.get(reverse("portal:search"), {"q": number}).content.decode()
        assert person not in found


def test_a_saved_view_is_its_owners(client, world, at):
    at(NOW)
    view = SavedView.objects.create(
        user=world.user("shi-shenhe"), place="REVIEWS", name="我的", query="kind=INITIAL", saved_at=NOW
    )
    client.force_login(world.user("shi-shenhe2"))
    assert client.post(reverse("approvals:view_change", args=[view.pk]), {"act": "delete"}).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()
