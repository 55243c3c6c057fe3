"""The review lists: filters in the address, what they count, export and hand on to the next case; saved views; bulk
actions with a result per row; pages that somebody left open."""

import io
from datetime import timedelta
from itertools import islice

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from approvals.assignments import assigning
from approvals.demonstration import list_views
from approvals.demonstration.people import invented_people, unsaved
from approvals.forms.lists import ListFilter
from approvals.lists import bounded, queue, saved_views
from approvals.models import Place, PreparedOpinion, Review, SavedView
from approvals.reviews.reviewing import review
from approvals.reviews.stages import STEPS
from certification import clock
from certification.deadlines.models import Deadline
from certification.people.models import Person
from certification.refusals import Incomplete, Refusal
from exams.models import ExamApplication
from tests.approvals.cases import EXAM, NOW, TODAY, add_material, make_group
from tests.factories import at as moment
from tests.factories import working_day

pytestmark = pytest.mark.django_db
REVIEWER = "shi-shenhe"


@pytest.fixture
def go(client, world, at):
    """Open or post to a page as somebody, at some moment."""

    def run(who, name, *args, data=None, query="", when=NOW):
        at(when)
        client.force_login(world.user(who))
        url = f"{reverse(f'approvals:{name}', args=args)}{query}"
        return client.post(url, data) if data is not None else client.get(url)

    return run


def shown(response) -> list[int]:
    return [line.application.pk for line in response.context["lines"]]


def crowd(number: int) -> list[Person]:
    """More people than the province of the tests has."""
    invented = islice(invented_people(Person.objects.count(), divisions=("993301",), today=TODAY), number)
    return Person.objects.bulk_create(unsaved(one, now=NOW) for one in invented)


def standing(response) -> dict[str, int]:
    return {one.label: int(one.count) for one in response.context["standing"]}


class TestFilters:
    def test_what_is_urgent_is_counted_and_each_number_opens_its_rows(self, go, world):
        today = make_group(world, 2, exam_on=working_day(TODAY, 3))
        late = make_group(world, 1, exam_on=working_day(TODAY, 2))
        make_group(world, 1)
        undated = make_group(world, 1, assigned=False)
        assigning.take_cases(actor=world.user(REVIEWER), now=NOW, application_ids=late.ids)
        page = go(REVIEWER, "reviews")
        assert standing(page) == {"逾期": 1, "今日截止": 2, "退回后再报": 0, "待认领": 4, "本人办理": 1}
        for one in page.context["standing"]:
            assert len(shown(go(REVIEWER, "reviews", query=f"?{one.query}"))) == one.count
        assert shown(go(REVIEWER, "reviews", query="?due=overdue")) == late.ids
        assert shown(go(REVIEWER, "reviews", query="?due=today")) == today.ids
        assert shown(go(REVIEWER, "reviews", query="?due=none")) == undated.ids
        assert shown(go(REVIEWER, "reviews", query="?who=mine")) == late.ids

    def test_who_what_and_from_where(self, go, world):
        group, other = make_group(world, 2), make_group(world, 1, job_type="0201", kind="RENEWAL")
        first = group.applications[0]
        number = first.person.document_number
        asked = {
            f"?q={first.person.name}": [first.pk],
            f"?q={number[:15]}": [first.pk],
            f"?q={first.number}": [first.pk],
            "?kind=RENEWAL": [],
            "?job=01": group.ids,
            f"?job={first.job_type.name}": group.ids,
            "?job=0901": [],
            f"?org={first.institution.name[:2]}": group.ids,
            "?org=没有这家": [],
            f"?of={group.plan.number}": group.ids,
            f"?of={group.session.number}": group.ids,
            f"?of={other.session.number}": [],
            "?again=on": [],
            "?due=nonsense&who=99999&kind=x": group.ids,
        }
        for query, wanted in asked.items():
            assert shown(go(REVIEWER, "reviews", query=query)) == wanted, query

    def test_renewals_whose_proof_is_still_to_come(self, go, world):
        make_group(world, 1, kind="RENEWAL")
        unproven = make_group(world, 1, kind="RENEWAL", proven=False)
        assert shown(go(REVIEWER, "reviews", query="?stage=CITY_REVIEW&conditional=on")) == unproven.ids

    def test_a_file_holds_the_rows_of_all_pages_masked(self, go, world):
        group = make_group(world, 60)
        answer = go(REVIEWER, "reviews_export", "xlsx", query="?kind=INITIAL")
        rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
        assert [row[0] for row in rows[1:]] == [row.number for row in group.applications]
        assert group.applications[0].person.document_number not in str(rows)
        assert len(go(REVIEWER, "reviews_export", "csv", query="?kind=RENEWAL").content.splitlines()) == 1
        assert go(REVIEWER, "reviews_export", "pdf").status_code == 404

    def test_another_city_finds_nothing_in_list_search_and_file(self, go, world):
        group = make_group(world)
        for query in ("", f"?q={group.applications[0].person.document_number}"):
            assert shown(go("lanxi-shenhe", "reviews", query=query)) == []
        assert group.applications[0].number.encode() not in go("lanxi-shenhe", "reviews_export", "csv").content

    def test_reports_and_what_was_done_narrow_the_same_way(self, go, world):
        group = make_group(world, 2, kind="RENEWAL")
        review(actor=world.user(REVIEWER), now=NOW, application_ids=group.ids, stage="CITY_REVIEW", outcome="PASS")
        first = group.applications[0]
        found = go("sheng-shenhe", "reports", query=f"?q={first.person.document_number}").context["rows"]
        assert [line.application.pk for line, _opinion in found] == [first.pk]
        assert first.number.encode() in go("sheng-shenhe", "reports_export", "csv").content
        page = go(REVIEWER, "reviewed", query=f"?q={first.number}&since={TODAY}&until={TODAY}&mine=on").context["page"]
        assert [row.application_id for row in page] == [first.pk]
        assert len(go(REVIEWER, "reviewed", query=f"?until={TODAY - timedelta(days=1)}").context["page"]) == 0


