from exams.models.applications import ApplicationBatch, ExamApplication, Material, MaterialKind
from exams.models.candidates import Candidate, Seat
from exams.models.plans import ExamPlan, ExamPlanItem
from exams.models.results import Result
from exams.models.sessions import ExamSession, RoomUse, SessionPart
from exams.models.sites import ExamRoom, ExamSite, Part
from exams.models.staff import Duty, StaffAssignment
from exams.models.timetable import PersonSlot, RoomSlot

__all__ = [
    "ApplicationBatch",
    "Candidate",
    "Duty",
    "ExamApplication",
    "ExamPlan",
    "ExamPlanItem",
    "ExamRoom",
    "ExamSession",
    "ExamSite",
    "Material",
    "MaterialKind",
    "Part",
    "PersonSlot",
    "Result",
    "RoomSlot",
    "RoomUse",
    "Seat",
    "SessionPart",
    "StaffAssignment",
]
