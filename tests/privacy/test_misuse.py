"""A token or a person in the place of something else: on the command line, in the environment, in capi.toml."""

import pytest

from capi_cli.cli.options import KNOWN
from tests.privacy.files import COUNTRY, EVENT, MAPPED, orders
from tests.privacy.markers import APP_SECRET, PERSON, TOKEN
from tests.privacy.scene import Scene

EMAIL, PHONE = PERSON["email"][0], PERSON["phone"][0]
SENT = ("orders.csv", *EVENT, *COUNTRY, *MAPPED)
CHECK = ("validate", *SENT)
# A path is shown as it was typed, since it names a file: a person there is somebody's file name, a token is not.
PATHS = ("config", "token_file", "rejects", "report", "state_dir", "out", "save", "suppress")
VALUES = sorted(
    option.name for option in KNOWN.values() if option.parse is not None and option.name not in PATHS
)


@pytest.fixture(params=["known", "not known"])
def known(request: pytest.FixtureRequest, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> str:
    """Do it with the secrets in the environment, and with capi never having heard of them."""
    scene.write("orders.csv", orders(3, 1))
    if request.param == "not known":
        monkeypatch.delenv("META_ACCESS_TOKEN")
        monkeypatch.delenv("META_APP_SECRET")
    return str(request.param)


def test_a_token_on_the_command_line(scene: Scene, known: str) -> None:
    lines = [
        ("--access-token", TOKEN),
        (f"--access-token={TOKEN}",),
        ("--token", TOKEN),
        (f"--meta-token={TOKEN}",),
        ("--app-secret", APP_SECRET),
        (f"--{TOKEN}",),
        (f"-{TOKEN}",),
        (f"-t{TOKEN}",),
    ]
    for line in lines:
        for output in ("text", "json"):
            ended = scene.run("upload", *SENT, *line, "--output", output)
            assert ended.code == 2, ended.err
            if "token" in line[0].lower().removesuffix(TOKEN.lower()) or "secret" in line[0]:
                assert "META_A" in ended.err
                assert "every process" in ended.err
    for line in ((TOKEN,), ("runs", TOKEN), ("explain", TOKEN), ("doctor", TOKEN), ("explain", "x", TOKEN)):
        assert scene.run(*line).code == 2
        assert scene.run(*line, "--output", "json").code == 2
    for command in ("upload", "validate", "preview", "init"):
        for source in (TOKEN, f"META_ACCESS_TOKEN={TOKEN}", f"{TOKEN}/*.csv"):
            assert scene.run(command, source, *EVENT[:2]).code in (2, 10, 11, 12)


def test_a_person_on_the_command_line(scene: Scene, known: str) -> None:
    for line in (
        (EMAIL,),
        ("runs", EMAIL),
        ("explain", EMAIL),
        ("doctor", EMAIL),
        (f"--{EMAIL}",),
        (f"-x{PHONE}",),
    ):
        assert scene.run(*line).code == 2
    assert scene.run("runs", "--order-id", EMAIL).code == 2
    assert scene.run("runs", "--event-id", PHONE, "--output", "json").code in (0, 2)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_a_token_or_a_person(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A token that capi knows nothing of is seen by its shape; a secret that it knows, wherever it stands."""
    scene.write("orders.csv", orders(3, 1))
    monkeypatch.delenv("META_ACCESS_TOKEN")
    option = KNOWN[name]
    command = "sandbox" if option.panel == "Sandbox" else "upload" if "timeout" in name else "validate"
    for value in (TOKEN, EMAIL, PHONE, APP_SECRET):
        for text in (
            (value, f"em={value}", f"{value}={value}", f"custom_data.x={value}") if option.many else (value,)
        ):
            argv = (command,) if command == "sandbox" else (command, *SENT)
            scene.run(*argv, option.flag, text)
        for variable in option.variables[:1]:
            monkeypatch.setenv(variable, value)
            scene.run(*CHECK)
            monkeypatch.delenv(variable)


def test_a_person_in_a_filter_and_in_what_to_type_next(scene: Scene) -> None:
    scene.write("orders.csv", orders(3, 0))
    last_name = PERSON["last_name"][0]
    for pairs in ((f"email={EMAIL}", f"last_name={last_name}"), (f"phone={PHONE}",)):
        words = [word for pair in pairs for word in ("--where", pair)]
        words += [f"--where=city={PERSON['city'][0]}", f"--set=ct={PERSON['city'][0]}"]
        ended = scene.run(*CHECK, *words, "-v", "--report", "page.html")
        assert (ended.code, "capi upload" in ended.out, "--where" in ended.out) == (0, True, True)
        scene.run("preview", *SENT, *words)
    scene.run("preview", *SENT, "--where", f"last_name=not {last_name}")


EVERYWHERE = """
{0} = 1|"{0}" = "{0}"|token = "{0}"|access_token = "{0}"|app_secret = "{0}"|[event]
em = "{0}"|[event.user_data]
em = "{0}"|[event.user_data]
em = {{ value = "{0}" }}|[event.user_data]
"{0}" = "email"|[event.user_data]
ph = 4915117654329|[event.user_data]
db = 1971-03-29|[event.user_data]
em = {{ column = "email", "{0}" = 1 }}|[event.user_data]
em = {{ column = "email", separator = "{0}" }}|[event]
event_time = {{ column = "created_at", format = "{0}" }}|[event]
event_time = {{ column = "created_at", format = "%Q{0}" }}|[event]
event_time = {{ column = "created_at", timezone = "{0}" }}|[event]
event_time = {{ value = "{0}" }}|[event]
event_id = {{ template = "{0}-{{order_id}}" }}|[event]
event_id = {{ template = "{{{0}}}" }}|[event]
action_source = {{ value = "{0}" }}|[event]
action_source = "{0}"|[event.custom_data]
value = {{ column = "total", decimal = "{0}" }}|[event.custom_data]
value = {{ value = "{0}" }}|[event.custom_data]
currency = {{ column = "total", default = "{0}" }}|[event.custom_data]
note = {{ value = "{0}" }}|[event.custom_data]
content_name = {{ column = "order_id", default = "{0}" }}|[where]
"{0}" = "paid"|[where]
email = "{0}"|[group]
by = "{0}"|[group]
by = "order_id"
"{0}" = 1|[group]
by = "order_id"
value = "{0}"|[event.nothing]
"{0}" = "{0}"|token_in = "{0}"|[{0}]|x = "{0}|x = {0}|"{0}"|x = "\\q{0}"
"""


def test_a_configuration_that_holds_a_token_or_a_person(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Capi knows nothing of the secret here: it is seen by its shape."""
    monkeypatch.delenv("META_ACCESS_TOKEN")
    scene.write("orders.csv", orders(3, 1))
    options = [f'{name} = "{{0}}"' for name in VALUES]
    for text in [*EVERYWHERE.strip().split("|"), *options]:
        for value in (TOKEN,) if text in options else (TOKEN, EMAIL, PHONE):
            scene.write("capi.toml", text.format(value) + "\n")
            assert scene.run("validate", "orders.csv", *EVENT[:2]).code in (2, 3, 5, 10)
