"""What the benchmark database holds: people, classes, sessions, applications under review and long decided, their
deadlines, opinions and history, consistent enough that every page of the review shows them.

Every row follows from its number by arithmetic, so that a larger fill only adds to a smaller one.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

from approvals.demonstration import accounts, province
from approvals.demonstration.people import invented_people
from approvals.models import Review
from certification import clock
from certification.catalogue.models import JobType
from certification.deadlines.due import deadline_rule, due_by
from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation, User
from certification.people.models import Person
from certification.rulebook import lookup
from certification.workdays import calendars
from exams.applications import due_days
from exams.models import ApplicationBatch, Candidate, ExamApplication, ExamSession, ExamSite, SessionPart
from tests.benchmarks.big import copying
from training.models import Roster, Trainee, TrainingPlan

# People in a class; each class is one session and one submission.
CLASS = 40
# Every fifteenth class is under review: 200,000 of 3,000,000 wait, far more than ever will.
WAITS = 15
# Keys of people begin here, above those of the accounts.
PEOPLE_FROM = 100_000
# History rows of one row have keys of their own from its key times this on.
VERSIONS = 16
# How far before and behind today the exams of those under review lie.
EXAM_DAYS = range(-3, 60)
# How many rows of history one application, one deadline and one opinion have, as shares of all of it.
HISTORY = ((ExamApplication, 5), (Deadline, 3), (Review, 2))

Say = Callable[[str], None]


def fill(*, applications: int, history: int, today: date, say: Say) -> None:
    """Bring the database to that many rows; what is there stays."""
    copying.heal()
    _reference(say)
    _helpers(today)
    classes = -(-applications // CLASS)
    numbers = "generate_series({first}::bigint, {last}::bigint) AS i"
    _table(Person, PERSON, numbers, classes * CLASS, say, offset=PEOPLE_FROM)
    for model, columns in ((TrainingPlan, PLAN), (Roster, ROSTER), (ExamSession, SESSION), (SessionPart, PART)):
        _table(model, columns, CLASSES, classes, say)
    _table(ApplicationBatch, BATCH, CLASSES, classes, say)
    for model, columns in ((Trainee, TRAINEE), (ExamApplication, APPLICATION), (Candidate, CANDIDATE)):
        _table(model, columns, APPLICATIONS, classes * CLASS, say)
    _table(Deadline, DEADLINE, DEADLINES, classes * CLASS, say, keys=2)
    _table(Review, REVIEW, REVIEWS, classes * CLASS, say)
    say(f"days: {due_days.follow_all():,} set")
    for model, share in HISTORY:
        versions = max(round(history * share / 10 / (classes * CLASS)), 1)
        _history(model, versions, classes * CLASS, say)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _table(model, columns: dict[str, str], source: str, last: int, say: Say, *, offset: int = 0, keys: int = 1) -> None:
    first = max(copying.last_id(model) - offset, 0) // keys + 1
    if first > last:
        say(f"{model._meta.db_table}: complete")
        return
    with copying.without_indexes(model):
        copying.fill(model, columns, source, first=first, last=last, say=say)
    copying.go_on_counting(model)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {model._meta.db_table}")


def _history(model, versions: int, last: int, say: Say) -> None:
    """The versions of each row: the same values, from a day on."""
    past = model.history.model
    keys = 2 if model is Deadline else 1
    first = copying.last_id(past, "history_id") // VERSIONS // keys + 1
    if first > last:
        say(f"{past._meta.db_table}: complete")
        return
    own = {field.column: f"t.{field.column}" for field in model._meta.concrete_fields}
    columns = {field.column: own[field.column] for field in past._meta.concrete_fields if field.column in own}
    columns |= {
        "history_id": f"t.id * {VERSIONS} + v",
        "history_date": "now() - v * interval '2 days' - (t.id % 3000) * interval '1 day'",
        "history_type": f"CASE WHEN v = {versions} THEN '+' ELSE '~' END",
    }
    table = model._meta.db_table
    between = f"t.id BETWEEN {{first}} * {keys} AND {{last}} * {keys} + {keys - 1}"
    source = f"{table} t CROSS JOIN generate_series(1, {versions}) AS v WHERE {between}"
    with copying.without_indexes(past):
        copying.fill(past, columns, source, first=first, last=last, say=say)
    copying.go_on_counting(past, "history_id")


def _reference(say: Say) -> None:
    """Calendars, rules, catalogue, the organisations and accounts of the demonstration province."""
    call_command("load_reference", verbosity=0)
    if Organisation.objects.exists():
        return
    say("organisations and accounts")
    with transaction.atomic():
        actor, since = User.objects.system(), accounts.IN_OFFICE_SINCE
        built = province.build(province.CITIES, actor=actor, now=since)
        divisions = tuple(division for city in province.CITIES for division in city.divisions)
        people = invented_people(1, divisions=divisions, today=since.date())
        accounts.make(accounts.planned(built, province.CITIES), people, actor=actor, now=since)


def _helpers(today: date) -> None:
    """What the rows are made from, as tables that SQL can join."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS benchmark_place, benchmark_job, benchmark_due, benchmark_now;"
            "CREATE TABLE benchmark_place (n int PRIMARY KEY, institution_id bigint, bureau_id bigint, site_id bigint,"
            " filer_id bigint, reviewer_id bigint);"
            "CREATE TABLE benchmark_job (category text, n int, job_type_id bigint, job_code text,"
            " PRIMARY KEY (category, n));"
            "CREATE TABLE benchmark_due (code text, rule_id bigint, anchor_on date, due_on date, signature text,"
            " provisional bool, PRIMARY KEY (code, anchor_on));"
            "CREATE TABLE benchmark_now (today date, edition_id bigint, centre_id bigint, officer_id bigint,"
            " centre_reviewer_id bigint, kind_id bigint)"
        )
        cursor.executemany("INSERT INTO benchmark_place VALUES (%s, %s, %s, %s, %s, %s)", list(_places()))
        cursor.executemany("INSERT INTO benchmark_job VALUES (%s, %s, %s, %s)", list(_jobs()))
        cursor.executemany("INSERT INTO benchmark_due VALUES (%s, %s, %s, %s, %s, %s)", list(_dues(today)))
        cursor.execute("INSERT INTO benchmark_now VALUES (%s, %s, %s, %s, %s, %s)", _now(today))
        cursor.execute(CHECK_CHARACTER)


