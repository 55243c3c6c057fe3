from training.models.attendance import Attendance, AttendanceReopening, Presence, SignInSheet
from training.models.lessons import Lesson, LessonMode, LessonPart
from training.models.online import OnlineHours, OnlineImport
from training.models.plans import PlanReceipt, PlanTeacher, TrainingPlan
from training.models.proofs import HoursProof
from training.models.resources import Teacher, Venue
from training.models.rosters import Roster, RosterReceipt, Trainee
from training.models.spot_checks import SpotAnswer, SpotCheck, SpotFinding

__all__ = [
    "Attendance",
    "AttendanceReopening",
    "HoursProof",
    "Lesson",
    "LessonMode",
    "LessonPart",
    "OnlineHours",
    "OnlineImport",
    "PlanReceipt",
    "PlanTeacher",
    "Presence",
    "Roster",
    "RosterReceipt",
    "SignInSheet",
    "SpotAnswer",
    "SpotCheck",
    "SpotFinding",
    "Teacher",
    "Trainee",
    "TrainingPlan",
    "Venue",
]
