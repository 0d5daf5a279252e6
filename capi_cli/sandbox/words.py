"""The texts for people in Graph's refusals, in more than one language: a client that matches on them is wrong.

Source: Meta localizes `error_user_title` and `error_user_msg` by the token's user; the titles of the English
ones are close to what Meta writes, the rest is ours.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The message (never localized), and the title and text for people."""

    message: str
    title: str = ""
    text: str = ""


_INVALID = "Invalid parameter"

# subcode: (title, text) in English, French, German. `{detail}` is filled by the refusal.
_EVENTS: dict[int, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]] = {
    2804003: (
        (
            "Event Timestamp Too Old",
            "The timestamp for this event is too far in the past. Enter one within the last 7 days.",
        ),
        (
            "Horodatage trop ancien",
            "L’horodatage de cet évènement est trop éloigné dans le passé : 7 jours au plus.",
        ),
        (
            "Zeitstempel zu alt",
            "Der Zeitstempel dieses Events liegt zu weit zurück: höchstens 7 Tage sind erlaubt.",
        ),
    ),
    2804004: (
        ("Event Timestamp in the Future", "The timestamp for this event is in the future."),
        ("Horodatage dans le futur", "L’horodatage de cet évènement se situe dans le futur."),
        ("Zeitstempel in der Zukunft", "Der Zeitstempel dieses Events liegt in der Zukunft."),
    ),
    2804008: (
        ("Content ID Missing", "An item of the contents parameter has no id."),
        ("ID de contenu manquant", "Un élément de contents n’a pas d’id."),
        ("Content-ID fehlt", "Ein Element von contents hat keine id."),
    ),
    2804009: (
        ("Missing Value for Purchase Event", "The value parameter is required for Purchase events."),
        ("Valeur manquante", "Le paramètre value est obligatoire pour les évènements Purchase."),
        ("Wert fehlt", "Der Parameter value ist für Purchase-Events erforderlich."),
    ),
    2804010: (
        ("Missing Currency for Purchase Event", "Enter a valid ISO 4217 currency for this Purchase event."),
        ("Devise manquante", "Indiquez une devise ISO 4217 valide pour cet évènement Purchase."),
        ("Währung fehlt", "Gib für dieses Purchase-Event eine gültige ISO-4217-Währung an."),
    ),
    2804016: (
        (
            "Customer Information Not Hashed",
            "The customer information parameter {detail} must be hashed with SHA-256 before it is sent.",
        ),
        ("Informations client non hachées", "Le paramètre {detail} doit être haché avec SHA-256."),
        ("Kundeninformationen nicht gehasht", "Der Parameter {detail} muss mit SHA-256 gehasht werden."),
    ),
    2804019: (
        ("Server Side Api Parameter Error", "The parameter {detail}"),
        ("Erreur de paramètre", "Le paramètre {detail}"),
        ("Parameterfehler", "Der Parameter {detail}"),
    ),
    2804023: (
        ("Currency Missing", "Enter a valid ISO 4217 currency wherever a value is sent."),
        ("Devise absente", "Indiquez une devise ISO 4217 valide avec chaque valeur."),
        ("Währung fehlt", "Gib zu jedem Wert eine gültige ISO-4217-Währung an."),
    ),
    2804030: (
        ("Data Processing Options", "Choose a country and a state for limited data use."),
        ("Options de traitement", "Choisissez un pays et un État pour l’utilisation limitée."),
        ("Datenverarbeitungsoptionen", "Wähle Land und Bundesstaat für die eingeschränkte Nutzung."),
    ),
    2804036: (
        ("Invalid Lead ID", "The lead_id must be the 15 to 17 digit id that Lead Ads gave."),
        ("ID de prospect non valide", "lead_id doit être l’identifiant de 15 à 17 chiffres."),
        ("Ungültige Lead-ID", "lead_id muss die 15- bis 17-stellige ID sein."),
    ),
    2804043: (
        ("Invalid extinfo", "extinfo must be a list of 16 strings that begins with a2 or i2."),
        ("extinfo non valide", "extinfo doit être une liste de 16 chaînes commençant par a2 ou i2."),
        ("Ungültiges extinfo", "extinfo muss eine Liste aus 16 Texten sein, die mit a2 oder i2 beginnt."),
    ),
    2804050: (
        (
            "You Haven't Added Sufficient Customer Information Parameter Data For This Event",
            "This event has no customer information parameters, or a combination too broad for matching.",
        ),
        ("Informations client insuffisantes", "Cet évènement n’a pas assez d’informations client."),
        ("Zu wenige Kundeninformationen", "Dieses Event hat zu wenige Kundeninformationen."),
    ),
    2804063: (
        ("Messaging Channel Missing", "messaging_channel is required for business messaging events."),
        ("Canal manquant", "messaging_channel est obligatoire."),
        ("Kanal fehlt", "messaging_channel ist erforderlich."),
    ),
    2804066: (
        ("Event Name Not Supported", "This event name is not supported for business messaging."),
        ("Nom d’évènement refusé", "Ce nom d’évènement n’est pas accepté pour la messagerie."),
        ("Event-Name nicht erlaubt", "Dieser Event-Name ist für Messaging nicht erlaubt."),
    ),
    2804069: (
        ("Page ID Missing", "page_id is required for Messenger events."),
        ("ID de Page manquant", "page_id est obligatoire pour Messenger."),
        ("Seiten-ID fehlt", "page_id ist für Messenger erforderlich."),
    ),
    2804079: (
        ("Instagram Account Missing", "ig_account_id is required for Instagram events."),
        ("Compte Instagram manquant", "ig_account_id est obligatoire pour Instagram."),
        ("Instagram-Konto fehlt", "ig_account_id ist für Instagram erforderlich."),
    ),
    2804087: (
        ("Invalid Click ID", "ctwa_clid is missing or is not a click id."),
        ("ID de clic non valide", "ctwa_clid est absent ou non valide."),
        ("Ungültige Klick-ID", "ctwa_clid fehlt oder ist ungültig."),
    ),
    2804116: (
        (
            "Page Or WhatsApp Account Missing",
            "page_id or whatsapp_business_account_id is required for WhatsApp.",
        ),
        ("Page ou compte manquant", "page_id ou whatsapp_business_account_id est obligatoire."),
        ("Seite oder Konto fehlt", "page_id oder whatsapp_business_account_id ist erforderlich."),
    ),
}

