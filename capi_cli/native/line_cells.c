/* Columns of the texts that were found in lines of JSON. */

#include "lines.h"

static uint8_t *put_character(uint8_t *to, int32_t character) {
    if (character < 0x80) {
        *to++ = (uint8_t)character;
    } else if (character < 0x800) {
        *to++ = (uint8_t)(0xC0 | character >> 6);
        *to++ = (uint8_t)(0x80 | (character & 0x3F));
    } else {
        if (character < 0x10000) {
            *to++ = (uint8_t)(0xE0 | character >> 12);
        } else {
            *to++ = (uint8_t)(0xF0 | character >> 18);
            *to++ = (uint8_t)(0x80 | (character >> 12 & 0x3F));
        }
        *to++ = (uint8_t)(0x80 | (character >> 6 & 0x3F));
        *to++ = (uint8_t)(0x80 | (character & 0x3F));
    }
    return to;
}

/* Write what a text with escapes says, which is shorter than it; return where it ends. */
static uint8_t *put_unescaped(uint8_t *to, const uint8_t *from, int64_t length) {
    const uint8_t *end = from + length;
    int32_t character = 0;
    while (from < end) {
        const uint8_t *escape = memchr(from, BACKSLASH, (size_t)(end - from));
        if (escape == NULL) return put(to, from, end - from);
        to = put(to, from, escape - from);
        from = escape + read_escape(escape, &character);
        to = put_character(to, character);
    }
    return to;
}

/* Where columns are written to. */
typedef struct {
    const uint8_t *text, *text_end;
    uint8_t *to, *room_end;
    int64_t rows, slots;
} cut_t;

/* Write one column; return how many rows are not null. */
static int64_t cut_column(cut_t *cut, const span_t *span, int32_t *to_offsets, uint8_t *to_validity) {
    uint8_t *first = cut->to, *to = first;
    int64_t valid = 0;
    unsigned bits = 0;
    for (int64_t row = 0; row < cut->rows; row++, span += cut->slots) {
        const uint8_t *from = cut->text + span->at;
        int64_t length = span->length;
        to_offsets[row] = (int32_t)(to - first);
        bits |= (unsigned)(length != 0) << (row & 7);
        valid += length != 0;
        to = length < 0 ? put_unescaped(to, from, -length)
                        : put_short(to, cut->room_end, from, length, cut->text_end);
        if ((row & 7) == 7 || row + 1 == cut->rows) to_validity[row >> 3] = (uint8_t)bits, bits = 0;
    }
    to_offsets[cut->rows] = (int32_t)(to - first);
    cut->to = to;
    return valid;
}

/* Write columns of the texts that were found; null and the empty text are null.
 *
 * spans: as found in this text. to_offsets: int32[slots][rows + 1]; to_validity: bytes[slots][(rows + 7) / 8]; to: as
 * many bytes as the values have at most, in which the columns' texts follow each other. to_sizes, to_nulls: int64[slots], bytes
 * and nulls of each. */
EXPORT void capi_line_cells(
    const uint8_t *text, int64_t size, int64_t rows, const span_t *spans, int64_t slots, int32_t *to_offsets,
    uint8_t *to_validity, uint8_t *to, int64_t room, int64_t *to_sizes, int64_t *to_nulls) {
    cut_t cut = {text, text + size, to, to + room, rows, slots};
    for (int64_t slot = 0; slot < slots; slot++) {
        uint8_t *first = cut.to;
        int64_t valid =
            cut_column(&cut, spans + slot, to_offsets + slot * (rows + 1), to_validity + slot * ((rows + 7) / 8));
        to_sizes[slot] = cut.to - first;
        to_nulls[slot] = rows - valid;
    }
}
