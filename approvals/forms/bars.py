"""Forms of bars (禁考): proposing, deciding, noting an appeal, lifting; the filter of the list."""

from django import forms
from django.db.models import Q

from approvals.forms.lists import AddressFilter
from approvals.states import BarState
from certification.forms import Form, ReadFilesField, ShowsProblems
from certification.people import documents
from certification.people.models import Bar

IN_FORCE, OVER = "IN_FORCE", "OVER"
_DATE = {"invalid": "请填写日期，例如 2026-11-27。"}


class ProposeForm(ShowsProblems, Form):
    """What happened, on what ground, proved by what; the period follows from the ground."""

    ground = forms.ChoiceField(label="事由", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="事实和理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明何时、何事、如何查实；将写入决定书。",
    )
    evidence = forms.CharField(
        label="证据",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="证据的名称和来源，例如“教育部学信网核验结果，2026-11-20 查询”；将写入决定书。",
    )
    files = ReadFilesField(
        label="证据文件",
        required=False,
        accept=".jpg,.jpeg,.png,.pdf",
        help_text="JPG、PNG 图片或 PDF，可以一次选择多个；只供审核、考试和决定人员查看。",
    )

    def __init__(self, *args, periods, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = [
            (ground.value, f"{ground.label}：禁考 {periods[ground].months} 个月（{periods[ground].clause}）")
            for ground in Bar.Ground
        ]


class WithdrawForm(ShowsProblems, Form):
    reason = forms.CharField(
        label="撤回的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如提请的对象或者事由有误；省级负责人会收到通知。",
    )


class DecideForm(ShowsProblems, Form):
    reason = forms.CharField(
        label="决定意见",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="署名留存；提请人会收到通知。",
    )


class AppealForm(ShowsProblems, Form):
    """What was brought against the bar; a later outcome is a later line."""

    appealed_on = forms.DateField(
        label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), error_messages=_DATE
    )
    what = forms.CharField(
        label="事项",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="申诉、行政复议或者行政诉讼，向何机关提出，请求和理由。",
    )
    outcome = forms.CharField(
        label="结果",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="还没有结果的留空，有结果后再登记一条。结果不改变禁考期限；应当解除的，另行解除。",
    )


class LiftForm(ShowsProblems, Form):
    reason = forms.CharField(
        label="解除的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明依据，例如复议决定书的文号；培训机构会收到通知。",
    )


class BarFilter(AddressFilter):
    """Which cases the list shows; what cannot be read filters nothing."""

    standing = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[
            ("", "全部"),
            (BarState.PROPOSED, "待决定"),
            (IN_FORCE, "禁考中"),
            (OVER, "已期满"),
            (BarState.LIFTED, "已解除"),
            (BarState.DECLINED, "不予禁考"),
            (BarState.WITHDRAWN, "已撤回"),
        ],
    )
    ground = forms.ChoiceField(label="事由", required=False, choices=[("", "全部"), *Bar.Ground.choices])
    appealed = forms.ChoiceField(
        label="申诉", required=False, choices=[("", "全部"), ("yes", "有申诉"), ("no", "无申诉")]
    )
    q = forms.CharField(label="姓名、证件号码或文号", required=False)

    def apply(self, rows, today):
        """``rows`` narrowed."""
        values = self.chosen
        if values.get("standing"):
            rows = standing(rows, values["standing"], today)
        if values.get("ground"):
            rows = rows.filter(ground=values["ground"])
        if values.get("appealed"):
            rows = rows.filter(appeals__isnull=values["appealed"] == "no").distinct()
        if text := values.get("q", "").strip():
            named = Q(person__name__startswith=text) | documents.numbered(text.upper(), "person") | Q(number=text)
            rows = rows.filter(named)
        return rows


def standing(rows, code: str, today):
    """The rows that stand so today: a bar is in force until its last day and then over by itself."""
    if code == IN_FORCE:
        return rows.filter(state=BarState.IMPOSED, bar__barred_until__gte=today)
    if code == OVER:
        return rows.filter(state=BarState.IMPOSED, bar__barred_until__lt=today)
    return rows.filter(state=code)
