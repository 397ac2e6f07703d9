"""What the pictures show is measured, from the joints that are drawn."""

import re
from math import dist, hypot
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from django.utils import timezone
from fpdf import FPDF
from fpdf.svg import SVGObject

from clinic.wall.scope import clinic_scope
from patients.actions.prescribing import prescribe
from programs.catalogue import read_catalogue
from programs.illustrations import Frame, frames, frames_by_placement
from programs.illustrations.bands import DARK, LIGHT, Colour
from programs.illustrations.poses import POSES_FILE, Plan, PosesError, plans, read_plans
from programs.illustrations.shapes import PRINTED, number
from programs.illustrations.space import angle_between, convex_outline, middle, minus
from programs.models import Band, BandLadder, Dose, Exercise
from tests.factories import THRUST, WALK, make_clinic, make_member, make_program, sign_in
from tests.patients.home import a_home

PLACES = [(WALK, "forefeet"), (WALK, "ankles"), (WALK, "knees"), (THRUST, "hips"), (THRUST, "knees")]
STYLES = Path("static/css/illustrations.css").read_text()
CATALOGUE = read_catalogue()


def exercise(key: str, **fields: object) -> Exercise:
    """One of the catalogue, without a database."""
    values = {name: value for name, value in CATALOGUE.exercises[key].items() if name != "source"}
    return Exercise(key=key, **values | fields)


def dose(key: str, placement: str = "", *, short: str = "", long: str = "") -> Dose:
    made = Dose(exercise=exercise(key), placement=placement)
    made.short_band = Band(label="green", colour=short) if short else None
    made.long_band = Band(label="blue", colour=long) if long else None
    return made


def pictures(key: str, placement: str, **bands: str) -> list[Frame]:
    made = dose(key, placement if key == WALK else "knees", **bands)
    return [frame for frame in frames(made.exercise, made) if frame.placement == placement]


def plan(key: str) -> Plan:
    (found,) = [each for each in plans() if each.key == key]
    return found


def drawn(key: str, joint: str) -> tuple[float, float]:
    """Where a joint lies on paper."""
    found = plan(key)
    return found.view.moved(found.paper)(found.figure[joint])


def drawn_angle(key: str, corner: str, one: str, other: str) -> float:
    """In degrees, on paper."""
    (x, y), *ends = (drawn(key, joint) for joint in (corner, one, other))
    first, second = ((end[0] - x, end[1] - y, 0.0) for end in ends)
    return angle_between(first, second)


def points_of(path: str) -> list[tuple[float, float]]:
    """Where a path of straight lines goes; of curves, where they end."""
    points, x, y = [], 0.0, 0.0
    for command, text in re.findall(r"([MLlQT])([^MLlQTz]*)", path):
        values = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        pairs = list(zip(values[::2], values[1::2], strict=True))
        for across, down in pairs[-1:] if command == "Q" else pairs:
            x, y = (x + across, y + down) if command == "l" else (across, down)
            points.append((x, y))
    return points


def elements(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter())


def tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


