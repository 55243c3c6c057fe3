from exams.models.applications import ApplicationBatch, ExamApplication
from exams.models.candidates import Candidate, Seat
from exams.models.declarations import DeclarationKind, DeclarationText
from exams.models.materials import ClassMaterial, ClassMaterialKind, Material, MaterialKind
from exams.models.plans import ExamPlan, ExamPlanItem
from exams.models.results import Result
from exams.models.sessions import ExamSession, RoomUse, SessionPart
from exams.models.sites import ExamRoom, ExamSite, Part
from exams.models.staff import Duty, StaffAssignment
from exams.models.timetable import PersonSlot, RoomSlot
from exams.models.uploads import FileState, MaterialUpload, UploadedFile

__all__ = [
    "ApplicationBatch",
    "Candidate",
    "ClassMaterial",
    "ClassMaterialKind",
    "DeclarationKind",
    "DeclarationText",
    "Duty",
    "ExamApplication",
    "ExamPlan",
    "ExamPlanItem",
    "ExamRoom",
    "ExamSession",
    "ExamSite",
    "FileState",
    "Material",
    "MaterialKind",
    "MaterialUpload",
    "Part",
    "PersonSlot",
    "Result",
    "RoomSlot",
    "RoomUse",
    "Seat",
    "SessionPart",
    "StaffAssignment",
    "UploadedFile",
]
