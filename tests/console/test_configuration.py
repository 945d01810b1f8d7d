"""Configuration and the first run: a site comes in, its first event arrives, and what is set here is what the doors go by."""

import http.server
import json
import re
import time
import uuid
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE, tab
from tests.end_to_end.browsing import serving
from tests.serve.test_monitors_api import put_batch
from tests.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server without any monitor; nobody need sign in."""
    with Server(tmp_path_factory.mktemp("fresh") / "data", ("--auth", "off")) as server:
        yield server


@pytest.fixture
def console(server, chromium):
    with tab(chromium, server.url) as console:
        yield console


@pytest.fixture
def make(server):
    """Make a monitor of this name, open to everyone: what the API tells of it."""

    def make(name, **form):
        body = json.dumps({"name": name, "domains": ["shop.example"], "public": True, **form}).encode()
        status, answer = server.request("POST", "/api/v1/monitors", body)
        assert status == 201, answer
        return json.loads(answer)

    return make


def told(server, name):
    return json.loads(server.request("GET", f"/api/v1/monitors/{name}")[1])


class Page(http.server.BaseHTTPRequestHandler):
    """One page of somebody's site."""

    html = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(self.html.encode())

    def log_message(self, *_arguments):
        pass


@contextmanager
def visit(chromium, snippet, *paths, host="localhost"):
    """Open pages with this snippet one after the other, on an origin of their own; when the last was open, by the steady clock."""
    with serving(type("Site", (Page,), {"html": f"<title>Pots</title><head>{snippet}</head><h1>Pots</h1>"})) as url:
        context = chromium.new_context()
        page = context.new_page()
        for path in paths or ("/pots",):
            page.goto(url.replace("localhost", host) + path)
        opened = time.monotonic()
        yield opened
        context.close()


# ── First run ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_front_of_an_empty_server_leads_from_a_domain_to_the_first_event_of_a_real_page(console, chromium):
    console.page.goto(console.url)
    console.wait_for_path("monitors")
    console.wait_for_state(open="new")
    console.page.get_by_label("Domain", exact=True).fill("http://localhost:3000/start")
    assert console.page.get_by_label("Name", exact=True).input_value() == "localhost"
    console.page.get_by_label("Name", exact=True).fill("pots")
    console.button("Create monitor").click()
    console.page.get_by_role("heading", name="pots is ready").wait_for()
    snippet = console.page.get_by_role("region", name="Snippet").inner_text()
    assert console.page.get_by_text("Waiting for the first event").is_visible()
    with visit(chromium, snippet) as opened:
        console.page.get_by_text("Events are arriving").wait_for()
        assert time.monotonic() - opened < 4  # two seconds here; CI may be slower
        assert console.page.get_by_role("list", name="Pages seen").get_by_text("/pots").is_visible()
    assert console.page.get_by_text("An automated browser sent them").is_visible()
    console.page.get_by_role("link", name="Open the overview").click()
    console.wait_for_path("pots/overview")
    console.settled()
    assert console.state["traffic"] == ["all"]
    assert "LCP" in console.panel("vitals").inner_text()
    console.open("pots/events")
    console.panel("events").get_by_text("No person sent anything").wait_for()
    console.panel("events").get_by_role("button", name="All traffic").click()
    console.wait_for_state(traffic="all")
    console.open("monitors")
    told = console.page.get_by_role("row", name="pots").inner_text()
    assert "No data" in told  # of people
    assert "never" not in told  # whoever it was that came


def test_what_commands_make_is_listed_without_a_reload_the_first_by_itself_and_others_when_asked_anew(
    tmp_path, chromium
):
    with Server(tmp_path / "data", ("--auth", "off")) as server, tab(chromium, server.url) as console:
        console.open("monitors")
        console.page.get_by_text("No monitor yet").wait_for()
        server.command("monitors", "create", "pots", "--domain", "pots.example")
        console.page.get_by_role("rowheader", name="pots").wait_for()
        server.command("monitors", "create", "pans", "--domain", "pans.example")
        # It looks once a second for what commands changed.
        while len(server.api("GET", "/api/v1/monitors")["monitors"]) < 2:
            console.page.wait_for_timeout(50)
        console.button("Ask everything anew").click()
        console.page.get_by_role("rowheader", name="pans").wait_for()


def test_monitors_that_were_listed_stay_where_the_list_cannot_be_asked_anew(console, make):
    make("cups")
    console.open("monitors")
    console.expected.append("503")
    console.page.route("**/api/v1/monitors", lambda route: route.fulfill(status=503, json={"message": "away"}))
    with console.page.expect_response("**/api/v1/monitors"):
        console.button("Ask everything anew").click()
    console.settled()
    assert console.page.get_by_role("rowheader", name="cups").is_visible()