class TestBesideTheCase:
    def test_the_case_stands_among_its_neighbours_and_leads_on_within_the_filter(self, go, world):
        group, other = make_group(world, 3), make_group(world, 1, job_type="0201")
        query = "?stage=PRELIMINARY&job=01"
        pane = go(REVIEWER, "case", group.ids[1], query=query).context["pane"]
        assert [line.application.pk for line in pane.lines] == group.ids
        assert pane.previous_url == f"/approvals/reviews/{group.ids[0]}/{query}"
        assert pane.next_url == f"/approvals/reviews/{group.ids[2]}/{query}"
        sent = {"act": "review", "stage": "PRELIMINARY", "outcome": "PASS"}
        for here, there in ((1, 2), (2, 0)):
            answer = go(REVIEWER, "case", group.ids[here], query=query, data=sent)
            assert answer.url == f"/approvals/reviews/{group.ids[there]}/{query}"
        answer = go(REVIEWER, "case", group.ids[0], query=query, data=sent)
        assert answer.url == "/approvals/reviews/hand-over/"
        assert go(REVIEWER, "case", other.ids[0]).context["pane"].next_url == ""

    def test_the_institution_sees_no_list(self, go, world):
        group = make_group(world)
        assert go("jigou", "case", group.ids[0], query="?stage=PRELIMINARY").context["pane"] is None