def _places():
    users = {user.username: user.pk for user in User.objects.all()}
    filers = dict(
        User.objects.filter(organisation__kind="TRAINING_INSTITUTION").order_by("-pk").values_list("organisation", "pk")
    )
    reviewers = dict(
        User.objects.filter(role_assignments__role="CITY_REVIEWER").order_by("-pk").values_list("organisation", "pk")
    )
    bureaux = {row.territory_id: row for row in Organisation.objects.filter(kind="CITY_BUREAU").order_by("-pk")}
    sites = {row.organiser_id: row.pk for row in _sites()}
    numbers = count()
    for row in Organisation.objects.filter(kind="TRAINING_INSTITUTION", pk__in=filers).order_by("pk"):
        bureau = bureaux[row.territory_id]
        yield (
            next(numbers),
            row.pk,
            bureau.pk,
            sites[bureau.pk],
            filers[row.pk],
            reviewers.get(bureau.pk, users["system"]),
        )


def _sites():
    return ExamSite.objects.order_by("-pk")


def _jobs():
    for category in ("ONE", "TWO"):
        rows = JobType.objects.filter(group__edition__active=True, group__category=category).order_by("pk")
        for place, (pk, code) in enumerate(rows.values_list("pk", "code")):
            yield category, place, pk, code


def _dues(today: date):
    calendar = calendars.current()
    for code in ("direct_review", "preliminary_review", "final_review", "city_review_report"):
        rule = deadline_rule(code)
        for offset in EXAM_DAYS:
            due = due_by(rule, today + timedelta(days=offset), calendar)
            yield code, rule.pk, due.event_on, due.due_on, due.signature, due.provisional


def _now(today: date) -> tuple:
    users = {user.username: user.pk for user in User.objects.all()}
    return (
        today,
        lookup.edition_on(today).pk,
        Organisation.objects.provincial_centre().pk,
        users["sheng-kaowu"],
        users["sheng-shenhe"],
        ContentType.objects.get_for_model(ExamApplication).pk,
    )


