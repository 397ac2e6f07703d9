"""From today to a saved session as a screen reader has it: the accessibility tree of the browser, in two languages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import CDPSession, Page, expect

from tests import factories as make
from tests.fixtures import settled
from tests.patients.home import Home
from tests.patients.walk import Open, home, open_phone, reads

__all__ = ["home", "open_phone"]
pytestmark = pytest.mark.django_db(transaction=True)
Node = dict[str, Any]


@pytest.fixture(params=["en", "de"])
def say(request: pytest.FixtureRequest, home: Home) -> Callable[[str], str]:
    reads(home, request.param)

    def in_language(text: str) -> str:
        with translation.override(request.param):
            return str(translation.gettext(text))

    in_language.language = request.param
    return in_language


def tree(page: Page) -> list[Node]:
    """Each node that is not ignored: its role, name, and what else it says of itself."""
    session: CDPSession = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {
            "role": node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            "description": node.get("description", {}).get("value", ""),
            **{each["name"]: each["value"].get("value") for each in node.get("properties", [])},
        }
        for node in nodes
        if not node.get("ignored") and "role" in node
    ]


def of_role(nodes: list[Node], *roles: str) -> list[str]:
    return [node["name"] for node in nodes if node["role"] in roles]


def focused(nodes: list[Node]) -> Node:
    return [node for node in nodes if node.get("focused") and node["role"] != "RootWebArea"][-1]


def test_the_page_is_named_and_parted(open_phone: Open, home: Home, say: Any) -> None:
    nodes = tree(open_phone(home.url()))
    assert nodes[0]["name"] == f"{say('Today')} · Steady Knee"
    landmarks = {node["role"]: node["name"] for node in nodes if node["role"] in {"banner", "main", "contentinfo"}}
    assert landmarks.keys() == {"banner", "main", "contentinfo"}
    assert {say("Your clinic"), say("Your pages")} <= set(of_role(nodes, "navigation"))
    assert say("Safety") in of_role(nodes, "complementary")
    links = of_role(nodes, "link")
    assert links[0] == say("Skip to the content")
    assert say("Something feels wrong? Check here") in [name.removeprefix("⚠").strip() for name in links]
    assert f"{home.patient.name} {say('Not you? Change')}" in links


def test_nothing_to_touch_is_without_a_name(open_phone: Open, home: Home, say: Any) -> None:
    page = open_phone(home.url())
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    nodes = tree(page)
    touched = [node for node in nodes if node["role"] in {"button", "link", "textbox", "radio", "checkbox", "combobox"}]
    assert len(touched) > 60
    assert [node for node in touched if not node["name"].strip()] == []
    assert say("Note") in of_role(nodes, "textbox")
    assert [name for name in of_role(nodes, "image", "img") if not name] == []
    with translation.override(say.language):
        before = str(translation.gettext("Pain before"))
    scale = page.get_by_role("group", name=before)
    assert scale.get_by_role("radio").count() == 12
    assert scale.get_by_role("radio", name=say("No answer")).count() == 1
    for side in ["Left", "Right"]:
        assert page.get_by_role("textbox", name=say(side), exact=True).count() >= 2
    sets = of_role(nodes, "group")
    assert say("Set %(number)s") % {"number": 1} in sets


def test_saving_is_said_and_focus_goes_to_what_was_said(open_phone: Open, home: Home, say: Any) -> None:
    page = open_phone(home.url())
    page.get_by_role("button", name=say("Done as planned")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(say("Saved. Well done."))
    settled(page)
    nodes = tree(page)
    (status,) = [node for node in nodes if node["role"] == "status"]
    assert status["live"] == "polite"
    on = focused(nodes)
    assert on["role"] == "status"
    page.keyboard.press("Tab")
    assert focused(tree(page))["name"] == say("Add how it felt")
    assert say("Saved. Well done.") in page.locator("main").aria_snapshot()


def test_a_mistake_is_an_alert_and_leads_to_its_field(open_phone: Open, home: Home, say: Any) -> None:
    page = open_phone(home.url())
    page.locator("summary", has_text=say("Type in your numbers")).click()
    page.locator(f"[name={make.THRUST}-1-amount]").fill("ten")
    page.get_by_role("button", name=say("Save"), exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(say("Nothing was saved yet. What you entered is still here."))
    settled(page)
    nodes = tree(page)
    (alert,) = [node for node in nodes if node["role"] == "alert"]
    assert alert["live"] == "assertive"
    assert focused(nodes)["role"] == "alert"
    (wrong,) = [node for node in nodes if node["role"] == "textbox" and node.get("invalid") == "true"]
    sentence = say("Enter a whole number from %(least)d to %(most)d.") % {"least": 0, "most": 1000}
    assert sentence in wrong["description"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name || location.hash").strip("#").endswith(f"{make.THRUST}-1-amount")


def test_what_could_not_be_sent_is_announced(open_phone: Open, home: Home, say: Any) -> None:
    page = open_phone(home.url())
    region = page.get_by_role("region", name=say("Not sent yet"))
    expect(region).to_be_hidden()
    page.context.set_offline(True)
    page.get_by_role("button", name=say("Done as planned")).click()
    expect(region.get_by_role("status")).to_contain_text(say("1 not sent yet. It is kept on this phone."))


def test_languages_name_themselves_in_their_own_tongue(open_phone: Open, home: Home, say: Any) -> None:
    page = open_phone(home.url())
    assert page.locator("html").get_attribute("lang") == say.language
    options = page.locator("#language option").evaluate_all("all => all.map(each => [each.lang, each.textContent])")
    assert options == [["en", "English"], ["de", "Deutsch"], ["es", "Español"]]
    assert page.locator("#language").evaluate("each => each.selectedOptions[0].lang") == say.language
