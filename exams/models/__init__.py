from exams.models.applications import NO_DATE, ApplicationBatch, ExamApplication
from exams.models.candidates import Candidate, Seat
from exams.models.declarations import DeclarationKind, DeclarationText
from exams.models.exam_day import Attendance, RecordSignature, RoomRecord, SessionRecording, SignIn
from exams.models.incidents import Effect, Incident, IncidentKind
from exams.models.materials import ClassMaterial, ClassMaterialKind, Material, MaterialKind
from exams.models.plans import ExamPlan, ExamPlanItem
from exams.models.rechecks import ScoreRecheck
from exams.models.results import Result, ResultReading
from exams.models.sessions import ExamSession, RoomUse, SessionPart
from exams.models.sites import Area, ExamRoom, ExamSite, Part, RoomEquipment, RoomMaintenance, SiteUpgrade
from exams.models.staff import Duty, StaffAssignment, StaffQualification
from exams.models.timetable import PersonSlot, RoomTime
from exams.models.tours import InspectionTour, TourAnswer, TourEffect, TourFinding
from exams.models.uploads import FileState, MaterialUpload, UploadedFile

__all__ = [
    "NO_DATE",
    "ApplicationBatch",
    "Area",
    "Attendance",
    "Candidate",
    "ClassMaterial",
    "ClassMaterialKind",
    "DeclarationKind",
    "DeclarationText",
    "Duty",
    "Effect",
    "ExamApplication",
    "ExamPlan",
    "ExamPlanItem",
    "ExamRoom",
    "ExamSession",
    "ExamSite",
    "FileState",
    "Incident",
    "IncidentKind",
    "InspectionTour",
    "Material",
    "MaterialKind",
    "MaterialUpload",
    "Part",
    "PersonSlot",
    "RecordSignature",
    "Result",
    "ResultReading",
    "RoomEquipment",
    "RoomMaintenance",
    "RoomRecord",
    "RoomTime",
    "RoomUse",
    "ScoreRecheck",
    "Seat",
    "SessionPart",
    "SessionRecording",
    "SignIn",
    "SiteUpgrade",
    "StaffAssignment",
    "StaffQualification",
    "TourAnswer",
    "TourEffect",
    "TourFinding",
    "UploadedFile",
]
