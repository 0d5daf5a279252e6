/* Match keys: cells → digests. Cells of a common shape are normalized here; what the rules said of other cells is
 * remembered, so that each is asked about once. */

#include "shapes.h"

/* What a rule said of a text: an outcome, absent where its length is -1, and the number of a finding or -1. */
typedef struct {
    uint64_t hash; /* 0: nothing stands here */
    uint32_t text, text_length;
    int32_t country;
    uint32_t outcome;
    int32_t outcome_length;
    int32_t finding;
} slot_t;

/* A table of texts; slots are a power of two, of which half stay free. The caller makes it, zeroed. */
typedef struct {
    slot_t *slots;
    uint8_t *texts;
    int64_t slot_count, room, used, count;
} memory_t;

static uint64_t hash_of(const uint8_t *text, int64_t length, int32_t country) {
    uint64_t hash = (uint64_t)length * 0x9E3779B97F4A7C15u ^ (uint64_t)(uint32_t)country << 32;
    for (; length > 0; text += 8, length -= 8) {
        uint64_t word = 0;
        memcpy(&word, text, length < 8 ? (size_t)length : 8);
        hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    }
    return hash | 1;
}

static slot_t *find(const memory_t *memory, const uint8_t *text, int64_t length, int32_t country, uint64_t hash) {
    int64_t mask = memory->slot_count - 1;
    for (int64_t at = (int64_t)(hash >> 16) & mask;; at = (at + 1) & mask) {
        slot_t *slot = memory->slots + at;
        if (!slot->hash) return slot;
        if (slot->hash == hash && slot->text_length == length && slot->country == country &&
            memcmp(memory->texts + slot->text, text, (size_t)length) == 0)
            return slot;
    }
}

/* Remember what a rule said; return 0 where there is no room, and nothing is remembered. */
EXPORT int64_t capi_remember(
    memory_t *memory, const uint8_t *text, int64_t length, int32_t country, const uint8_t *outcome,
    int64_t outcome_length, int32_t finding) {
    int64_t needed = length + (outcome_length < 0 ? 0 : outcome_length);
    if (2 * (memory->count + 1) > memory->slot_count || needed > memory->room - memory->used) return 0;
    uint64_t hash = hash_of(text, length, country);
    slot_t *slot = find(memory, text, length, country, hash);
    if (slot->hash) return 1;
    *slot = (slot_t){.hash = hash, .text = (uint32_t)memory->used, .text_length = (uint32_t)length};
    slot->country = country, slot->finding = finding, slot->outcome_length = (int32_t)outcome_length;
    uint8_t *end = put(memory->texts + memory->used, text, length);
    slot->outcome = (uint32_t)(end - memory->texts);
    if (outcome_length > 0) put(end, outcome, outcome_length);
    memory->used += needed, memory->count++;
    return 1;
}

/* How far the loop came. A row that must be asked about leaves a gap: what is written behind it is of no use, and once
 * the rules have been asked the loop begins again there, with `nulls` and `noticed` as they stood. */
typedef struct {
    int64_t row, nulls, noticed; /* where to begin, and how the count stands there */
    int64_t asked;               /* rows to ask about */
} progress_t;

static normalize_t *const SHAPES[] = {NULL,         normalize_email, normalize_letters, normalize_id, normalize_day,
                                      normalize_zip, normalize_phone};

/* Rows that are worked on at once: their texts are normalized, then hashed, then written. */
#define STRETCH 64

typedef enum { ABSENT, HASHED, LONG, KNOWN } fate_t;

typedef struct {
    uint8_t blocks[STRETCH][64];
    uint32_t states[STRETCH][8];
    fate_t fates[STRETCH];
    const slot_t *slots[STRETCH];        /* of those that are KNOWN */
    uint8_t longs[STRETCH][64];          /* digests of those that are LONG */
    int64_t count;                       /* of blocks */
} stretch_t;

typedef struct {
    const int32_t *offsets;
    const uint8_t *data, *validity;
    int64_t first;
    const int64_t *countries;
    normalize_t *normalize;
    const shape_t *shape;
    const memory_t *memory;
    compress_t *compress;
} cells_t;

