"""Who is in the demo. Nobody of them exists."""

from dataclasses import dataclass

from clinic.models import Role
from patients.demo import histories
from patients.demo.histories import History

PASSWORD = "try the demo"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStaff:
    name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPatient:
    """`responsible` is the place of a clinician in the clinic's staff."""

    name: str
    birth_year: int
    knee: str
    history: History
    responsible: int = 0
    email: str = ""
    emergency_note: str = ""
    starts_weeks_ago: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClinic:
    slug: str
    name: str
    time_zone: str
    phone: str
    emergency_number: str
    maker: str
    staff: tuple[DemoStaff, ...]
    patients: tuple[DemoPatient, ...]


LOCUM = DemoStaff(name="Tom Walsh", email="tom@locum.example", role=Role.CLINICIAN)

HARBOUR = DemoClinic(
    slug="harbour",
    name="Harbour Physiotherapy",
    time_zone="Europe/Dublin",
    phone="+353 20 910 0142",
    emergency_number="112",
    maker="Strandline",
    staff=(
        DemoStaff(name="Aoife Byrne", email="aoife@harbour.example", role=Role.OWNER),
        LOCUM,
        DemoStaff(name="Niamh Daly", email="desk@harbour.example", role=Role.ASSISTANT),
    ),
    patients=(
        DemoPatient(
            name="Brigid Nolan", birth_year=1954, knee="left", history=histories.on_track, email="brigid@home.example"
        ),
        DemoPatient(name="Declan Roche", birth_year=1971, knee="right", history=histories.as_planned, responsible=1),
        DemoPatient(
            name="Una Farrell", birth_year=1988, knee="both", history=histories.fading, email="una@home.example"
        ),
        DemoPatient(name="Padraig Quinn", birth_year=1949, knee="right", history=histories.silent, responsible=1),
        DemoPatient(
            name="Sheila Moran",
            birth_year=1962,
            knee="left",
            history=histories.in_pain,
            email="sheila@home.example",
            emergency_note="Takes blood thinners.",
        ),
        DemoPatient(name="Colm Geraghty", birth_year=1990, knee="left", history=histories.paused, responsible=1),
        DemoPatient(
            name="Orla Keane",
            birth_year=1979,
            knee="right",
            history=histories.on_track,
            email="orla@home.example",
            starts_weeks_ago=0,
        ),
        DemoPatient(name="Finbar Lacey", birth_year=1996, knee="both", history=histories.over_eager, responsible=1),
        DemoPatient(
            name="Maeve Tierney", birth_year=1957, knee="left", history=histories.one_sided, email="maeve@home.example"
        ),
        DemoPatient(name="Eoin Brophy", birth_year=1983, knee="right", history=histories.part_done, responsible=1),
        DemoPatient(
            name="Nora Hickey", birth_year=1947, knee="right", history=histories.on_track, email="hickeys@home.example"
        ),
        DemoPatient(
            name="Liam Hickey", birth_year=1945, knee="left", history=histories.skipping, email="hickeys@home.example"
        ),
    ),
)

KAURI = DemoClinic(
    slug="kauri",
    name="Kauri Knee Clinic",
    time_zone="Pacific/Auckland",
    phone="+64 9 555 0142",
    emergency_number="111",
    maker="Longwhite",
    staff=(
        DemoStaff(name="Mere Parata", email="mere@kauri.example", role=Role.OWNER),
        LOCUM,
    ),
    patients=(
        DemoPatient(
            name="Hana Wilson", birth_year=1968, knee="right", history=histories.on_track, email="hana@home.example"
        ),
        DemoPatient(name="Rawiri Cooper", birth_year=1975, knee="left", history=histories.fading, responsible=1),
        DemoPatient(
            name="Joan Pritchard", birth_year=1951, knee="both", history=histories.in_pain, email="joan@home.example"
        ),
        DemoPatient(name="Sione Taufa", birth_year=1993, knee="left", history=histories.over_eager, responsible=1),
        DemoPatient(
            name="Margaret Ellis",
            birth_year=1944,
            knee="right",
            history=histories.silent,
            email="margaret@home.example",
        ),
        DemoPatient(name="Anaru Henare", birth_year=1986, knee="right", history=histories.part_done, responsible=1),
        DemoPatient(
            name="Priya Nair", birth_year=1981, knee="left", history=histories.paused, email="priya@home.example"
        ),
        DemoPatient(name="Bruce Calder", birth_year=1959, knee="left", history=histories.one_sided, responsible=1),
        DemoPatient(
            name="Lucy Tan",
            birth_year=1999,
            knee="right",
            history=histories.on_track,
            email="lucy@home.example",
            starts_weeks_ago=0,
        ),
        DemoPatient(name="Walter Dunn", birth_year=1950, knee="both", history=histories.skipping, responsible=1),
        DemoPatient(
            name="Ngaire Fox", birth_year=1966, knee="left", history=histories.as_planned, email="ngaire@home.example"
        ),
        DemoPatient(name="Peter Mailer", birth_year=1972, knee="right", history=histories.on_track, responsible=1),
    ),
)

CLINICS = (HARBOUR, KAURI)
