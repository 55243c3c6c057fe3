"""The classes of the demonstration, as a table: who, what, when the exam is, how far it has come, what went wrong.

``exam`` counts working days from the day on which the demonstration is made (negative: past). A class starts
twenty-three working days before an INITIAL exam and twelve before the others; see ``routes`` for what happens when.
"""

from dataclasses import dataclass

from certification.catalogue.models import ApplicationKind

PROVINCE = "省厅考试中心"
INITIAL, REVIEW, RENEWAL = ApplicationKind.INITIAL, ApplicationKind.PERIODIC_REVIEW, ApplicationKind.RENEWAL
QINGPING, LANXI = "青屏市", "澜溪市"


@dataclass(frozen=True)
class Story:
    """One class. ``until`` is the last step that is played ("" as far as the days have come), ``without``
    the steps that nobody took; ``twists`` name what departs from the straight way (see the acts)."""

    filer: str
    job_type: str
    exam: int
    until: str = ""
    organiser: str = QINGPING
    kind: ApplicationKind = INITIAL
    size: int = 3
    twists: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()


def _story(filer: str, job_type: str, exam: int, until: str = "", *twists: str, **more) -> Story:
    return Story(filer, job_type, exam, until, twists=frozenset(twists), **more)


# What the city leaves undone.
_UNREVIEWED = ("first_review", "answer_return", "second_review")
_CITY_INITIAL = (
    _story("jigou", "0101", 33, "draft"),
    _story("jigou", "0101", 31, "file"),
    _story("jigou2", "0103", 30, "file"),
    _story("jigou", "0102", 29, "answer_plan", "plan_returned", size=4),
    _story("jigou5", "0301", 28, "answer_plan", "plan_rejected", size=4),
    _story("jigou2", "0104", 27, "answer_plan", "plan_withdrawn", size=4),
    _story("jigou", "0201", 24, "upload_roster", "roster_wrong", size=5),
    _story("jigou2", "0101", 23, "answer_plan"),
    _story("jigou5", "0302", 22, "answer_plan"),
    _story("jigou", "0102", 19, "roster", "check_open", "short_hours", size=5),
    _story("jigou2", "0301", 16, "roster", "check_answered", size=4),
    _story("jigou", "0104", 15, "roster", "check_clean", "lesson_cancelled", size=5),
    _story("jigou5", "0201", 14, "roster", "check_returned", size=4),
    _story("jigou2", "0105", 13, "roster", "check_overdue", size=4),
    _story("jigou", "0101", 12, "roster", "substitute", "check_confirmed", size=5),
    _story("jigou2", "0202", 7, "build"),
    _story("jigou", "0106", 5, "build"),
    _story("jigou", "0101", 6, "submit_applications", "proofs", "abroad", size=5),
    _story("jigou5", "0201", 11, "draft_exam_plan"),
    _story("jigou2", "0106", 10, "file_exam_plan"),
    _story("jigou", "0102", 9, "answer_exam_plan", "exam_plan_returned", size=4),
    _story("jigou5", "0301", 4, "first_review", "returned", size=4),
    _story("jigou", "0103", 3, "submit_applications", size=5),
    _story("jigou2", "0106", 3, "answer_return", "returned", size=3),
    _story("jigou2", "0101", 2, "second_review", "returned", "unfit", size=5),
    _story("jigou2", "0105", 2, "submit_applications"),
    _story("jigou2", "0103", 1, "review_taken_over", "taken_over", without=_UNREVIEWED, size=4),
    _story("jigou5", "0301", 1, "final_review", "sent_back", size=4),
    _story("jigou", "0104", 1, "second_review", "returned", "gave_up", size=4),
    _story("jigou5", "0302", 0, "move_seat", "withdrawn", "seat_moved", size=5),
    _story("jigou", "0101", -1, "hold", "day_open", "incident_reported", "incident_proposed", "tour_open", size=5),
    _story("jigou2", "0102", -2, "enter", "absent", "incident_reviewing", "tour_returned", size=4),
    _story("jigou", "0201", -3, "check", "day_done", "incident_upheld", "incident_dismissed", "tour_confirmed", size=4),
    _story("jigou", "0105", -4, "answer_rechecks", "failed", "incident_revoked", "tour_clean", "rechecks", size=6),
    _story("jigou5", "0301", -5, "prepare"),
    _story("jigou2", "0101", -6, "submit", size=4),
    _story("jigou", "0202", -8, "accept", "correction", size=4),
    _story("jigou", "0103", -9, "accept", "not_accepted"),
    _story("jigou2", "0201", -10, "extension", "clocks", size=8),
    _story("jigou5", "0302", -16, "extension", "hearing", size=4),
    _story("jigou", "0101", -15, "decide", "licence_refused", "overtaken", size=4),
    _story("jigou2", "0102", -18, "serve", "failed", size=4),
    _story("jigou", "0201", -21, "print", "failed", "absent", size=4),
    _story("jigou", "0101", -28, "seal", "returned", "unfit", "failed", size=5),
)
_OTHER_CITIES = (
    _story("lanxi-jigou3", "0401", 8, "submit_applications"),
    _story("lanxi-jigou", "0101", 1, "rooms", organiser=LANXI, size=4),
    _story("lanxi-jigou", "0201", 3, "first_review", "returned", "unfit", "prepared", organiser=LANXI, size=5),
    _story("lanxi-jigou3", "0301", 14, "roster", organiser=LANXI),
    _story("lanxi-jigou", "0101", -20, "cards", "abroad", organiser=LANXI),
    _story("lanxi-jigou", "0102", 30, "file", organiser=LANXI),
    _story("tonghu-jigou", "0402", 6, "submit_applications", organiser="桐湖市", size=4),
    _story("wangyue-jigou2", "0101", 23, "answer_plan", organiser="望岳市"),
    _story("songluan-jigou3", "0101", 5, "submit_applications", organiser="松峦市"),
    _story("yanhui-jigou3", "0302", 2, "second_review", organiser="雁回市"),
    _story("shitan-jigou", "0201", 2, "first_review", organiser="石潭市"),
    _story("danxiao-jigou3", "0201", -1, "hold", organiser="丹霄市"),
    _story("fengdu-jigou2", "0101", 3, "submit_applications", organiser="枫渡市"),
    _story("jichuan-jigou3", "0103", 7, "build", organiser="霁川市"),
    _story("baizhou-jigou2", "0301", 12, "roster", organiser="白洲市"),
)
_PROVINCE_INITIAL = tuple(
    _story(filer, job_type, exam, until, *twists, organiser=PROVINCE, size=size)
    for filer, job_type, exam, until, size, twists in (
        ("jigou3", "0916", 31, "file", 3, ()),
        ("jigou3", "0904", 23, "answer_plan", 3, ()),
        ("jigou3", "0902", 17, "roster", 4, ("check_answered",)),
        ("jigou4", "0501", 7, "build", 3, ()),
        ("jigou3", "0910", 6, "submit_applications", 5, ()),
        ("jigou4", "0608", 4, "first_review", 4, ("returned", "unfit")),
        ("danxiao-jigou2", "0901", 1, "submit_applications", 3, ()),
        ("jigou3", "0911", 0, "replace_room", 3, ("room_replaced",)),
        ("shitan-jigou2", "1004", -1, "hold", 3, ("day_done", "incident_decided", "tour_confirmed")),
        ("jigou4", "0504", -2, "enter", 4, ("absent", "tour_answered")),
        ("jigou6", "0801", -5, "submit", 3, ()),
        ("jigou3", "0916", -9, "reconcile", 3, ()),
        ("jigou3", "0902", -14, "decide", 3, ("licence_drafted",)),
        ("jigou4", "0604", -19, "cards", 4, ("failed",)),
        ("jigou3", "0910", -27, "hand_over", 3, ()),
    )
)
_CITY_RENEWAL = (
    _story("jigou", "0101", 20, "file", kind=RENEWAL),
    _story("jigou2", "0201", 13, "build", kind=RENEWAL),
    _story("jigou", "0102", 12, "build", "undecided", kind=RENEWAL, size=4),
    _story("jigou", "0101", 11, "submit_applications", "abroad", kind=RENEWAL, size=4),
    _story("jigou2", "0101", 10, "first_review", "no_hours", "returned", kind=RENEWAL, size=4),
    _story("jigou", "0201", 6, "assign", "no_hours", kind=RENEWAL, size=4),
    _story("jigou5", "0301", 1, "answer_exam_plan", "no_hours", kind=RENEWAL, size=4),
    _story("jigou", "0103", -7, "release", "proofs", kind=RENEWAL, size=4),
    _story("jigou2", "0101", -12, "reconcile", "licence_withdrawn", kind=RENEWAL),
    _story("jigou", "0101", -24, "hand_over", kind=RENEWAL),
    _story("jigou2", "0202", 3, "assign", kind=RENEWAL, without=("first_review", "hours", "second_review")),
    _story("lanxi-jigou2", "0101", 9, "first_review", "objection", organiser=LANXI, kind=RENEWAL, size=4),
    _story("jigou", "0102", 14, "file", organiser=QINGPING, kind=REVIEW),
    _story("jigou5", "0202", 13, "build", kind=REVIEW),
    _story("jigou2", "0102", 11, "submit_applications", kind=REVIEW),
    _story("jigou5", "0201", 10, "first_review", "returned", "reissued", "unfit", kind=REVIEW, size=4),
    _story("jigou", "0101", 7, "assign", kind=REVIEW, size=4),
    _story("jigou2", "0301", -11, "record", kind=REVIEW),
    _story("jigou", "0201", -20, "serve", kind=REVIEW),
    _story("tonghu-jigou2", "0401", 8, "first_review", organiser="桐湖市", kind=REVIEW),
)
_PROVINCE_RENEWAL = tuple(
    _story(filer, job_type, exam, until, *twists, organiser=PROVINCE, kind=kind)
    for filer, job_type, exam, until, kind, *twists in (
        ("jigou3", "0916", 12, "build", RENEWAL),
        ("jigou3", "0910", 11, "submit_applications", RENEWAL),
        ("jigou4", "0501", 5, "assign", RENEWAL),
        ("jigou3", "0901", -6, "submit", RENEWAL),
        ("jigou3", "0904", -21, "serve", RENEWAL),
        ("jigou4", "0602", 13, "answer_plan", REVIEW),
        ("jigou3", "0904", 10, "first_review", RENEWAL, "returned", "unfit"),
        ("jigou4", "0604", 12, "build", REVIEW),
        ("jigou6", "0801", 11, "submit_applications", REVIEW),
        ("jigou3", "0916", 9, "first_review", REVIEW, "returned", "unfit"),
        ("jigou6", "0801", -3, "enter", REVIEW),
        ("jigou3", "0910", -16, "cards", REVIEW),
    )
)

# Their day for the filing has passed: asked for, granted, refused, taken back, filed by a late admission.
_LATE = tuple(
    _story(filer, job_type, exam, until, "late", *twists, without=("file", "answer_plan"))
    for filer, job_type, exam, until, *twists in (
        ("jigou2", "0103", 27, "ask_late"),
        ("jigou", "0202", 26, "decide_late"),
        ("jigou5", "0302", 26, "decide_late", "late_refused"),
        ("jigou2", "0201", 26, "decide_late", "late_withdrawn"),
        ("jigou5", "0301", 25, "file_late"),
    )
)
# A class with other days; a session with its tickets moved on the eve; one cancelled on the eve.
_CHANGED = (
    _story("jigou2", "0105", 27, "move_class", "class_moved", size=4),
    _story("jigou2", "0103", 1, "move_session", "session_moved", size=4),
    _story("songluan-jigou3", "0101", 1, "cancel_session", "session_cancelled", organiser="松峦市", size=4),
)
STORIES = (*_CITY_INITIAL, *_OTHER_CITIES, *_PROVINCE_INITIAL, *_CITY_RENEWAL, *_PROVINCE_RENEWAL, *_LATE, *_CHANGED)
