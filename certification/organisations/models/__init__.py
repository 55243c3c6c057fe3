from certification.organisations.models.accounts import RoleAssignment, User
from certification.organisations.models.acting import ActingFor, named, signed_name
from certification.organisations.models.conflicts import Conflict, ConflictKind
from certification.organisations.models.designations import Designation
from certification.organisations.models.organisations import Organisation, OrganisationKind, Territory

__all__ = [
    "ActingFor",
    "Conflict",
    "ConflictKind",
    "Designation",
    "Organisation",
    "OrganisationKind",
    "RoleAssignment",
    "Territory",
    "User",
    "named",
    "signed_name",
]
