"""Two at the same list at the same moment (PostgreSQL, a connection each)."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.lists import saved_views
from approvals.models import Place, PreparedOpinion, SavedView
from tests.approvals.cases import NOW, make_group

pytestmark = pytest.mark.django_db(transaction=True)


def _bulk(world, who: str, ids: list[int]):
    client = Client()
    client.force_login(world.user(who))
    sent = {"stage": "PRELIMINARY", "act": "PASS", "ids": [str(pk) for pk in ids]}
    return lambda: client.post(reverse("approvals:bulk"), sent).content.decode()


def test_each_row_is_done_once_and_whoever_was_later_is_told(at_once, world, at):
    at(NOW)
    group = make_group(world, 6)
    answers = at_once(_bulk(world, "shi-shenhe", group.ids[:4]), _bulk(world, "shi-shenhe2", group.ids[2:]))
    assert PreparedOpinion.objects.standing().count() == PreparedOpinion.objects.count() == 6
    assert sum("尚未移交" in answer for answer in answers) == 1
    assert sum(answer.count("尚未移交") for answer in answers) == 2


def test_a_nervous_finger_passes_once(at_once, world, at):
    at(NOW)
    group = make_group(world, 3)
    answers = at_once(_bulk(world, "shi-shenhe", group.ids), _bulk(world, "shi-shenhe", group.ids))
    assert PreparedOpinion.objects.count() == 3
    assert all("已拟定通过 3 人" in answer for answer in answers)


def test_two_defaults_at_once_leave_one(at_once, world):
    actor = world.user("shi-shenhe")
    views = [saved_views.keep(actor=actor, place=Place.REVIEWS, name=name, query="") for name in "甲乙"]
    answers = at_once(*(lambda pk=view.pk: saved_views.make_default(actor=actor, view_id=pk) for view in views))
    assert all(isinstance(answer, SavedView) for answer in answers)
    assert SavedView.objects.filter(is_default=True).count() == 1
