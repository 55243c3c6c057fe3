"""Forms of correction notices: what to correct, what is answered to each item, why one is taken back."""

from collections.abc import Iterable, Iterator
from datetime import date

from django import forms
from django.db.models import Q

from approvals.corrections import once
from approvals.corrections.answering import Given
from approvals.corrections.once import Item
from approvals.models import CorrectionItem, Stage
from approvals.states import NoticeState
from certification import clock
from certification.forms import Form
from certification.refusals import Incomplete, Problem
from certification.rulebook import lookup

ROWS = 5
OTHER = "其他"
ANSWERS = [
    ("PAPER", "提交新材料"),
    ("STATEMENT", "已更正，或者说明情况"),
    ("NOT_APPLICABLE", "该项不适用"),
]


def again_field() -> forms.ChoiceField:
    """Why one item may be asked that an earlier notice left out, by the edition in force."""
    reasons = once.reasons(clock.today()).values()
    return forms.ChoiceField(
        label="再次告知的理由",
        required=False,
        choices=[("", "（首次告知，或者重复上次已列明的事项）"), *((one.code, one.title) for one in reasons)],
        help_text="此前告知过、上次又没有列明的，须选明理由；负责人会收到通知。",
    )


class ItemsForm(Form):
    """Everything to be corrected in licence applications, told once, line by line. It shares its HTML form with
    acceptance, which needs none of it: the browser must not ask for a line there."""

    use_required_attribute = False

    def __init__(self, *args, day: date, **kwargs):
        super().__init__(*args, **kwargs)
        columns = lookup.values("platform", "licence_file", day)["columns"]
        about = [("", OTHER), *((column["name"], column["name"]) for column in columns if "source" in column)]
        for row in range(1, ROWS + 1):
            self.fields[f"about_{row}"] = forms.ChoiceField(label=f"第{row}项：栏目", choices=about, required=False)
            self.fields[f"text_{row}"] = forms.CharField(label="存在的问题", max_length=400, required=False)
            self.fields[f"ask_{row}"] = forms.CharField(label="应当提交", max_length=400, required=False)
            self.fields[f"clause_{row}"] = forms.CharField(label="依据", max_length=120, required=False)
            self.fields[f"again_{row}"] = again_field()

    def lines(self) -> Iterator[list]:
        """The fields of each line, as the page lays them out."""
        for row in range(1, ROWS + 1):
            yield [self[f"{name}_{row}"] for name in _COLUMNS]

    def clean(self):
        cleaned = super().clean()
        if not any(cleaned.get(f"text_{row}") for row in range(1, ROWS + 1)):
            self.add_error("text_1", "请一次性逐项写明需要补正的全部内容。")
        return cleaned

    def items(self) -> list[Item]:
        """The lines that were written."""
        rows = [{name: self.cleaned_data.get(f"{name}_{row}", "") for name in _COLUMNS} for row in range(1, ROWS + 1)]
        return [
            Item("", row["text"], field=row["about"], ask=row["ask"], clause=row["clause"], again=row["again"])
            for row in rows
            if row["text"]
        ]


_COLUMNS = ("about", "text", "ask", "clause", "again")


class AnswersForm(Form):
    """What is said to each item of one notice. A draft may leave everything open, but each item needs an answer in the
    end: nothing is marked as optional."""

    marks_optional = False

    def __init__(self, *args, items: Iterable[CorrectionItem], fresh: Iterable[int] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = list(items)
        fresh = set(fresh)
        for item in self.rows:
            self.fields[f"answer_{item.pk}"] = forms.ChoiceField(
                label="答复",
                choices=ANSWERS,
                required=False,
                widget=forms.RadioSelect,
                initial=item.answer or ("PAPER" if item.pk in fresh else ""),
            )
            self.fields[f"file_{item.pk}"] = forms.FileField(
                label="新材料", required=False, help_text="选“提交新材料”的必须上传：JPG、PNG 图片或 PDF。"
            )
            self.fields[f"statement_{item.pk}"] = forms.CharField(
                label="说明",
                required=False,
                max_length=1000,
                initial=item.statement,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text="选另外两项的必须填写：更正了什么、有何情况，或者不适用的理由。提交新材料的可以不写。",
            )

    def fields_of(self, item: CorrectionItem) -> list:
        """The fields of one item."""
        return [self[f"{name}_{item.pk}"] for name in ("answer", "file", "statement")]

    def given(self) -> dict[int, Given]:
        """Item id → what is said to it; raises nothing, items left blank are drafts without an answer."""
        return {item.pk: self._given(item) for item in self.rows}

    def place(self, problems: dict[int, Problem]) -> None:
        """Show what cannot be an answer yet at its item."""
        for pk, problem in problems.items():
            self.add_error(f"{problem.field}_{pk}", problem.message)

    def place_refusal(self, incomplete: Incomplete) -> None:
        """Show what was found wrong with a file at the item that it came with."""
        sent = [item.pk for item in self.rows if self.cleaned_data.get(f"file_{item.pk}")]
        for problem in incomplete.problems:
            self.add_error(f"file_{sent[0]}" if sent else None, problem.message)

    def _given(self, item: CorrectionItem) -> Given:
        file = self.cleaned_data.get(f"file_{item.pk}")
        answer = self.cleaned_data.get(f"answer_{item.pk}", "")
        return Given(
            # A file says by itself that it is the answer, where nothing else was chosen.
            "PAPER" if file and not answer else answer,
            self.cleaned_data.get(f"statement_{item.pk}", ""),
            file.read() if file else None,
            file.name if file else "",
        )


class WithdrawForm(Form):
    """Why the notice is taken back."""

    reason = forms.CharField(
        label="撤回理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明通知有何错误；将通知对方单位。",
    )


class CorrectionFilter(Form):
    """Which notices the list shows; what cannot be read filters nothing."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *NoticeState.choices])
    stage = forms.ChoiceField(
        label="环节",
        required=False,
        choices=[
            ("", "全部"),
            *((stage, stage.label) for stage in (Stage.PRELIMINARY, Stage.CITY_REVIEW, Stage.FINAL, Stage.DIRECT)),
            ("ACCEPTANCE", "受理"),
        ],
    )
    again = forms.ChoiceField(label="次数", required=False, choices=[("", "全部"), ("yes", "再次补正"), ("no", "首次")])
    q = forms.CharField(label="姓名或文号", required=False)

    def apply(self, rows):
        """``rows`` narrowed."""
        self.is_valid()
        values = getattr(self, "cleaned_data", {})
        if values.get("state"):
            rows = rows.filter(state=values["state"])
        if values.get("stage"):
            rows = rows.filter(stage=values["stage"])
        if values.get("again"):
            rows = rows.filter(again=values["again"] == "yes")
        if text := values.get("q", "").strip():
            rows = rows.filter(Q(person__name__startswith=text) | Q(number=text))
        return rows


def is_set(form: CorrectionFilter) -> bool:
    """Whether anything was asked for."""
    return form.is_bound and any(getattr(form, "cleaned_data", {}).values())
