/* How often a word stands in a text, no two places of it overlapping.
 *
 * A place is looked at where its first and its middle byte are the word's: of a word in quotation marks these are
 * rarely found together elsewhere.
 */

#include "native.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

typedef struct {
    const uint8_t *text, *word;
    int64_t length; /* of the word */
    int64_t free_from; /* behind the last place that was counted */
    int64_t found;
} search_t;

static inline void look(search_t *search, int64_t place) {
    if (place < search->free_from) return;
    if (memcmp(search->text + place, search->word, (size_t)search->length) != 0) return;
    search->found++;
    search->free_from = place + search->length;
}

/* Return how often a word of one byte or more stands in a text. */
EXPORT int64_t capi_count(const uint8_t *text, int64_t size, const uint8_t *word, int64_t length) {
    search_t search = {text, word, length, 0, 0};
    int64_t end = size - length + 1; /* of the places at which it could begin */
    int64_t middle = length / 2, place = 0;
#if defined(__x86_64__)
    const __m128i first = _mm_set1_epi8((char)word[0]), other = _mm_set1_epi8((char)word[middle]);
    for (; place + 16 <= end; place += 16) {
        const __m128i here = _mm_loadu_si128((const __m128i *)(text + place));
        const __m128i there = _mm_loadu_si128((const __m128i *)(text + place + middle));
        const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(here, first), _mm_cmpeq_epi8(there, other));
        for (uint64_t bits = (uint64_t)_mm_movemask_epi8(both); bits; bits &= bits - 1)
            look(&search, place + lowest_bit(bits));
    }
#endif
    for (; place < end; place++)
        if (text[place] == word[0] && text[place + middle] == word[middle]) look(&search, place);
    return search.found;
}
