/* SHA-256 (FIPS 180-4, section 6.2) of every text of a column. */

#include "native.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t turn(uint32_t x, int by) { return (x >> by) | (x << (32 - by)); }

static void compress_plain(uint32_t state[8], const uint8_t *block, int64_t count) {
    uint32_t w[64];
    for (; count; count--, block += 64) {
        for (int t = 0; t < 16; t++)
            w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
                   (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
        for (int t = 16; t < 64; t++) {
            uint32_t s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >> 3);
            uint32_t s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >> 10);
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int t = 0; t < 64; t++) {
            uint32_t t1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + w[t];
            uint32_t t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#define HAS_SHA_PATH 1

/* The same through x86's SHA instructions, after Intel's "New Instructions Supporting the Secure Hash Algorithm". */
__attribute__((target("sha,sse4.1,ssse3"))) static void compress_sha(
    uint32_t state[8], const uint8_t *block, int64_t count) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&state[0]), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&state[4]), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; count; count--, block += 64) {
        __m128i abef_before = abef, cdgh_before = cdgh, w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), big_endian);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i words = _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)&K[4 * i]));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
            if (i >= 3 && i < 15) {
                __m128i next = _mm_add_epi32(w[(i + 1) & 3], _mm_alignr_epi8(w[i & 3], w[(i + 3) & 3], 4));
                w[(i + 1) & 3] = _mm_sha256msg2_epu32(next, w[i & 3]);
            }
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0E));
            if (i >= 1 && i < 13) w[(i + 3) & 3] = _mm_sha256msg1_epu32(w[(i + 3) & 3], w[i & 3]);
        }
        abef = _mm_add_epi32(abef, abef_before), cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1B), high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)&state[0], _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)&state[4], _mm_alignr_epi8(high, low, 8));
}

/* So many blocks of two texts, side by side: the processor works on one while the other's rounds are under way. */
__attribute__((target("sha,sse4.1,ssse3"))) static void compress_pair_sha(
    uint32_t *const states[2], const uint8_t *const texts[2], int64_t count) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i abef[2], cdgh[2], w[2][4];
    for (int text = 0; text < 2; text++) {
        __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&states[text][0]), 0xB1);
        __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&states[text][4]), 0x1B);
        abef[text] = _mm_alignr_epi8(low, high, 8), cdgh[text] = _mm_blend_epi16(high, low, 0xF0);
    }
    for (int64_t block = 0; block < count; block++) {
        const __m128i abef_before[2] = {abef[0], abef[1]}, cdgh_before[2] = {cdgh[0], cdgh[1]};
        for (int text = 0; text < 2; text++)
            for (int i = 0; i < 4; i++)
                w[text][i] = _mm_shuffle_epi8(
                    _mm_loadu_si128((const __m128i *)(texts[text] + 64 * block + 16 * i)), big_endian);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
#pragma GCC unroll 2
            for (int text = 0; text < 2; text++) {
                __m128i *v = w[text];
                __m128i words = _mm_add_epi32(v[i & 3], _mm_loadu_si128((const __m128i *)&K[4 * i]));
                cdgh[text] = _mm_sha256rnds2_epu32(cdgh[text], abef[text], words);
                if (i >= 3 && i < 15) {
                    __m128i next = _mm_add_epi32(v[(i + 1) & 3], _mm_alignr_epi8(v[i & 3], v[(i + 3) & 3], 4));
                    v[(i + 1) & 3] = _mm_sha256msg2_epu32(next, v[i & 3]);
                }
                abef[text] = _mm_sha256rnds2_epu32(abef[text], cdgh[text], _mm_shuffle_epi32(words, 0x0E));
                if (i >= 1 && i < 13) v[(i + 3) & 3] = _mm_sha256msg1_epu32(v[(i + 3) & 3], v[i & 3]);
            }
        }
        for (int text = 0; text < 2; text++) {
            abef[text] = _mm_add_epi32(abef[text], abef_before[text]);
            cdgh[text] = _mm_add_epi32(cdgh[text], cdgh_before[text]);
        }
    }
    for (int text = 0; text < 2; text++) {
        __m128i low = _mm_shuffle_epi32(abef[text], 0x1B), high = _mm_shuffle_epi32(cdgh[text], 0xB1);
        _mm_storeu_si128((__m128i *)&states[text][0], _mm_blend_epi16(low, high, 0xF0));
        _mm_storeu_si128((__m128i *)&states[text][4], _mm_alignr_epi8(high, low, 8));
    }
}

