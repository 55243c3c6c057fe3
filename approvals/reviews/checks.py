"""What the machine can tell about an application's eligibility, for the reviewer to see beside the papers (rules 7):
the same checks that judged the roster and the application, each with its verdict, reason and clause."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from approvals.models import Decision
from certification.people.checks.catalogue import Ruled
from certification.people.checks.known import know
from certification.people.checks.running import Finding, Findings, run
from exams.applications.person_checks import entry_for, subject_for
from exams.materials import paper_standards
from exams.models import Candidate, ExamApplication
from exams.states import IN_SESSION


@dataclass(frozen=True)
class Fact:
    """One checked fact: ``ok`` False stands against the application, None cannot be told by the machine."""

    label: str
    ok: bool | None
    detail: str
    clause: str = ""
    certainty: str = ""

    @property
    def tone(self) -> str:
        return {True: "done", False: "refused", None: "attention"}[self.ok]

    @property
    def verdict(self) -> str:
        return {True: "符合", False: "不符合", None: "待核"}[self.ok]


def facts_about(application: ExamApplication, *, today: date) -> list[Fact]:
    """All facts: what stands against the application first, then what is doubtful, then what holds, each in the order
    of the catalogue. A fixed number of queries.

    Judged for the exam day where there is a session, else as the application was filed.
    """
    place = Candidate.objects.filter(application=application, state__in=IN_SESSION).select_related("session").first()
    subject = subject_for(application, today, place.session.starts_on if place else None)
    entry = entry_for(application, today)
    known = know(subject, [entry])
    if Decision.objects.filter(applicant__candidate__application=application, certificate__isnull=False).exists():
        # Once granted, the case is shown with the certificate that it was decided on, not the one that came of it.
        held = application.trainee.certificate
        known.certificates = {application.person_id: held} if held else {}
    facts = [*_facts(run(subject, [entry], known)), _papers(application)]
    return sorted(facts, key=lambda fact: (fact.ok is True, fact.ok is None))


def _facts(found: Findings) -> Iterator[Fact]:
    against = {finding.ruled.check.code: finding for finding in (*found.warnings, *found.errors)}
    told: set[str] = set()
    for ruled in found.judged:
        fact = _fact(ruled, against.get(ruled.check.code), found)
        # Checks that look at the same thing say the same where they hold; it is shown once.
        if fact is not None and (fact.ok is not True or fact.detail not in told):
            told.add(fact.detail)
            yield fact


def _fact(ruled: Ruled, finding: Finding | None, found: Findings) -> Fact | None:
    rule = ruled.rule
    if finding is not None:
        ok = False if ruled.severity == "error" else None
        return Fact(rule.title, ok, finding.problem.message, rule.clause, rule.get_certainty_display())
    if ruled.check.holds is None:
        return None
    detail = ruled.check.holds(found.judging, found.entries[0])
    return Fact(rule.title, True, detail, rule.clause, rule.get_certainty_display())


def _papers(application: ExamApplication) -> Fact:
    standard = paper_standards.papers_of(application)
    held = set(application.materials.filter(replaced_at__isnull=True).values_list("kind", flat=True))
    document = application.person.document_type
    missing = [kind.named(document) for kind in standard.missing(held)]
    later = [kind.label for kind in standard.missing_later(held)] if application.hours_confirmed_at is None else []
    if missing:
        return Fact("材料", False, f"缺{'、'.join(missing)}", "方案三（二）")
    if later:
        return Fact("材料", None, f"{'、'.join(later)}待补（开考前1个工作日）", "方案三（二）2")
    return Fact("材料", True, "齐全", "方案三（二）")