# The check character of an identity number (GB 11643).
CHECK_CHARACTER = """
CREATE OR REPLACE FUNCTION benchmark_number(body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT body || substr('10X98765432', 1 + (
    7*substr(body,1,1)::int + 9*substr(body,2,1)::int + 10*substr(body,3,1)::int + 5*substr(body,4,1)::int
    + 8*substr(body,5,1)::int + 4*substr(body,6,1)::int + 2*substr(body,7,1)::int + 1*substr(body,8,1)::int
    + 6*substr(body,9,1)::int + 3*substr(body,10,1)::int + 7*substr(body,11,1)::int + 9*substr(body,12,1)::int
    + 10*substr(body,13,1)::int + 5*substr(body,14,1)::int + 8*substr(body,15,1)::int + 4*substr(body,16,1)::int
    + 2*substr(body,17,1)::int) % 11, 1) $$"""

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
_GIVEN = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林建国志文海峰立新永成芳娜敏静"


def _one_of(text: str, number: str) -> str:
    return f"substr('{text}', 1 + (({number}) % {len(text)})::int, 1)"


_BORN = "date '1962-01-01' + (i * 37 % 15000)::int"
PERSON = {
    "id": f"{PEOPLE_FROM} + i",
    "document_number": "benchmark_number('99' || lpad((1 + i % 11)::text, 2, '0') || '31'"
    f" || to_char({_BORN}, 'YYYYMMDD') || lpad((i / 15000 % 1000)::text, 3, '0'))",
    # Common names are common: the first surnames have most of the people.
    "name": f"{_one_of(_SURNAMES, 'LEAST(i * 7919 % 97, i * 104729 % 53)')} || {_one_of(_GIVEN, 'i * 15485863 / 7')}"
    f" || CASE WHEN i % 3 = 0 THEN '' ELSE {_one_of(_GIVEN, 'i * 32452843 / 11')} END",
    "sex": "CASE WHEN i / 15000 % 2 = 1 THEN 'M' ELSE 'F' END",
    "birth_date": _BORN,
    "education": "'SENIOR_HIGH'",
    "employer": "'云岭恒固建筑安装有限公司'",
    "created_at": "now() - interval '9 years'",
}

# A class: p is its number, w says whether it is under review.
CLASSES = f"""(
  SELECT p.*, place.*, job.job_type_id, job.job_code, n.*,
         CASE WHEN p.category = 'ONE' THEN centre_id ELSE bureau_id END AS organiser,
         CASE WHEN w THEN today + {EXAM_DAYS.start} + (p * 13 % {len(EXAM_DAYS)})::int
              ELSE today - 60 - (p * 17 % 3285)::int END AS exam_on
    FROM (SELECT p, p % {WAITS} = 0 AS w, CASE WHEN p * 7 % 10 < 3 THEN 'ONE' ELSE 'TWO' END AS category,
                 CASE WHEN p / {WAITS} % 10 < 6 THEN 'INITIAL' WHEN p / {WAITS} % 10 < 8 THEN 'PERIODIC_REVIEW'
                      ELSE 'RENEWAL' END AS kind
            FROM generate_series({{first}}::bigint, {{last}}::bigint) AS p) p
    JOIN benchmark_place place ON place.n = p.p * 31 % (SELECT COUNT(*) FROM benchmark_place)
    JOIN benchmark_job job ON job.category = p.category
     AND job.n = p.p / 10 % (SELECT COUNT(*) FROM benchmark_job j WHERE j.category = p.category)
   CROSS JOIN benchmark_now n) c"""
