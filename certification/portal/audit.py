"""办理记录检索: the sealed log for auditors, by case, person, account, act, day and on whose behalf; and its proof.

Apps say which kinds of case can be named, by which number and by whose name::

    audit.register("exams.ExamApplication", number="number", person="person")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django import forms
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet

from certification import clock
from certification.clock import SHANGHAI
from certification.deadlines import cases
from certification.forms import Form
from certification.organisations.models import named
from certification.people import documents
from certification.people.models import PersonName
from certification.portal import timeline
from certification.records.models import TransitionLog

VIEW = "records.audit"
ORDER = ("-at", "-pk")
# Without a case, a person or an account a search reads the log by day: no more than so many days at once.
DAYS, MOST_DAYS = 30, 366
# Cases of one kind that a name stands for.
CASES = 200


@dataclass(frozen=True)
class Kind:
    """How cases of a model are named: look-ups to their number and to their person ("" for none; "pk" for itself)."""

    number: str
    person: str


_KINDS: dict[str, Kind] = {}


def register(model_label: str, *, number: str = "", person: str = "") -> None:
    """Let cases of ``model_label`` be found by their number and by the name or number of their person."""
    _KINDS[model_label] = Kind(number, person)


class AuditFilter(Form):
    """What is asked of the log; it all lives in the address."""

    case = forms.CharField(label="事项编号", required=False, max_length=60)
    person = forms.CharField(label="考生姓名或证件号码", required=False, max_length=40)
    account = forms.CharField(label="办理人", required=False, max_length=40)
    behalf = forms.CharField(label="代谁办理", required=False, max_length=40)
    step = forms.CharField(label="办理步骤", required=False, max_length=60)
    first = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def lines(self) -> QuerySet[TransitionLog]:
        """The lines asked for. Whatever cannot be read filters nothing."""
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        rows = TransitionLog.objects.select_related(
            "actor__person", "actor__organisation", "on_behalf_of__person", "subject_type", "seal"
        )
        if "case" in asked or "person" in asked:
            rows = rows.filter(_subjects(asked.get("case", "").strip(), asked.get("person", "").strip()))
        if "account" in asked:
            rows = rows.filter(_account("actor", asked["account"].strip()))
        if "behalf" in asked:
            rows = rows.filter(_account("on_behalf_of", asked["behalf"].strip()))
        if "step" in asked:
            rows = rows.filter(name__in=_names(asked["step"].strip()))
        first, last = asked.get("first"), asked.get("last")
        if not asked.keys() & {"case", "person", "account", "behalf"}:
            last = last or clock.today()
            first = max(first or last - timedelta(days=DAYS), last - timedelta(days=MOST_DAYS))
        if first:
            rows = rows.filter(at__gte=_midnight(first))
        return rows.filter(at__lt=_midnight(last + timedelta(days=1))) if last else rows


@dataclass(frozen=True)
class Row:
    """One line as the page shows it. ``kind`` and ``subject_id`` name the case for its own page."""

    line: TransitionLog
    case: str
    kind: str
    title: str
    who: str


def rows_of(lines: Sequence[TransitionLog]) -> list[Row]:
    """The lines in words: a query for each kind of case among them."""
    ids: dict[ContentType, set[int]] = {}
    for line in lines:
        ids.setdefault(line.subject_type, set()).add(line.subject_id)
    related = {kind.model: kind.related for kind in cases.kinds()}
    titles: dict[tuple[int, int], str] = {}
    for kind, wanted in ids.items():
        if (model := kind.model_class()) is not None:
            named_by = related.get(model, _named_by(model))
            titles |= {
                (kind.pk, pk): str(case)
                for pk, case in model._base_manager.select_related(*named_by).in_bulk(wanted).items()
            }
    found = []
    for line in lines:
        model = line.subject_type.model_class()
        label = model._meta.label if model else line.subject_type.model
        name = model._meta.verbose_name if model else label
        title = titles.get((line.subject_type_id, line.subject_id), str(line.subject_id))
        who = named(line.actor, line.on_behalf_of)
        found.append(Row(line, f"{name} {title}", label, timeline.label(label, line.name, line.detail), who))
    return found


def case_of(label: str, pk: int) -> models.Model | None:
    """The case of the log that an address names; None where there is none."""
    try:
        return apps.get_model(label)._base_manager.filter(pk=pk).first()
    except (LookupError, ValueError):
        return None


def _subjects(number: str, person: str) -> Q:
    """Lines on the cases that have the number, and on those of the person."""
    found = Q(pk__in=[])
    for label, kind in _KINDS.items():
        model = apps.get_model(label)
        asked = Q()
        if number:
            asked &= Q(**{kind.number: number}) if kind.number else Q(pk__in=[])
        if person:
            asked &= _of_person(kind.person, person) if kind.person else Q(pk__in=[])
        ids = list(model._base_manager.filter(asked).order_by("-pk").values_list("pk", flat=True)[:CASES])
        if ids:
            found |= Q(subject_type=ContentType.objects.get_for_model(model), subject_id__in=ids)
    return found


def _of_person(path: str, text: str) -> Q:
    if text[:1].isdecimal():
        return documents.numbered(text.upper(), "" if path == "pk" else path)
    before = "" if path == "pk" else f"{path}__"
    # Also by a name of before, or one that a filing gave.
    also = PersonName.objects.filter(name=text).values("person")
    return Q(**{f"{before}name": text}) | Q(**{f"{before}pk__in": also})


def _account(path: str, text: str) -> Q:
    return Q(**{f"{path}__person__name": text}) | Q(**{f"{path}__username": text})


def _names(text: str) -> list[str]:
    """The steps that are called so, by their word on the timeline or by their name in the log."""
    return [name for name, labels in timeline.names().items() if text == name or any(text in one for one in labels)]


def _named_by(model: type[models.Model]) -> list[str]:
    """What the title of a case reads of others, where it has it."""
    return [field.name for field in model._meta.concrete_fields if field.name in ("person", "job_type")]


def _midnight(day) -> datetime:
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)
