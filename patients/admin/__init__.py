"""The staff's pages for patients: who they are, what they were prescribed, what they did."""

from patients.admin.patients import PatientAdmin
from patients.admin.programs import PrescribableProgramAdmin

__all__ = ["PatientAdmin", "PrescribableProgramAdmin"]