_FILED = "exam_on - 40 + time '10:00'"
PLAN = {
    "id": "p",
    "institution_id": "institution_id",
    "job_type_id": "job_type_id",
    "kind": "kind",
    "class_start": "exam_on - 30",
    "class_end": "exam_on - 12",
    "capacity": "60",
    "onsite_hours": "148",
    "venue": "'第一教室'",
    "state": "'ACKNOWLEDGED'",
    "version": "1",
    "number": "'PX-' || to_char(exam_on, 'YYYY') || '-' || lpad(p::text, 7, '0')",
    "category": "category",
    "organiser_id": "organiser",
    "rule_edition_id": "edition_id",
    "created_by_id": "filer_id",
    "created_at": _FILED,
    "filed_at": _FILED,
}
ROSTER = {
    "id": "p",
    "plan_id": "p",
    "version": "1",
    "headcount": str(CLASS),
    "submitted_by_id": "filer_id",
    "submitted_at": _FILED,
}
SESSION = {
    "id": "p",
    "organiser_id": "organiser",
    "job_type_id": "job_type_id",
    "number": "'KS-' || to_char(exam_on, 'YYYY') || '-' || lpad(p::text, 7, '0')",
    "site_id": "site_id",
    "starts_on": "exam_on",
    "capacity": "60",
    "state": "CASE WHEN w THEN 'ANNOUNCED' ELSE 'RELEASED' END",
    "announced_by_id": "officer_id",
    "announced_at": _FILED,
}
PART = {"id": "p", "session_id": "p", "part": "'THEORY'", "day": "exam_on", "first_slot": "18", "last_slot": "21"}
BATCH = {
    "id": "p",
    "plan_id": "p",
    "number": "'SB-' || to_char(exam_on, 'YYYY') || '-' || lpad(p::text, 7, '0')",
    "submitted_by_id": "filer_id",
    "submitted_at": "exam_on - 11 + time '10:00'",
}

# An application: i is its number, r spreads states, a says whether it has a session.
_OPEN_STATE = """CASE
  WHEN NOT w THEN CASE WHEN r < 95 THEN 'CLEARED' WHEN r < 98 THEN 'REFUSED' ELSE 'WITHDRAWN' END
  WHEN category = 'ONE' THEN CASE WHEN r < 92 THEN 'DIRECT_REVIEW' WHEN r < 97 THEN 'RETURNED' ELSE 'CLEARED' END
  WHEN kind = 'INITIAL' THEN CASE WHEN r < 50 THEN 'PRELIMINARY_REVIEW' WHEN r < 88 THEN 'FINAL_REVIEW'
                                  WHEN r < 95 THEN 'RETURNED' ELSE 'CLEARED' END
  ELSE CASE WHEN r < 55 THEN 'CITY_REVIEW' WHEN r < 60 THEN 'FINAL_REVIEW' WHEN r < 65 THEN 'RETURNED'
            ELSE 'CLEARED' END END"""
APPLICATIONS = f"""(
  SELECT c.*, i, i * 31 % 100 AS r, NOT (w AND i % 20 = 7) AS a,
         {_OPEN_STATE.replace("r <", "i * 31 % 100 <")} AS state,
         {PEOPLE_FROM} + CASE WHEN NOT w AND i % 5 = 0 AND i > 280 THEN i - 280 ELSE i END AS person
    FROM generate_series({{first}}::bigint, {{last}}::bigint) AS i
    JOIN {CLASSES.replace("{first}", "(({first} - 1) / 40 + 1)").replace("{last}", "(({last} - 1) / 40 + 1)")}
      ON c.p = (i - 1) / {CLASS} + 1) a"""
_RECEIVED = "exam_on - 11 + time '10:00'"
TRAINEE = {
    "id": "i",
    "plan_id": "p",
    "person_id": "person",
    "first_roster_id": "p",
    "education": "'SENIOR_HIGH'",
    "employer": "'云岭恒固建筑安装有限公司'",
    "phone": "'19900000000'",
    "created_at": _FILED,
}
APPLICATION = {
    "id": "i",
    "trainee_id": "i",
    "person_id": "person",
    "plan_id": "p",
    "institution_id": "institution_id",
    "organiser_id": "organiser",
    "kind": "kind",
    "category": "category",
    "job_type_id": "job_type_id",
    "job_type_code": "job_code",
    "rule_edition_id": "edition_id",
    "wished_session_id": "CASE WHEN kind = 'INITIAL' THEN p END",
    "batch_id": "p",
    "number": "'SQ-' || to_char(exam_on, 'YYYY') || '-' || lpad(i::text, 8, '0')",
    "state": "state",
    "returned_from": """CASE WHEN state <> 'RETURNED' THEN '' WHEN category = 'ONE' THEN 'DIRECT_REVIEW'
                             WHEN kind = 'INITIAL' THEN 'PRELIMINARY_REVIEW' ELSE 'CITY_REVIEW' END""",
    "conditional": "state = 'CLEARED' AND kind <> 'INITIAL' AND i % 7 = 0",
    "first_submitted_at": _RECEIVED,
    "created_at": _FILED,
    "resubmitted_at": f"CASE WHEN w AND i % 17 = 0 AND state <> 'RETURNED' THEN {_RECEIVED} END",
    "awaits_record": "w AND state = 'CLEARED' AND category = 'TWO' AND kind <> 'INITIAL'",
}
CANDIDATE = {
    "id": "i",
    "application_id": "i",
    "session_id": "p",
    "state": """CASE WHEN NOT a THEN 'MOVED' WHEN w AND state <> 'REFUSED' THEN 'LISTED'
                     WHEN state <> 'CLEARED' THEN 'WITHDRAWN' WHEN r < 80 THEN 'PASSED' ELSE 'FAILED' END""",
    "listed_at": _RECEIVED,
}

