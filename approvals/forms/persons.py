"""Forms of the register of persons."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from certification.forms import Form, ReadFilesField, ShowsProblems
from certification.people import documents
from certification.people.models import DeclaredFact, DocumentType, FemaleClass, NameStanding, Person, Sex
from certification.spreadsheets.cleaning import CellProblem, clean_name

SHORTEST_NUMBER = 6


class PersonFilter(Form):
    """Which persons the register shows."""

    q = forms.CharField(label="姓名（含曾用名）或证件号码开头（六位以上）", required=False, max_length=60)
    names = forms.ChoiceField(
        label="姓名核对", required=False, choices=[("", "全部"), ("open", "有待核对的姓名"), ("former", "有曾用名")]
    )

    def apply(self, rows):
        """``rows`` narrowed."""
        if not self.is_bound or not self.is_valid():
            return rows
        values = self.cleaned_data
        standing = {"open": NameStanding.OPEN, "former": NameStanding.FORMER}.get(values["names"])
        if standing:
            rows = rows.filter(names__standing=standing).distinct()
        if text := "".join(values["q"].split()).upper():
            rows = rows.filter(self._who(text))
        return rows

    @staticmethod
    def _who(text: str) -> Q:
        number = text.removeprefix("T")
        if number[:1].isdigit():
            return documents.numbered(number) if len(number) >= SHORTEST_NUMBER else Q(pk__in=[])
        return Q(name__startswith=text) | Q(names__name__startswith=text, names__standing=NameStanding.FORMER)


class NameForm(ShowsProblems, Form):
    """A corrected name, and the paper that shows it."""

    name = forms.CharField(label="更正后的姓名", max_length=60)
    reason = forms.CharField(
        label="依据", max_length=200, help_text="所核对的证件或者证明，例如：户口簿曾用名栏、公安机关更名证明。"
    )

    def clean_name(self) -> str:
        """A name as papers have it."""
        try:
            return clean_name(self.cleaned_data["name"])
        except CellProblem as problem:
            raise ValidationError(f"{problem.message}{problem.advice}", code=problem.code) from problem


class DocumentForm(ShowsProblems, Form):
    """Another identity document, and the papers that show that it is the same person's."""

    document_type = forms.ChoiceField(label="新证件类型", choices=DocumentType.choices)
    document_number = forms.CharField(label="新证件号码", max_length=40)
    reason = forms.CharField(
        label="依据", max_length=200, help_text="所核对的证件或者证明，例如：公安机关公民身份号码变更证明、新旧护照。"
    )
    files = ReadFilesField(label="证件或者证明", accept=".jpg,.jpeg,.png,.pdf", help_text="照片或 PDF，最多 9 个。")


class ReasonForm(ShowsProblems, Form):
    """Why a name given differently does not count."""

    reason = forms.CharField(label="依据", max_length=200, help_text="所核对的证件，例如：居民身份证。")


class DeclarationForm(ShowsProblems, Form):
    """What a person declares of their retirement."""

    fact = forms.ChoiceField(label="申报事项", choices=DeclaredFact.choices, widget=forms.RadioSelect)
    female_class = forms.ChoiceField(
        label="女职工类别",
        required=False,
        choices=[("", "—"), *FemaleClass.choices],
        help_text="申报女职工类别时填写。",
    )
    months = forms.IntegerField(label="延迟月数", required=False, min_value=0)
    proof = forms.CharField(
        label="证明材料",
        required=False,
        max_length=200,
        help_text="申报延迟退休时必填：自愿延迟退休承诺书的日期或者编号。",
    )

    def __init__(self, *args, person: Person, limit: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["months"].help_text = f"申报延迟退休时填写，最多 {limit} 个月；填 0 表示撤回。"
        self.fields["months"].max_value = limit
        if person.sex != Sex.FEMALE:
            self.fields["fact"].choices = [(DeclaredFact.DELAY.value, DeclaredFact.DELAY.label)]
            self.fields["fact"].initial = DeclaredFact.DELAY.value
            del self.fields["female_class"]

    def clean(self):
        """The value of the fact that is declared is there."""
        said = super().clean()
        if said.get("fact") == DeclaredFact.FEMALE_CLASS and not said.get("female_class"):
            self.add_error("female_class", ValidationError("请选择女职工类别。", code="required"))
        if said.get("fact") == DeclaredFact.DELAY and "months" not in self.errors and said.get("months") is None:
            self.add_error("months", ValidationError("请填写延迟月数。", code="required"))
        return said
