"""The pictures of an exercise, with the bands where and in the colours in which they were prescribed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from urllib.parse import urlencode

from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from clinic.links import outside
from programs.catalogue_words import in_words
from programs.illustrations.bands import Colour
from programs.illustrations.drawing import draw
from programs.illustrations.poses import PLACES, Plan, of_exercise, plans
from programs.illustrations.shapes import Shape
from programs.illustrations.words import BAND, COLOURED_BAND, FAULT_ALT, FAULT_CAPTION, WORDS
from programs.models import BandUse, Dose, Exercise, bands_used
from programs.words import KINDS

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Frame:
    """
    One picture. `key` names it, `placement` the place of the band that it is about; `caption` goes below it, `alt`
    stands for it. Where it shows a fault `is_fault` is true: the picture has a cross, and the words must say so too.
    `width` and `height` are those of its view box, in centimetres of the figure.
    """

    key: str
    placement: str
    caption: str
    alt: str
    is_fault: bool
    width: int
    height: int
    plan: Plan = field(repr=False, compare=False)
    bands: tuple[BandUse, ...] = field(repr=False, compare=False)

    def svg(self, *, for_print: bool = False, title_id: str = "") -> SafeString:
        """
        The picture as an `<svg>` element.

        On screen its colours come from `css/illustrations.css`, and it is named by its text alternative: by a
        `<title>` with the id `title_id` where that is given, otherwise by `aria-label`. For print it holds its
        colours itself, uses only `<path>` and no style, and has no name: the document gives it `alt`.
        """
        box = {"viewBox": f"0 0 {self.width} {self.height}"}
        drawn = _drawn(self.plan.key, self._colours, for_print)
        if for_print:
            size = {"xmlns": "http://www.w3.org/2000/svg", "width": self.width, "height": self.height}
            return format_html("<svg{}>{}</svg>", flatatt(box | size), drawn)
        title = format_html('<title id="{}">{}</title>', title_id, self.alt) if title_id else ""
        name = {"aria-labelledby": title_id} if title_id else {"aria-label": self.alt}
        return format_html("<svg{}>{}{}</svg>", flatatt({"class": "picture", "role": "img"} | box | name), title, drawn)

    @property
    def url(self) -> str:
        """Where the picture is a file: a page that shows it as one stays small, and the browser keeps it."""
        colours = {place: colour.main.removeprefix("#") for place, colour in sorted(self._colours)}
        return f"{outside('picture', self.plan.key)}?{urlencode(colours)}"

    @property
    def shapes(self) -> Sequence[Shape]:
        return _shapes(self.plan.key, self._colours)

    @property
    def _colours(self) -> tuple[tuple[str, Colour], ...]:
        return tuple((use.placement, colour_of(use)) for use in self.bands)


def frames(exercise: Exercise, dose: Dose | None = None) -> list[Frame]:
    """
    The pictures of an exercise in their order: set-up, movement, faults; two to four for each band's place.

    A dose says where the short band goes and which bands were chosen; where none was, the band is grey. There are
    none for an exercise that nobody has drawn. It asks the database for nothing but the bands of the dose, where they
    are not loaded yet.
    """
    return _frames(exercise, bands_used(exercise, dose))


def frames_by_placement(exercise: Exercise) -> list[tuple[str, list[Frame]]]:
    """For each place a band of this exercise may go, the catalogue's words for it and the pictures that show it."""
    usual = {use.kind: use for use in bands_used(exercise)}
    shown = []
    for place in exercise.placements:
        use = BandUse(Exercise.Band(place["band"]), place["key"], place["text"], None)
        drawn = _frames(exercise, (usual | {use.kind: use}).values())
        if about := [frame for frame in drawn if frame.placement == use.placement]:
            shown.append((_where(use), about))
    return shown


def colour_of(use: BandUse) -> Colour:
    """What was chosen; grey where that is open, or no colour."""
    return Colour(use.band.colour.lower()) if use.band and COLOUR.fullmatch(use.band.colour) else Colour()


def _frames(exercise: Exercise, uses: Iterable[BandUse]) -> list[Frame]:
    bands = tuple(uses)
    places = [use.placement for use in bands]
    words_of_bands = " ".join(map(_where, bands))
    drawn = []
    for plan in of_exercise(exercise.pk, places):
        caption, alt = map(str, WORDS[plan.key])
        placement = next(place for place in places if place in plan.places)
        drawn.append(
            Frame(
                key=f"{plan.key}-{placement}",
                placement=placement,
                caption=str(FAULT_CAPTION).format(caption=caption) if plan.is_fault else caption,
                alt=f"{str(FAULT_ALT).format(alt=alt) if plan.is_fault else alt} {words_of_bands}",
                is_fault=plan.is_fault,
                width=plan.scene.size[0],
                height=plan.scene.size[1],
                plan=plan,
                bands=bands,
            )
        )
    return drawn


def picture_file(key: str, colours: Mapping[str, str]) -> str:
    """A frame as a file, light or dark as the system is. Places that it does not show, and what is no colour, are left
    out. Raises LookupError where there is no such frame."""
    plan = {plan.key: plan for plan in plans()}[key]
    known = {
        place: Colour(colour.lower())
        for place, colour in colours.items()
        if place in PLACES and COLOUR.fullmatch(colour) and (place != "hips" or plan.scene.anchors)
    }
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {plan.scene.size[0]} {plan.scene.size[1]}"'
    drawn = _drawn(key, tuple(sorted(known.items())), for_print=False)
    return f'<svg {box} class="as-the-system"><style>{_styles()}</style><g class="picture">{drawn}</g></svg>'


@cache
def _styles() -> str:
    return (settings.BASE_DIR / "static/css/illustrations.css").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _drawn(key: str, colours: tuple[tuple[str, Colour], ...], for_print: bool) -> SafeString:
    """The elements of a frame; drawing takes milliseconds, and a clinic has few colours."""
    shapes = _shapes(key, colours)
    return format_html_join("", "{}", ((shape.in_print() if for_print else shape.on_screen(),) for shape in shapes))


def _shapes(key: str, colours: tuple[tuple[str, Colour], ...]) -> list[Shape]:
    return draw(next(plan for plan in plans() if plan.key == key), dict(colours))


def _where(use: BandUse) -> str:
    """Such as "Short band, green, around your ankles."."""
    kind, place = capfirst(str(KINDS[use.kind])), in_words(use.place)
    if use.band:
        return str(COLOURED_BAND).format(kind=kind, colour=use.band.label, place=place)
    return str(BAND).format(kind=kind, place=place)
