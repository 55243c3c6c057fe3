"""Forty applications of one Category 2 class, reviewed by two tiers: after each stage the numbers of all pages agree.

A part is passed on and a part kept, one is corrected, one refused, one sent back to the city, and what the city left
too long is taken over. What the pages say is compared with each other and with what the database holds.
"""

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from approvals.demonstration.papers import paper
from approvals.models import Assignment, CorrectionNotice, Handover, PreparedOpinion, Review, Stage, TakeOver
from certification import clock
from certification.deadlines.holders import Tier
from exams.models import Candidate, ExamApplication, MaterialKind
from exams.states import IN_SESSION, UNDER_REVIEW
from exams.states import ApplicationState as A
from tests.approvals.cases import TODAY, draw_papers, make_group
from tests.browser.numbers import Reader, counted

CITY_REVIEWERS = ("shi-shenhe", "shi-shenhe2")
PEOPLE = 40
INSTITUTION_PARTS = {
    "市级审核中": (A.PRELIMINARY_REVIEW,),
    "省级审核中": (A.TAKEN_OVER, A.FINAL_REVIEW),
    "退回补正": (A.RETURNED,),
    "审核通过": (A.CLEARED,),
    "审核不通过": (A.REFUSED,),
}
BESIDE = ("已拟定未移交", "其中提级审核")


