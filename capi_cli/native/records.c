/* Find the records of delimited text, and cut columns of cells out of it.
 *
 * What can't be proven regular is not read here: the search ends before it, and the careful path (readers/records.py)
 * takes over. A quote is regular where it opens a cell, closes one before a delimiter or a line end, or is doubled
 * inside one. A line ends with LF, CRLF or a lone CR.
 */

#include "native.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { LF = 10, CR = 13, QUOTE = 34, STEP = 64 };

/* What to look for, and what makes a record a row. */
typedef struct {
    int32_t delimiter;    /* a byte, not 0 */
    int32_t columns;      /* cells that a row must have */
    int32_t most_columns; /* cells that it may have that are not empty */
    int32_t whole;        /* whether nothing follows the text: a CR at its end ends a record only then */
    int64_t most_records; /* rows, odd ones and blank ones together */
    int64_t most_bytes;   /* of a record */
    int64_t most_lines;   /* of a record */
    int64_t first_line;   /* the number of the line on which the text begins */
} grammar_t;

/* What was found: consecutive records from the beginning of the text. */
typedef struct {
    int64_t rows;
    int64_t odd;      /* records of one line that have too few cells, or too many */
    int64_t consumed; /* where the record after the last one begins */
    int64_t lines;    /* line ends up to there */
    int64_t doubled;  /* whether a cell holds a doubled quote */
} found_t;

/* One record. */
typedef struct {
    int64_t start, end, next; /* `end` leaves the line end out */
    int64_t cells, lines;
    int surplus; /* whether a cell that it must not have holds something */
} record_t;

/* A walk over the bytes that mean something: delimiters, line ends, quotes. */
typedef struct {
    const uint8_t *text;
    int64_t size, step; /* `step`: where the 64 bytes begin that `bits` tells of */
    uint64_t bits;
    uint8_t delimiter;
} marks_t;

#if defined(__SSE2__)
static inline uint64_t marks_of(const uint8_t *at, uint8_t delimiter) {
    const __m128i d = _mm_set1_epi8((char)delimiter), lf = _mm_set1_epi8(LF), cr = _mm_set1_epi8(CR),
                  quote = _mm_set1_epi8(QUOTE);
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(at + 16 * i));
        __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, lf), _mm_cmpeq_epi8(bytes, cr));
        __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, d), _mm_cmpeq_epi8(bytes, quote));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(ends, others)) << (16 * i);
    }
    return bits;
}
#else
static inline uint64_t marks_of(const uint8_t *at, uint8_t delimiter) {
    uint64_t bits = 0;
    for (int i = 0; i < STEP; i++)
        bits |= (uint64_t)((at[i] == delimiter) | (at[i] == LF) | (at[i] == CR) | (at[i] == QUOTE)) << i;
    return bits;
}
#endif

static uint64_t last_marks(const marks_t *marks) {
    uint8_t padded[STEP] = {0}; /* 0 is no mark */
    memcpy(padded, marks->text + marks->step, (size_t)(marks->size - marks->step));
    return marks_of(padded, marks->delimiter);
}

/* Return where the next mark stands; `size` where none does. */
static inline int64_t next_mark(marks_t *marks) {
    while (marks->bits == 0) {
        marks->step += STEP;
        if (marks->step >= marks->size) {
            marks->step = marks->size;
            return marks->size;
        }
        marks->bits = marks->size - marks->step >= STEP ? marks_of(marks->text + marks->step, marks->delimiter)
                                                        : last_marks(marks);
    }
    int64_t at = marks->step + lowest_bit(marks->bits);
    marks->bits &= marks->bits - 1;
    return at;
}

static inline int is_byte(const marks_t *marks, int64_t at, uint8_t byte) {
    return at < marks->size && marks->text[at] == byte;
}

/* Pass over the rest of a quoted cell, up to the quote that closes it; return 0 where it is not regular, or not whole. */
static int pass_quoted(marks_t *marks, record_t *record, int64_t *doubled) {
    for (;;) {
        int64_t at = next_mark(marks);
        if (at == marks->size) return 0;
        uint8_t byte = marks->text[at];
        if (byte == LF || byte == CR) {
            record->lines += byte == LF || !is_byte(marks, at + 1, LF);
        } else if (byte == QUOTE && is_byte(marks, at + 1, QUOTE)) {
            next_mark(marks);
            *doubled = 1;
        } else if (byte == QUOTE) {
            return is_byte(marks, at + 1, marks->delimiter) || is_byte(marks, at + 1, LF) ||
                   is_byte(marks, at + 1, CR);
        }
    }
}

/* Read the record at `record->start`, and write where its cells begin, and where one after the last would; return 0
 * where it is not regular, or not whole. */
static inline int read_record(
    marks_t *marks, const grammar_t *grammar, record_t *record, int32_t *begins, int64_t *doubled) {
    int64_t begin = record->start, at;
    record->cells = record->lines = record->surplus = 0;
    begins[0] = (int32_t)begin;
    for (;;) {
        at = next_mark(marks);
        if (at == marks->size) return 0;
        uint8_t byte = marks->text[at];
        if (byte == QUOTE) {
            if (at != begin || !pass_quoted(marks, record, doubled)) return 0;
            continue;
        }
        if (++record->cells <= grammar->columns) begins[record->cells] = (int32_t)(at + 1);
        if (record->cells > grammar->most_columns && at > begin)
            record->surplus |= at - begin > 2 || marks->text[begin] != QUOTE; /* `""` is empty, too */
        if (byte != marks->delimiter) break;
        begin = at + 1;
    }
    record->lines++;
    record->end = at;
    record->next = at + 1;
    if (marks->text[at] == CR) {
        if (at + 1 == marks->size && !grammar->whole) return 0;
        if (is_byte(marks, at + 1, LF)) record->next = next_mark(marks) + 1;
    }
    return record->end - record->start <= grammar->most_bytes && record->lines <= grammar->most_lines;
}

