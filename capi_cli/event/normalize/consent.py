"""A mapped consent column: whether the person said yes."""

from typing import Final, Literal

from capi_cli.event.normalize.scalars import FALSE_WORDS, TRUE_WORDS
from capi_cli.event.normalize.text import clean

Consent = Literal["granted", "denied", "unclear"]

# In the languages of Meta's larger markets. A word that means yes in one and no in another stands in neither.
_GRANTED: Final = (
    TRUE_WORDS
    | frozenset(
        """
    granted grant given accepted accept agreed agree allowed allow approved consented consent opted-in optedin
    opt-in optin opt_in opted_in subscribed confirmed active enabled checked
    erteilt zugestimmt zustimmung akzeptiert eingewilligt accordé accorde accepté accepte acceptée consenti
    concedido otorgado aceptado aceptada acepto consentido accettato accettata concesso acconsento
    aceito aceite concedida verleend toegestaan akkoord zgoda wyrażona udzielona kyllä ano áno igen evet
    onaylandı согласен согласие ναι 同意 同意する 許可 已同意
    """.split()
    )
    | {"opted in", "opt in", "double opt-in"}
)
_DENIED: Final = (
    FALSE_WORDS
    | frozenset(
        """
    denied deny refused refuse rejected reject declined decline disagreed disallowed withdrawn revoked
    opted-out optedout opt-out optout opt_out opted_out unsubscribed objected inactive disabled unchecked
    never abgelehnt verweigert widerrufen refusé refusée refus rechazado rechazada denegado denegada revocado
    rifiutato rifiutata negato negata recusado recusada negado negada geweigerd nee nej nei odmowa hayır hayir
    reddedildi nem отказ όχι 拒否 拒绝 不同意 同意しない
    """.split()
    )
    | {"opted out", "opt out", "not granted", "not given", "no consent", "do not sell"}
)


def read_consent(value: str | None) -> Consent:
    """Return what a consent cell says; an empty or unknown one is unclear, and is treated as denied."""
    if not value:
        return "unclear"
    word = clean(value).lower()
    if word in _GRANTED:
        return "granted"
    return "denied" if word in _DENIED else "unclear"