class Books:
    """What all pages say of the class, compared with each other and with the database."""

    def __init__(self, reader: Reader, group):
        self.reader, self.group = reader, group
        self.rows = ExamApplication.objects.filter(plan=group.plan)

    @property
    def monday(self) -> date:
        """The day from which 本周办结 counts."""
        return clock.today() - timedelta(days=clock.today().weekday())

    def agree(self, *, city: dict[str, int], province: dict[str, int]) -> None:
        """Read every page as those who see it. ``city``, ``province``: what stands where, by the words of the pages."""
        self.reader.again()
        self.states = Counter(self.rows.values_list("state", flat=True))
        self.prepared = Counter(PreparedOpinion.objects.standing().values_list("stage", flat=True))
        self._class({Tier.CITY: city, Tier.PROVINCE: province})
        self._lists(city, province)
        self._workload()
        self._records()
        self._homes()
        self._session()

    def _class(self, expected: dict[Tier, dict[str, int]]) -> None:
        """The page of the class says the same to everybody, each tier adds up, and the tiers meet."""
        expected[Tier.INSTITUTION] = {"申报": PEOPLE} | {
            label: number
            for label, states in INSTITUTION_PARTS.items()
            if (number := sum(self.states[state] for state in states))
        }
        own = {"jigou": Tier.INSTITUTION, "shi-shenhe": Tier.CITY, "sheng-shenhe": Tier.PROVINCE}
        for username, tier in own.items():
            self.reader.open(username, "/approvals/reviews/classes/")
            (line,) = self.reader.rows("班级审核情况")
            assert counted(line) == expected[tier], (username, "list of classes")
            self.reader.open(username, f"/approvals/reviews/classes/{self.group.plan.pk}/")
            for shown in [tier] if tier == Tier.INSTITUTION else expected:
                assert self.reader.numbers(shown.label) == expected[shown], (username, shown)
        for parts in expected.values():
            added = sum(number for label, number in parts.items() if label not in ("申报", "收到", *BESIDE))
            assert parts.get("申报", parts.get("收到", 0)) == added, parts
        city, province = Counter(expected[Tier.CITY]), Counter(expected[Tier.PROVINCE])
        passed_on = city["通过并转报"] + city["拟不通过并转报"] + city["被提级审核"]
        assert passed_on + province["退回设区市"] == province["收到"]
        assert city["被提级审核"] == province["其中提级审核"]

    def each_number_opens_its_rows(self) -> None:
        """Behind each number of the class stand as many people."""
        page = f"/approvals/reviews/classes/{self.group.plan.pk}/"
        numbers = self.reader.open("sheng-shenhe", page).links("#main td a")
        assert len(numbers) > 10
        for address, number in numbers:
            rows = self.reader.open("sheng-shenhe", page + address).texts("#rows tbody tr")
            assert len(rows) == int(number), address

    def _lists(self, city: dict[str, int], province: dict[str, int]) -> None:
        """A review list: its tab, its rows, its file and the numbers above it."""
        self._list("shi-shenhe", Stage.PRELIMINARY, A.PRELIMINARY_REVIEW)
        assert self.states[A.PRELIMINARY_REVIEW] == city.get("在办", 0)
        final = self._list("sheng-shenhe", Stage.FINAL, A.FINAL_REVIEW)
        assert final + self.reader.beside(".tabs a", "提级审核（") == province.get("在办", 0)
        self._list("sheng-shenhe", Stage.TAKEN_OVER, A.TAKEN_OVER)
        assert self.states[A.FINAL_REVIEW] + self.states[A.TAKEN_OVER] == province.get("在办", 0)

    def _list(self, username: str, stage: Stage, state: A) -> int:
        self.reader.open(username, f"/approvals/reviews/?stage={stage}")
        number = self.states[state]
        above = {
            label: self.reader.beside(".standings a", label) for label in ("逾期", "待认领", "本人办理", "退回后再报")
        }
        rows = Counter(row["办理"] for row in self.reader.rows("待审核申报"))
        in_hand = Assignment.objects.open().filter(stage=stage, application__state=state)
        assert self.reader.beside(".tabs a", f"{stage.label}（") == rows.total() == number, (stage, rows)
        assert above["待认领"] + in_hand.count() == number
        assert above["本人办理"] == in_hand.filter(assignee__username=username).count()
        assert above["退回后再报"] == self.rows.filter(state=state, resubmitted_at__isnull=False).count()
        assert sum(count for words, count in rows.items() if "拟" in words) == self.prepared[stage]
        exported = self.reader.exported()
        assert len(exported) == number
        assert {row["申报编号"] for row in exported} == set(
            self.rows.filter(state=state).values_list("number", flat=True)
        )
        assert sum(bool(row["拟定意见"]) for row in exported) == self.prepared[stage]
        assert sum(bool(row["办理人"]) for row in exported) == in_hand.count()
        if stage == Stage.PRELIMINARY:
            self.overdue = above["逾期"]
        return number

    def _workload(self) -> None:
        """What lies with each reviewer and with nobody is what waits; what they did is what the records say."""
        for head, stage, state in (
            ("shi-fuze", Stage.PRELIMINARY, A.PRELIMINARY_REVIEW),
            ("sheng-fuze", Stage.FINAL, A.FINAL_REVIEW),
        ):
            self.reader.open(head, f"/approvals/reviews/assignments/?stage={stage}")
            loads = [counted(row) for row in self.reader.rows("各人工作量")]
            pool = self.reader.beside(".tabs a", "待认领")
            assert sum(load.get("在办", 0) for load in loads) + pool == self.states[state], (head, loads)
            done = Review.objects.filter(stage=stage, at__date__gte=self.monday).count()
            assert sum(load.get("本周办结", 0) for load in loads) == done, (head, loads)

    def _records(self) -> None:
        """Opinions, hand-overs, correction notices, take-overs: as many lines as records, and the sums agree."""
        read = self.reader
        opinions = Review.objects.filter(application__in=self.rows)
        read.open("sheng-shenhe", "/approvals/reviews/done/")
        told = Counter(row["环节"] for row in read.rows("审核意见"))
        assert told == Counter(Stage(stage).label for stage in opinions.values_list("stage", flat=True))
        read.open("sheng-shenhe", "/approvals/reviews/handovers/")
        papers = read.rows("移交单") if Handover.objects.exists() else []
        people = [[int(number) for number in re.findall(r"\d+", row["人数"])] for row in papers]
        assert len(papers) == Handover.objects.count()
        assert all(number == sum(parts) for number, *parts in people)
        assert sum(number for number, *_parts in people) == told.total() == opinions.count()
        read.open("jigou", "/approvals/corrections/")
        notices = read.rows("补正通知") if CorrectionNotice.objects.exists() else []
        assert len(notices) == CorrectionNotice.objects.count()
        read.open("sheng-shenhe", "/approvals/reviews/overdue/")
        assert len(read.rows("逾期的市级审核")) == self.overdue
        read.open("shi-shenhe", "/approvals/reviews/taken-over/")
        assert len(read.rows("提级审核")) == TakeOver.objects.count()

    def _homes(self) -> None:
        """The home page of each counts what the lists hold."""
        read, states = self.reader, self.states
        waits = {
            stage: states[state] - self.prepared[stage]
            for stage, state in (
                (Stage.PRELIMINARY, A.PRELIMINARY_REVIEW),
                (Stage.FINAL, A.FINAL_REVIEW),
                (Stage.TAKEN_OVER, A.TAKEN_OVER),
            )
        }
        read.open("shi-shenhe", "/")
        assert read.todo("初审考试申报") == waits[Stage.PRELIMINARY]
        assert read.todo("移交已拟定的审核意见") == self._prepared_by("shi-shenhe")
        assert read.todo("已转报、等待省级审核结果") == states[A.FINAL_REVIEW]
        read.open("sheng-shenhe", "/")
        assert read.todo("审核设区市转报的申报") == waits[Stage.FINAL]
        assert read.todo("提级审核的申报") == waits[Stage.TAKEN_OVER]
        assert read.todo("移交已拟定的审核意见") == self._prepared_by("sheng-shenhe")
        assert read.todo("逾期的市级审核，可以提级审核") == self.overdue
        read.open("jigou", "/")
        assert read.todo("已提交、正在审核的考试申报") == sum(states[state] for state in UNDER_REVIEW)
        assert read.todo("补正被退回的考试申报") == states[A.RETURNED]
        read.open("shenji", "/")
        assert read.figure("等待初审的申报") == states[A.PRELIMINARY_REVIEW]
        assert read.figure("等待省级审核的申报") == states[A.FINAL_REVIEW]
        assert read.figure("等待提级审核的申报") == states[A.TAKEN_OVER]
        assert read.figure("退回补正中的申报") == states[A.RETURNED]

    def _prepared_by(self, username: str) -> int:
        return PreparedOpinion.objects.standing().filter(reviewer__username=username).count()

    def _session(self) -> None:
        """The exam's side: the institution's class, its list of applications, the candidates of the session."""
        read = self.reader
        read.open("jigou", "/exams/classes/")
        (line,) = read.rows("可申报考试的班级")
        line = Counter(counted(line))
        assert (
            line["在册"] == PEOPLE == sum(line[key] for key in ("待提交", "审核中", "退回补正", "审核通过", "已终止"))
        )
        assert line["审核中"] == sum(self.states[state] for state in UNDER_REVIEW)
        read.open("jigou", "/exams/applications/")
        shown = Counter(row["状态"].split()[-1] for row in read.rows("考试申报列表"))
        assert shown == {A(state).label: number for state, number in self.states.items()}
        read.open("shi-kaowu", f"/exams/sessions/{self.group.session.pk}/")
        candidates = read.rows("考生名单")
        in_it = Candidate.objects.filter(session=self.group.session, state__in=IN_SESSION).count()
        assert len(read.texts("input[name=candidate]")) == in_it == PEOPLE - self.states[A.REFUSED]
        assert Counter(row["审核"].split()[-1] for row in candidates) == shown


