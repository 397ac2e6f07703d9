from tests.clinic.conftest import staff, watch, world

__all__ = ["staff", "watch", "world"]
