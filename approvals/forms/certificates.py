"""Forms of the certificate register and of the windows."""

from django import forms
from django.db.models import Q

from approvals.certificates import forecast
from approvals.forms.lists import AddressFilter
from approvals.models import CardRequest
from approvals.states import BlankState
from certification.catalogue.models import JobType, OperationGroup
from certification.forms import Form, ReadFilesField, ShowsProblems
from certification.organisations.models import Territory
from certification.people import documents
from certification.people.models import CertificateState


class ExtendForm(ShowsProblems, Form):
    """On what an extension rests."""

    reason = forms.CharField(
        label="延长依据",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="延迟退休承诺书、与用人单位的协议等文件的名称和日期。",
    )


class CertificateFilter(Form):
    """Which certificates the register shows."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *CertificateState.choices])
    group = forms.ChoiceField(label="作业类别", required=False)
    q = forms.CharField(label="姓名或证件号码开头（六位以上）", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        groups = OperationGroup.objects.filter(edition__active=True).order_by("code")
        self.fields["group"].choices = [("", "全部"), *groups.values_list("code", "name")]

    def apply(self, rows):
        """``rows`` narrowed."""
        if not self.is_bound or not self.is_valid():
            return rows
        values = self.cleaned_data
        if values["state"]:
            rows = rows.filter(state=values["state"])
        if values["group"]:
            rows = rows.filter(job_type__group__code=values["group"])
        if text := "".join(values["q"].split()).upper().removeprefix("T"):
            by_number = documents.numbered(text, "person") if len(text) >= 6 else Q(pk__in=[])
            rows = rows.filter(by_number if text[0].isdigit() else Q(person__name__startswith=text))
        return rows


class HolderForm(Form):
    """The number read from the holder's identity card."""

    document_number = forms.CharField(
        label="身份证号码", max_length=30, help_text="由本人出示身份证，读取或录入完整号码。"
    )


class LongServiceForm(ShowsProblems, Form):
    """Since when the holder has worked in the trade, by whose statement."""

    since = forms.DateField(label="连续从事本工种自", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    employer = forms.CharField(label="出具证明的用人单位", max_length=120)
    files = ReadFilesField(
        label="从业证明",
        accept=".jpg,.jpeg,.png,.pdf",
        help_text="写明连续从事本工种的起止时间和没有违章，加盖公章；照片或 PDF，最多 9 个。",
    )


class ReplacementForm(ShowsProblems, Form):
    """Why another card is asked for, and what happened to the one before."""

    reason = forms.ChoiceField(
        label="申领事由", choices=[one for one in CardRequest.Reason.choices if one[0] != CardRequest.Reason.FIRST]
    )
    note = forms.CharField(
        label="情况说明",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="遗失的写明时间、地点，由本人声明；损毁、变更的收回旧卡，写明旧卡流水号。",
    )


class DeliveryForm(ShowsProblems, Form):
    """Blanks that arrived."""

    first_number = forms.CharField(label="起始流水号", max_length=30, help_text="第一张的完整流水号，以数字结尾。")
    count = forms.IntegerField(label="数量", min_value=1)
    source = forms.CharField(label="来源", max_length=120, help_text="发放单位和交接单号。")


class SpoilForm(ShowsProblems, Form):
    """A blank that is no good."""

    number = forms.CharField(label="卡片流水号", max_length=30)
    reason = forms.CharField(label="作废的原因", max_length=200)


class ReprintForm(ShowsProblems, Form):
    """Why a card that was made is spoilt."""

    reason = forms.CharField(label="作废的原因", max_length=200, help_text="例如打印偏移、照片不清。")


class BlankFilter(AddressFilter):
    """Which blanks the print register shows."""

    window = forms.ChoiceField(label="窗口", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *BlankState.choices])
    q = forms.CharField(label="流水号开头", required=False)

    def __init__(self, *args, windows=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["window"].choices = [("", "全部"), *((str(one.pk), one.short_name) for one in windows)]

    def apply(self, rows):
        """``rows`` narrowed."""
        values = self.chosen
        if values.get("window"):
            rows = rows.filter(window=values["window"])
        if values.get("state"):
            rows = rows.filter(state=values["state"])
        if text := "".join(values.get("q", "").split()).upper():
            rows = rows.filter(number__startswith=text)
        return rows


class CardNumberForm(ShowsProblems, Form):
    """The serial number printed on the blank card."""

    card_number = forms.CharField(label="卡片流水号", max_length=30, help_text="卡片空白证件上的流水号。")


class CancelForm(Form):
    """Why a request is ended."""

    reason = forms.CharField(label="取消的理由", widget=forms.Textarea(attrs={"rows": 2}))


class ForecastFilter(AddressFilter):
    """How far ahead, and of what; what cannot be read filters nothing."""

    ahead = forms.ChoiceField(
        label="今后",
        required=False,
        choices=[("", "12个月"), *((str(count), f"{count}个月") for count in (3, 6, 24, 36))],
    )
    what = forms.ChoiceField(label="事项", required=False, choices=[("", "全部"), *forecast.LABELS.items()])
    month = forms.RegexField(
        label="月份", required=False, regex=r"^20\d\d-(0[1-9]|1[0-2])$", widget=forms.TextInput(attrs={"type": "month"})
    )
    city = forms.ChoiceField(label="设区市", required=False)
    job_type = forms.ChoiceField(label="操作项目", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        cities = [(str(pk), name) for pk, name in Territory.objects.order_by("code").values_list("pk", "name")]
        self.fields["city"].choices = [("", "全部"), *cities, ("none", forecast.NO_CITY)]
        types = JobType.objects.filter(group__edition__active=True).order_by("code").values_list("code", "name")
        self.fields["job_type"].choices = [("", "全部"), *types]

    @property
    def months(self) -> int:
        """How many months ahead."""
        return int(self.chosen.get("ahead", "12"))

    def apply(self, rows):
        """``rows`` of ``forecast.due`` narrowed."""
        values = self.chosen
        if values.get("what"):
            rows = rows.filter(what=values["what"])
        if values.get("month"):
            year, month = values["month"].split("-")
            rows = rows.filter(due_on__year=int(year), due_on__month=int(month))
        if values.get("city"):
            rows = rows.filter(city__isnull=True) if values["city"] == "none" else rows.filter(city=values["city"])
        if values.get("job_type"):
            rows = rows.filter(job_type_code=values["job_type"])
        return rows