class TestGeometry:
    def test_the_torso_leans_as_the_catalogue_says(self):
        (stated,) = [each["text"] for each in exercise(WALK).set_up if "lean" in each["text"]]
        low, high = map(int, re.findall(r"\d+", stated))

        (x, y), (top_x, top_y) = drawn("walk-lean", "hips"), drawn("walk-lean", "neck")

        assert low <= angle_between((top_x - x, top_y - y, 0), (0, -1, 0)) <= high
        assert [angle.text for angle in plan("walk-lean").angles] == [f"{low}–{high}°"]

    @pytest.mark.parametrize("key", ["walk-ready", "walk-step", "walk-knees-in"])
    def test_the_lean_is_the_same_from_the_front(self, key):
        assert 30 <= angle_between(plan(key).figure.torso_up, (0, 1, 0)) <= 45

    def test_the_knees_of_the_thrust_are_at_the_angle_the_catalogue_says(self):
        (stated,) = [each["text"] for each in exercise(THRUST).set_up if "degrees" in each["text"]]
        assert re.findall(r"\d+", stated) == ["90"]
        assert [angle.text for angle in plan("thrust-top").angles] == ["90°"]

        for side in ("left", "right"):
            joints = [f"{side} {joint}" for joint in ("knee", "hip", "ankle")]
            corner, *ends = (plan("thrust-top").figure[joint] for joint in joints)
            assert angle_between(*(minus(end, corner) for end in ends)) == pytest.approx(90, abs=0.5)
            assert drawn_angle("thrust-top", *joints) == pytest.approx(90, abs=6)

    def test_hips_are_extended_and_shins_upright_at_the_top(self):
        figure = plan("thrust-top").figure
        for side in ("left", "right"):
            shin = minus(figure[f"{side} knee"], figure[f"{side} ankle"])
            assert angle_between(shin, (0, 1, 0)) < 2
        knees = middle(figure["left knee"], figure["right knee"])
        assert drawn_angle("thrust-top", "hips", "neck", "right knee") > 160
        assert angle_between(minus(figure["neck"], figure["hips"]), minus(knees, figure["hips"])) > 175

    @pytest.mark.parametrize("key", ["thrust-start", "thrust-top", "thrust-slack", "thrust-knees-out"])
    def test_the_lowest_part_of_the_shoulder_blades_is_just_above_the_edge_of_the_bench(self, key):
        shown = plan(key)
        edge = (0, shown.scene.bench["height"], 0)
        from_hips = minus(edge, shown.figure["hips"])
        along = sum(a * b for a, b in zip(from_hips, shown.figure.torso_up, strict=True))
        behind = -sum(a * b for a, b in zip(from_hips, shown.figure.torso_front, strict=True))

        # The tip of a shoulder blade is about a third of the torso below the top of the breastbone.
        assert along == pytest.approx(48 * 2 / 3, abs=2)
        assert behind == pytest.approx(9.5, abs=1)

    @pytest.mark.parametrize(("key", "low", "high"), [("thrust-start", 5, 12), ("thrust-slack", 0, 2)])
    def test_the_hips_stay_just_off_the_floor_where_the_bands_pull(self, key, low, high):
        pelvis_radius = 10
        assert low <= plan(key).figure["hips"][1] - pelvis_radius <= high

    @pytest.mark.parametrize("key", ["walk-ready", "walk-step", "thrust-knees-out"])
    def test_knees_stay_over_the_feet_where_it_is_right(self, key):
        for side in ("left", "right"):
            assert self.knee_inside_the_line(key, side) < 0.5

    @pytest.mark.parametrize("key", ["walk-knees-in", "thrust-knees-in"])
    def test_knees_are_inside_the_line_from_hip_to_foot_where_it_is_wrong(self, key):
        for side in ("left", "right"):
            assert self.knee_inside_the_line(key, side) > 4

    def test_pressed_out_the_knees_are_farther_out_than_the_feet(self):
        for side, outward in (("left", 1), ("right", -1)):
            knee, ankle = (drawn("thrust-knees-out", f"{side} {joint}")[0] for joint in ("knee", "ankle"))
            assert (knee - ankle) * outward > 3

    @staticmethod
    def knee_inside_the_line(key: str, side: str) -> float:
        """How far the knee is inside of the line from hip to ankle, halfway down it, on paper, seen from the front."""
        outward = 1 if side == "left" else -1
        hip, knee, ankle = (drawn(key, f"{side} {joint}")[0] * outward for joint in ("hip", "knee", "ankle"))
        return (hip + ankle) / 2 - knee

    @pytest.mark.parametrize("key", ["walk-lean", "walk-ready", "walk-step"])
    def test_feet_are_parallel_and_point_ahead(self, key):
        for side in ("left", "right"):
            along = minus(plan(key).figure[f"{side} toe"], plan(key).figure[f"{side} heel"])
            assert angle_between(along, (1, 0, 0)) < 1

    def test_feet_turn_in_the_fault(self):
        for side in ("left", "right"):
            along = minus(plan("walk-knees-in").figure[f"{side} toe"], plan("walk-knees-in").figure[f"{side} heel"])
            assert angle_between(along, (1, 0, 0)) > 10

    def test_a_step_is_small_and_leaves_the_other_foot_where_it_was(self):
        before, after = plan("walk-ready").figure, plan("walk-step").figure
        assert hypot(*minus(after["right ankle"], before["right ankle"])) < 1
        assert 8 <= after["left ankle"][2] - before["left ankle"][2] <= 20

    def test_feet_are_as_wide_as_the_hips_and_as_the_shoulders(self):
        walk, thrust = plan("walk-ready").figure, plan("thrust-start").figure
        hips, shoulders = walk["left hip"][2], thrust["left shoulder"][2]
        assert hips <= walk["left ankle"][2] <= hips + 8
        assert thrust["left ankle"][2] == pytest.approx(shoulders, abs=1)