# Those under review have the deadlines of every review before them, those decided the last one, met.
DEADLINES = f"""(
  SELECT a.*, due.rule_id, due.signature, due.provisional, COALESCE(due.due_on, exam_on - 1) AS due_on,
         route.code, place_in_route,
         NOT w OR state = 'CLEARED' OR (place_in_route = 0 AND state = 'FINAL_REVIEW') AS met
    FROM {APPLICATIONS}
    JOIN (VALUES ('ONE', TRUE, 'direct_review', 0), ('ONE', FALSE, 'direct_review', 0),
                 ('TWO', TRUE, 'preliminary_review', 0), ('TWO', TRUE, 'final_review', 1),
                 ('TWO', FALSE, 'city_review_report', 0)) AS route (of, initial, code, place_in_route)
      ON route.of = a.category AND route.initial = (a.kind = 'INITIAL') AND (w OR place_in_route = 0)
    JOIN LATERAL (SELECT * FROM benchmark_due d WHERE d.code = route.code
                   ORDER BY d.anchor_on <> exam_on LIMIT 1) due ON TRUE
   WHERE a.a) d"""
_DONE = "exam_on - 4 + time '15:00'"
DEADLINE = {
    "id": "i * 2 + place_in_route",
    "rule_id": "rule_id",
    "subject_type_id": "kind_id",
    "subject_id": "i",
    "responsible_id": "CASE WHEN code IN ('direct_review', 'final_review') THEN centre_id ELSE organiser END",
    "institution_id": "institution_id",
    "organiser_id": "organiser",
    "anchor_on": "exam_on",
    "due_on": "CASE WHEN w THEN due_on ELSE exam_on - 1 END",
    "provisional": "provisional AND w",
    "calendar_signature": "signature",
    "opened_at": _RECEIVED,
    "met_at": f"CASE WHEN met THEN {_DONE} END",
    "met_late": "CASE WHEN met THEN FALSE END",
    "met_by_id": "CASE WHEN met THEN reviewer_id END",
    "closed_at": f"CASE WHEN state IN ('REFUSED', 'WITHDRAWN') THEN {_DONE} END",
}
# One opinion on whatever was decided or forwarded.
REVIEWS = f"{APPLICATIONS} WHERE state IN ('CLEARED', 'REFUSED', 'FINAL_REVIEW', 'RETURNED')"
REVIEW = {
    "id": "i",
    "application_id": "i",
    "stage": """CASE WHEN category = 'ONE' THEN 'DIRECT' WHEN kind <> 'INITIAL' THEN 'CITY_REVIEW'
                     WHEN state IN ('CLEARED', 'REFUSED') THEN 'FINAL' ELSE 'PRELIMINARY' END""",
    "outcome": """CASE state WHEN 'REFUSED' THEN 'REFUSE' WHEN 'RETURNED' THEN 'RETURN' ELSE 'PASS' END""",
    "reason": "CASE WHEN state IN ('REFUSED', 'RETURNED') THEN '材料与登记信息不一致' ELSE '' END",
    "items": """CASE WHEN state = 'RETURNED' THEN '[{"material": "PHOTO", "text": "照片不清晰"}]' ELSE '[]' END""",
    "reviewer_id": "CASE WHEN category = 'ONE' THEN centre_reviewer_id ELSE reviewer_id END",
    "organisation_id": "organiser",
    "at": _DONE,
}


def made_on() -> date:
    """The day around which the exams of those under review lie."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT today FROM benchmark_now")
        return cursor.fetchone()[0]


def moment() -> datetime:
    """Ten o'clock of that day."""
    return datetime.combine(made_on(), datetime.min.time(), tzinfo=clock.SHANGHAI) + timedelta(hours=10)
