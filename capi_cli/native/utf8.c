/* How far bytes are text in UTF-8. */

#include "native.h"

#if defined(__SSE2__)
#include <emmintrin.h>
static inline int is_ascii_16(const uint8_t *at) {
    return _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)at)) == 0;
}
#else
static inline int is_ascii_16(const uint8_t *at) {
    uint64_t words[2];
    memcpy(words, at, sizeof words);
    return ((words[0] | words[1]) & 0x8080808080808080u) == 0;
}
#endif

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

int64_t utf8_end(const uint8_t *text, int64_t size) {
    int64_t at = 0;
    while (at < size) {
        if (text[at] >= 0x80) {
            int64_t length = character(text + at, size - at);
            if (length == 0) return at;
            at += length;
        } else if (size - at >= 16 && is_ascii_16(text + at)) {
            at += 16;
        } else {
            at++;
        }
    }
    return size;
}

/* Return where the first byte stands that is no part of a text in UTF-8; `size` where all are. */
EXPORT int64_t capi_utf8_end(const uint8_t *text, int64_t size) { return utf8_end(text, size); }