/* Find out what becomes of a row; return 0 where its rule must be asked. */
static int judge(const cells_t *cells, int64_t row, stretch_t *stretch, int64_t place) {
    uint8_t normal[LONGEST_SHAPE + 8];
    stretch->fates[place] = ABSENT;
    if (!is_valid(cells->validity, cells->first + row)) return 1;
    const int32_t *offsets = cells->offsets + cells->first + row;
    const uint8_t *text = cells->data + offsets[0];
    int64_t length = offsets[1] - offsets[0], written = ASK;
    int32_t country = cells->countries == NULL ? -1 : (int32_t)cells->countries[row];
    uint8_t *block = stretch->blocks[stretch->count];
    if (cells->normalize && length < ONE_BLOCK - 4) {
        written = cells->normalize(cells->shape, text, length, country, block);
        if (written >= 0) {
            pad_block(block, written);
            stretch->count++;
            stretch->fates[place] = HASHED;
            return 1;
        }
    } else if (cells->normalize && length <= LONGEST_SHAPE) {
        written = cells->normalize(cells->shape, text, length, country, normal);
        if (written >= 0) {
            write_digest(cells->compress, normal, written, 64, stretch->longs[place]);
            stretch->fates[place] = LONG;
            return 1;
        }
    }
    const slot_t *slot = find(cells->memory, text, length, country, hash_of(text, length, country));
    if (!slot->hash) return 0;
    stretch->slots[place] = slot;
    stretch->fates[place] = KNOWN;
    return 1;
}

/* Write the first of eight bytes; all eight are overwritten. */
static uint8_t *put_frame(uint8_t *to, uint64_t word, int64_t length) {
    memcpy(to, &word, sizeof word);
    return to + length;
}

/* Write `before` + digest + `after` for each cell; nothing for an empty one, and for one of which nothing is left.
 *
 * countries: int64[rows], the number of each row's country, -1 for none; NULL where the key knows none.
 * which: a place in SHAPES. before, after: of at most eight bytes.
 * to_offsets: int32[rows + 1]; to_validity: zeroed bits[rows]; to: room enough, and eight bytes more.
 * asked: int32[rows], rows that the rule must look at. noticed: int32[rows][2], rows and the numbers of findings. */
EXPORT void capi_keys(
    int64_t rows, const int32_t *offsets, const uint8_t *data, const uint8_t *validity, int64_t first,
    const int64_t *countries, int32_t which, const shape_t *shape, const memory_t *memory, const uint8_t *before,
    int64_t before_length, const uint8_t *after, int64_t after_length, progress_t *progress, int32_t *to_offsets,
    uint8_t *to_validity, uint8_t *to, int32_t *asked, int32_t *noticed) {
    cells_t cells = {offsets, data, validity, first, countries, SHAPES[which], shape, memory, best_compress()};
    stretch_t stretch;
    uint64_t before_word = 0, after_word = 0;
    memcpy(&before_word, before, (size_t)before_length), memcpy(&after_word, after, (size_t)after_length);
    uint8_t *begin = to;
    progress_t now = *progress;
    if (now.row) to += to_offsets[now.row];
    now.asked = 0;
    for (int64_t row = now.row, end; row < rows; row = end) {
        end = row + STRETCH < rows ? row + STRETCH : rows;
        stretch.count = 0;
        for (int64_t at = row; at < end; at++) {
            if (judge(&cells, at, &stretch, at - row)) continue;
            if (!now.asked) {
                progress->row = row, progress->nulls = now.nulls, progress->noticed = now.noticed;
                to_offsets[row] = (int32_t)(to - begin);
            }
            asked[now.asked++] = (int32_t)at;
        }
        if (now.asked) continue; /* what would be written from here on is of no use */
        digest_blocks((const uint8_t(*)[64])stretch.blocks, stretch.count, stretch.states);
        int64_t block = 0;
        for (int64_t at = row; at < end; at++) {
            to_offsets[at] = (int32_t)(to - begin);
            const slot_t *slot = stretch.slots[at - row];
            fate_t fate = stretch.fates[at - row];
            if (fate == KNOWN && slot->finding >= 0) {
                noticed[2 * now.noticed] = (int32_t)at;
                noticed[2 * now.noticed++ + 1] = slot->finding;
            }
            if (fate == ABSENT || (fate == KNOWN && slot->outcome_length < 0)) {
                now.nulls++;
                continue;
            }
            mark_valid(to_validity, at);
            to = put_frame(to, before_word, before_length);
            if (fate == HASHED) {
                write_hex(stretch.states[block++], 64, to);
                to += 64;
            } else if (fate == LONG) {
                to = put(to, stretch.longs[at - row], 64);
            } else {
                to = put(to, memory->texts + slot->outcome, slot->outcome_length);
            }
            to = put_frame(to, after_word, after_length);
        }
    }
    progress->asked = now.asked;
    if (now.asked) return;
    to_offsets[rows] = (int32_t)(to - begin);
    progress->nulls = now.nulls, progress->noticed = now.noticed;
}
