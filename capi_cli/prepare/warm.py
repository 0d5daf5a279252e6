"""What a process that prepares will soon need, loaded before it is asked for; only a fork server imports this.

Its children share what stands here: modules, and the numbering plans of the countries that most exports are about,
whose compilation takes some 10 ms each.
"""

import phonenumbers as phonenumbers

from capi_cli.event.normalize import phone_plans
from capi_cli.prepare import preparer as preparer

_COUNTRIES = "US CA GB DE FR ES IT NL BR MX".split()

for _country in _COUNTRIES:
    phone_plans.plan(_country)
