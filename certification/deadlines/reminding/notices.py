"""What reminders say: one notice a person for all that one run has to tell of the same rule, day and stage."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from certification.deadlines import naming
from certification.deadlines.due import is_internal_target
from certification.deadlines.models import Deadline
from certification.deadlines.reminding.recipients import Duty
from certification.deadlines.reminding.stages import ESCALATION, stage_label, text_code
from certification.deadlines.stages import BREACH
from certification.notices.models import Notice
from certification.notices.sending import Message
from certification.notices.texts import Text, Texts
from certification.organisations.roles import Role
from certification.organisations.routing import category_organised
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.workdays.counting import Calendar
from certification.workdays.wording import full_day

NOBODY = "NOBODY"
ANSWER, UNANSWERED = "ANSWER", "UNANSWERED"
PROVISIONAL = "（暂定）"


@dataclass(frozen=True)
class Key:
    """What the reminders in one notice have in common. ``roles`` names who is missing (NOBODY), else it is empty."""

    recipient_id: int
    stage: str
    rule_id: int
    due_on: date
    provisional: bool
    internal: bool
    answering: bool = False
    roles: tuple[str, ...] = ()
    organisation_id: int | None = None


@dataclass
class Bundle:
    """The reminders of one key, as far as a run has come, and their notice once it is written (``written``: how many
    of them it tells of)."""

    key: Key
    first: Deadline
    count: int = 0
    responsible: dict[int, str] = field(default_factory=dict)
    notice: Notice | None = None
    written: int = 0


@dataclass(frozen=True)
class Wording:
    """Texts in force, calendar and day of one run."""

    texts: Texts
    calendar: Calendar
    today: date

    def messages(self, bundles: Iterable[Bundle]) -> list[Message]:
        """One message a bundle; the cases of single ones are named, in one query for each kind of case."""
        bundles = list(bundles)
        names = naming.names_of(bundle.first for bundle in bundles if bundle.count == 1)
        return [self._message(bundle, names.get(bundle.first.pk, "")) for bundle in bundles]

    def _message(self, bundle: Bundle, name: str) -> Message:
        key, rule = bundle.key, lookup.by_id(bundle.key.rule_id)
        text = self._text(bundle, rule).filled(self._values(bundle, rule, name))
        return Message(
            key.recipient_id,
            text.title,
            text.body,
            _address(bundle, rule),
            label="无人接收" if key.roles else stage_label(key.stage),
            urgent=key.stage in (BREACH, ESCALATION) and not key.internal,
        )

    def _text(self, bundle: Bundle, rule: Rule) -> Text:
        if bundle.key.roles:
            return self.texts.of(NOBODY, rule.code)
        many = "_MANY" if bundle.count > 1 else ""
        code = _answer_code(bundle.key.stage) if bundle.key.answering else text_code(bundle.key.stage)
        return self.texts.of(code + many, rule.code)

    def _values(self, bundle: Bundle, rule: Rule, name: str) -> dict[str, object]:
        key = bundle.key
        return {
            "事项": rule.title,
            "对象": name,
            "数量": bundle.count,
            "期限": "内部控制目标日期" if key.internal else "截止日期",
            "截止日期": full_day(key.due_on) + (PROVISIONAL if key.provisional else ""),
            "剩余": self._left(key),
            "条款": rule.clause or "—",
            "后果": rule.values.get("consequence", ""),
            "责任单位": _together(list(bundle.responsible.values())),
            "角色": "、".join(Role(role).label for role in key.roles),
        }

    def _left(self, key: Key) -> str:
        mark = PROVISIONAL if key.provisional else ""
        if key.due_on == self.today:
            return ("内部控制目标今日到期" if key.internal else "今日截止") + mark
        days = self.calendar.between(self.today, key.due_on)
        if key.due_on > self.today:
            return f"{'距内部控制目标' if key.internal else ''}剩 {days} 个工作日{mark}"
        if key.provisional:
            return "已过暂定日期"
        # Over a weekend no working day has passed yet, but the day has.
        late = self.calendar.between(key.due_on, self.today)
        word = "超过内部控制目标" if key.internal else "逾期"
        return f"{word} {late} 个工作日" if late else f"已{word}"


def key_of(deadline: Deadline, recipient_id: int, duty: Duty, *, centre_id: int) -> Key:
    """The notice in which ``recipient_id``, whom ``duty`` is for, is told of ``deadline``."""
    rule = lookup.by_id(deadline.rule_id)
    category = category_organised(by_province=deadline.organiser_id == centre_id)
    return Key(
        recipient_id,
        duty.stage,
        deadline.rule_id,
        deadline.due_on,
        deadline.provisional,
        # An answer that comes later is too late, whoever set the day.
        is_internal_target(rule, category) and not duty.answering,
        duty.answering,
    )


def _answer_code(stage: str) -> str:
    return UNANSWERED if stage in (BREACH, ESCALATION) else ANSWER


def _address(bundle: Bundle, rule: Rule) -> str:
    if bundle.key.roles:
        return ""
    if bundle.count == 1:
        return reverse("deadlines:explanation", args=[bundle.first.pk])
    chosen = {"rule": rule.code, "stage": bundle.key.stage, "due": bundle.key.due_on.isoformat()}
    return f"{reverse('deadlines:reminded')}?{urlencode(chosen)}"


def _together(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}等 {len(names)} 个单位" if names else ""