class TestBands:
    @pytest.mark.parametrize(("key", "place"), PLACES)
    def test_a_ribbon_runs_by_the_joints_of_its_place(self, key, place):
        joint = {"forefeet": "ball", "ankles": "ankle", "knees": "knee", "hips": "hip"}[place]
        for frame in pictures(key, place):
            look = "strap" if place == "hips" else "band"
            ribbon = [shape for shape in frame.shapes if shape.look == look and shape.fill != Colour().shade]
            points = [point for shape in ribbon for point in points_of(shape.path)]
            for side in ("left", "right"):
                near = {
                    each: min(dist(point, drawn(frame.plan.key, f"{side} {each}")) for point in points)
                    for each in ("ball", "ankle", "knee", "hip")
                }
                assert min(near, key=near.__getitem__) == joint, (frame.key, side, near)
                assert near[joint] < 12, (frame.key, side)

    def test_each_place_looks_different(self):
        bands = {
            place: [shape.path for frame in pictures(WALK, place) for shape in frame.shapes if shape.look == "band"]
            for _key, place in PLACES[:3]
        }
        assert all(bands.values())
        assert not set(bands["forefeet"]) & set(bands["ankles"])
        assert not set(bands["ankles"]) & set(bands["knees"])

    def test_bands_have_the_colours_prescribed(self):
        for frame in frames(exercise(THRUST), dose(THRUST, "knees", short="#C0392B", long="#2458b8")):
            for svg in (frame.svg(), frame.svg(for_print=True)):
                fills = {each.get("fill") for each in elements(svg)} | {each.get("stroke") for each in elements(svg)}
                assert {"#c0392b", "#2458b8"} <= fills, frame.key

    @pytest.mark.parametrize("colour", ["", "red", "#12345", '#fff"/><script>', "#1234567"])
    def test_a_band_without_a_colour_is_grey(self, colour):
        for frame in frames(exercise(WALK), dose(WALK, "ankles", short=colour)):
            assert f'fill="{Colour().main}"' in frame.svg()
            assert "script" not in frame.svg()

    @pytest.mark.parametrize(("colour", "edge"), [("#f2c811", DARK), ("#ffffff", DARK), ("#1c1c1c", LIGHT)])
    def test_a_yellow_band_shows_on_white_and_a_black_one_in_the_dark(self, colour, edge):
        assert Colour(colour).edge == edge

    def test_only_the_fault_hangs_through(self):
        assert [each.key for each in plans() if each.slack] == ["thrust-slack"]


class TestFrames:
    @pytest.mark.parametrize(("key", "place"), PLACES)
    def test_two_to_four_for_each_place_and_the_last_is_a_fault(self, key, place):
        shown = pictures(key, place)
        assert 2 <= len(shown) <= 4
        assert [frame.is_fault for frame in shown] == [False] * (len(shown) - 1) + [True]

    def test_a_dose_says_which_place_is_shown(self):
        assert {frame.placement for frame in frames(exercise(WALK))} == {"forefeet"}
        assert {frame.placement for frame in frames(exercise(WALK), dose(WALK, "ankles"))} == {"ankles"}
        assert {frame.placement for frame in frames(exercise(THRUST))} == {"hips", "knees"}

    def test_every_place_of_the_catalogue_is_drawn(self):
        for key in CATALOGUE.exercises:
            shown = frames_by_placement(exercise(key))
            assert len(shown) == len(exercise(key).placements)
            assert all(2 <= len(about) <= 4 for _place, about in shown)

    def test_none_for_what_was_never_drawn(self):
        unknown = exercise(WALK)
        unknown.key = "squat"
        assert frames(unknown) == frames_by_placement(unknown) == []

    def test_who_still_has_a_retired_exercise_keeps_its_pictures(self):
        assert frames(exercise(WALK, retired=True)) == frames(exercise(WALK)) != []

    def test_texts_are_there_differ_and_say_what_is_a_fault(self):
        shown = [frame for key, place in PLACES for frame in pictures(key, place, short="#112233")]
        assert all(frame.caption.strip() and frame.alt.strip() for frame in shown)
        assert len({frame.alt for frame in shown}) == len(shown)
        for frame in shown:
            for text in (frame.caption, frame.alt):
                assert text.startswith("Not like this") == frame.is_fault
            assert "{" not in frame.caption + frame.alt

    def test_the_alternative_names_the_band_its_colour_and_its_place(self):
        for frame in pictures(WALK, "ankles", short="#2e9e4f"):
            assert frame.alt.endswith("Short band, green, around your ankles.")

    def test_keys_differ_within_an_exercise(self):
        shown = frames(exercise(THRUST))
        assert len({frame.key for frame in shown}) == len(shown)

    def test_a_fault_is_marked_by_a_sign_and_nothing_else_is(self):
        for key in (WALK, THRUST):
            for frame in frames(exercise(key)):
                assert ("cross" in {shape.look for shape in frame.shapes}) == frame.is_fault