def test_whoever_waits_for_a_page_of_another_domain_is_told_that_it_is_refused(console, chromium, make):
    make("elsewhere")
    console.open("monitors?open=new&made=elsewhere", settled=False)
    with visit(chromium, console.page.get_by_role("region", name="Snippet").inner_text()):
        console.page.get_by_text("1 request was refused: foreign origin").wait_for()
    console.page.get_by_role("link", name="Change the domains").click()
    console.page.get_by_label("Domain 1", exact=True).wait_for()


def test_a_view_of_a_silent_monitor_teaches_and_becomes_the_view_when_something_arrives(console, server, make):
    monitor = make("silent")
    console.open("silent/overview", settled=False)
    console.page.get_by_role("heading", name="silent has not received anything yet").wait_for()
    assert monitor["id"] in console.page.get_by_role("region", name="Snippet").inner_text()
    console.button("Send a test event").click()
    console.page.get_by_text("Taken, as a page of https://shop.example sends it.").wait_for()
    console.page.get_by_text("The test event arrived").wait_for()
    assert put_batch(server, monitor["id"]) == 200
    console.panel("vitals").wait_for()
    console.page.reload()
    console.panel("vitals").wait_for()


# ── What is set is what holds ─────────────────────────────────────────────────────────────────────────────────────


def test_domains_are_changed_and_the_door_goes_by_them_at_once(console, server, make):
    monitor = make("domains")
    console.open("domains/configuration")
    domain = console.page.get_by_label("Domain 1", exact=True)
    save = console.button("Save")
    assert save.is_disabled()
    domain.fill("https://pots.example/path")
    console.button("Add domain").click()
    console.page.get_by_label("Domain 2", exact=True).fill("*.pots.example")
    assert console.page.get_by_text("Unsaved changes").is_visible()
    save.click()
    console.page.get_by_text("Saved", exact=True).wait_for()
    expect(domain).to_have_value("pots.example")
    assert told(server, "domains")["domains"] == ["pots.example", "*.pots.example"]
    assert put_batch(server, monitor["id"], "https://www.pots.example") == 200
    assert put_batch(server, monitor["id"], "https://shop.example") == 403


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(console, server, make):
    console.expected.append("400")
    make("wrong")
    console.open("wrong/configuration")
    console.button("Add domain").click()
    second = console.page.get_by_label("Domain 2", exact=True)
    second.fill("not a host")
    console.page.get_by_label("Session sample rate in percent").fill("50")
    console.button("Save").click()
    console.page.get_by_role("alert").get_by_text("is not a host name such as").wait_for()
    assert second.get_attribute("aria-invalid") == "true"
    assert console.page.get_by_label("Domain 1", exact=True).get_attribute("aria-invalid") is None
    assert second.evaluate("field => field === document.activeElement")
    console.page.get_by_role("link", name="Retention").click()
    console.wait_for_state(tab="retention")
    assert console.page.get_by_role("link", name="General unsaved").is_visible()
    console.page.go_back()
    expect(second).to_have_value("not a host")
    assert told(server, "wrong")["session_sample_rate"] == 1.0
    console.button("Discard").click()
    expect(second).to_have_count(0)


def test_pages_that_are_left_out_send_nothing_once_they_have_the_snippet(console, server, chromium, make):
    make("parts", domains=["127.0.0.1"])
    console.open("parts/configuration")
    console.page.get_by_role("radio", name="All but these").click()
    console.page.get_by_label("Page 1", exact=True).fill("http://127.0.0.1:*/private/*")
    console.button("Save").click()
    console.page.get_by_text("Saved", exact=True).wait_for()
    assert told(server, "parts")["excluded_pages"] == ["http://127.0.0.1:*/private/*"]
    console.page.get_by_role("link", name="Snippet").click()
    snippet = console.page.get_by_role("region", name="Snippet").locator("pre").inner_text()
    seen = console.page.get_by_role("list", name="Pages seen")
    with visit(chromium, snippet, "/private/pots?for=ann", "/pots", host="127.0.0.1"):
        seen.get_by_text("/pots").wait_for()
        expect(seen.get_by_role("listitem")).to_have_count(1)


