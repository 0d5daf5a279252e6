/* XXH3, 64 bits, seed 0: the keys by which the ledger knows an event and its content.
 *
 * After the specification, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, "XXH3". The package xxhash
 * is the truth that tests/native/test_xxh3.py holds it to. */

#include "native.h"

static const uint64_t P32_1 = 0x9E3779B1u, P32_2 = 0x85EBCA77u, P32_3 = 0xC2B2AE3Du;
static const uint64_t P64_1 = 0x9E3779B185EBCA87u, P64_2 = 0xC2B2AE3D27D4EB4Fu, P64_3 = 0x165667B19E3779F9u;
static const uint64_t P64_4 = 0x85EBCA77C2B2AE63u, P64_5 = 0x27D4EB2F165667C5u;
static const uint64_t MIX_1 = 0x165667919E3779F9u, MIX_2 = 0x9FB21C651E98DF25u;

enum { SECRET_BYTES = 192, STRIPE = 64, STRIPES_OF_BLOCK = (SECRET_BYTES - STRIPE) / 8, LANES = 8 };

static const uint8_t SECRET[SECRET_BYTES] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

static inline uint64_t swap64(uint64_t x) {
    x = (x & 0x00FF00FF00FF00FFu) << 8 | (x >> 8 & 0x00FF00FF00FF00FFu);
    x = (x & 0x0000FFFF0000FFFFu) << 16 | (x >> 16 & 0x0000FFFF0000FFFFu);
    return x << 32 | x >> 32;
}

static inline uint64_t read64(const uint8_t *at) {
    uint64_t found;
    memcpy(&found, at, sizeof found);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    found = swap64(found);
#endif
    return found;
}

static inline uint64_t read32(const uint8_t *at) {
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
}

static inline uint64_t turn(uint64_t x, int by) { return x << by | x >> (64 - by); }

/* The two halves of a product of 128 bits, folded. */
static inline uint64_t fold(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (a & 0xFFFFFFFFu) * (b & 0xFFFFFFFFu), high = (a >> 32) * (b >> 32);
    uint64_t one = (a >> 32) * (b & 0xFFFFFFFFu), other = (a & 0xFFFFFFFFu) * (b >> 32);
    uint64_t cross = (low >> 32) + (one & 0xFFFFFFFFu) + other;
    return ((one >> 32) + (cross >> 32) + high) ^ (cross << 32 | (low & 0xFFFFFFFFu));
#endif
}

static inline uint64_t avalanche(uint64_t x) {
    x ^= x >> 37;
    x *= MIX_1;
    return x ^ x >> 32;
}

static inline uint64_t avalanche_short(uint64_t x) {
    x ^= x >> 33;
    x *= P64_2;
    x ^= x >> 29;
    x *= P64_3;
    return x ^ x >> 32;
}

static inline uint64_t mix(const uint8_t *text, const uint8_t *secret) {
    return fold(read64(text) ^ read64(secret), read64(text + 8) ^ read64(secret + 8));
}

static uint64_t hash_to_16(const uint8_t *text, int64_t length) {
    uint64_t size = (uint64_t)length;
    if (length > 8) {
        uint64_t low = read64(text) ^ read64(SECRET + 24) ^ read64(SECRET + 32);
        uint64_t high = read64(text + length - 8) ^ read64(SECRET + 40) ^ read64(SECRET + 48);
        return avalanche(size + swap64(low) + high + fold(low, high));
    }
    if (length > 3) {
        uint64_t x = read32(text + length - 4) + (read32(text) << 32);
        x ^= read64(SECRET + 8) ^ read64(SECRET + 16);
        x ^= turn(x, 49) ^ turn(x, 24);
        x *= MIX_2;
        x ^= (x >> 35) + size;
        x *= MIX_2;
        return x ^ x >> 28;
    }
    if (length) {
        uint64_t x = (uint64_t)text[0] << 16 | (uint64_t)text[length >> 1] << 24 | text[length - 1] | size << 8;
        return avalanche_short(x ^ read32(SECRET) ^ read32(SECRET + 4));
    }
    return avalanche_short(read64(SECRET + 56) ^ read64(SECRET + 64));
}

static uint64_t hash_to_240(const uint8_t *text, int64_t length) {
    uint64_t sum = (uint64_t)length * P64_1;
    if (length <= 128) {
        for (int64_t pair = (length - 1) / 32; pair >= 0; pair--)
            sum += mix(text + 16 * pair, SECRET + 32 * pair) +
                   mix(text + length - 16 * (pair + 1), SECRET + 32 * pair + 16);
        return avalanche(sum);
    }
    for (int64_t i = 0; i < 8; i++) sum += mix(text + 16 * i, SECRET + 16 * i);
    sum = avalanche(sum);
    for (int64_t i = 8; i < length / 16; i++) sum += mix(text + 16 * i, SECRET + 16 * (i - 8) + 3);
    return avalanche(sum + mix(text + length - 16, SECRET + 136 - 17));
}

static inline void take_stripe(uint64_t lanes[LANES], const uint8_t *text, const uint8_t *secret) {
    for (int i = 0; i < LANES; i++) {
        uint64_t value = read64(text + 8 * i), key = value ^ read64(secret + 8 * i);
        lanes[i ^ 1] += value;
        lanes[i] += (key & 0xFFFFFFFFu) * (key >> 32);
    }
}

static uint64_t hash_long(const uint8_t *text, int64_t length) {
    uint64_t lanes[LANES] = {P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1};
    const uint8_t *last = text + length - STRIPE;
    int64_t stripes = (length - 1) / STRIPE;
    for (int64_t stripe = 0; stripe < stripes; stripe++) {
        int64_t place = stripe % STRIPES_OF_BLOCK;
        take_stripe(lanes, text + STRIPE * stripe, SECRET + 8 * place);
        if (place < STRIPES_OF_BLOCK - 1) continue;
        for (int i = 0; i < LANES; i++) {
            lanes[i] ^= lanes[i] >> 47;
            lanes[i] ^= read64(SECRET + SECRET_BYTES - STRIPE + 8 * i);
            lanes[i] *= P32_1;
        }
    }
    take_stripe(lanes, last, SECRET + SECRET_BYTES - STRIPE - 7);
    uint64_t sum = (uint64_t)length * P64_1;
    for (int i = 0; i < LANES; i += 2)
        sum += fold(lanes[i] ^ read64(SECRET + 11 + 8 * i), lanes[i + 1] ^ read64(SECRET + 19 + 8 * i));
    return avalanche(sum);
}

static uint64_t hash(const uint8_t *text, int64_t length) {
    if (length <= 16) return hash_to_16(text, length);
    return length <= 240 ? hash_to_240(text, length) : hash_long(text, length);
}

/* Hash the texts that begin at `starts`, each up to `gap` bytes before the next; starts: int64[count + 1]. */
EXPORT void capi_hash_stretches(
    int64_t count, const uint8_t *text, const int64_t *starts, int64_t gap, uint64_t *to) {
    for (int64_t i = 0; i < count; i++) to[i] = hash(text + starts[i], starts[i + 1] - gap - starts[i]);
}

/* Hash each text of a column; 0 for a null. */
EXPORT void capi_hash_texts(
    int64_t rows, const int32_t *offsets, const uint8_t *data, const uint8_t *validity, int64_t first, uint64_t *to) {
    for (int64_t row = 0; row < rows; row++) {
        const int32_t *ends = offsets + first + row;
        to[row] = is_valid(validity, first + row) ? hash(data + ends[0], ends[1] - ends[0]) : 0;
    }
}