class TestSvg:
    @pytest.mark.parametrize(("key", "place"), PLACES)
    def test_no_style_no_script_and_everything_inside(self, key, place):
        for frame in pictures(key, place):
            for element in elements(frame.svg()) + elements(frame.svg(for_print=True)):
                assert tag(element) in {"svg", "path"}
                assert not {name for name in element.attrib if name == "style" or name.startswith("on")}
            for shape in frame.shapes:
                for x, y in [tuple(map(float, m)) for m in re.findall(r"M(-?[\d.]+) ?(-?[\d.]+)", shape.path)]:
                    if not shape.transform:
                        assert 0 <= x <= frame.width, frame.key
                        assert 0 <= y <= frame.height, frame.key

    def test_it_is_named_by_its_alternative(self):
        frame = frames(exercise(WALK))[0]
        named, titled = ET.fromstring(frame.svg()), ET.fromstring(frame.svg(title_id="walk-1"))
        assert (named.get("role"), named.get("aria-label")) == ("img", frame.alt)
        assert (titled.get("role"), titled.get("aria-labelledby")) == ("img", "walk-1")
        assert [(each.get("id"), each.text) for each in titled if tag(each) == "title"] == [("walk-1", frame.alt)]

    def test_every_look_has_a_style_and_a_print(self):
        looks = {shape.look for key in (WALK, THRUST) for frame in frames(exercise(key)) for shape in frame.shapes}
        assert looks == set(PRINTED)
        assert {look for look in looks if not re.search(rf"\.pic-{look}\b(?!-)", STYLES)} == set()

    def test_it_is_light_enough_for_a_phone(self):
        today = [frame.svg() for key in (WALK, THRUST) for frame in frames(exercise(key))]
        assert max(map(len, today)) < 5_500
        assert sum(map(len, today)) < 40_000

    def test_print_hides_the_lines_between_the_outlines_of_one_part(self):
        paths = [each.attrib for each in elements(frames(exercise(WALK))[1].svg(for_print=True)) if tag(each) == "path"]
        limbs = [place for place, each in enumerate(paths) if each["d"].count("M") > 1 and "stroke" in each]
        assert len(limbs) >= 6
        for place in limbs:
            assert paths[place + 1] == {"fill": paths[place]["fill"], "d": paths[place]["d"]}

    @pytest.mark.parametrize("key", [WALK, THRUST])
    def test_print_can_be_drawn_by_fpdf(self, key):
        pdf = FPDF()
        pdf.set_compression(False)
        pdf.add_page()
        for frame in frames(exercise(key), dose(key, short="#2e9e4f", long="#2458b8")):
            picture = SVGObject(frame.svg(for_print=True))
            assert (picture.width, picture.height) == (frame.width, frame.height)
            before = len(bytes(pdf.pages[1].contents))
            picture.draw_to_page(pdf, x=10, y=10)
            after = bytes(pdf.pages[1].contents)
            assert len(after) - before > 2_000
            assert b"0.1804 0.6196 0.3098 rg" in after[before:]

    def test_the_tag_makes_a_list_of_figures(self):
        page = Template("{% load illustrations %}{% illustrations exercise dose %}").render(
            Context({"exercise": exercise(WALK), "dose": dose(WALK, "knees")})
        )
        assert page.count("<figure>") == page.count("<figcaption>") == page.count('role="img"') == 4
        assert '<ol class="pictures">' in page
        unknown = exercise(WALK)
        unknown.key = "squat"
        nothing = Template("{% load illustrations %}{% illustrations exercise dose %}").render(
            Context({"exercise": unknown, "dose": None})
        )
        assert nothing.strip() == ""


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize(("key", "places", "pictures"), [(WALK, 3, 12), (THRUST, 2, 5)])
    def test_the_page_of_an_exercise_shows_every_place(self, client, key, places, pictures):
        clinic = make_clinic()
        with clinic_scope(clinic.pk):
            sign_in(client, make_member(clinic))

        page = client.get(f"/clinic/north/programs/exercise/{key}/change/").content.decode()

        assert page.count('<ol class="pictures') == places
        assert page.count("<figure>") == pictures
        assert all(f"{place['text']}.</h3>" in page for place in exercise(key).placements)
        assert "css/illustrations.css" in page

    def test_a_patient_sees_the_place_and_the_colour_of_their_own_bands(self, client):
        home = a_home(prescribed=False)
        with clinic_scope(home.clinic.pk):
            ladder = BandLadder.objects.create(maker="Maker", length="short")
            band = Band.objects.create(ladder=ladder, label="plum", colour="#6a1b9a")
            program = make_program()
            Dose.objects.filter(phase__program=program, exercise=WALK).update(placement="ankles", short_band=band)
            today = timezone.now()
            prescribe(
                by=home.clinician,
                patient=home.patient,
                program=program,
                starts_on=today.date(),
                affected_knee="left",
                now=today,
            )
        sign_in(client, home.self)

        page = client.get(home.url()).content.decode()

        assert page.count("<figure>") == 9
        assert page.count("Short band, plum, around your ankles.") == 4
        assert page.count("?ankles=6a1b9a") == 5  # and the small one beside what is due
        assert "css/illustrations.css" in page