def test_what_is_unsaved_is_asked_about_before_it_is_left(console, make):
    make("drafts")
    console.open("drafts/overview", settled=False)
    console.page.get_by_role("navigation").get_by_role("link", name="Configuration").click()
    rate, asked = console.page.get_by_label("Session sample rate in percent"), console.page.get_by_role("dialog")
    rate.fill("50")
    for leave in (
        lambda: console.page.get_by_role("link", name="All monitors", exact=True).click(),
        lambda: console.page.evaluate("history.back()"),
    ):
        leave()
        asked.get_by_text("it is lost").wait_for()
        console.wait_for_path("drafts/configuration")
        console.keys("Enter")  # stay
        expect(asked).to_have_count(0)
        expect(rate).to_have_value("50")
    console.page.evaluate("history.back()")
    asked.get_by_role("button", name="Discard and leave").click()
    console.wait_for_path("drafts/overview")
    console.page.evaluate("history.forward()")
    console.wait_for_path("drafts/configuration")
    expect(rate).to_have_value("100")


def test_a_tab_with_something_unsaved_is_not_closed_without_a_question(console, make):
    make("tabs")
    console.open("tabs/configuration")
    console.page.get_by_label("Session sample rate in percent").fill("50")
    with console.page.expect_event("dialog") as asked:
        console.page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    console.button("Save").click()
    console.page.get_by_text("Saved", exact=True).wait_for()
    asked_again = []
    console.page.on("dialog", lambda dialog: asked_again.append(dialog.type) or dialog.accept())
    console.page.reload()
    console.settled()
    assert asked_again == []


def test_page_rules_are_tried_on_the_pages_that_were_seen_before_they_are_saved(console, server, make):
    monitor = make("pages")
    assert put_batch(server, monitor["id"]) == 200
    server.wait_until_drained()
    console.open("pages/configuration?tab=pages")
    rules = console.page.get_by_label("Rules of pages")
    preview = console.page.get_by_role("table", name="Preview of the rules")
    preview.get_by_role("row").nth(1).wait_for()
    rules.fill("/**")
    expect(preview.get_by_role("row").nth(1)).to_contain_text("was /")
    assert told(server, "pages")["rules"]["pages"] == []
    console.button("Save").click()
    console.page.get_by_text("Saved", exact=True).wait_for()
    assert told(server, "pages")["rules"]["pages"] == ["/**"]
    console.expected.append("400")
    rules.fill("no slash")
    console.panel("preview").get_by_text("must begin with").wait_for()


def test_what_is_kept_of_a_text_is_shown_while_the_rules_are_written(console, make):
    make("privacy")
    console.open("privacy/configuration?tab=privacy")
    kept = console.page.get_by_role("status", name="What is kept")
    console.page.get_by_label("Text to try").fill("<b>ann@shop.example</b> ordered order-4711")
    expect(kept).to_have_text("<b>[email]</b> ordered order-4711")
    console.page.get_by_label("Texts to take out, one a line").fill("order-*")
    expect(kept).to_have_text("<b>[email]</b> ordered [removed]")
    console.page.get_by_role("switch", name="E-mail addresses become [email]").click()
    expect(kept).to_have_text("<b>ann@shop.example</b> ordered [removed]")


def test_a_key_is_shown_once_and_revoked_after_asking(console, server, make):
    make("keys")
    console.open("keys/configuration?tab=keys")
    console.page.get_by_label("Name", exact=True).fill("ci")
    console.button("Create key").click()
    secret = console.page.locator("dt:text('Secret access key') + dd code").inner_text()
    assert len(secret) == 40
    row = console.page.get_by_role("row").filter(has_text="ci")
    row.get_by_role("button", name="Revoke ci").click()
    console.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    console.page.reload()
    console.page.get_by_role("row").filter(has_text="ci").wait_for()
    assert secret not in console.page.content()


def test_a_metric_definition_is_made_of_choices_and_dropped_again(console, make):
    make("metrics")
    console.open("metrics/configuration?tab=metrics")
    console.page.get_by_text("No metric definitions").wait_for()
    console.button("Add definition").click()
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("Metric").select_option("Http5xxCount")
    dialog.get_by_label("Browser").check()
    dialog.get_by_role("button", name="Add definition").click()
    listed = console.page.get_by_role("list", name="Metric definitions")
    expect(listed).to_contain_text("by BrowserName")
    console.button("Drop Http5xxCount").click()
    console.page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    console.page.get_by_text("No metric definitions").wait_for()


def test_a_monitor_is_deleted_once_its_name_is_typed(console, server, make):
    make("doomed")
    console.open("doomed/configuration?tab=danger")
    console.button("Delete doomed").click()
    dialog = console.page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete the monitor")
    dialog.get_by_label("Type doomed to go on").fill("doome")
    assert delete.is_disabled()
    dialog.get_by_label("Type doomed to go on").fill("doomed")
    delete.click()
    console.wait_for_path("monitors")
    assert server.request("GET", "/api/v1/monitors/doomed")[0] == 404


