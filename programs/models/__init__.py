from programs.models.bands import Band, BandLadder
from programs.models.catalogue import Citation, Claim, Exercise
from programs.models.program import BandUse, Dose, Phase, Program, ProgramVersion, bands_used

__all__ = [
    "Band",
    "BandLadder",
    "BandUse",
    "Citation",
    "Claim",
    "Dose",
    "Exercise",
    "Phase",
    "Program",
    "ProgramVersion",
    "bands_used",
]