def bulk_pass(walker, ids: list[int]) -> None:
    """Tick these rows of the list, one by one or all but the others, and pass them together."""
    shown = walker.main.locator("input[name=ids]").evaluate_all("boxes => boxes.map(box => Number(box.value))")
    others = [pk for pk in shown if pk not in ids]
    most = len(others) < len(ids)
    if most:
        walker.tick("全选")
    for pk in others if most else ids:
        walker.main.locator(f'input[name="ids"][value="{pk}"]').set_checked(not most)
    walker.press("批量通过所选").reads(f"已拟定通过 {len(ids)} 人")


def assigned_to(username: str) -> list[int]:
    """What lies with somebody, in the order in which it was applied for."""
    rows = Assignment.objects.open().filter(assignee__username=username)
    return list(rows.order_by("application").values_list("application", flat=True))


@pytest.mark.django_db(transaction=True)
def test_two_tiers_review_forty_people_and_every_number_adds_up(world, walk, page, login_as):
    walk.on(TODAY)
    group = make_group(world, PEOPLE)
    names = {row.pk: row.person.name for row in group.applications}
    books = Books(Reader(page, login_as, world), group)
    books.agree(city={"收到": 40, "在办": 40}, province={})

    head = walk.login("shi-fuze").go("办理分派")
    head.main.get_by_role("checkbox", name="全选").last.check()
    head.press("平均分派，先预览").reads("20 件").press("确认分派").reads("已分派 40 人")
    (blurred, unfit, *first), (sent_back, *second) = map(assigned_to, CITY_REVIEWERS)
    draw_papers(group.applications[group.ids.index(blurred)])

    # The city passes a part on and keeps a part.
    walk.on(date(2026, 10, 20))
    city = walk.login("shi-shenhe").go("资格审核").follow(names[blurred]).tick("退回补正")
    city.fill(**{"补正：照片": "照片不清晰，请重新拍摄。"}).press("拟定意见，转到下一件")
    city.go("资格审核").give_opinion(names[unfit], "拟不通过", "健康承诺书非本人签署。")
    bulk_pass(city.go("资格审核", "本人办理"), first[:15])
    books.agree(city={"收到": 40, "在办": 40, "已拟定未移交": 17}, province={})
    city.hand_over(17)
    books.agree(
        city={"收到": 40, "在办": 23, "退回补正": 1, "通过并转报": 15, "拟不通过并转报": 1},
        province={"收到": 16, "在办": 16},
    )

    # The institution answers; the reviewer sees both pictures and passes.
    filer = walk.login("jigou").go("申报查询", names[blurred]).follow("逐项答复补正通知").tick("提交新材料")
    assert "选填" not in filer.main.inner_text()
    filer.upload("新材料", ("照片.jpg", "image/jpeg", paper(MaterialKind.PHOTO, 1)[1]))
    filer.press("答复完毕，重新提交").go("申报查询", names[blurred]).reads("待初审")
    city = walk.login("shi-shenhe").go("资格审核").reads("退回后再报").follow(names[blurred])
    city.reads("补正后新交", "此前提交的 1 份", "照片不清晰，请重新拍摄。")
    city.tick("通过").press("拟定意见，转到下一件").hand_over(1)
    second_reviewer = walk.login("shi-shenhe2").go("资格审核", "本人办理")
    bulk_pass(second_reviewer, [sent_back, *second[:18]])
    second_reviewer.hand_over(19)
    books.agree(
        city={"收到": 40, "在办": 4, "通过并转报": 35, "拟不通过并转报": 1},
        province={"收到": 36, "在办": 36},
    )

    # The province refuses one, sends one back to the city, passes most and keeps four.
    walk.on(date(2026, 10, 27))
    province = walk.login("sheng-shenhe").go("资格审核")
    province.give_opinion(names[unfit], "不通过", "健康承诺书非本人签署，不符合条件。")
    province.go("资格审核").give_opinion(names[sent_back], "退回设区市", "请核对学历证书。")
    bulk_pass(province.go("资格审核"), [blurred, *first[:14], *second[:15]])
    province.hand_over(32)
    books.agree(
        city={"收到": 40, "在办": 5, "通过并转报": 34, "拟不通过并转报": 1},
        province={"收到": 36, "在办": 4, "退回设区市": 1, "通过": 30, "不通过": 1},
    )
    books.each_number_opens_its_rows()

    # The city is late: the province takes four over, the fifth the city still passes.
    walk.on(date(2026, 10, 28))
    books.agree(
        city={"收到": 40, "在办": 5, "通过并转报": 34, "拟不通过并转报": 1},
        province={"收到": 36, "在办": 4, "退回设区市": 1, "通过": 30, "不通过": 1},
    )
    late = [*first[15:], *second[18:]]
    province = walk.login("sheng-shenhe").go("资格审核", "逾期的市级审核")
    for pk in late:
        province.main.locator(f'input[name="ids"][value="{pk}"]').check()
    province.press("提级审核所选申报…").fill(理由="开考在即，设区市逾期未审。").press("提级审核").reads(
        "已提级审核 4 人"
    )
    city = walk.login("shi-shenhe2").go("资格审核").give_opinion(names[sent_back], "通过").hand_over(1)
    books.agree(
        city={"收到": 40, "通过并转报": 35, "拟不通过并转报": 1, "被提级审核": 4},
        province={"收到": 40, "在办": 9, "通过": 30, "不通过": 1, "其中提级审核": 4},
    )

    # In the city's place one of the province, then another: two tiers stay two people.
    province = walk.login("sheng-shenhe").go("资格审核", "提级审核（")
    bulk_pass(province, late)
    province.hand_over(4)
    walk.on(date(2026, 10, 29))
    province = walk.login("sheng-shenhe2").go("资格审核")
    bulk_pass(province, [row.pk for row in group.fresh() if row.state == A.FINAL_REVIEW])
    province.hand_over(9)
    books.agree(
        city={"收到": 40, "通过并转报": 35, "拟不通过并转报": 1, "被提级审核": 4},
        province={"收到": 40, "通过": 39, "不通过": 1, "其中提级审核": 4},
    )
