from clinic.local.sign_ins import table

PEOPLE = [
    {"clinic": "harbour", "role": "owner", "email": "aoife@harbour.example", "password": "try it"},
    {"clinic": "harbour", "role": "patient", "email": "", "sign_in_url": "http://localhost/1"},
    {"clinic": "harbour", "role": "patient", "email": "b@home.example", "sign_in_url": "http://localhost/2"},
    {"clinic": "harbour", "role": "patient", "email": "c@home.example", "sign_in_url": "http://localhost/3"},
    {"clinic": "kauri", "role": "patient", "email": "d@home.example", "sign_in_url": "http://localhost/4"},
]


def test_all_staff_and_two_patients_of_each_clinic_in_columns() -> None:
    assert table(PEOPLE) == [
        "  harbour  owner    aoife@harbour.example  try it",
        "  harbour  patient  no email               http://localhost/1",
        "  harbour  patient  b@home.example         http://localhost/2",
        "  kauri    patient  d@home.example         http://localhost/4",
    ]


def test_nobody() -> None:
    assert table([]) == []
