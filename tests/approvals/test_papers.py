"""Papers: made once, shared out among workers, one that cannot be made is told and does not keep the others waiting."""

from functools import partial

import pytest
from django.urls import reverse

from approvals import papers
from approvals.licences import letters
from approvals.models import Decision
from approvals.tasks import write_letters
from certification.documents.rendering import MissingGlyphs
from certification.jobs.models import JobRun, Outcome
from certification.records.models import StoredFile
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, granted


@pytest.fixture
def decided(world):
    """So many people who were granted the licence, no letter made yet."""

    def make(people: int) -> list[Decision]:
        group = make_group(world, people, state="CLEARED")
        take_exam(world, group)
        granted(world, group)
        Decision.objects.update(letter=None)
        StoredFile.objects.filter(name__startswith="准予").delete()
        return list(Decision.objects.select_related("applicant__candidate__application__person").order_by("pk"))

    return make


@pytest.fixture
def unprintable(decided):
    """Three, the first of whom has a name that no typeface holds."""
    rows = decided(3)
    person = rows[0].applicant.candidate.application.person
    person.name = "张\U000235d7"
    person.save()
    return rows


@pytest.mark.django_db
def test_one_that_cannot_be_made_does_not_keep_the_others_waiting_and_stands_in_the_jobs_page(unprintable):
    with pytest.raises(MissingGlyphs):
        write_letters()
    assert [row.letter_id is None for row in Decision.objects.order_by("pk")] == [True, False, False]
    run = JobRun.objects.get(job="approvals.write_letters")
    assert (run.outcome, "U+235D7" in run.error) == (Outcome.FAILED, True)


@pytest.mark.django_db
def test_who_opens_it_is_told_why_it_cannot_be_made(unprintable, client, world, at):
    at(DECIDED)
    client.force_login(world.user("sheng-shenpi"))
    response = client.get(reverse("approvals:letter", args=[unprintable[0].pk]))
    assert (response.status_code, "U+235D7" in response.content.decode()) == (503, True)
    assert client.get(reverse("approvals:letter", args=[unprintable[1].pk])).status_code == 302


@pytest.mark.django_db
def test_made_once_and_the_same_bytes_again(decided, world):
    (row,) = decided(1)
    first = letters.write_letter(actor=world.user("sheng-shenpi"), now=DECIDED, decision_id=row.pk)
    assert letters.write_letter(actor=world.user("sheng-shouli"), now=DECIDED, decision_id=row.pk) == first
    assert papers.write_missing(letters.KIND) == 0
    decision = Decision.objects.select_related(*letters.RELATED).get(pk=row.pk)
    with first.file.open("rb") as stored:
        assert letters.render(decision) == stored.read()


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_them_out(decided, at_once):
    ids = [row.pk for row in decided(6)]
    counts = at_once(*[partial(letters.write_missing, ids)] * 2)
    assert sum(counts) == 6
    assert min(counts) > 0
    assert StoredFile.objects.filter(name__startswith="准予").count() == 6


def test_many_letters_wake_more_workers():
    assert [papers.workers_for(count) for count in (0, 1, 9, 10, 500)] == [1, 1, 1, 2, 4]
