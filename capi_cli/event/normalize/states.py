"""Two-letter codes of US states and Canadian provinces, from their codes, names and short forms.

Keys are letters only, in lower case, without accents: `Québec`, `QUEBEC` and `Que.` all end at `qc`.

Source: USPS Publication 28, appendix B; Canada Post addressing guidelines; Meta, "Customer information
parameters", st.
"""

from collections.abc import Iterator

# code: name, other names and short forms (AP style, old postal forms)
_US_STATES = """
    al: Alabama, Ala | ak: Alaska | az: Arizona, Ariz | ar: Arkansas, Ark |
    ca: California, Calif, Cal, Cali | co: Colorado, Colo | ct: Connecticut, Conn | de: Delaware, Del |
    fl: Florida, Fla | ga: Georgia | hi: Hawaii, Hawai'i | id: Idaho | il: Illinois, Ill |
    in: Indiana, Ind | ia: Iowa | ks: Kansas, Kan, Kans | ky: Kentucky | la: Louisiana | me: Maine |
    md: Maryland | ma: Massachusetts, Mass | mi: Michigan, Mich | mn: Minnesota, Minn |
    ms: Mississippi, Miss | mo: Missouri | mt: Montana, Mont | ne: Nebraska, Neb, Nebr | nv: Nevada, Nev |
    nh: New Hampshire | nj: New Jersey | nm: New Mexico | ny: New York, New York State |
    nc: North Carolina | nd: North Dakota | oh: Ohio | ok: Oklahoma, Okla | or: Oregon, Ore, Oreg |
    pa: Pennsylvania, Penn, Penna | ri: Rhode Island | sc: South Carolina | sd: South Dakota |
    tn: Tennessee, Tenn | tx: Texas, Tex | ut: Utah | vt: Vermont | va: Virginia |
    wa: Washington, Wash, Washington State | wv: West Virginia, W Va | wi: Wisconsin, Wis, Wisc |
    wy: Wyoming, Wyo | dc: District of Columbia, Washington DC, Washington District of Columbia
"""
_US_TERRITORIES = """
    pr: Puerto Rico | gu: Guam | vi: Virgin Islands, US Virgin Islands, Virgin Islands US |
    as: American Samoa | mp: Northern Mariana Islands | fm: Federated States of Micronesia, Micronesia |
    mh: Marshall Islands | pw: Palau | aa: Armed Forces Americas |
    ae: Armed Forces Europe, Armed Forces Africa, Armed Forces Middle East | ap: Armed Forces Pacific
"""
_CA_PROVINCES = """
    ab: Alberta, Alta | bc: British Columbia, Colombie Britannique | mb: Manitoba, Man |
    nb: New Brunswick, Nouveau Brunswick |
    nl: Newfoundland and Labrador,
        Newfoundland & Labrador, Newfoundland, Labrador, Terre Neuve et Labrador, Nfld, nf |
    ns: Nova Scotia, Nouvelle Ecosse | nt: Northwest Territories, Territoires du Nord Ouest, nwt |
    nu: Nunavut | on: Ontario, Ont | pe: Prince Edward Island, Ile du Prince Edouard, pei |
    qc: Quebec, Que, pq | sk: Saskatchewan, Sask | yt: Yukon, Yukon Territory, yk
"""


def _entries(table: str) -> Iterator[tuple[str, str]]:
    for entry in " ".join(table.split()).split(" | "):
        code, _, names = entry.partition(": ")
        yield code, code
        yield from (("".join(filter(str.isalpha, name)).lower(), code) for name in names.split(", "))


def _with_iso_codes(country: str, codes: dict[str, str]) -> dict[str, str]:
    """Add ISO 3166-2 spellings: `US-CA`, `CA-QC`."""
    return codes | {country + code: code for code in dict.fromkeys(codes.values())}


US_STATES = _with_iso_codes("us", dict(_entries(_US_STATES)))
STATES = {
    "US": US_STATES | _with_iso_codes("us", dict(_entries(_US_TERRITORIES))),
    "CA": _with_iso_codes("ca", dict(_entries(_CA_PROVINCES))),
}