class TestSavedViews:
    def test_kept_opened_renamed_default_and_given_up(self, go, world):
        group = make_group(world, 1)
        query = "stage=PRELIMINARY&job=01"
        go(REVIEWER, "view_keep", data={"place": "REVIEWS", "name": " 电工 ", "query": query})
        view = SavedView.objects.get()
        assert (view.name, view.query) == ("电工", query)
        common = {"place": "REVIEWS", "query": query}
        go(REVIEWER, "view_change", view.pk, data={"act": "default", **common})
        assert go(REVIEWER, "reviews").url == f"/approvals/reviews/?{query}"
        assert shown(go(REVIEWER, "reviews", query=f"?{query}")) == group.ids
        go(REVIEWER, "view_change", view.pk, data={"act": "rename", "name": "电工初审", **common})
        go(REVIEWER, "view_change", view.pk, data={"act": "not_default", **common})
        assert SavedView.objects.get().name == "电工初审"
        assert go(REVIEWER, "reviews").status_code == 200
        go(REVIEWER, "view_change", view.pk, data={"act": "delete", **common})
        assert not SavedView.objects.exists()

    def test_those_of_the_demonstration_open(self, go, world):
        list_views.play(world.users, now=NOW)
        for username, place, _name, query in list_views.VIEWS:
            assert go(username, place.lower(), query=f"?{query}").context["form"].query == query

    def test_another_s_is_not_there(self, go, world):
        view = saved_views.keep(actor=world.user(REVIEWER), place=Place.REVIEWS, name="甲", query="")
        answer = go("shi-shenhe2", "view_change", view.pk, data={"act": "delete", "place": "REVIEWS"})
        assert answer.status_code == 404

    def test_names_are_needed_and_once(self, world):
        actor = world.user(REVIEWER)
        keep = {"actor": actor, "place": Place.REVIEWS, "query": ""}
        with pytest.raises(Incomplete):
            saved_views.keep(name="  ", **keep)
        saved_views.keep(name="甲", **keep)
        second = saved_views.keep(name="乙", **keep)
        with pytest.raises(Refusal):
            saved_views.rename(actor=actor, view_id=second.pk, name="甲")
        assert saved_views.make_default(actor=actor, view_id=second.pk).is_default
        for number in range(10):
            saved_views.keep(name=f"{number}", **keep)
        with pytest.raises(Refusal):
            saved_views.keep(name="又一个", **keep)


class TestBulk:
    def test_a_reason_is_asked_for_before_anything_happens(self, go, world):
        group = make_group(world, 2)
        sent = {"stage": "PRELIMINARY", "act": "PROPOSE_REFUSAL", "ids": [str(pk) for pk in group.ids]}
        asked = go(REVIEWER, "bulk", data=sent)
        assert group.applications[1].person.name in asked.content.decode()
        assert not Review.objects.exists()
        assert go(REVIEWER, "bulk", data={**sent, "sure": "1", "reason": " "}).status_code == 422
        answer = go(REVIEWER, "bulk", data={**sent, "sure": "1", "reason": "学历不符"})
        assert answer.content.decode().count("已拟定转省厅考试中心") == 3
        assert {row.outcome for row in PreparedOpinion.objects.standing()} == {"PROPOSE_REFUSAL"}
        assert set(group.states()) == {"PRELIMINARY_REVIEW"}

    def test_returned_for_one_paper(self, go, world):
        group = make_group(world, 2)
        sent = {"stage": "PRELIMINARY", "act": "RETURN", "ids": [str(pk) for pk in group.ids], "sure": "1"}
        go(REVIEWER, "bulk", data={**sent, "material": "PHOTO", "text": "照片不清晰"})
        assert [row.items for row in PreparedOpinion.objects.standing()] == [
            [{"material": "PHOTO", "text": "照片不清晰"}]
        ] * 2

    def test_taken_handed_on_and_assigned(self, go, world):
        group = make_group(world, 2)
        sent = {"stage": "PRELIMINARY", "ids": [str(pk) for pk in group.ids]}
        assert "已认领 2 人" in go(REVIEWER, "bulk", data={**sent, "act": "TAKE"}).content.decode()
        colleague = str(world.users["shi-shenhe2"].pk)
        assert go(REVIEWER, "bulk", data={**sent, "act": "HAND_ON"}).status_code == 200
        on = {**sent, "act": "HAND_ON", "sure": "1", "person": colleague, "reason": "出差"}
        assert "已转办 2 人" in go(REVIEWER, "bulk", data=on).content.decode()
        back = {**sent, "act": "ASSIGN", "sure": "1", "person": str(world.users[REVIEWER].pk)}
        assert "已分派 2 人" in go("shi-fuze", "bulk", data=back).content.decode()
        assert len(shown(go(REVIEWER, "reviews", query="?who=mine"))) == 2

    def test_a_row_that_changed_since_is_told_and_the_others_are_done(self, go, world):
        group = make_group(world, 3)
        seen = go(REVIEWER, "reviews").context["as_of"]
        review(
            actor=world.user("shi-shenhe2"),
            now=NOW + timedelta(minutes=5),
            application_ids=group.ids[:1],
            stage="PRELIMINARY",
            outcome="PASS",
        )
        group.applications[1].materials.filter(kind="PHOTO").update(replaced_at=NOW)
        add_material(group.applications[1], "PHOTO", world.user("jigou"), when=NOW + timedelta(minutes=7))
        sent = {"stage": "PRELIMINARY", "act": "PASS", "as_of": seen, "ids": [str(pk) for pk in group.ids]}
        answer = go(REVIEWER, "bulk", data=sent, when=NOW + timedelta(minutes=10)).content.decode()
        assert "已拟定通过 1 人，未办理 2 人" in answer
        assert "由他人办理" in answer
        assert "由他人提交新材料" in answer
        assert [row.application for row in PreparedOpinion.objects.standing()] == group.applications[2:]

    def test_sent_twice_nothing_happens_twice(self, go, world):
        group = make_group(world, 2)
        seen = go(REVIEWER, "reviews").context["as_of"]
        sent = {"stage": "PRELIMINARY", "act": "PASS", "as_of": seen, "ids": [str(pk) for pk in group.ids]}
        go(REVIEWER, "bulk", data=sent)
        go(REVIEWER, "bulk", data=sent)
        assert PreparedOpinion.objects.count() == 2
        common = {"data": {"ids": sent["ids"]}}
        assert "已移交 2 人" in go(REVIEWER, "hand_over", **common).content.decode()
        assert "未移交 2 人" in go(REVIEWER, "hand_over", **common).content.decode()
        assert "未办理 2 人" in go(REVIEWER, "bulk", data=sent).content.decode()
        assert Review.objects.count() == 2


