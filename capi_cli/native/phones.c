/* Phones typed in a country, read by its numbering plan: a twin of the rule in event/normalize/phone.py. */

#include "shapes.h"

#define MOST_DIGITS 32

/* Return how many digits the machine takes from the beginning, -1 where it takes none. */
static int64_t begins(const machine_t *machine, const uint8_t *digits, int64_t length) {
    int64_t taken = machine->ends[0] == 1 ? 0 : -1;
    for (int64_t at = 0, state = 0; at < length; at++) {
        state = machine->next[10 * state + (digits[at] - '0')];
        if (state == NOWHERE) break;
        if (machine->ends[state] == 1 || (machine->ends[state] == 2 && at + 1 == length)) taken = at + 1;
    }
    return taken;
}

static int starts_with(const uint8_t *digits, int64_t length, const uint8_t *with, int64_t with_length) {
    return length >= with_length && memcmp(digits, with, (size_t)with_length) == 0;
}

/* Copy the digits of a number as people type it; `plus`: whether a + stands before. Return their count, or ASK. */
static int64_t digits_of(const uint8_t *text, int64_t length, uint8_t *to, int *plus) {
    int64_t at = 0, written = 0;
    *plus = length > 0 && text[0] == '+';
    at += *plus;
    at += at < length && text[at] == '(';
    int64_t rest = length - at - 1; /* behind the first digit */
    if (rest < 5 || rest > 24 || !is_digit(text[at])) return ASK;
    if (text[length - 1] == '0' && text[length - 2] == '.') return ASK; /* a spreadsheet's */
    for (int64_t place = *plus; place < length; place++) {
        uint8_t c = text[place];
        if (is_digit(c)) {
            if (c == '0' && place > 0 && text[place - 1] == '(' && place + 1 < length && text[place + 1] == ')')
                return ASK;
            to[written++] = c;
        } else if (c != ' ' && c != '(' && c != ')' && c != '.' && c != '-') {
            return ASK;
        }
    }
    return written;
}

/* Return how many digits at the beginning are dialled within the country alone, or ASK. */
static int64_t trunk_of(const phone_plan_t *plan, const uint8_t *digits, int64_t length) {
    if (plan->trunk_length)
        return starts_with(digits, length, plan->trunk, plan->trunk_length) ? plan->trunk_length : 0;
    int64_t cut = plan->prefix.next ? begins(&plan->prefix, digits, length) : -1;
    if (cut < 0) return 0;
    return plan->transforms ? ASK : cut;
}

static int is_national(const phone_plan_t *plan, const uint8_t *digits, int64_t length, int64_t code_length) {
    int64_t in_all = length + code_length;
    if (length >= 32 || !(plan->lengths >> length & 1) || in_all < plan->min_digits || in_all > plan->max_digits)
        return 0;
    int64_t zeros = 0;
    while (zeros < length && digits[zeros] == '0') zeros++;
    if (zeros == length) return 0; /* nobody's number */
    int64_t state = 0;
    for (int64_t at = 0; at < length; at++)
        if ((state = plan->general.next[10 * state + (digits[at] - '0')]) == NOWHERE) return 0;
    return plan->general.ends[state];
}

int64_t normalize_phone(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to) {
    int32_t place = country < 0 ? -1 : shape->countries[country];
    if (place < 0) return ASK;
    const phone_plan_t *home = shape->plans + place, *region = home;
    uint8_t room[MOST_DIGITS];
    const uint8_t *digits = room;
    int own;
    int64_t count = digits_of(text, length, room, &own);
    if (count < 0) return ASK;
    if (!own && count > 1 && digits[0] == '0' && digits[1] == '0') own = 1, digits += 2, count -= 2;
    int coded = starts_with(digits, count, home->code, home->code_length);
    if (own) {
        if (!coded || home->main < 0) return ASK;
        region = shape->plans + home->main;
        digits += home->code_length, count -= home->code_length;
    } else {
        if (coded && !home->trunk_is_code) return ASK;
        if (home->idd.next && begins(&home->idd, digits, count) >= 0) return ASK;
    }
    int64_t cut = trunk_of(region, digits, count);
    if (cut < 0) return ASK;
    digits += cut, count -= cut;
    if (!is_national(region, digits, count, home->code_length)) return ASK;
    return put(put(to, home->code, home->code_length), digits, count) - to;
}
