"""Meta's lead form download, and a CRM's stages of such leads: events of Meta's conversion leads integration.

Ids carry prefixes: `l:` of the lead, `p:` before a phone. The forms' own test leads say so in their cells. A stage
column names the events; a lead's events never come before it was made, or Meta throws them away.
"""

from capi_cli.mapping.exports.crm import ASSUMED_SOURCE, from_crm
from capi_cli.mapping.exports.table import Export, Filled, Filter

_TEST_CELL = "<test lead: dummy data for"
_TEST_ADDRESSES = ("test@meta.com", "test@fb.com")
_STAGES = (
    "stage",
    "lead_stage",
    "crm_stage",
    "pipeline_stage",
    "lifecycle_stage",
    "current_stage",
    "stage_name",
)
_STAGE_TIMES = (
    *(
        "stage_changed_at",
        "stage_change_time",
        "stage_time",
        "stage_date",
        "stage_updated_at",
        "stage_entered_at",
    ),
    *("status_changed_at", "status_date", "status_updated_at", "updated_time", "updated_at", "event_time"),
)
# A form's own questions are named in its language.
_ADDRESSES = (
    *("email", "work_email", "e-mail", "correo_electrónico", "adresse_e-mail", "e-mail-adresse"),
    *("indirizzo_e-mail", "e-mailadres"),
)
_PHONES = (
    *("phone_number", "phone", "work_phone_number", "mobile_phone_number", "whatsapp_number"),
    *(
        "número_de_teléfono",
        "numéro_de_téléphone",
        "telefonnummer",
        "numero_di_telefono",
        "número_de_telefone",
    ),
    *("telefone", "teléfono", "telefoonnummer"),
)
_FULL_NAMES = (
    *("full_name", "nombre_completo", "nom_complet", "vollständiger_name", "nome_completo", "nome_e_cognome"),
    "volledige_naam",
)
_FIRST_NAMES = ("first_name", "nombre", "prénom", "vorname", "nome", "voornaam")
_IDS = ("lead_id", "meta_lead_id", "facebook_lead_id", "fb_lead_id", "leadgen_id")

META_LEADS = Export(
    name="Meta lead form download or CRM stages",
    fingerprints=(
        ("id", "created_time", "form_id"),
        ("lead_id", "created_time", "form_id"),
        *((name, stage) for name in _IDS for stage in _STAGES),
    ),
    filled=(
        *from_crm("CRM"),
        Filled(field="event_name", columns=_STAGES),
        Filled(
            field="event_name",
            columns=("lead_status",),
            words=(("CREATED", "Lead"), ("complete", "Lead")),
            default="Lead",
        ),
        Filled(field="event_name", value="Lead"),
        Filled(field="event_time", columns=(*_STAGE_TIMES, "created_time")),
        Filled(field="lead_created_at", columns=("created_time", "lead_created_time", "lead_created_at")),
        Filled(field="lead_id", columns=(*_IDS, "id")),
        Filled(field="em", columns=_ADDRESSES, several=True),
        Filled(field="ph", columns=_PHONES, several=True),
        Filled(field="fn", columns=("first_name",)),
        Filled(field="fn", columns=_FULL_NAMES, split="full_name"),
        Filled(field="ln", columns=("last_name",)),
        Filled(field="ct", columns=("city",)),
        Filled(field="st", columns=("state", "province")),
        Filled(field="zp", columns=("zip_code", "post_code", "postal_code", "zip")),
        Filled(field="country", columns=("country",)),
        Filled(field="db", columns=("date_of_birth",)),
        Filled(field="ge", columns=("gender",)),
    ),
    filters=(
        *(Filter(column=name, values=_TEST_ADDRESSES, without=True) for name in _ADDRESSES),
        *(
            Filter(column=name, values=(f"{_TEST_CELL} {name}>",), without=True)
            for name in (*_FULL_NAMES, *_FIRST_NAMES)
        ),
        *(
            Filter(column=name, values=(f"{_TEST_CELL} {name}>", f"p:{_TEST_CELL} {name}>"), without=True)
            for name in _PHONES
        ),
    ),
    assumptions=(
        (None, "Meta's own test leads are left out."),
        (
            "event_name",
            "An event's name is the lead's stage, in your own words; a lead without one is a Lead.",
        ),
        (
            "event_time",
            "Its time is when the stage was reached; without such a column the lead's created_time.",
        ),
        ("lead_created_at", "Nothing may come before the lead: such rows are rejected."),
        ASSUMED_SOURCE,
        ("custom_data.lead_event_source", "Name your CRM with --set lead_event_source=NAME; else it is CRM."),
    ),
)
