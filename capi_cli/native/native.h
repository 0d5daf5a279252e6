/* What the loops share: Arrow's columns of text, as C sees them.
 *
 * Plain C without Python's headers, called through ctypes without the interpreter's lock. A column is (offsets, data,
 * validity): int32 offsets as in Arrow's format; validity a bitmap, NULL where no row is null; `first` the place of the
 * first row in both. Callers allocate what is written and know that it suffices. Nothing here keeps anything between
 * calls, so threads may call side by side.
 */

#ifndef CAPI_NATIVE_H
#define CAPI_NATIVE_H

#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

static inline int is_valid(const uint8_t *validity, int64_t place) {
    return validity == NULL || ((validity[place >> 3] >> (place & 7)) & 1);
}

static inline void mark_valid(uint8_t *validity, int64_t row) {
    validity[row >> 3] |= (uint8_t)(1u << (row & 7));
}

static inline uint8_t *put(uint8_t *to, const uint8_t *from, int64_t length) {
    memcpy(to, from, (size_t)length);
    return to + length;
}

/* Copy a short text by 16 bytes at once where both sides have that many left: what is too much is written over. */
static inline uint8_t *put_short(uint8_t *to, const uint8_t *room_end, const uint8_t *from, int64_t length,
                                 const uint8_t *text_end) {
    if (length > 16 || room_end - to < 16 || text_end - from < 16) return put(to, from, length);
    memcpy(to, from, 16);
    return to + length;
}

/* Return the place of the lowest bit that is set, where one is. */
static inline int lowest_bit(uint64_t bits) {
#if defined(__GNUC__)
    return __builtin_ctzll(bits);
#else
    int place = 0;
    for (; !(bits & 1); bits >>= 1) place++;
    return place;
#endif
}

/* SHA-256, in digest.c */
typedef void compress_t(uint32_t[8], const uint8_t *, int64_t);
compress_t *best_compress(void);
void write_digest(compress_t *compress, const uint8_t *text, int64_t length, int32_t digits, uint8_t *to);

/* The same in steps, for texts of at most 55 bytes: each in a block of its own, which is padded; then all at once. */
#define ONE_BLOCK 55
void pad_block(uint8_t block[64], int64_t length);
void digest_blocks(const uint8_t (*blocks)[64], int64_t count, uint32_t (*states)[8]);
void write_hex(const uint32_t state[8], int32_t digits, uint8_t *to);

/* How many bytes from the beginning are text in UTF-8; in utf8.c */
int64_t utf8_end(const uint8_t *text, int64_t size);

#endif
