"""Rules in words that a reader from outside understands."""

from certification.deadlines.rules.words import value_name, value_words

# In the order in which a reader meets them.
AREAS = {
    "classification": "分类和受理单位",
    "catalogue": "工种目录",
    "deadline": "时限",
    "deadline_counting": "时限的计算",
    "late_admission": "逾期特批",
    "reminder": "催办",
    "training": "培训",
    "eligibility": "报考资格",
    "check": "核验规则",
    "materials": "申报材料",
    "examination": "考试",
    "exam_day": "考试当日",
    "results": "成绩",
    "review": "资格审核",
    "decision": "许可决定",
    "certificate": "证书",
    "dossier": "档案",
    "separation": "职责分离",
    "platform": "国家平台往来",
}

CERTAINTY_TONES = {
    "PLAN": "done",
    "CONFIRMED": "done",
    "READING": "underway",
    "KNOWN": "attention",
    "INFERRED": "attention",
    "NOT_FOUND": "waiting",
}

SEVERITY_TONES = {"error": "refused", "warning": "attention", "off": "waiting"}

CERTAINTY_MEANINGS = {
    "PLAN": "方案条文直接规定",
    "READING": "方案条文可作不同理解，按此解读执行，可由新规则版本调整",
    "CONFIRMED": "已在公开文件中核实",
    "KNOWN": "行业通行做法，未见原文",
    "INFERRED": "由其他规定推断",
    "NOT_FOUND": "未查到依据",
}


def values_in_words(values: dict) -> list[tuple[str, str]]:
    """The parameters of a rule as name and value, nested ones with their path; lists joined."""
    return [(name, value_words(value)) for name, value in _flat("", values)]


def _flat(path: str, values: dict):
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(f"{path}{value_name(name)} · ", value)
        else:
            yield f"{path}{value_name(name)}", value
