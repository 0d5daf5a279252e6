"""Names of time zones as exports write them beside a time, and the IANA zones that they are.

Rails' names, which Square and Shopify write: a city or a region, one for each. A name that IANA knows too (`Japan`,
`Singapore`) is not repeated here. Abbreviations such as CST are no names: each stands for several zones.
Source: ActiveSupport::TimeZone::MAPPING.
"""

from typing import Final

_RAILS = """
American Samoa=Pacific/Pago_Pago|Midway Island=Pacific/Midway|Hawaii=Pacific/Honolulu|Alaska=America/Juneau
Pacific Time (US & Canada)=America/Los_Angeles|Tijuana=America/Tijuana|Arizona=America/Phoenix
Mountain Time (US & Canada)=America/Denver|Central Time (US & Canada)=America/Chicago
Eastern Time (US & Canada)=America/New_York|Indiana (East)=America/Indiana/Indianapolis
Atlantic Time (Canada)=America/Halifax|Newfoundland=America/St_Johns|Saskatchewan=America/Regina
Chihuahua=America/Chihuahua|Mazatlan=America/Mazatlan|Guadalajara=America/Mexico_City
Mexico City=America/Mexico_City|Monterrey=America/Monterrey|Central America=America/Guatemala
Bogota=America/Bogota|Lima=America/Lima|Quito=America/Lima|Caracas=America/Caracas|La Paz=America/La_Paz
Santiago=America/Santiago|Asuncion=America/Asuncion|Brasilia=America/Sao_Paulo
Buenos Aires=America/Argentina/Buenos_Aires|Montevideo=America/Montevideo|Georgetown=America/Guyana
Puerto Rico=America/Puerto_Rico|Azores=Atlantic/Azores|Cape Verde Is.=Atlantic/Cape_Verde
Dublin=Europe/Dublin|Edinburgh=Europe/London|Lisbon=Europe/Lisbon|London=Europe/London
Casablanca=Africa/Casablanca|Monrovia=Africa/Monrovia|Belgrade=Europe/Belgrade|Bratislava=Europe/Bratislava
Budapest=Europe/Budapest|Ljubljana=Europe/Ljubljana|Prague=Europe/Prague|Sarajevo=Europe/Sarajevo
Skopje=Europe/Skopje|Warsaw=Europe/Warsaw|Zagreb=Europe/Zagreb|Brussels=Europe/Brussels
Copenhagen=Europe/Copenhagen|Madrid=Europe/Madrid|Paris=Europe/Paris|Amsterdam=Europe/Amsterdam
Berlin=Europe/Berlin|Bern=Europe/Zurich|Zurich=Europe/Zurich|Rome=Europe/Rome|Stockholm=Europe/Stockholm
Vienna=Europe/Vienna|West Central Africa=Africa/Algiers|Bucharest=Europe/Bucharest|Cairo=Africa/Cairo
Helsinki=Europe/Helsinki|Kyiv=Europe/Kiev|Riga=Europe/Riga|Sofia=Europe/Sofia|Tallinn=Europe/Tallinn
Vilnius=Europe/Vilnius|Athens=Europe/Athens|Istanbul=Europe/Istanbul|Minsk=Europe/Minsk
Jerusalem=Asia/Jerusalem|Harare=Africa/Harare|Pretoria=Africa/Johannesburg|Moscow=Europe/Moscow
St. Petersburg=Europe/Moscow|Kuwait=Asia/Kuwait|Riyadh=Asia/Riyadh|Nairobi=Africa/Nairobi
Baghdad=Asia/Baghdad|Tehran=Asia/Tehran|Abu Dhabi=Asia/Muscat|Muscat=Asia/Muscat|Baku=Asia/Baku
Tbilisi=Asia/Tbilisi|Yerevan=Asia/Yerevan|Kabul=Asia/Kabul|Islamabad=Asia/Karachi|Karachi=Asia/Karachi
Tashkent=Asia/Tashkent|Chennai=Asia/Kolkata|Kolkata=Asia/Kolkata|Mumbai=Asia/Kolkata|New Delhi=Asia/Kolkata
Kathmandu=Asia/Kathmandu|Dhaka=Asia/Dhaka|Sri Jayawardenepura=Asia/Colombo|Almaty=Asia/Almaty
Rangoon=Asia/Rangoon|Bangkok=Asia/Bangkok|Hanoi=Asia/Bangkok|Jakarta=Asia/Jakarta|Beijing=Asia/Shanghai
Hong Kong=Asia/Hong_Kong|Kuala Lumpur=Asia/Kuala_Lumpur|Taipei=Asia/Taipei|Perth=Australia/Perth
Seoul=Asia/Seoul|Osaka=Asia/Tokyo|Sapporo=Asia/Tokyo|Tokyo=Asia/Tokyo|Darwin=Australia/Darwin
Adelaide=Australia/Adelaide|Canberra=Australia/Canberra|Melbourne=Australia/Melbourne
Sydney=Australia/Sydney|Brisbane=Australia/Brisbane|Hobart=Australia/Hobart|Guam=Pacific/Guam
Port Moresby=Pacific/Port_Moresby|Fiji=Pacific/Fiji|Auckland=Pacific/Auckland|Wellington=Pacific/Auckland
Samoa=Pacific/Apia|Z=UTC
"""

ZONE_NAMES: Final[dict[str, str]] = {  # in lower case → IANA
    name.strip().lower(): zone
    for pair in _RAILS.replace("\n", "|").split("|")
    if pair
    for name, _, zone in [pair.partition("=")]
}
