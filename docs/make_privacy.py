"""Write the table of docs/privacy.md, what leaves the machine, from the table of fields itself: `make docs`."""

from pathlib import Path
from typing import Final

from capi_cli.event.fields import FIELDS, GROUPS, Field, Kind
from capi_cli.report.keys import WORDS

PAGE: Final = Path(__file__).with_name("privacy.md")
_BEGIN, _END = "<!-- fields: written by `make docs` -->\n", "<!-- end of fields -->\n"
_AS_IT_IS: Final = "as it is"
_OWN: Final = {
    "event_id": "as it is; one that looks like an e-mail address is refused",
    "user_data.external_id": "SHA-256; unhashed only where the mapping says `plain = true`",
    "user_data.client_ip_address": "as it is; private and reserved addresses are left out",
    "user_data.fbclid": "not sent; becomes `fbc`",
    "consent": "not sent; decides whether the row is",
    "custom_data.currency": "its ISO 4217 code",
    "data_processing_options_country": "Meta's number",
    "data_processing_options_state": "Meta's number",
}


def form(field: Field) -> str:
    """Return in which form a field leaves the machine."""
    if field.path in _OWN:
        return _OWN[field.path]
    if field.hashed:
        return "SHA-256 of the normalized text"
    if field.kind is Kind.INPUT:
        return "not sent; becomes a part of `contents`"
    if field.kind is Kind.URL:
        return "as it is; e-mail addresses and phone numbers in its query are cut out"
    if field.group == "custom_data" and field.kind is Kind.TEXT:
        return "as it is; left out where it holds an e-mail address, or is a phone number written with +"
    return _AS_IT_IS


def table() -> str:
    """Return the tables of all fields: those about a person one by one, the others by their form."""
    about = [
        "### About the person: `user_data`\n",
        "| field | what it is | leaves the machine |",
        "|---|---|---|",
    ]
    for field in FIELDS.values():
        if field.group == "user_data":
            about.append(
                f"| `{field.name}` | {WORDS.get(field.name, 'Click id, alone or in a URL')} | {form(field)} |"
            )
    parts = ["\n".join(about)]
    titles = {"": "The event", **{group: f"`{group}`" for group in GROUPS if group != "user_data"}}
    for group, title in titles.items():
        forms: dict[str, list[str]] = {}
        for field in FIELDS.values():
            if field.path.partition(".")[0] == group if group else "." not in field.path:
                forms.setdefault(form(field), []).append(f"`{field.path.removeprefix(f'{group}.')}`")
        rows = [f"| {', '.join(names)} | {words} |" for words, names in forms.items()]
        parts.append("\n".join([f"### {title}\n", "| fields | leave the machine |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def page(text: str) -> str:
    """Return the page with its table written anew."""
    head, rest = text.split(_BEGIN)
    return f"{head}{_BEGIN}{table()}{_END}{rest.split(_END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