static int ask_for_sha_instructions(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

/* Asking takes a virtual machine some 50 us; threads that ask at once write the same answer. */
static int has_sha_instructions(void) {
    static volatile int known = -1;
    if (known < 0) known = ask_for_sha_instructions();
    return known;
}
#endif

compress_t *best_compress(void) {
#ifdef HAS_SHA_PATH
    if (has_sha_instructions()) return compress_sha;
#endif
    return compress_plain;
}

#ifdef __SSE2__
/* Turn sixteen nibbles into digits. */
static __m128i hex_of(__m128i nibbles) {
    __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9)), _mm_set1_epi8('a' - '0' - 10));
    return _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')), letters);
}
#endif

void write_hex(const uint32_t state[8], int32_t digits, uint8_t *to) {
    uint8_t all[64];
#ifdef __SSE2__
    const __m128i low = _mm_set1_epi8(15);
    for (int half = 0; half < 2; half++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(state + 4 * half));
        x = _mm_or_si128(_mm_slli_epi16(x, 8), _mm_srli_epi16(x, 8)); /* the highest byte of each word first */
        x = _mm_shufflehi_epi16(_mm_shufflelo_epi16(x, _MM_SHUFFLE(2, 3, 0, 1)), _MM_SHUFFLE(2, 3, 0, 1));
        __m128i high = _mm_and_si128(_mm_srli_epi16(x, 4), low);
        x = _mm_and_si128(x, low);
        _mm_storeu_si128((__m128i *)(all + 32 * half), hex_of(_mm_unpacklo_epi8(high, x)));
        _mm_storeu_si128((__m128i *)(all + 32 * half + 16), hex_of(_mm_unpackhi_epi8(high, x)));
    }
#else
    for (int i = 0; i < 8; i++) {
        /* The nibbles of a word spread over eight bytes, the first in the lowest byte. */
        uint64_t x = state[i];
        x = (x & 0xFFFF0000u) >> 16 | (x & 0xFFFFu) << 32;
        x = (x & 0x0000FF000000FF00u) >> 8 | (x & 0x000000FF000000FFu) << 16;
        x = (x & 0x00F000F000F000F0u) >> 4 | (x & 0x000F000F000F000Fu) << 8;
        uint64_t letters = (x + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
        x += 0x3030303030303030u + letters * ('a' - '0' - 10);
        for (int at = 0; at < 8; at++) all[8 * i + at] = (uint8_t)(x >> (8 * at));
    }
#endif
    memcpy(to, all, (size_t)digits);
}

void pad_block(uint8_t block[64], int64_t length) {
    memset(block + length, 0, (size_t)(64 - length));
    block[length] = 0x80;
    block[62] = (uint8_t)(length >> 5), block[63] = (uint8_t)(length << 3);
}

void digest_blocks(const uint8_t (*blocks)[64], int64_t count, uint32_t (*states)[8]) {
    int64_t done = 0;
#ifdef HAS_SHA_PATH
    if (has_sha_instructions())
        for (; done + 2 <= count; done += 2) {
            memcpy(states[done], START, sizeof START), memcpy(states[done + 1], START, sizeof START);
            uint32_t *const both[2] = {states[done], states[done + 1]};
            const uint8_t *const two[2] = {blocks[done], blocks[done + 1]};
            compress_pair_sha(both, two, 1);
        }
#endif
    compress_t *compress = best_compress();
    for (; done < count; done++) {
        memcpy(states[done], START, sizeof START);
        compress(states[done], blocks[done], 1);
    }
}

/* Write what follows a text's whole blocks: its rest, a bit, its length. Return how many blocks that makes. */
static int64_t write_tail(const uint8_t *text, int64_t length, uint8_t tail[128]) {
    int64_t rest = length % 64, blocks = rest < 56 ? 1 : 2;
    uint64_t bits = (uint64_t)length * 8;
    memset(tail, 0, 128);
    memcpy(tail, text + length - rest, (size_t)rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++) tail[64 * blocks - 1 - i] = (uint8_t)(bits >> (8 * i));
    return blocks;
}

