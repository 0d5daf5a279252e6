/* Join columns of JSON text to JSON objects. */

#include "native.h"

/* A member of a JSON object: `literal` is `,"name":`, followed by the row's text; where `offsets` is NULL, the
 * literal is all there is, in every row. */
typedef struct {
    const uint8_t *literal;
    int64_t literal_length;
    const int32_t *offsets;
    const uint8_t *data;
    const uint8_t *validity;
    int64_t first;
} member_t;

/* Write `{` + the members that a row has, separated by commas, + `}` + `after`; nothing for a row that has none.
 *
 * to_offsets, to_validity: as above. Returns how many rows are null. */
EXPORT int64_t capi_objects(
    int64_t rows, const member_t *members, int64_t count, const uint8_t *after, int64_t after_length,
    int32_t *to_offsets, uint8_t *to_validity, uint8_t *to) {
    uint8_t *begin = to;
    int64_t nulls = 0;
    for (int64_t row = 0; row < rows; row++) {
        uint8_t *opened = to;
        to_offsets[row] = (int32_t)(to - begin);
        for (const member_t *member = members; member < members + count; member++) {
            int64_t place = member->first + row;
            if (!is_valid(member->validity, place)) continue;
            to = put(to, member->literal, member->literal_length);
            if (member->offsets == NULL) continue;
            int32_t start = member->offsets[place];
            to = put(to, member->data + start, member->offsets[place + 1] - start);
        }
        if (to == opened) {
            nulls++;
            continue;
        }
        *opened = '{'; /* over the first comma */
        *to++ = '}';
        to = put(to, after, after_length);
        mark_valid(to_validity, row);
    }
    to_offsets[rows] = (int32_t)(to - begin);
    return nulls;
}