class TestCost:
    def _queries(self, client, url: str) -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    def test_as_many_queries_for_one_row_as_for_five_hundred(self, client, world, at, settings):
        settings.CLOCK_MAY_MOVE = False
        at(NOW)
        client.force_login(world.user(REVIEWER))
        url = reverse("approvals:reviews")
        make_group(world, 1)
        client.get(url)
        found = [self._queries(client, url)]
        for more in (49, 450):
            make_group(world, more, persons=crowd(more))
            found.append(self._queries(client, url))
        assert len(set(found)) == 1
        assert found[0] <= 8

    @pytest.mark.parametrize("page", ["bulk", "hand_over"])
    def test_passing_two_hundred_costs_as_much_as_passing_twenty(self, client, world, at, settings, page):
        settings.CLOCK_MAY_MOVE = False
        at(NOW)
        client.force_login(world.user(REVIEWER))
        found = []
        for people in (20, 20, 200):
            group = make_group(world, people, persons=crowd(people))
            sent = {"stage": "PRELIMINARY", "act": "PASS", "ids": [str(pk) for pk in group.ids]}
            sent["as_of"] = clock.now().isoformat()
            if page == "hand_over":
                client.post(reverse("approvals:bulk"), sent)
            with CaptureQueriesContext(connection) as counted:
                client.post(reverse(f"approvals:{page}"), sent)
            assert set(group.states()) == {"FINAL_REVIEW" if page == "hand_over" else "PRELIMINARY_REVIEW"}
            found.append(len(counted))
        assert found[1] == found[2]
        assert found[2] <= 40

    def test_numbers_are_exact_up_to_a_limit(self, world, monkeypatch):
        make_group(world, 4)
        monkeypatch.setattr(bounded, "LIMIT", 3)
        rows = ExamApplication.objects.all()
        found = bounded.counts({"all": rows, "one": rows.filter(pk=rows[0].pk), "none": rows.none()})
        assert [f"{found[name]:,}" for name in ("all", "one", "none")] == ["3+", "1", "0"]


def test_the_day_after_it_is_overdue_and_a_provisional_day_never(world):
    make_group(world)
    step = STEPS["PRELIMINARY"]
    rows = queue.waiting(world.user(REVIEWER), step)
    late = moment(working_day(EXAM, -3) + timedelta(days=1)).date()

    def found(today):
        return ListFilter({"due": "overdue"}, user=world.user(REVIEWER), step=step, today=today).narrow(rows).count()

    assert (found(working_day(EXAM, -3)), found(late)) == (0, 1)
    Deadline.objects.update(provisional=True)
    assert found(late) == 0
