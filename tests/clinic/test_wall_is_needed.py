"""The tests are tested: without the policies, each of the leak tests must fail."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

LEAKS = "tests/clinic/test_leaks.py"


def test_every_leak_test_fails_without_the_policies(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=no",
        "-n",
        "0",
    ]
    subprocess.run(
        [*command, "--without-policies", f"--junitxml={report}", LEAKS],
        env=env,
        capture_output=True,
        timeout=180,
        check=False,
    )
    cases = ElementTree.parse(report).findall(".//testcase")
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    passed = {case.get("name") for case in cases} - failed
    assert passed == set()
    assert len(failed) > 90
