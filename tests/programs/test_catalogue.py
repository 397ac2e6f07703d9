from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from programs.catalogue import CATALOGUE_FILE, Catalogue, CatalogueError, load_catalogue, read_catalogue
from programs.models import Citation, Claim, Exercise

WALK, THRUST = "lateral-band-walk", "double-band-hip-thrust"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


@pytest.fixture
def edited(tmp_path: Path):
    """The project's own file with one text replaced, which must occur in it."""

    def edit(old: str, new: str) -> Path:
        text = CATALOGUE_FILE.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "edited.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit


def texts(catalogue: Catalogue, exercise: str, field: str, reading: str | None = None) -> list[str]:
    items = catalogue.exercises[exercise][field]
    return [item["text"] for item in items if reading in (None, item.get("reading"))]


class TestFacts:
    @pytest.mark.parametrize(
        ("exercise", "counted_in", "sets", "amount", "start_only"),
        [
            (WALK, "steps_per_direction", (2, 3), (10, 10), True),
            (THRUST, "repetitions", (2, 3), (10, 30), False),
        ],
    )
    def test_dose(self, catalogue, exercise, counted_in, sets, amount, start_only):
        facts = catalogue.exercises[exercise]

        assert facts["counted_in"] == counted_in
        assert (facts["sets_min"], facts["sets_max"]) == sets
        assert (facts["amount_min"], facts["amount_max"]) == amount
        assert facts["start_only"] is start_only

    @pytest.mark.parametrize(
        ("exercise", "short", "long", "places"),
        [
            (WALK, True, False, [("short", "forefeet"), ("short", "ankles"), ("short", "knees")]),
            (THRUST, True, True, [("long", "hips"), ("short", "knees")]),
        ],
    )
    def test_bands_and_their_places(self, catalogue, exercise, short, long, places):
        facts = catalogue.exercises[exercise]

        assert (facts["needs_short_band"], facts["needs_long_band"]) == (short, long)
        assert [(place["band"], place["key"]) for place in facts["placements"]] == places

    def test_angles_and_widths(self, catalogue):
        walk, thrust = (" ".join(texts(catalogue, exercise, "set_up")) for exercise in (WALK, THRUST))

        assert "30 to 45 degrees" in walk
        assert "under your hips" in walk
        assert "90 degrees" in thrust
        assert "as your shoulders" in thrust

    @pytest.mark.parametrize(
        ("exercise", "of_its_own"),
        [(WALK, {"lean"}), (THRUST, {"substitutes", "knee-band", "knee-angle", "breath"})],
    )
    def test_what_the_source_leaves_to_the_clinician(self, catalogue, exercise, of_its_own):
        shared = {"frequency", "rest", "tempo", "hold", "resistance", "progression", "pain", "contraindications"}

        assert {gap["key"] for gap in catalogue.exercises[exercise]["silent"]} == shared | of_its_own

    def test_hedges_are_kept(self, catalogue):
        claim = catalogue.claims[THRUST, "glutes-and-knee"]["text"]

        assert "may let the knee fall" in claim
        assert "can help" in claim

    @pytest.mark.parametrize(
        ("exercise", "field", "ours"),
        [
            (
                WALK,
                "counting",
                ["A step counts when the foot that leads has moved.", "A set is done when you have gone both ways."],
            ),
            (WALK, "faults", ["Your feet turn."]),
            (THRUST, "faults", ["Your knees are not pressed outward.", "Your chin lifts."]),
        ],
    )
    def test_our_readings_are_marked(self, catalogue, exercise, field, ours):
        assert texts(catalogue, exercise, field, "ours") == ours

    def test_nothing_else_is_our_reading(self, catalogue):
        lists = ("why", "muscles", "equipment", "set_up", "movement", "cues")

        assert [texts(catalogue, key, field, "ours") for key in (WALK, THRUST) for field in lists] == [[]] * 12


