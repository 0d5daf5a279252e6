/* Join columns of JSON text to JSON objects. */

#include "native.h"

/* A member of a JSON object: `literal` is `,"name":`, followed by the row's text; where `offsets` is NULL, the
 * literal is all there is, in every row. Where `within` is not 0, what follows the literal is an object of so many of
 * the members after this one; a row that has none of them lacks the object. */
typedef struct {
    const uint8_t *literal;
    int64_t literal_length;
    const int32_t *offsets;
    const uint8_t *data;
    const uint8_t *validity;
    int64_t first;
    int64_t within;
} member_t;

/* Write the members that a row has, each with the comma before it. */
static uint8_t *put_members(uint8_t *to, const member_t *member, const member_t *end, int64_t row) {
    for (; member < end; member++) {
        if (member->within) {
            uint8_t *before = to;
            uint8_t *opened = put(to, member->literal, member->literal_length);
            to = put_members(opened, member + 1, member + 1 + member->within, row);
            if (to == opened)
                to = before;
            else
                *opened = '{', *to++ = '}'; /* over the first comma */
            member += member->within;
            continue;
        }
        int64_t place = member->first + row;
        if (!is_valid(member->validity, place)) continue;
        to = put(to, member->literal, member->literal_length);
        if (member->offsets == NULL) continue;
        int32_t start = member->offsets[place];
        to = put(to, member->data + start, member->offsets[place + 1] - start);
    }
    return to;
}

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
        to = put_members(to, members, members + count, row);
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
