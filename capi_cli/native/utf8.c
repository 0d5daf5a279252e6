/* How far bytes are text in UTF-8. */

#include "native.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { STEP = 64 };

/* Return a bit for each of 64 bytes: whether it is none of ASCII. */
static inline uint64_t high_bits(const uint8_t *at) {
    uint64_t bits = 0;
#if defined(__SSE2__)
    for (int i = 0; i < STEP; i += 16)
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(at + i))) << i;
#else
    uint64_t words[STEP / 8], any = 0;
    memcpy(words, at, sizeof words);
    for (int i = 0; i < STEP / 8; i++) any |= words[i];
    if ((any & 0x8080808080808080u) == 0) return 0;
    for (int i = 0; i < STEP; i++) bits |= (uint64_t)(at[i] >> 7) << i;
#endif
    return bits;
}

/* Return how many bytes the character at `at` takes, which is none of ASCII; 0 where it is none of UTF-8 either
 * (The Unicode Standard, table 3-7: no surrogates, nothing written longer than it need be, nothing past U+10FFFF). */
static inline int64_t character(const uint8_t *at, int64_t left) {
    uint8_t lead = at[0], low = 0x80, high = 0xBF;
    int64_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || left < length) return 0;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    if (at[1] < low || at[1] > high) return 0;
    for (int64_t i = 2; i < length; i++)
        if ((at[i] & 0xC0) != 0x80) return 0;
    return length;
}

/* Look at 64 bytes; return where to go on, at `step` + 64 or behind a character that reaches past it, or -1 minus the
 * place of a byte that is no part of a text. */
static inline int64_t pass_step(const uint8_t *text, int64_t step, int64_t size) {
    uint64_t high = high_bits(text + step);
    while (high) {
        int64_t place = lowest_bit(high), length = character(text + step + place, size - step - place);
        if (length == 0) return -1 - step - place;
        if (place + length >= STEP) return step + place + length;
        high &= ~UINT64_C(0) << (place + length);
    }
    return step + STEP;
}

int64_t utf8_end(const uint8_t *text, int64_t size) {
    int64_t at = 0;
    while (size - at >= STEP) {
        int64_t next = pass_step(text, at, size);
        if (next < 0) return -1 - next;
        at = next;
    }
    while (at < size) {
        int64_t length = text[at] < 0x80 ? 1 : character(text + at, size - at);
        if (length == 0) return at;
        at += length;
    }
    return size;
}

/* Return where the first byte stands that is no part of a text in UTF-8; `size` where all are. */
EXPORT int64_t capi_utf8_end(const uint8_t *text, int64_t size) { return utf8_end(text, size); }
