"""Forms of revocation and cancellation."""

from django import forms

from approvals.forms.lists import AddressFilter
from approvals.models import EndingCase
from approvals.states import EndingState
from certification.forms import Form, ShowsProblems


class ProposeForm(ShowsProblems, Form):
    """Why the certificate should end, and what proves it."""

    ground = forms.ChoiceField(label="事由", widget=forms.RadioSelect)
    facts = forms.CharField(
        label="事实和理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明何时、何事、如何查实；将写入告知书和决定书。",
    )
    evidence = forms.CharField(
        label="证据", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="证据的名称和来源。"
    )

    def __init__(self, *args, grounds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = [
            (one.code, f"{EndingCase.Kind(one.kind).label}：{one.title}（{one.clause}）") for one in grounds.values()
        ]


class HearForm(ShowsProblems, Form):
    """What the holder said, and the hearing."""

    hearing_asked = forms.BooleanField(label="当事人要求听证", required=False)
    hearing_held_on = forms.DateField(
        label="听证日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    statement = forms.CharField(
        label="陈述申辩和听证记录",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="没有陈述申辩、也没有要求听证的留空，期满后才能登记。",
    )


class OpinionForm(ShowsProblems, Form):
    """The decision's opinion, signed."""

    opinion = forms.CharField(label="决定意见", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class EndingFilter(AddressFilter):
    """Which cases the list shows."""

    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *EndingCase.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *EndingState.choices])
    served = forms.ChoiceField(
        label="送达", required=False, choices=[("", "全部"), ("no", "待送达"), ("yes", "已送达")]
    )
    q = forms.CharField(label="姓名或文号", required=False)

    def apply(self, rows):
        """``rows`` narrowed."""
        values = self.chosen
        rows = rows.filter(**{name: values[name] for name in ("kind", "state") if values.get(name)})
        if served := values.get("served"):
            rows = rows.filter(state=EndingState.DECIDED, served_at__isnull=served == "no")
        if text := values.get("q", "").strip():
            by_name = rows.filter(certificate__person__name__startswith=text)
            rows = rows.filter(number=text) if "〔" in text else by_name
        return rows
