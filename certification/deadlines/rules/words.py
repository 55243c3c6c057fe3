"""A deadline rule in sentences that somebody from outside understands: who, what, when, and what if not."""

from dataclasses import dataclass

from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines.explaining.explanation import rule_sentence
from certification.deadlines.holders import Tier
from certification.deadlines.models import Pause
from certification.organisations.roles import Role
from certification.rulebook.models import Certainty, Rule
from certification.rulebook.value_words import name_of, word_of

# What editions show for the names of values.
NAMES = {
    "event": "起算事件",
    "direction": "方向",
    "days": "天数",
    "unit": "计算单位",
    "inclusive_event_day": "含当日",
    "responsible": "责任单位",
    "who": "责任单位名称",
    "kinds": "申请类型",
    "categories": "分类",
    "internal_target": "内部控制目标",
    "internal_target_categories": "只作内部控制目标的分类",
    "consequence": "逾期后果",
    "reminders": "提前几个工作日提醒",
    "escalation": "逾期报告的上一级",
    "extension_days": "可以延长的工作日",
    "pauses": "中止计算的事由",
    "roles": "提醒的角色",
    "escalate_to": "逾期上报的层级",
    "escalate_roles": "逾期上报的角色",
    "breach_roles": "逾期时另外提醒的角色",
    "after_return": "只在退回之后产生",
}
_WORDS = {
    **dict(Tier.choices),
    **dict(Pause.Kind.choices),
    "before": "倒数",
    "after": "顺数",
    "working": "工作日",
    "calendar": "自然日",
}


@dataclass(frozen=True)
class RuleWords:
    """The rule's sentences. ``applies_to`` is empty where the rule holds for every case."""

    when: str
    who: str
    applies_to: str
    target: str
    consequence: str
    reminders: str
    escalation: str
    extension: str


def words_of(rule: Rule) -> RuleWords:
    """The sentences of a rule of area deadline."""
    values = rule.values
    return RuleWords(
        when=rule_sentence(rule),
        who=values["who"],
        applies_to=_applies_to(values),
        target=_target(values),
        consequence=values["consequence"],
        reminders=_reminders(values),
        escalation=_escalation(values),
        extension=_extension(values),
    )


def value_name(name: str) -> str:
    """What a value of a rule is called; its own name where nothing better is known."""
    return NAMES.get(name) or name_of(name)


def value_words(value) -> str:
    """A value as a reader understands it."""
    if value is None:
        return "（无）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value_words(one) for one in value) or "（无）"
    if isinstance(value, dict):
        return "；".join(f"{value_name(name)}：{value_words(one)}" for name, one in value.items())
    return _word(str(value))


def _word(code: str) -> str:
    for choices in (ApplicationKind, Category, Role, Certainty):
        if code in choices.values:
            return str(choices(code).label)
    return _WORDS.get(code) or word_of(code)


def _applies_to(values: dict) -> str:
    parts = []
    if set(values["kinds"]) != set(ApplicationKind.values):
        parts.append(value_words(values["kinds"]))
    if set(values["categories"]) != set(Category.values):
        parts.append(value_words(values["categories"]))
    return "；".join(parts)


def _target(values: dict) -> str:
    if values["internal_target"]:
        return "内部控制目标：只作提醒，不拒收。"
    if categories := values["internal_target_categories"]:
        return f"{value_words(categories)}为内部控制目标：只作提醒，不拒收。"
    return ""


def _reminders(values: dict) -> str:
    ahead = "、".join(str(days) for days in sorted(values["reminders"], reverse=True))
    before = f"到期前第 {ahead} 个工作日、" if ahead else ""
    roles = f"（{value_words(values['roles'])}）" if values.get("roles") else ""
    return f"{before}到期当日各提醒一次{roles}。"


def _escalation(values: dict) -> str:
    roles = f"（{value_words(values['escalate_roles'])}）" if values.get("escalate_roles") else ""
    own = f"，并告知本单位{value_words(values['breach_roles'])}" if values.get("breach_roles") else ""
    return f"逾期次日报告{values['escalation']}{roles}{own}。"


def _extension(values: dict) -> str:
    parts = []
    if days := values.get("extension_days"):
        parts.append(f"经负责人批准可以延长一次，{days} 个工作日，理由告知申请人。")
    if pauses := values.get("pauses"):
        parts.append(f"{value_words(pauses)}期间不计入。")
    return "".join(parts)
