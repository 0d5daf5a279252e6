"""ISO alpha-2 codes of countries from codes and names: ISO's, everyday ones, those of many languages.

Names beyond the codes are looked up in pycountry, which is loaded with the first of them. A name that means
two countries in two languages stands for neither.

Source: ISO 3166-1; Meta, "Customer information parameters", country.
"""

import gettext
import unicodedata
from collections.abc import Iterator
from functools import cache

CODES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
    YT ZA ZM ZW XK
    """.split()
)
_OTHER_CODES = {"UK": "GB", "EL": "GR"}  # the EU's own spelling of two codes

# Everyday names that neither ISO nor its translations hold. XK is Kosovo's code wherever it has one.
_EVERYDAY_NAMES = """
    US: U S A, U S, America, United States of America, Estados Unidos de America, EEUU, EE UU,
        Etats Unis d Amerique, Vereinigte Staaten von Amerika, Stati Uniti d America, EUA, Amerika,
        Amerika Birlesik Devletleri, ABD, США, 美国, 米国, アメリカ,
        アメリカ合衆国
    GB: U K, Great Britain, Britain, England, Scotland, Wales, Northern Ireland, Grossbritannien,
        Großbritannien, Grande Bretagne, Gran Bretana, Gran Bretagna, Gra Bretanha, Groot Brittannie,
        Angleterre, Inglaterra, Inghilterra, Storbritannien, Storbritannia, Wielka Brytania, Великобритания,
        Англия, 英国, イギリス
    NL: Holland, The Netherlands, Holanda, Hollande, Olanda, Nederland, Pays Bas, Paises Bajos, Голландия
    DE: Deutschland, Bundesrepublik Deutschland, BRD, Federal Republic of Germany
    AT: Osterreich, Oesterreich
    CH: Schweiz, Suisse, Svizzera, Svizra, Confoederatio Helvetica
    ES: España
    BE: Belgie, Belgique, Belgien
    IE: Eire, Republic of Ireland, Southern Ireland
    DK: Danmark
    SE: Sverige
    NO: Norge, Noreg
    FI: Suomi
    IS: Island
    PL: Polska
    CZ: Czech Republic, Cesko, Ceska Republika, Czechia, Tschechei
    SK: Slovensko, Slovak Republic
    HU: Magyarorszag
    RO: Romania, Rumania, Roumania
    HR: Hrvatska
    SI: Slovenija
    RS: Srbija
    BG: Balgariya
    GR: Ellada, Hellas, Ellas, Hellenic Republic
    TR: Turkey, Turkiye, Turquia, Turquie, Turkei, Tuerkei
    RU: Russia, Russland, Rusia, Russie, Rossiya, Россия
    UA: Ukraina
    BY: Belarus, Byelorussia, Weissrussland, Bielorussia
    MD: Moldova, Republica Moldova
    KR: South Korea, Korea South, Korea, Republic of Korea, Corea del Sur, Coree du Sud, Sudkorea,
        Corea del Sud, Coreia do Sul, Zuid Korea, Hanguk, 대한민국, 한국, 韩国, 韓国
    KP: North Korea, Korea North, DPRK
    CN: China, PRC, P R C, Mainland China, Zhongguo
    JP: Nippon, Nihon
    TW: Taiwan, Taiwan ROC, 台灣, 台湾, 臺灣
    HK: Hong Kong, Hong Kong SAR, 香港
    MO: Macau, Macao, 澳門, 澳门
    VN: Vietnam, Viet Nam
    LA: Laos
    MM: Burma, Myanmar
    KH: Cambodia, Kampuchea
    BN: Brunei
    TL: East Timor
    IN: India, Bharat
    IR: Iran
    SY: Syria
    AE: U A E, Emirates, Emirats Arabes Unis, Emiratos Arabes, VAE
    SA: Saudi, K S A, Kingdom of Saudi Arabia
    PS: Palestine, Palestinian Territory, Palestinian Territories
    EG: Misr
    ZA: R S A, Suid Afrika
    TZ: Tanzania
    CD: DR Congo, D R Congo, DRC, Congo Kinshasa, Zaire, Democratic Republic of the Congo,
        Congo Democratic Republic
    CG: Congo Brazzaville, Republic of the Congo
    CI: Ivory Coast, Cote d Ivoire
    SZ: Swaziland
    CV: Cape Verde
    GM: Gambia
    BO: Bolivia
    VE: Venezuela
    FM: Micronesia
    MK: Macedonia, North Macedonia, FYROM
    BA: Bosnia, Bosnia Herzegovina, Bosna i Hercegovina
    VA: Vatican, Vatican City
    BR: Brasil
    MX: Mexico, Méjico
    PE: Peru
    DO: Dominican Rep, Republica Dominicana
    FK: Falkland Islands, Falklands
    VI: US Virgin Islands
    VG: British Virgin Islands
    LC: St Lucia
    KN: St Kitts and Nevis, Saint Kitts, St Kitts
    VC: St Vincent and the Grenadines, St Vincent, Saint Vincent
    SH: St Helena, Saint Helena
    MF: St Martin
    SX: Sint Maarten, St Maarten
    BL: St Barthelemy, St Barts
    PM: St Pierre and Miquelon
    PN: Pitcairn Islands
    TT: Trinidad
    AG: Antigua
    BS: The Bahamas
    RE: Reunion
    CW: Curacao
    XK: Kosovo, Kosova
