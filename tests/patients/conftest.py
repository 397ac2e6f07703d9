from tests.clinic.conftest import watch

__all__ = ["watch"]
