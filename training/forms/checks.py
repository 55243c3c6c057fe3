"""Forms of spot checks: recording one, answering, judging; the filter of their list."""

from django import forms

from certification.deadlines.due import deadline_rule
from certification.forms import Form
from certification.rulebook.models import RuleEdition
from training.forms.shown import ShowsProblems
from training.models import Grade, TrainingPlan
from training.spot_checks import Finding, checklist, remedies
from training.states import CheckState

IN_ORDER = ("", "符合")


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, none too."""

    def __init__(self, *args, accept: str, **kwargs):
        super().__init__(*args, required=False, widget=ManyFiles(attrs={"accept": accept}), **kwargs)

    def clean(self, data, initial=None):
        """The files as name and content."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        cleaned = [super(FilesField, self).clean(file, initial) for file in files]
        return [(file.name, file.read()) for file in cleaned]


def remedy_choices(edition: RuleEdition) -> list[tuple[str, str]]:
    """The rules by which findings may be remedied: code and words."""
    rules = (deadline_rule(code, edition) for code in remedies(edition))
    return [(rule.code, f"{rule.values['days']} 个工作日（{_kind(rule.title)}）") for rule in rules]


def _kind(title: str) -> str:
    return title.partition("（")[2].removesuffix("）") or title


class CheckForm(ShowsProblems, Form):
    """A spot check, made for the phone: heads, the checklist item by item, photographs."""

    use_required_attribute = False

    entry_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    lesson = forms.TypedChoiceField(label="正在上的课", required=False, coerce=int, empty_value=None)
    counted = forms.IntegerField(
        label="现场人数", min_value=0, max_value=9999, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    photos = FilesField(
        label="现场照片", accept="image/jpeg,image/png", help_text="可以直接拍照或选多张，最多 9 张，JPG 或 PNG。"
    )
    remarks = forms.CharField(label="检查记录", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    remedy = forms.ChoiceField(
        label="整改时限",
        required=False,
        widget=forms.RadioSelect,
        help_text="发现问题的须选择；自今天起算，今天不计入。",
    )

    def __init__(self, *args, plan: TrainingPlan, edition: RuleEdition, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.items = checklist(edition)
        lessons = plan.lessons.to_sign().filter(day=today).order_by("starts_at", "pk")
        self.fields["lesson"].choices = [
            ("", "不对应课程"),
            *((lesson.pk, f"{lesson.starts_at:%H:%M}—{lesson.ends_at:%H:%M} {lesson.subject}") for lesson in lessons),
        ]
        self.fields["remedy"].choices = remedy_choices(edition)
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
    files = FilesField(
        label="整改证明", accept="image/jpeg,image/png,application/pdf", help_text="照片或 PDF，最多 9 个。"
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

    def __init__(self, *args, edition: RuleEdition, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["remedy"].choices = remedy_choices(edition)


class CheckFilter(Form):
    """Which checks to list."""

    OPEN = "open"
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), (OPEN, "整改中"), *CheckState.choices]
    )
    institution = forms.CharField(label="培训机构", required=False, max_length=80)

    def apply(self, checks):
        """``checks`` narrowed to what the filter asks for."""
        self.is_valid()
        state, name = self.cleaned_data.get("state"), self.cleaned_data.get("institution")
        if state == self.OPEN:
            checks = checks.to_remedy()
        elif state:
            checks = checks.filter(state=state)
        return checks.filter(plan__institution__name__icontains=name) if name else checks

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return self.is_bound and any(self.cleaned_data.values())


class ClassFilter(Form):
    """Whose classes to look for."""

    institution = forms.CharField(label="培训机构或编号", required=False, max_length=80)
    day = forms.DateField(
        label="上课日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
