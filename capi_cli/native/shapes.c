/* Normalize cells of common shapes. Each function is a twin of a rule in event/normalize, which is the truth. */

#include "shapes.h"

enum { LETTER = 1, DIGIT = 2, LOCAL = 4, DASH = 8, UNDERSCORE = 16 };
#define ALPHANUMERIC (LETTER | DIGIT)

/* What each character may be: LOCAL are the signs that the part before the @ may have beside letters and digits. */
static uint8_t kind(uint8_t c) {
    if (is_letter(c)) return LETTER;
    if (is_digit(c)) return DIGIT;
    switch (c) {
    case '-': return DASH | LOCAL;
    case '_': return UNDERSCORE | LOCAL;
    case '.': case '%': case '+': case '\'': return LOCAL;
    default: return 0;
    }
}

static int is_word_for_nothing(const shape_t *shape, const uint8_t *text, int64_t length) {
    for (const uint8_t *word = shape->words; *word; word += *word + 1)
        if (*word == length && memcmp(word + 1, text, (size_t)length) == 0) return 1;
    return 0;
}

int64_t normalize_email(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to) {
    (void)shape, (void)country;
    if (length < 1 || !(kind(text[0]) & ALPHANUMERIC)) return ASK;
    int64_t at = 0, label = 0, labels = 0;
    for (; at < length && text[at] != '@'; at++) {
        if (!(kind(text[at]) & (ALPHANUMERIC | LOCAL))) return ASK;
        to[at] = lower(text[at]);
    }
    if (at == length) return ASK;
    to[at++] = '@';
    for (; at < length; at++) {
        if (text[at] == '.') {
            if (!label) return ASK;
            label = 0, labels++;
        } else if (kind(text[at]) & (ALPHANUMERIC | DASH)) {
            label++;
        } else {
            return ASK;
        }
        to[at] = lower(text[at]);
    }
    return label && labels ? length : ASK;
}

/* Write the lower case of a letter of two bytes; return 0 where it is none that leaves nothing to decide. */
static int put_letter(const shape_t *shape, const uint8_t *text, uint8_t *to) {
    if ((text[0] & 0xE0) != 0xC0) return 0;
    uint16_t letter = shape->letters[((text[0] & 0x1F) << 6 | (text[1] & 0x3F)) - 0x80];
    to[0] = (uint8_t)(0xC0 | letter >> 6), to[1] = (uint8_t)(0x80 | (letter & 0x3F));
    return letter != 0;
}

/* Names and cities: letters, and between them what people put there, which goes. */
int64_t normalize_letters(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to) {
    (void)country;
    int64_t written = 0, dropped = 1; /* what is dropped stands at no end */
    if (length < 1 || length > 31) return ASK;
    for (int64_t at = 0; at < length; at++) {
        if (is_letter(text[at])) {
            to[written++] = lower(text[at]);
            dropped = 0;
        } else if (text[at] >= 0x80) {
            if (!put_letter(shape, text + at++, to + written)) return ASK;
            written += 2;
            dropped = 0;
        } else if (dropped || (text[at] != ' ' && text[at] != '-' && text[at] != '\'' && text[at] != '.')) {
            return ASK;
        } else {
            dropped = 1;
        }
    }
    return dropped || is_word_for_nothing(shape, to, written) ? ASK : written;
}

int64_t normalize_id(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to) {
    (void)country;
    if (length < 1 || length > 31 || !(kind(text[0]) & ALPHANUMERIC)) return ASK;
    for (int64_t at = 0; at < length; at++) {
        if (!(kind(text[at]) & (ALPHANUMERIC | DASH | UNDERSCORE))) return ASK;
        to[at] = lower(text[at]);
    }
    return is_word_for_nothing(shape, to, length) ? ASK : length;
}

static int number(const uint8_t *text, int length) {
    int found = 0;
    for (int at = 0; at < length; at++) {
        if (!is_digit(text[at])) return -1;
        found = 10 * found + (text[at] - '0');
    }
    return found;
}

/* yyyy-mm-dd, on the calendar, between the first and the last day of birth. */
int64_t normalize_day(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to) {
    static const int8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    (void)country;
    if (length != 10 || text[4] != '-' || text[7] != '-') return ASK;
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    if (year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1) return ASK;
    int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > DAYS[month - 1] + leap) return ASK;
    int whole = (year * 100 + month) * 100 + day;
    if (whole < shape->first_day || whole > shape->last_day) return ASK;
    memcpy(to, text, 4), memcpy(to + 4, text + 5, 2), memcpy(to + 6, text + 8, 2);
    return 8;
}

/* Five digits in the US; elsewhere letters and digits, of them one digit at least, with one space at most. */
int64_t normalize_zip(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to) {
    int32_t where = country < 0 ? 0 : shape->countries[country];
    if (where == 1) return length == 5 && number(text, 5) >= 0 ? put(to, text, 5) - to : ASK;
    if (where != 2 || length < 1) return ASK;
    int64_t written = 0, word = 0, spaces = 0, digits = 0;
    for (int64_t at = 0; at < length; at++) {
        uint8_t found = kind(text[at]);
        if (found & ALPHANUMERIC) {
            if (++word > 8) return ASK;
            digits += found == DIGIT;
            to[written++] = lower(text[at]);
        } else if (text[at] == ' ' && word && !spaces) {
            word = 0, spaces = 1;
        } else {
            return ASK;
        }
    }
    return word && digits ? written : ASK;
}