void write_digest(compress_t *compress, const uint8_t *text, int64_t length, int32_t digits, uint8_t *to) {
    uint32_t state[8];
    uint8_t tail[128];
    memcpy(state, START, sizeof state);
    if (length >= 64) compress(state, text, length / 64);
    compress(state, tail, write_tail(text, length, tail));
    write_hex(state, digits, to);
}

#ifdef HAS_SHA_PATH
/* The same for two texts. */
static void write_digests_sha(
    const uint8_t *const texts[2], const int64_t lengths[2], int32_t digits, uint8_t *const to[2]) {
    uint32_t one[8], two[8], *const states[2] = {one, two};
    uint8_t tails[2][128];
    int64_t whole[2] = {lengths[0] / 64, lengths[1] / 64}, both = whole[0] < whole[1] ? whole[0] : whole[1];
    int64_t blocks[2];
    memcpy(one, START, sizeof one), memcpy(two, START, sizeof two);
    if (both) compress_pair_sha(states, texts, both);
    for (int text = 0; text < 2; text++) {
        if (whole[text] > both) compress_sha(states[text], texts[text] + 64 * both, whole[text] - both);
        blocks[text] = write_tail(texts[text], lengths[text], tails[text]);
    }
    both = blocks[0] < blocks[1] ? blocks[0] : blocks[1];
    const uint8_t *const ends[2] = {tails[0], tails[1]};
    compress_pair_sha(states, ends, both);
    for (int text = 0; text < 2; text++) {
        if (blocks[text] > both) compress_sha(states[text], tails[text] + 64 * both, blocks[text] - both);
        write_hex(states[text], digits, to[text]);
    }
}
#endif

/* A text that waits for another, to be hashed beside it. */
typedef struct {
    compress_t *compress;
    int32_t digits;
    const uint8_t *text;
    int64_t length;
    uint8_t *to; /* NULL: none waits */
} waiting_t;

static void finish(waiting_t *waiting) {
    if (waiting->to) write_digest(waiting->compress, waiting->text, waiting->length, waiting->digits, waiting->to);
    waiting->to = NULL;
}

static void digest_soon(waiting_t *waiting, const uint8_t *text, int64_t length, uint8_t *to) {
#ifdef HAS_SHA_PATH
    if (waiting->to && waiting->compress == compress_sha) {
        const uint8_t *const texts[2] = {waiting->text, text};
        const int64_t lengths[2] = {waiting->length, length};
        uint8_t *const places[2] = {waiting->to, to};
        write_digests_sha(texts, lengths, waiting->digits, places);
        waiting->to = NULL;
        return;
    }
#endif
    finish(waiting);
    waiting->text = text, waiting->length = length, waiting->to = to;
}

/* Write `before` + the first `digits` hex digits of each text's SHA-256 + `after`; nothing for a null.
 *
 * plain: whether to do without the processor's SHA instructions; for tests.
 * to_offsets: int32[rows + 1]; to_validity: zeroed bits[rows]. Returns how many rows are null. */
EXPORT int64_t capi_digest(
    int64_t rows, const int32_t *offsets, const uint8_t *data, const uint8_t *validity, int64_t first,
    const uint8_t *before, int64_t before_length, const uint8_t *after, int64_t after_length, int32_t digits,
    int32_t plain, int32_t *to_offsets, uint8_t *to_validity, uint8_t *to) {
    waiting_t waiting = {.compress = plain ? compress_plain : best_compress(), .digits = digits};
    uint8_t *begin = to;
    int64_t nulls = 0;
    for (int64_t row = 0; row < rows; row++) {
        to_offsets[row] = (int32_t)(to - begin);
        if (!is_valid(validity, first + row)) {
            nulls++;
            continue;
        }
        mark_valid(to_validity, row);
        int32_t start = offsets[first + row];
        to = put(to, before, before_length);
        digest_soon(&waiting, data + start, offsets[first + row + 1] - start, to);
        to = put(to + digits, after, after_length);
    }
    finish(&waiting);
    to_offsets[rows] = (int32_t)(to - begin);
    return nulls;
}

/* Write the 64 hex digits of one text's SHA-256; for the trial. */
EXPORT void capi_digest_text(const uint8_t *text, int64_t length, uint8_t *to) {
    write_digest(best_compress(), text, length, 64, to);
}