class TestOutline:
    def test_of_one_circle(self):
        assert [arc[0] for arc in convex_outline([(3, 4, 2)])] == [(3, 4, 2)]

    def test_a_circle_inside_another_does_not_show(self):
        big, small = (0, 0, 5), (1, 0, 2)
        assert [arc[0] for arc in convex_outline([small, big])] == [big]

    def test_it_goes_once_around(self):
        arcs = convex_outline([(0, 0, 3), (10, 0, 2), (5, 8, 1), (5, 1, 1)])
        assert sum(end - start for _circle, start, end in arcs) == pytest.approx(6.283185, abs=1e-5)
        assert {circle for circle, _start, _end in arcs} == {(0, 0, 3), (10, 0, 2), (5, 8, 1)}

    @pytest.mark.parametrize(("value", "text"), [(0.04, "0"), (-0.04, "0"), (0.5, ".5"), (-0.5, "-.5"), (12, "12")])
    def test_numbers_are_short(self, value, text):
        assert number(value) == text


class TestFile:
    @pytest.mark.parametrize(
        ("old", "new", "sentence"),
        [
            ("lean = 38", "lean = 70", "frame 'walk-lean', angles: says 30–45°, but in this pose it is 70°"),
            ("lean = 38", 'lean = "far"', "pose 'walk-ready': lean must be a number from -360 to 360, not 'far'"),
            ("torso = 48", "torso = 0", "lengths: torso must be a number from 1 to 360, not 0"),
            ("torso = 48", "", "lengths: torso is missing"),
            ('pose = "walk-ready"', 'pose = "handstand"', "frame 'walk-lean': pose is 'handstand', but must be one of"),
            ('key = "walk-lean"', 'key = "walk-ready"', "frame 'walk-ready': is there twice"),
            ('key = "walk-lean"', 'key = "dance"', "frame 'dance': key is 'dance', but must be one of"),
            ("stand = [0, -13]", "stand = [0]", "pose 'walk-ready': stand must hold 2 numbers, not 1"),
            ("thigh = 22, knee", "calf = 22, knee", "pose 'walk-ready', legs: thigh is missing"),
            ("fault = true", "fault = 1", "frame 'walk-knees-in': fault must be true or false, not 1"),
            ("paper = [60", "colour = 1\npaper = [60", "frame 'walk-lean': nothing is known about 'colour'"),
            ("anchors = [24, 6.5, 50]", "", "frame 'thrust-start': a band across the hips needs anchors in its scene"),
            ("[lengths]", "[lengths", "edited.toml"),
        ],
    )
    def test_a_mistake_is_said_in_a_sentence(self, tmp_path, old, new, sentence):
        text = POSES_FILE.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "edited.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

        with pytest.raises(PosesError) as caught:
            read_plans(path)

        assert sentence in str(caught.value)