static void find(
    const uint8_t *text, int64_t size, const grammar_t *grammar, found_t *found, int64_t *starts, int64_t *ends,
    int64_t *lines, int32_t *begins, int64_t *odd) {
    marks_t marks = {text, size, -STEP, 0, (uint8_t)grammar->delimiter};
    record_t record = {0};
    memset(found, 0, sizeof *found);
    for (int64_t count = 0; count < grammar->most_records; count++) {
        record.start = found->consumed;
        int32_t *row = begins + found->rows * (grammar->columns + 1);
        if (!read_record(&marks, grammar, &record, row, &found->doubled)) return;
        if (record.end - record.start == record.cells - 1) {
            /* blank: nothing but delimiters */
        } else if (record.cells >= grammar->columns && !record.surplus) {
            starts[found->rows] = record.start;
            ends[found->rows] = record.end;
            lines[found->rows++] = grammar->first_line + found->lines;
        } else if (record.lines == 1) {
            odd[2 * found->odd] = record.start;
            odd[2 * found->odd++ + 1] = grammar->first_line + found->lines;
        } else {
            return;
        }
        found->lines += record.lines;
        found->consumed = record.next;
    }
}

/* Find the records at the beginning of a text, up to the first that is not regular, not whole or not UTF-8, or that
 * holds a NUL.
 *
 * size: below 2 GiB. starts, ends, lines: int64[most_records]: of each row, its first byte, the end of its last cell,
 * and the number of its line. begins: int32[most_records * (columns + 1)]: where its cells begin. odd: the start and
 * line of each odd record, int64[2 * most_records]. */
EXPORT void capi_find_records(
    const uint8_t *text, int64_t size, const grammar_t *grammar, found_t *found, int64_t *starts, int64_t *ends,
    int64_t *lines, int32_t *begins, int64_t *odd) {
    find(text, size, grammar, found, starts, ends, lines, begins, odd);
    int64_t sound = utf8_end(text, found->consumed);
    const uint8_t *nul = sound ? memchr(text, 0, (size_t)sound) : NULL;
    if (nul != NULL) sound = nul - text;
    if (sound == found->consumed) return;
    grammar_t cut = *grammar;
    cut.whole = 0;
    find(text, sound, &cut, found, starts, ends, lines, begins, odd);
}

/* Copy a quoted cell's inside, one quote for two; return where it ends. */
static uint8_t *put_unquoted(uint8_t *to, const uint8_t *from, int64_t length) {
    for (const uint8_t *end = from + length, *quote; from < end; from = quote + 2) {
        quote = memchr(from, QUOTE, (size_t)(end - from));
        if (quote == NULL) return put(to, from, end - from);
        to = put(to, from, quote + 1 - from);
    }
    return to;
}

/* Where columns are cut from and to. */
typedef struct {
    const uint8_t *text, *text_end;
    int64_t rows;
    const int32_t *begins; /* as found */
    int64_t cells;         /* of them for each row */
    int doubled;           /* as found */
    uint8_t *to, *room_end;
} cut_t;

/* Cut one column; return how many rows are not null, -1 where the bytes have no room. */
static int64_t cut_column(cut_t *cut, int64_t place, int32_t *to_offsets, uint8_t *to_validity) {
    const int32_t *begins = cut->begins + place;
    uint8_t *first = cut->to, *to = first;
    int64_t valid = 0;
    unsigned bits = 0;
    for (int64_t row = 0; row < cut->rows; row++, begins += cut->cells) {
        const uint8_t *from = cut->text + begins[0];
        int64_t length = begins[1] - 1 - begins[0];
        int quoted = length > 1 && *from == QUOTE;
        to_offsets[row] = (int32_t)(to - first);
        if (quoted) from++, length -= 2;
        if (length > cut->room_end - to) return -1;
        bits |= (unsigned)(length > 0) << (row & 7);
        valid += length > 0;
        to = quoted && cut->doubled ? put_unquoted(to, from, length)
                                    : put_short(to, cut->room_end, from, length, cut->text_end);
        if ((row & 7) == 7 || row + 1 == cut->rows) to_validity[row >> 3] = (uint8_t)bits, bits = 0;
    }
    to_offsets[cut->rows] = (int32_t)(to - first);
    cut->to = to;
    return valid;
}

/* Cut columns of cells out of a text that was searched; an empty cell is null.
 *
 * begins, doubled: as found; cells: how many of `begins` each row has. places: int64[columns], which cells.
 * to_offsets: int32[columns][rows + 1]; to_validity: bytes[columns][(rows + 7) / 8]; to: `room` bytes, in which the
 * columns' texts follow each other. to_sizes, to_nulls: int64[columns], bytes and nulls of each.
 * Returns how many bytes were written, -1 where they have no room. */
EXPORT int64_t capi_cells(
    const uint8_t *text, int64_t size, int64_t rows, const int32_t *begins, int64_t cells, int32_t doubled,
    const int64_t *places, int64_t columns, int32_t *to_offsets, uint8_t *to_validity, uint8_t *to, int64_t room,
    int64_t *to_sizes, int64_t *to_nulls) {
    cut_t cut = {text, text + size, rows, begins, cells, doubled, to, to + room};
    for (int64_t column = 0; column < columns; column++) {
        uint8_t *first = cut.to;
        int64_t valid = cut_column(
            &cut, places[column], to_offsets + column * (rows + 1), to_validity + column * ((rows + 7) / 8));
        if (valid < 0) return -1;
        to_sizes[column] = cut.to - first;
        to_nulls[column] = rows - valid;
    }
    return cut.to - to;
}
