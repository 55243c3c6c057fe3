"""The clocks of one person's licence side by side: promise, law, acceptance, service, and what moved them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.clocks.extending import RELATED as PROPOSAL_RELATED
from approvals.licences.licensing import ACCEPTANCE, DECISION, DECISION_STATUTORY, SERVICE
from approvals.models import ClockNotice, ExtensionProposal, LicenceApplicant
from approvals.states import DECIDED, ENDED, ExtensionState, LicenceState
from certification.deadlines.due import deadline_rule
from certification.deadlines.explaining.explanation import rule_sentence
from certification.deadlines.models import Deadline, Pause
from certification.rulebook import lookup
from certification.rulebook.models import Rule

RULES = (ACCEPTANCE, DECISION, DECISION_STATUTORY, SERVICE)
LABELS = {
    ACCEPTANCE: "受理或者告知补正",
    DECISION: "作出决定：承诺时限",
    DECISION_STATUTORY: "作出决定：法定时限",
    SERVICE: "送达决定",
}
WAITS = {
    ACCEPTANCE: "收到申请后起算",
    DECISION: "收到申请后起算",
    DECISION_STATUTORY: "受理后起算",
    SERVICE: "作出决定后起算",
}
BROKEN = {
    ACCEPTANCE: "超过受理时限",
    DECISION: "超过承诺时限",
    DECISION_STATUTORY: "超过法定时限",
    SERVICE: "超过送达时限",
}


@dataclass(frozen=True)
class Face:
    """One clock. Where it does not run yet ``deadline`` is None and ``waits`` says what it waits for; ``broken`` says
    in words which limit was missed, done since or not, and is "" where none was."""

    label: str
    rule: Rule
    deadline: Deadline | None
    waits: str
    broken: str

    @property
    def sentence(self) -> str:
        """The rule in words."""
        return rule_sentence(self.rule)

    @property
    def extension_days(self) -> int:
        """Working days granted on top of the rule's own."""
        return self.deadline.extension_days if self.deadline else 0


@dataclass(frozen=True)
class Events:
    """What moved the clocks of one person and what they were told of it; ``running`` is the pause that lasts."""

    pauses: list[Pause]
    extensions: list[ExtensionProposal]
    notices: list[ClockNotice]
    running: Pause | None


def faces(applicant: LicenceApplicant, now: datetime) -> list[Face]:
    """The four clocks, in the order in which they run. One query."""
    rows = Deadline.objects.open().for_display().of(None, [applicant]).filter(rule__code__in=RULES).order_by("pk")
    found = {lookup.by_id(row.rule_id).code: row for row in rows}
    return [_face(code, found.get(code), applicant, now) for code in RULES]


def events(applicant: LicenceApplicant, *, inside: bool) -> Events:
    """Pauses, extensions and papers, the oldest first; only those ``inside`` see what was asked of the head and not
    granted. Three queries."""
    stopped = list(Pause.objects.about([applicant]).select_related("started_by__person", "ended_by__person"))
    proposals = ExtensionProposal.objects.filter(applicant=applicant).select_related(*PROPOSAL_RELATED).order_by("pk")
    if not inside:
        proposals = proposals.filter(state=ExtensionState.APPROVED)
    notices = ClockNotice.objects.filter(applicant=applicant).order_by("pk")
    running = next((one for one in stopped if one.ends_on is None), None)
    return Events(stopped, list(proposals), list(notices), running)


def _face(code: str, deadline: Deadline | None, applicant: LicenceApplicant, now: datetime) -> Face:
    rule = lookup.by_id(deadline.rule_id) if deadline else deadline_rule(code)
    waits = "" if deadline else _waits(code, applicant)
    return Face(LABELS[code], rule, deadline, waits, BROKEN[code] if _is_broken(deadline, now) else "")


def _waits(code: str, applicant: LicenceApplicant) -> str:
    if applicant.state == LicenceState.CORRECTION and code in (ACCEPTANCE, DECISION):
        return "补正中，补正后重新起算"
    if applicant.state == LicenceState.WITHDRAWN:
        return "申请已撤回，不再计算"
    if applicant.state in (*DECIDED, *ENDED) and code != SERVICE:
        return "没有起算"
    return WAITS[code]


def _is_broken(deadline: Deadline | None, now: datetime) -> bool:
    missed = (Deadline.State.OVERDUE, Deadline.State.MET_LATE)
    return deadline is not None and deadline.state_at(now) in missed


def paused_people(user, running: Sequence[Pause]) -> list[tuple[LicenceApplicant, Pause]]:
    """The people whom ``running`` pauses are about and whom ``user`` may see, in the order of the pauses."""
    people = LicenceApplicant.objects.visible_to(user).select_related(
        "batch", "candidate__application__person", "candidate__application__job_type"
    )
    found = people.in_bulk([row.subject_id for row in running])
    return [(found[row.subject_id], row) for row in running if row.subject_id in found]
