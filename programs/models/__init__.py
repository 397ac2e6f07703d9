from programs.models.bands import Band, BandLadder
from programs.models.catalogue import Citation, Claim, Exercise
from programs.models.program import Dose, Phase, Program

__all__ = ["Band", "BandLadder", "Citation", "Claim", "Dose", "Exercise", "Phase", "Program"]