_MESSAGES: dict[tuple[int, int | None], str] = {
    (1, None): "An unknown error has occurred.",
    (2, None): "Service temporarily unavailable",
    (4, None): "(#4) Application request limit reached",
    (10, None): "(#10) Application does not have permission for this action",
    (17, None): "(#17) User request limit reached",
    (32, None): "(#32) Page request limit reached",
    (104, None): "Invalid appsecret_proof provided in the API argument",
    (190, None): "Invalid OAuth access token - Cannot parse access token",
    (
        190,
        460,
    ): "Error validating access token: The session has been invalidated because the password was changed.",
    (190, 463): "Error validating access token: Session has expired.",
    (200, None): "(#200) Permissions error",
    (341, None): "(#341) Temporary application limit reached",
    (368, None): "(#368) The action attempted has been deemed abusive or is otherwise disallowed",
    (613, None): "(#613) Calls to this api have exceeded the rate limit.",
    (80004, None): "(#80004) There have been too many calls to this ad-account. Wait a bit and try again.",
    (
        100,
        33,
    ): "Unsupported post request. Object with the requested id does not exist, cannot be loaded due to "
    "missing permissions, or does not support this operation.",
}
_LANGUAGES = {"en": 0, "fr": 1, "de": 2}


def words_for(code: int, subcode: int | None, locale: str) -> Words:
    """Return the words of a refusal; without title and text where Meta gives none."""
    if code == 100 and subcode in _EVENTS:
        texts = _EVENTS[subcode]
        title, text = texts[_LANGUAGES.get(locale[:2].lower(), 0)]
        return Words(_INVALID, title, text)
    message = _MESSAGES.get((code, subcode)) or _MESSAGES.get((code, None)) or _INVALID
    return Words(message)