def test_a_person_is_forgotten_after_asking_and_the_receipt_can_be_kept(console, make):
    console.expected.append("400")
    make("people")
    console.open("people/configuration?tab=danger")
    subject = console.page.get_by_label("Id of the user")
    for whom, said in (("ann", "Must be a UUID"), (str(uuid.uuid4()), "Forgotten.")):
        subject.fill(whom)
        console.button("Forget …").click()
        console.page.get_by_role("dialog").get_by_role("button", name="Forget").click()
        console.page.get_by_text(said).wait_for()
    assert "signature" in console.page.get_by_role("region", name="Receipt").inner_text()
    with console.page.expect_download() as download:
        console.button("Download").click()
    assert download.value.suggested_filename == "forgotten-people.json"


# ── Who may, and where ────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def signed_in(browser, server, name, password):
    """A tab in which somebody has signed in."""
    with tab(browser, server.url) as console:
        console.expected.append("401")  # before anybody signed in
        console.open("monitors")
        console.page.get_by_label("Name").fill(name)
        console.page.get_by_label("Password").fill(password)
        console.keys("Enter")
        console.page.get_by_role("rowheader", name="shop").wait_for()
        yield console


def test_the_switch_shuts_the_door_and_the_document_behind_it_follows(guarded, chromium):
    monitor = guarded.api("GET", "/api/v1/monitors/shop")
    with signed_in(chromium, guarded, "admin", guarded.password) as console:
        console.open("shop/configuration?tab=access")
        document = console.page.get_by_label("Policy document")
        assert '"rum:PutRumEvents"' in document.input_value()
        console.page.get_by_role("switch", name="Everyone may send").click()
        console.page.get_by_role("switch", name="Only signed batches are taken").wait_for()
        expect(document).to_have_value("")
        assert put_batch(guarded, monitor["id"]) == 403
        deny = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "rum:*", "Resource": "*"}}
        document.fill(json.dumps(deny))
        console.button("Save").click()
        console.page.get_by_text("Saved", exact=True).wait_for()
        console.page.get_by_role("link", name="Snippet").click()
        console.button("Send a test event").click()
        console.page.get_by_text(re.compile("Refused with 403: .*policy")).wait_for()
        console.page.go_back()
        console.page.get_by_role("switch", name="Only signed batches are taken").click()
        console.page.get_by_role("switch", name="Everyone may send").wait_for()
        assert put_batch(guarded, monitor["id"]) == 200


def test_a_viewer_sees_what_is_set_and_can_change_none_of_it(guarded, chromium):
    with signed_in(chromium, guarded, "admin", guarded.password) as console:
        console.open("shop/configuration?tab=users")
        console.page.get_by_label("Name", exact=True).fill("vera")
        console.button("Add user").click()
        hers = console.page.locator("dt:text('Password') + dd code").inner_text()
    with signed_in(chromium, guarded, "vera", hers) as console:
        assert console.page.get_by_role("link", name="Add monitor").count() == 0
        console.open("shop/configuration")
        console.page.get_by_text("Changing it takes the role admin").wait_for()
        assert console.page.get_by_label("Domain 1", exact=True).is_disabled()
        assert console.button("Save").count() == 0
        assert console.page.get_by_role("link", name="Users").count() == 0
        console.open("shop/configuration?tab=users")
        console.page.get_by_text("Only admins see this").wait_for()


def test_on_a_phone_no_section_is_wider_than_the_screen(server, chromium, make):
    make("phone")
    with tab(chromium, server.url, viewport=PHONE, has_touch=True, is_mobile=True) as phone:
        phone.open("phone/configuration")
        for link in phone.page.get_by_role("navigation", name="Sections").get_by_role("link").all():
            link.click()
            phone.page.get_by_role("heading", name=link.inner_text(), exact=True).wait_for()
            phone.settled()
            assert width(phone) <= 390, link.inner_text()
        for place in ("monitors?open=new&made=phone", "phone/overview"):
            phone.open(place)
            assert width(phone) <= 390, place


def width(phone):
    return phone.page.evaluate("() => document.scrollingElement.scrollWidth")


def test_a_monitor_that_records_some_sessions_says_so_on_every_view(console, make):
    make("sampled", session_sample_rate=0.25)
    console.open("sampled/ingest")
    console.page.get_by_role("link", name="25% of sessions").click()
    console.wait_for_path("sampled/configuration")
