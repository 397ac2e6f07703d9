from tests.clinic.conftest import watch
from tests.patients.conftest import clinic, clinician

__all__ = ["clinic", "clinician", "watch"]
