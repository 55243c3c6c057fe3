"""Who is told that a session moved or was cancelled, or that a seat was changed by hand: one message to each account,
with what concerns it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse

from certification import clock
from certification.deadlines import move_preview
from certification.deadlines.models import Deadline
from certification.deadlines.moving import Move
from certification.notices.sending import Message, send
from certification.notices.subjects import One
from certification.organisations.access import users_with
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role
from exams.models import Candidate, ExamApplication, ExamSession, StaffAssignment
from exams.states import CandidateState

NAMES_SHOWN = 5
LATE_NOTE = "补办须经逾期特批。"
TICKETS = "{names}的准考证随之变更，请重新打印并收回原证。"


@dataclass
class _Letters:
    """What each account is told, a line for each thing that concerns it, and about which cases where it is not about
    the whole session."""

    lines: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    about: dict[int, list[One]] = field(default_factory=lambda: defaultdict(list))
    urgent: set[int] = field(default_factory=set)

    def add(self, accounts: Iterable[int], *lines: str, about: Iterable[One] = ()) -> None:
        for account in accounts:
            self.lines[account] += [line for line in lines if line]
            self.about[account] += about

    def send(self, session: ExamSession, title: str, opening: str, *, actor, now) -> int:
        url = reverse("exams:session_detail", args=[session.pk])
        messages = [
            Message(
                account,
                title,
                "\n".join([opening, *lines]),
                url,
                "考试场次",
                urgent=account in self.urgent,
                about=self.about[account] or session,
            )
            for account, lines in self.lines.items()
            if account != actor.pk
        ]
        send(messages, now=now)
        return len(messages)


def tell_moved(
    foreseen, moves: list[Move], serving: list[StaffAssignment], said: str, reason: str, *, actor, now
) -> int:
    """Institutions, staff, and everybody who acts on a deadline that moved; returns how many accounts."""
    letters, day = _Letters(), clock.day_of(now)
    unseated = [row for row, _why in foreseen.rebooking.unseated]
    leaving = [row for row, _why in foreseen.leaving]
    _institutions(
        letters,
        day,
        (foreseen.staying, "{names}仍在本场次。"),
        (foreseen.tickets_changed, "{names}的准考证时间变更，请重新打印。"),
        (unseated, "{names}的座位和准考证作废，由考试组织单位重新安排。"),
        (leaving, "{names}在新的日期不能参加考试，已转入待安排考试，材料和审核结果保留。"),
    )
    _drafts(letters, foreseen.drafts, day, "{names}的申报尚未提交，申报时限随之变动。")
    released = {row.pk: why for row, why in foreseen.rebooking.lost_staff}
    _staff(letters, serving, lambda row: f"您的考务安排已解除：{released[row.pk]}。" if row.pk in released else "")
    for account, own in move_preview.accounts_of(moves, day).items():
        letters.add([account], move_preview.said_of(own))
        if move_preview.late(own):
            letters.urgent.add(account)
    opening = f"{said}原因：{reason}"
    return letters.send(foreseen.session, f"考试时间变更：{foreseen.session}", opening, actor=actor, now=now)


def tell_cancelled(
    session: ExamSession,
    candidates: list[Candidate],
    drafts: list[ExamApplication],
    ended: list[Deadline],
    serving: list[StaffAssignment],
    reason: str,
    *,
    actor,
    now,
) -> int:
    """Institutions, staff, and everybody whose open deadlines ended; returns how many accounts."""
    letters, day = _Letters(), clock.day_of(now)
    _institutions(letters, day, (candidates, "{names}已转入待安排考试，材料和审核结果保留，准考证作废。"))
    _drafts(letters, drafts, day, "{names}的申报尚未提交，请改选其他场次。")
    _staff(letters, serving, lambda row: "您的考务安排已解除。")
    for account, own in move_preview.holders_of(ended, day).items():
        letters.add([account], f"您经办的 {len(own)} 项时限随之终止，安排新的场次后重新计算。")
    return letters.send(session, f"场次取消：{session}", f"原因：{reason}", actor=actor, now=now)


def tell_reseated(session: ExamSession, moves: list, reason: str, *, actor, now) -> int:
    """The institutions of candidates whose seat became another (``rooms.overriding``); returns how many accounts."""
    letters, day = _Letters(), clock.day_of(now)
    own: dict[Organisation, list] = defaultdict(list)
    for move in moves:
        own[move.candidate.application.institution].append(move)
    for institution, rows in own.items():
        about = [move.candidate.application for move in rows]
        letters.add(_filers(institution, day), *(f"{move}。" for move in rows), about=about)
    opening = f"原因：{reason}。准考证随之变更，请重新打印并收回原证。"
    return letters.send(session, f"座位调整：{session}", opening, actor=actor, now=now)


def tell_site_changed(foreseen, done, said: str, reason: str, *, actor, now) -> int:
    """The institutions of everybody in the session or who wants to be, with the new seats of their own; returns how
    many accounts."""
    letters, day = _Letters(), clock.day_of(now)
    own: dict[Organisation, list[str]] = defaultdict(list)
    for move in done.moves:
        own[move.candidate.application.institution].append(f"{move}。")
    _institutions(
        letters,
        day,
        ([row for row in foreseen.candidates if row.state == CandidateState.ADMITTED], TICKETS),
        (foreseen.waiting, "{names}尚未安排座位，在新的考试点安排。"),
    )
    for institution, lines in own.items():
        letters.add(_filers(institution, day), *lines)
    _drafts(letters, foreseen.drafts, day, "{names}的申报尚未提交，所选场次的考试点随之变更。")
    opening = f"{said}原因：{reason}"
    return letters.send(foreseen.session, f"考试点变更：{foreseen.session}", opening, actor=actor, now=now)


def _institutions(letters: _Letters, day, *groups: tuple[list[Candidate], str]) -> None:
    """Each institution's filers: what becomes of its own candidates."""
    for candidates, words in groups:
        names: dict[Organisation, list[str]] = defaultdict(list)
        for row in candidates:
            names[row.application.institution].append(row.application.person.name)
        for institution, own in names.items():
            letters.add(_filers(institution, day), words.format(names=named(own)))


def _drafts(letters: _Letters, drafts: list[ExamApplication], day, words: str) -> None:
    names: dict[Organisation, list[str]] = defaultdict(list)
    for row in drafts:
        names[row.institution].append(row.person.name)
    for institution, own in names.items():
        letters.add(_filers(institution, day), words.format(names=named(own)))


def _staff(letters: _Letters, serving: list[StaffAssignment], words) -> None:
    accounts: dict[int, list[int]] = defaultdict(list)
    users = User.objects.filter(person__in={row.person_id for row in serving}, is_active=True)
    for pk, person in users.order_by("pk").values_list("pk", "person_id"):
        accounts[person].append(pk)
    for row in serving:
        letters.add(accounts[row.person_id], words(row))


def _filers(institution: Organisation, day) -> list[int]:
    return [user.pk for user in users_with(Role.INSTITUTION_FILER, institution, day)]


def named(names: list[str]) -> str:
    """The first few names, with how many they are."""
    shown = "、".join(names[:NAMES_SHOWN])
    return f"{shown}等 {len(names)} 人" if len(names) > NAMES_SHOWN else shown