class TestEvidence:
    def test_each_study_says_what_it_measured_and_in_whom(self, catalogue):
        cited = {(key, row["citation"], row["kind"]) for (_, key), row in catalogue.claims.items() if row["citation"]}

        assert cited == {
            ("feet-over-ankles-and-knees", "cambridge-2012", "measured"),
            ("knees-ankles-feet", "lewis-2018", "measured"),
            ("single-band-below-barbell", "contreras-2016", "measured"),
            ("hip-and-knee-programs", "ferber-2015", "trial"),
        }

    def test_identifiers(self, catalogue):
        identifiers = {key: row["identifier"] for key, row in catalogue.citations.items()}

        assert identifiers == {
            "chavez": "",
            "cambridge-2012": "",
            "lewis-2018": "PMC6333220",
            "contreras-2016": "PMID 26695353",
            "ferber-2015": "PMC4560005",
        }

    def test_the_article_cites_nothing_for_the_two_bands(self, catalogue):
        kinds = {key: row["kind"] for (exercise, key), row in catalogue.claims.items() if exercise == THRUST}

        assert (kinds["long-band-at-the-top"], kinds["short-band-turns-out"]) == ("coach", "coach")
        assert (kinds["no-trial-of-two-bands"], kinds["one-module"]) == ("ours", "ours")


class TestBadFile:
    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (
                "amount = { from = 10, to = 30 }",
                "amount = { from = 30, to = 10 }",
                f"exercises '{THRUST}': amount must go from a number to the same or a larger one, not from 30 to 10",
            ),
            (
                "sets = { from = 2, to = 3 }",
                'sets = { from = "two", to = 3 }',
                f"exercises '{WALK}', sets: from must be a whole number, not 'two'",
            ),
            (
                'counted_in = "repetitions"',
                'counted_in = "seconds"',
                f"exercises '{THRUST}': counted_in is 'seconds', but must be one of: steps_per_direction, repetitions",
            ),
            ('key = "lewis-2018"', 'key = "cambridge-2012"', "edited.toml: citations 'cambridge-2012' is there twice"),
            ('text = "Lewis CL', 'txet = "Lewis CL', "citations 'lewis-2018': text is missing"),
            ('name = "Lateral band walk"', 'name = "  "', f"exercises '{WALK}': name is empty"),
            (
                'name = "Lateral band walk"',
                f'name = "{"x" * 81}"',
                f"exercises '{WALK}': name has 81 characters, but there is room for 80",
            ),
            ("start_only = true", "", f"exercises '{WALK}': start_only is missing"),
            ("start_only = true", "start_only = true\nhold = 3", f"exercises '{WALK}': nothing is known about 'hold'"),
            ('bands = ["short"]', "bands = []", f"exercises '{WALK}': bands is empty"),
            (
                'bands = ["short"]',
                'bands = ["short", "long"]',
                f"exercises '{WALK}': placements say nothing about the long band",
            ),
            ('{ ours = "Your feet turn." }', '{ mine = "x" }', f"exercises '{WALK}', faults: ours is missing"),
            (
                'kind = "measured"\ncitation = "cambridge-2012"',
                'kind = "measured"',
                "claims 'feet-over-ankles-and-knees': a claim of kind 'measured' needs a citation",
            ),
            (
                'kind = "coach"',
                'kind = "coach"\ncitation = "chavez"',
                "claims 'glutes-and-knee': a claim of kind 'coach' must not have a citation",
            ),
            (
                'about = ["double-band-hip-thrust"]',
                'about = ["squat"]',
                f"claims 'long-band-at-the-top': about is 'squat', but must be one of: {WALK}, {THRUST}",
            ),
        ],
    )
    def test_the_message_names_the_entry(self, edited, old, new, message):
        with pytest.raises(CatalogueError) as error:
            read_catalogue(edited(old, new))

        assert str(error.value) == message

    def test_not_toml_and_not_there(self, edited, tmp_path):
        with pytest.raises(CatalogueError, match=r"edited\.toml: .*line 1"):
            read_catalogue(edited("# The exercise catalogue.", "The exercise catalogue."))
        with pytest.raises(CatalogueError, match=r"nowhere\.toml: .*No such file"):
            read_catalogue(tmp_path / "nowhere.toml")


@pytest.fixture
def empty(logged_in_as_migrator, db):
    """Tables of the catalogue without a row, and the login that may write them."""
    for model in (Claim, Exercise, Citation):
        model.objects.all().delete()


