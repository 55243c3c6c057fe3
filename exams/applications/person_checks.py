"""The checks of people (``certification.people.checks``) for exam applications: the same runner that judged the
roster, on the day of the exam session."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from certification.people.checks import running
from certification.people.checks.running import Finding
from certification.people.checks.subject import Entry, Subject
from certification.refusals import Refusal
from exams.models import ExamApplication
from training.class_checks import entry_of_trainee
from training.models import Trainee

BARRED = "barred"
# What is asked again when an application takes a place in a session, and nothing else: a retake needs no new review.
AT_THE_EXAM = ("too_young", "retired", BARRED)


def errors_against(
    applications: Iterable[ExamApplication],
    *,
    today: date,
    exam_on: date | None = None,
    codes: Collection[str] = (),
) -> dict[int, list[Finding]]:
    """Application id → the errors against it. The applications come ``with_case``; judged on ``exam_on``, or on the day
    of the session that they name. ``codes`` limits what is looked at. Queries per class and exam day, not per row.
    """
    groups: dict[Subject, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        groups[subject_for(row, today, exam_on)].append(row)
    found: dict[int, list[Finding]] = defaultdict(list)
    for subject, rows in groups.items():
        entries = [entry_for(row, today) for row in rows]
        for finding in running.run(subject, entries).errors:
            if codes and finding.ruled.check.code not in codes:
                continue
            for key in [finding.entry.key] if finding.entry else [row.pk for row in rows]:
                found[key].append(finding)
    return found


def barred_from_class(trainees: Iterable[Trainee], subject: Subject) -> dict[int, Refusal]:
    """Of whom no application is made: trainee id → why. The same check by which they could not be on a new roster."""
    found = running.run(subject, [entry_of_trainee(row, row.person, subject.today) for row in trainees])
    barred = [finding for finding in found.errors if finding.ruled.check.code == BARRED]
    return {finding.entry.key: refusal_of([finding]) for finding in barred}


def refusal_of(findings: list[Finding]) -> Refusal | None:
    """All errors against one application as one refusal, under the code of the first; None where there are none."""
    if not findings:
        return None
    problems = [finding.problem for finding in findings]
    clauses = dict.fromkeys(finding.ruled.rule.clause for finding in findings)
    return Refusal(
        "".join(problem.message for problem in problems),
        code=problems[0].code,
        clause="；".join(clauses),
        advice=problems[0].advice,
    )


def subject_for(application: ExamApplication, today: date, exam_on: date | None = None) -> Subject:
    """What the person is judged for: the class's days, and the day of the exam: ``exam_on``, that of the session named,
    else the day wished for, or today once that is past."""
    plan, session = application.plan, application.wished_session
    exam, word = plan.wished_exam_on, "拟考试当日"
    if exam_on is not None or session is not None:
        exam, word = exam_on or session.starts_on, "开考当日"
    elif exam is not None and exam < today:
        exam, word = today, "今日"
    return Subject(
        job_type=application.job_type,
        kind=application.kind,
        edition=application.rule_edition,
        today=today,
        start=plan.class_start,
        exam=exam,
        exam_word=word,
        end=plan.class_end,
        class_id=plan.pk,
        institution_id=application.institution_id,
        hours=plan.total_hours,
    )


def entry_for(application: ExamApplication, today: date) -> Entry:
    """What application and register say of the person; ``key`` is the application's."""
    entry = entry_of_trainee(application.trainee, application.person, today)
    entry.key = application.pk
    # Who needs no training owes no hours.
    entry.enrolment = None if application.exempt_basis else application.trainee_id
    return entry
