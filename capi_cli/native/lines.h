/* Values in lines of JSON: found by lines.c, written as columns by line_cells.c. */

#ifndef CAPI_LINES_H
#define CAPI_LINES_H

#include "native.h"

enum { BACKSLASH = 92, ODD = -1 };

/* Where the text of a value stands; in bytes, negative where it has escapes, 0 where it is null. */
typedef struct {
    int32_t at, length;
} span_t;

/* Return the value of four hexadecimal digits; ODD where one is none, and none behind it is looked at. */
static inline int32_t four_digits(const uint8_t *at) {
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t digit = at[i], letter = digit | 32;
        if (digit >= '0' && digit <= '9')
            value = value * 16 + digit - '0';
        else if (letter >= 'a' && letter <= 'f')
            value = value * 16 + letter - 'a' + 10;
        else
            return ODD;
    }
    return value;
}

/* Read the escape at `at`, which begins with a backslash: return how many bytes it takes, and give its character; 0
 * where it is none. Half of a surrogate pair is none. */
static inline int64_t read_escape(const uint8_t *at, int32_t *character) {
    static const char kinds[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    if (at[1] != 'u') {
        const char *kind = at[1] ? strchr(kinds, at[1]) : NULL;
        if (kind != NULL) *character = means[kind - kinds];
        return kind == NULL ? 0 : 2;
    }
    int32_t first = four_digits(at + 2);
    *character = first;
    if (first == ODD || (first & 0xFC00) == 0xDC00) return 0;
    if ((first & 0xFC00) != 0xD800) return 6;
    if (at[6] != BACKSLASH || at[7] != 'u') return 0;
    int32_t second = four_digits(at + 8);
    if (second == ODD || (second & 0xFC00) != 0xDC00) return 0;
    *character = 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
    return 12;
}

#endif
