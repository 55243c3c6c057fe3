"""The form of a training plan. It keeps whatever was typed; what must be right is judged by ``plan_checks``."""

from collections.abc import Mapping
from datetime import date

from django import forms

from certification.catalogue.models import ApplicationKind, CatalogueEdition, JobType, JobTypeVariant
from certification.forms import Form
from certification.refusals import Problem
from training.models import Teacher, TrainingPlan
from training.plans.plan_entry import FIELDS, TEACHER_ROWS, TeacherEntry, teacher_keys, teachers_of, typed_of

CHOOSE = ("", "请选择")
LISTED = "teacher_listed_"


def _date_field(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


def _count_field(label: str, help_text: str = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, required=required, min_value=0, max_value=9999)


class PlanForm(Form):
    """Bound to a draft's ``typed`` it shows the draft; ``values`` are the columns that could be read."""

    use_required_attribute = False

    kind = forms.ChoiceField(label="培训类型", choices=[CHOOSE, *ApplicationKind.choices])
    job_type = forms.TypedChoiceField(label="操作项目", help_text="括号内为目录要求的学时：初训／复审、换证。")
    variant = forms.TypedChoiceField(label="细分", required=False, help_text="操作项目有细分的须选择。")
    class_start = _date_field("开班日期", "须在开班前第 7 个工作日 24:00 前报备（方案三（一））。")
    class_end = _date_field("结班日期")
    wished_exam_on = _date_field("拟考试日期", "申报考试时再选定具体场次。", required=False)
    capacity = _count_field("班级容量（人）", "学员名单人数不得超过班级容量（方案四（一））。")
    onsite_hours = _count_field("线下学时", "含实操学时。")
    online_hours = _count_field("线上学时", required=False)
    venue = forms.CharField(label="培训地点", max_length=160)
    remarks = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    entry_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, today: date, institution=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._listed = _listed(institution)
        self._job_types = _job_types(today)
        self._variants = _variants(self._job_types)
        self._offer("job_type", self._job_types, _by_group(self._job_types.values()))
        self._offer("variant", self._variants, _by_job_type(self._variants.values()))
        for place in range(1, TEACHER_ROWS + 1):
            self._add_teacher(place)
            self._choose_listed(place)

    def _offer(self, name: str, rows: Mapping[str, object], choices: list) -> None:
        field = self.fields[name]
        field.choices = [CHOOSE, *choices]
        field.coerce = rows.get
        field.empty_value = None

    def _add_teacher(self, place: int) -> None:
        name, number, subject = teacher_keys(place)
        self.fields[name] = forms.CharField(label=f"教师{place} 姓名", required=place == 1, max_length=60)
        self.fields[number] = forms.CharField(label=f"教师{place} 身份证号码", required=place == 1, max_length=30)
        self.fields[subject] = forms.CharField(label=f"教师{place} 授课内容", required=False, max_length=60)
        if self._listed:
            choices = [("", "从师资中选择，或在下面填写"), *((key, _offered(row)) for key, row in self._listed.items())]
            self.fields[_listed_key(place)] = forms.ChoiceField(
                label=f"教师{place} 师资", required=False, choices=choices
            )

    def _choose_listed(self, place: int) -> None:
        """Whoever is listed is shown as chosen from the list: a whole number is seen only where the look is logged."""
        name, number, _subject = teacher_keys(place)
        written = self.initial.get(number)
        key = next((key for key, row in self._listed.items() if row.person.document_number == written), None)
        if key is not None:
            self.initial = {**self.initial, _listed_key(place): key, name: "", number: ""}

    def clean(self) -> dict:
        """Whoever is chosen from the list need not be written too."""
        values = super().clean()
        for place in range(1, TEACHER_ROWS + 1):
            if self._chosen(place):
                for key in teacher_keys(place)[:2]:
                    self.errors.pop(key, None)
        return values

    def _chosen(self, place: int) -> Teacher | None:
        return self._listed.get(str(self.data.get(_listed_key(place), "")))

    @property
    def teacher_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each teacher, row by row."""
        places = range(1, TEACHER_ROWS + 1)
        listed = {place: [_listed_key(place)] if self._listed else [] for place in places}
        return [[self[key] for key in (*listed[place], *teacher_keys(place))] for place in places]

    @property
    def asked_teachers(self) -> list[list[forms.BoundField]]:
        """The first teacher's fields, and whose anything was said or is wrong."""
        return [row for place, row in enumerate(self.teacher_rows) if not place or self._is_used(row)]

    @property
    def further_teachers(self) -> list[list[forms.BoundField]]:
        """The rows that are empty still."""
        return [row for place, row in enumerate(self.teacher_rows) if place and not self._is_used(row)]

    def _is_used(self, row: list[forms.BoundField]) -> bool:
        return any(field.value() or field.errors for field in row)

    @property
    def plan_fields(self) -> list[forms.BoundField]:
        """The fields of the plan itself, in the order of the form."""
        order = ["kind", "job_type", "variant", *FIELDS[3:]]
        return [self[name] for name in order]

    @property
    def values(self) -> dict:
        """The columns that could be read, by name; call after ``is_valid``."""
        return {name: self.cleaned_data.get(name) for name in FIELDS}

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, as it was typed; who was chosen from the list stands with name and number."""
        keys = [name for name in self.fields if name != "entry_key" and not name.startswith(LISTED)]
        typed = {name: str(self.data.get(name, "")).strip() for name in keys}
        for place in range(1, TEACHER_ROWS + 1):
            if chosen := self._chosen(place):
                name, number, _subject = teacher_keys(place)
                typed |= {name: chosen.person.name, number: chosen.person.document_number}
        return typed

    @property
    def teachers(self) -> list[TeacherEntry]:
        """The teachers entered."""
        return [entry for _place, entry in teachers_of(self.typed)]

    def show(self, problems: list[Problem]) -> None:
        """Put an activity's problems to their fields, beside the form's own, none twice."""
        for problem in problems:
            field = problem.field if problem.field in self.fields else None
            if field is None or not self.errors.get(field):
                self.add_error(field, f"{problem.message}{problem.advice}")


def typed_of_plan(plan: TrainingPlan) -> dict[str, str]:
    """What the form of ``plan`` shows: the draft as typed, or what was filed."""
    if plan.typed:
        return plan.typed
    rows = plan.teachers.select_related("person").order_by("pk")
    teachers = [TeacherEntry(row.person.name, row.person.document_number, row.subject) for row in rows]
    return typed_of({name: getattr(plan, name) for name in FIELDS}, teachers)


def _job_types(today: date) -> dict[str, JobType]:
    edition = CatalogueEdition.objects.in_force(today)
    rows = JobType.objects.filter(group__edition=edition).select_related("group").order_by("group__code", "code")
    return {str(row.pk): row for row in rows}


def _variants(job_types: Mapping[str, JobType]) -> dict[str, JobTypeVariant]:
    rows = JobTypeVariant.objects.filter(job_type__in=job_types.keys()).select_related("job_type")
    return {str(row.pk): row for row in rows.order_by("job_type__code", "code")}


def _by_group(rows) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        grouped.setdefault(row.group.name, []).append((str(row.pk), f"{row.name}（{_hours(row)}）"))
    return list(grouped.items())


def _hours(row: JobType) -> str:
    initial, review = row.initial_hours or "未载明", row.review_hours or "未载明"
    return f"{initial}／{review}"


def _by_job_type(rows) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        grouped.setdefault(row.job_type.name, []).append((str(row.pk), row.name))
    return list(grouped.items())


def _listed_key(place: int) -> str:
    return f"{LISTED}{place}"


def _listed(institution) -> dict[str, Teacher]:
    """Who teaches at the institution, by the key of the choice."""
    if institution is None:
        return {}
    rows = Teacher.objects.teaching(institution).select_related("person").order_by("person__name", "pk")
    return {str(row.pk): row for row in rows}


def _offered(row: Teacher) -> str:
    until = f"，有效期至 {row.valid_until}" if row.valid_until else ""
    return f"{row.person.name}（{row.person.masked_number}，{row.qualification or '资质未登记'}{until}）"
