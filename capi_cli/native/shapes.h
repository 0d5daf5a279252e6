/* The common shapes of a cell, in which the rule of its match key has nothing to decide. */

#ifndef CAPI_SHAPES_H
#define CAPI_SHAPES_H

#include "native.h"

#define LONGEST_SHAPE 256 /* bytes of a cell that is looked at here; a shape writes no more than it reads, and 4 */
#define ASK (-1)          /* the rule must look */

/* Finds the longest or preferred beginning of some digits; see prepare/digit_machine.py. */
typedef struct {
    const uint16_t *next; /* [states][10]: the state after a digit; NOWHERE where none is */
    const uint8_t *ends;  /* [states]: 1 where what was read is a match, 2 where it is one if the text ends */
} machine_t;

#define NOWHERE 0xFFFF

/* One numbering plan; see prepare/phone_tables.py. */
typedef struct {
    uint8_t code[8]; /* calling code */
    uint8_t trunk[8];
    int32_t code_length;
    int32_t trunk_length; /* 0: none of digits alone */
    int32_t main;         /* the plan of the region that stands for the calling code */
    int32_t trunk_is_code;
    int32_t transforms; /* whether other digits may take the prefix's place */
    uint32_t lengths; /* a bit for each possible length of a national number */
    int32_t min_digits, max_digits; /* of the number with its calling code */
    machine_t idd;     /* prefix for calls abroad where it is not 00; next is NULL for none */
    machine_t prefix;  /* what goes where there is no trunk of digits alone */
    machine_t general; /* a whole national number */
} phone_plan_t;

/* What a shape needs to know of its column.
 *
 * words: texts in lower case, each behind a byte that says its length, a zero at the end: the words for nothing.
 * letters: for each code point of two bytes of UTF-8, from 0x80, its lower case, of two bytes too; 0 where the rule must
 * look at what has it.
 * country: for each country's number what to do: for postcodes 1 for the US and 2 for others, for phones the place of
 * its plan and -1 for none. */
typedef struct {
    const uint8_t *words;
    const uint16_t *letters;
    const int32_t *countries;
    int64_t country_count;
    const phone_plan_t *plans;
    int32_t first_day, last_day; /* yyyymmdd, of birth */
} shape_t;

/* Write the normalized text and return its length, or ASK. `country` is below country_count, -1 where none is known. */
typedef int64_t normalize_t(const shape_t *shape, const uint8_t *text, int64_t length, int32_t country, uint8_t *to);

normalize_t normalize_email, normalize_letters, normalize_id, normalize_day, normalize_zip, normalize_phone;

static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static inline int is_letter(uint8_t c) { return (uint8_t)((c | 0x20) - 'a') < 26; }
static inline uint8_t lower(uint8_t c) { return (uint8_t)(c - 'A') < 26 ? (uint8_t)(c | 0x20) : c; }

#endif
