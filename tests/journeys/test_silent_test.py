"""A test that nobody finished: begun from the message after saving, told as a test, and not waited for."""

from tests.journeys.steps import okta_ready
from tests.journeys.world import PRODUCT, World


def test_the_message_after_saving_begins_a_test_and_a_silent_test_says_to_test_again(world: World) -> None:
    admin, page, _ = okta_ready(world)
    admin.open(page).press("Save Configuration")
    assert "Test it next" in admin.text
    admin.press("Test it now")
    assert admin.title.startswith("Sign in to")
    world.pass_time(seconds=24)
    admin.open(f"{PRODUCT}/settings/attempts")
    table = " ".join(admin.document.xpath("//tbody")[0].text_content().split())
    assert "No answer" in table
    assert "Waiting" not in table
    admin.open(PRODUCT + admin.document.xpath("//tbody//a/@href")[0])
    assert "Test again." in admin.text
    assert "to sign in once more" not in admin.text


def test_who_stops_waiting_keeps_the_report_of_the_silence(world: World) -> None:
    admin, page, _ = okta_ready(world)
    admin.open(page).press("Save Configuration")
    admin.press("Test it now")
    world.pass_time(seconds=24)
    admin.open(f"{page}/test/latest")
    assert "login.no_answer" in admin.text
    assert admin.document.xpath("//*[@data-follow]")
    admin.follow("Stop waiting")
    assert "login.no_answer" in admin.text
    assert not admin.document.xpath("//*[@data-follow]")
    assert "Stop waiting" not in admin.text
