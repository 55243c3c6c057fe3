"""Whether the values of a deadline rule mean something: asked before its edition comes into force."""

from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines.due import EVENTS
from certification.rulebook.models import Rule

DIRECTIONS, UNITS = ("before", "after"), ("working", "calendar")
RESPONSIBLE = ("INSTITUTION", "CITY", "PROVINCE", "ORGANISER")
MOST_DAYS = 366


def deadline_problems(rule: Rule) -> list[str]:
    """What is wrong with the values of a rule of area deadline, in sentences."""
    values = rule.values
    found = _choice("event", values, EVENTS) + _choice("direction", values, DIRECTIONS)
    found += _choice("unit", values, UNITS) + _choice("responsible", values, RESPONSIBLE)
    found += _subset("kinds", values, ApplicationKind.values) + _subset("categories", values, Category.values)
    found += _day_problems(values)
    return found


def _day_problems(values: dict) -> list[str]:
    found = []
    if not _is_number(values["days"]) or not 0 <= values["days"] <= MOST_DAYS:
        found.append(f"天数应为 0 至 {MOST_DAYS} 的整数。")
    elif values["inclusive_event_day"] != (values["days"] == 0):
        found.append("天数为 0 的须含当日，其余不含当日。")
    if not all(_is_number(days) and days > 0 for days in values["reminders"]):
        found.append("提醒的天数应为大于 0 的整数。")
    if not _is_number(values.get("extension_days", 0)) or values.get("extension_days", 0) < 0:
        found.append("延长的天数应为不小于 0 的整数。")
    return found


def _choice(name: str, values: dict, known) -> list[str]:
    return [] if values[name] in known else [f"参数 {name} 不认识“{values[name]}”。"]


def _subset(name: str, values: dict, known) -> list[str]:
    if not values[name]:
        return [f"参数 {name} 不能为空。"]
    return [f"参数 {name} 不认识“{one}”。" for one in values[name] if one not in known]


def _is_number(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
