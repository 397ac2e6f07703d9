"""The staff's pages for what can be prescribed."""

from programs.admin.bands import LadderAdmin
from programs.admin.catalogue import ExerciseAdmin
from programs.admin.programs import ProgramAdmin

__all__ = ["ExerciseAdmin", "LadderAdmin", "ProgramAdmin"]
