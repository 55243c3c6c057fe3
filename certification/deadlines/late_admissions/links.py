"""From a refusal for lateness to the page where somebody asks to be admitted late."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from certification.deadlines.late_admissions import admissible
from certification.deadlines.late_admissions.states import AdmissionState
from certification.deadlines.models import LateAdmission
from certification.refusals import Refusal, TooLate


@dataclass(frozen=True)
class AskLink:
    """A button to ask, or (with ``admission``) a sentence about what was asked or decided already."""

    label: str
    url: str
    admission: LateAdmission | None = None


def ask_links(refusals: Iterable[Refusal]) -> list[AskLink]:
    """What those who were refused can do: one button per rule for all cases that may be asked for together, and a
    sentence per case that was asked for or refused before."""
    late = [one for refusal in refusals for one in _each(refusal) if _may_be_admitted(one)]
    standing = {one.admission.pk: one.admission for one in late if one.admission}
    groups: dict[tuple[str, str], list[TooLate]] = {}
    for one in late:
        if one.admission is None or one.admission.state != AdmissionState.REQUESTED:
            groups.setdefault((one.subject._meta.label, one.rule_code), []).append(one)
    return [
        *(AskLink(_said(row), reverse("deadlines:admission", args=[row.pk]), row) for row in standing.values()),
        *(_button(label, rule_code, rows) for (label, rule_code), rows in groups.items()),
    ]


def _each(refusal: Refusal) -> list[TooLate]:
    return [refusal, *refusal.also] if isinstance(refusal, TooLate) else []


def _may_be_admitted(refusal: TooLate) -> bool:
    return refusal.subject is not None and bool(admissible.find(refusal.subject._meta.label, refusal.rule_code))


def _button(model_label: str, rule_code: str, rows: list[TooLate]) -> AskLink:
    wanted = list(dict.fromkeys(f"{row.subject.pk}:{row.event_on.isoformat()}" for row in rows))
    query = [("rule", rule_code), ("case", model_label), *(("for", one) for one in wanted)]
    label = "申请逾期特批" if len(wanted) == 1 else f"申请逾期特批（{len(wanted)} 项）"
    return AskLink(label, f"{reverse('deadlines:admission_ask')}?{urlencode(query)}")


def _said(admission: LateAdmission) -> str:
    return {
        AdmissionState.REQUESTED: f"“{admission.title}”已申请逾期特批，等待省级负责人决定。",
        AdmissionState.GRANTED: f"“{admission.title}”的逾期特批已过有效期。",
        AdmissionState.REFUSED: f"“{admission.title}”的逾期特批申请未获准。",
    }[AdmissionState(admission.state)]
