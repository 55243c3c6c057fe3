"""Forms of inspections: the checklist item by item, answering, judging."""

from django import forms

from certification.deadlines.due import deadline_rule
from certification.forms import Form, ReadFilesField, ShowsProblems
from certification.inspections.checklists import Checklist, Finding
from certification.inspections.models import Grade
from certification.rulebook.models import RuleEdition

IN_ORDER = ("", "符合")


def remedy_choices(checklist: Checklist, edition: RuleEdition) -> list[tuple[str, str]]:
    """The rules by which findings may be remedied: code and words."""
    rules = (deadline_rule(code, edition) for code in checklist.remedies(edition))
    return [(rule.code, f"{rule.values['days']} 个工作日（{_kind(rule.title)}）") for rule in rules]


def _kind(title: str) -> str:
    return title.partition("（")[2].removesuffix("）") or title


class ChecklistForm(ShowsProblems, Form):
    """An inspection, made for the phone: the checklist item by item, photographs, the time to remedy."""

    use_required_attribute = False

    entry_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    photos = ReadFilesField(
        label="现场照片",
        required=False,
        accept="image/jpeg,image/png",
        help_text="可以直接拍照或选多张，最多 9 张，JPG 或 PNG。",
    )
    remarks = forms.CharField(label="检查记录", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    remedy = forms.ChoiceField(
        label="整改时限",
        required=False,
        widget=forms.RadioSelect,
        help_text="发现问题的须选择；自今天起算，今天不计入。",
    )

    def __init__(self, *args, checklist: Checklist, edition: RuleEdition, **kwargs):
        super().__init__(*args, **kwargs)
        self.items = checklist.items(edition)
        self.fields["remedy"].choices = remedy_choices(checklist, edition)
        for item in self.items:
            self.fields[f"grade_{item.code}"] = forms.ChoiceField(
                label=item.text, required=False, choices=[IN_ORDER, *Grade.choices], widget=forms.RadioSelect
            )
            self.fields[f"note_{item.code}"] = forms.CharField(
                label=f"{item.text}：发现的问题",
                required=False,
                max_length=500,
                widget=forms.Textarea(attrs={"rows": 2, "placeholder": "不符合的，写明问题"}),
            )

    @property
    def item_fields(self) -> list[tuple]:
        """Each item of the checklist with its two fields."""
        return [(item, self[f"grade_{item.code}"], self[f"note_{item.code}"]) for item in self.items]

    @property
    def findings(self) -> list[Finding]:
        """What was found; call after ``is_valid``."""
        said = self.cleaned_data
        return [
            Finding(item.code, said.get(f"grade_{item.code}", ""), said.get(f"note_{item.code}", ""))
            for item in self.items
        ]


class AnswerForm(ShowsProblems, Form):
    """What was done about the findings."""

    text = forms.CharField(label="整改情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    files = ReadFilesField(
        required=False,
        label="整改证明",
        accept="image/jpeg,image/png,application/pdf",
        help_text="照片或 PDF，最多 9 个。",
    )


class ConfirmForm(Form):
    """A remark on a remedy that is good."""

    opinion = forms.CharField(
        label="复核意见", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReturnForm(ShowsProblems, Form):
    """Why an answer goes back, and by when it is due again."""

    opinion = forms.CharField(label="退回意见", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    remedy = forms.ChoiceField(label="整改时限", widget=forms.RadioSelect, help_text="自今天起重新计算，今天不计入。")

    def __init__(self, *args, checklist: Checklist, edition: RuleEdition, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["remedy"].choices = remedy_choices(checklist, edition)
