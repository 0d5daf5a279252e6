/* Times and amounts of the common shapes: twins of what prepare/times.py and prepare/amounts.py do through Arrow. */

#include "native.h"

enum { OTHER = -1 };

static inline int digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

/* Return the number that so many digits make, or OTHER. */
static int64_t number(const uint8_t *text, int64_t length) {
    int64_t found = 0;
    for (int64_t at = 0; at < length; at++) {
        if (!digit(text[at])) return OTHER;
        found = 10 * found + (text[at] - '0');
    }
    return found;
}

/* Days since 1970-01-01 of a day of our calendar, which counts years from March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - 400 * era;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t days_in(int64_t year, int64_t month) {
    static const int8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return DAYS[month - 1] + leap;
}

/* yyyy-mm-ddThh:mm:ss or with a space, from 1990 to 2037, as if in UTC. */
static int64_t seconds_of(const uint8_t *text) {
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
        return OTHER;
    int64_t year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    int64_t hour = number(text + 11, 2), minute = number(text + 14, 2), second = number(text + 17, 2);
    if (year < 1990 || year > 2037 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return OTHER;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return OTHER;
    return ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

/* +hh:mm or -hh:mm, up to fourteen hours, in seconds; `known` is cleared for anything else. */
static int64_t offset_of(const uint8_t *text, int *known) {
    int64_t hours = number(text + 1, 2), minutes = number(text + 4, 2), found = (hours * 60 + minutes) * 60;
    *known = (text[0] == '+' || text[0] == '-') && text[3] == ':' && hours >= 0 && minutes >= 0 && minutes < 60 &&
             found <= 14 * 3600;
    return text[0] == '-' ? -found : found;
}

static int64_t read_time(const uint8_t *text, int64_t length) {
    if (length == 20 && text[19] == 'Z') return seconds_of(text);
    if (length == 25) {
        int known;
        int64_t local = seconds_of(text), offset = offset_of(text + 19, &known);
        return local < 0 || !known ? OTHER : local - offset;
    }
    return OTHER;
}

static uint8_t *put_number(uint8_t *to, int64_t value) {
    uint8_t digits[20];
    int at = 20;
    do digits[--at] = (uint8_t)('0' + value % 10);
    while (value /= 10);
    return put(to, digits + at, 20 - at);
}

/* Read times that are all of one length: 20 with a Z, 25 with an offset.
 *
 * to: the seconds as text, twelve bytes for each row. Returns how many rows are null, -1 where one is of another shape. */
EXPORT int64_t capi_times(
    int64_t rows, const int32_t *offsets, const uint8_t *data, const uint8_t *validity, int64_t first, int64_t length,
    int32_t *to_offsets, uint8_t *to_validity, uint8_t *to) {
    uint8_t *begin = to;
    int64_t nulls = 0;
    for (int64_t row = 0; row < rows; row++) {
        to_offsets[row] = (int32_t)(to - begin);
        if (!is_valid(validity, first + row)) {
            nulls++;
            continue;
        }
        const int32_t *ends = offsets + first + row;
        if (ends[1] - ends[0] != length) return -1;
        int64_t seconds = read_time(data + ends[0], length);
        if (seconds < 0) return -1;
        mark_valid(to_validity, row);
        to = put_number(to, seconds);
    }
    to_offsets[rows] = (int32_t)(to - begin);
    return nulls;
}

/* Return how many bytes of an amount with at most nine digits and two decimals stay, or OTHER. */
static int64_t kept_of(const uint8_t *text, int64_t length) {
    int64_t whole = 0;
    while (whole < length && digit(text[whole])) whole++;
    if (whole < 1 || whole > 9 || (whole > 1 && text[0] == '0')) return OTHER;
    if (whole == length) return length;
    int64_t decimals = length - whole - 1;
    if (text[whole] != '.' || decimals < 1 || decimals > 2 || number(text + whole + 1, decimals) < 0) return OTHER;
    while (text[length - 1] == '0') length--;
    return length - (text[length - 1] == '.');
}

/* Write amounts without the zeros behind their decimals; nothing for what is of another shape. Returns the nulls.
 *
 * to: as many bytes as the texts have. */
EXPORT int64_t capi_amounts(
    int64_t rows, const int32_t *offsets, const uint8_t *data, const uint8_t *validity, int64_t first,
    int32_t *to_offsets, uint8_t *to_validity, uint8_t *to) {
    uint8_t *begin = to;
    int64_t nulls = 0;
    for (int64_t row = 0; row < rows; row++) {
        to_offsets[row] = (int32_t)(to - begin);
        const int32_t *ends = offsets + first + row;
        int64_t kept = is_valid(validity, first + row) ? kept_of(data + ends[0], ends[1] - ends[0]) : OTHER;
        if (kept < 0) {
            nulls++;
            continue;
        }
        mark_valid(to_validity, row);
        to = put(to, data + ends[0], kept);
    }
    to_offsets[rows] = (int32_t)(to - begin);
    return nulls;
}
