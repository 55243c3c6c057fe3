from certification.organisations.models.accounts import RoleAssignment, User
from certification.organisations.models.designations import Designation
from certification.organisations.models.organisations import Organisation, OrganisationKind, Territory

__all__ = ["Designation", "Organisation", "OrganisationKind", "RoleAssignment", "Territory", "User"]
