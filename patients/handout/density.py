"""How close a page is set: from roomy to tight. Only what is far longer than usual comes to the last ones."""

from dataclasses import dataclass

MOST_WEEKS, MOST_PICTURES = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """`type` scales the letters; `picture` (the width of one), `row` and `gap` are millimetres.

    The rest are the most lines: of the notes, of a remark, of the warning signs, of a step, of a phase's news. With
    `told` the steps are told where there are pictures, too.
    """

    type: float
    picture: float
    weeks: int
    row: float
    gap: float
    notes: int
    remark: int
    signs: int
    step: int = 2
    news: int = 2
    told: bool = False


DENSITIES = (
    Density(type=1.05, picture=33, weeks=MOST_WEEKS, row=9.5, gap=4, notes=8, remark=4, signs=5, told=True),
    Density(type=1, picture=31, weeks=MOST_WEEKS, row=9, gap=3.5, notes=7, remark=4, signs=5, told=True),
    Density(type=1, picture=31, weeks=MOST_WEEKS, row=8.5, gap=3, notes=7, remark=4, signs=5),
    Density(type=0.96, picture=29, weeks=MOST_WEEKS, row=8, gap=2.5, notes=6, remark=4, signs=4),
    Density(type=0.96, picture=29, weeks=5, row=8, gap=2.5, notes=6, remark=4, signs=4),
    Density(type=0.93, picture=28, weeks=5, row=7.5, gap=2.2, notes=5, remark=4, signs=4),
    Density(type=0.93, picture=28, weeks=4, row=7.5, gap=2.2, notes=5, remark=4, signs=4),
    Density(type=0.9, picture=26, weeks=4, row=7.2, gap=2, notes=5, remark=4, signs=4),
    Density(type=0.86, picture=22, weeks=4, row=7, gap=1.8, notes=4, remark=3, signs=3),
    Density(type=0.82, picture=20, weeks=4, row=6.8, gap=1.5, notes=3, remark=2, signs=3, step=1),
    Density(type=0.78, picture=18, weeks=4, row=6.5, gap=1.2, notes=2, remark=1, signs=3, step=1, news=1),
)