"""

# Korea, Congo and the Virgin Islands are two each: what stands before the comma says too little.
_SHARED_SHORT_NAMES = frozenset({"KR", "KP", "CD", "VG", "VI"})

# gettext catalogues of ISO 3166 names that come with pycountry
_LANGUAGES = """
    de fr es it pt pt_BR nl sv da nb fi is pl cs sk hu ro hr sl sr bg el tr ru uk be lt lv et ca gl eu ja
    zh_CN zh_TW ko ar he fa hi th vi id ms
""".split()


def find_country(text: str) -> str | None:
    """Return the alpha-2 code, in capitals, of a code or name; None for an unknown one."""
    code = text.upper()
    if code in CODES:
        return code
    if code in _OTHER_CODES:
        return _OTHER_CODES[code]
    return _names().get(_fold(text))


@cache
def _names() -> dict[str, str]:
    """Return every name and alpha-3 code that stands for one country, folded; better sources win."""
    known = {_fold(name): code for code, name in _everyday()}
    known["xkx"] = "XK"
    for code, name in _english():
        known.setdefault(_fold(name), code)
    foreign: dict[str, set[str]] = {}
    for code, name in _translated():
        foreign.setdefault(_fold(name), set()).add(code)
    for name, codes in foreign.items():
        if len(codes) == 1:
            known.setdefault(name, next(iter(codes)))
    known.pop("", None)
    return known


def _everyday() -> Iterator[tuple[str, str]]:
    for line in _EVERYDAY_NAMES.strip().replace(",\n", ", ").splitlines():
        code, _, names = line.strip().partition(": ")
        yield from ((code, name) for name in names.split(", "))


def _english() -> Iterator[tuple[str, str]]:
    import pycountry  # loads 50 ms of tables, and only odd spellings need them

    for country in pycountry.countries:
        code = country.alpha_2
        yield code, country.alpha_3
        yield code, country.name
        if code not in _SHARED_SHORT_NAMES:
            yield code, country.name.partition(",")[0]
        for attribute in ("common_name", "official_name"):
            if name := getattr(country, attribute, None):
                yield code, name


def _translated() -> Iterator[tuple[str, str]]:
    import pycountry

    for language in _LANGUAGES:
        catalogue = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
        for country in pycountry.countries:
            for english in (country.name, getattr(country, "common_name", country.name)):
                name = catalogue.gettext(english)
                if name != english:
                    yield country.alpha_2, name


def _fold(name: str) -> str:
    """Return a name's letters in lower case, without accents, `and` for `&`, and no article."""
    text = name.replace("&", " and ").strip()
    if text[:4].lower() == "the ":
        text = text[4:]
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join([c for c in decomposed if c.isalpha()])