@pytest.mark.usefixtures("empty")
class TestLoading:
    def test_loads_everything(self, catalogue):
        load_catalogue(catalogue)

        walk, thrust = Exercise.objects.offered()
        assert [walk.key, thrust.key] == [WALK, THRUST]
        assert (walk.per_direction, thrust.per_direction) == (True, False)
        assert (walk.bands, thrust.bands) == (["short"], ["long", "short"])
        assert [key for key, _ in walk.placements_of("short")] == ["forefeet", "ankles", "knees"]
        assert [[key for key, _ in thrust.placements_of(band)] for band in ("long", "short")] == [["hips"], ["knees"]]
        assert str(walk.source).startswith("Dan Chavez")
        assert Claim.objects.count() == len(catalogue.claims)
        assert str(walk.claims.get(key="knees-ankles-feet").citation) == "Lewis CL and others, 2018 (PMC6333220)"

    def test_a_second_load_changes_nothing(self, catalogue, capsys):
        call_command("load_catalogue")
        before = [list(model.objects.order_by("pk").values()) for model in (Citation, Exercise, Claim)]
        capsys.readouterr()

        call_command("load_catalogue")

        assert load_catalogue(catalogue) == []
        assert [list(model.objects.order_by("pk").values()) for model in (Citation, Exercise, Claim)] == before
        assert capsys.readouterr().out == f"The catalogue has 2 exercises, {len(catalogue.claims)} claims: unchanged.\n"

    def test_an_edit_changes_only_its_row(self, catalogue, edited):
        load_catalogue(catalogue)

        changes = load_catalogue(read_catalogue(edited("to = 30", "to = 25")))

        assert changes == [("changed", f"exercise {THRUST}: amount_max")]
        assert Exercise.objects.get(key=THRUST).amount_max == 25

    def test_an_exercise_that_left_the_file_is_retired_and_can_come_back(self, catalogue):
        load_catalogue(catalogue)
        without_thrust = Catalogue(
            catalogue.citations,
            {WALK: catalogue.exercises[WALK]},
            {key: row for key, row in catalogue.claims.items() if key[0] == WALK},
        )

        assert load_catalogue(without_thrust) == [("retired", f"exercise {THRUST}")]
        assert [exercise.key for exercise in Exercise.objects.offered()] == [WALK]
        assert Exercise.objects.get(key=THRUST).claims.count() > 0
        assert load_catalogue(catalogue) == [("changed", f"exercise {THRUST}: retired")]

    def test_a_claim_and_its_citation_that_left_the_file_are_removed(self, catalogue):
        load_catalogue(catalogue)
        without = Catalogue(
            {key: row for key, row in catalogue.citations.items() if key != "lewis-2018"},
            catalogue.exercises,
            {key: row for key, row in catalogue.claims.items() if row["citation"] != "lewis-2018"},
        )

        changes = load_catalogue(without)

        assert [change for change in changes if change[0] == "removed"] == [
            ("removed", "claim knees-ankles-feet"),
            ("removed", "citation lewis-2018"),
        ]

    def test_a_bad_file_loads_nothing(self, edited):
        with pytest.raises(CommandError, match=r"^The catalogue was not loaded\. claims 'one-module': text is empty$"):
            call_command(
                "load_catalogue",
                file=edited('"These two exercises are one module of a rehabilitation, not all of it."', '""'),
            )

        assert Citation.objects.count() == 0

    @pytest.mark.parametrize(
        "values",
        [{"sets_min": 4}, {"sets_min": 0}, {"amount_max": 9}, {"needs_short_band": False}, {"counted_in": "seconds"}],
    )
    def test_the_database_refuses_a_range_or_count_that_makes_no_sense(self, catalogue, values):
        load_catalogue(catalogue)

        with pytest.raises(IntegrityError):
            Exercise.objects.filter(key=WALK).update(**values)

    @pytest.mark.parametrize("kind", ["coach", "ours"])
    def test_the_database_refuses_a_citation_that_the_kind_denies(self, catalogue, kind):
        load_catalogue(catalogue)

        with pytest.raises(IntegrityError):
            Claim.objects.filter(key="knees-ankles-feet").update(kind=kind)


@pytest.mark.django_db
def test_the_application_only_reads_it():
    assert Exercise.objects.count() == 2
    for model in (Claim, Exercise, Citation):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            model.objects.all()._raw_delete("default")
