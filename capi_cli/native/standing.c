/* Which events stood earlier in a run: a table of keys with what each said first.
 *
 * A key's home is said by its upper bits, since keys are digests; from there the first slot that is free is its own.
 * So the slots stand nearly in the order of their keys. Behind the homes are as many slots as there may be keys.
 */

#include "native.h"

/* `_Table` of ledger/key_table.py. A key of 0 stands apart, since it marks a slot that is free. */
typedef struct {
    uint64_t *slots; /* pairs of a key and its content: 2^home_bits + most */
    int64_t home_bits; /* 1 to 63 */
    int64_t most, used; /* keys */
    int64_t zero_known;
    uint64_t zero_content;
} table_t;

enum { NEW, DUPLICATE, CONFLICT };

/* Return where a key stands, or where it would. */
static inline uint64_t *slot_of(const table_t *table, uint64_t key) {
    uint64_t *slot = table->slots + 2 * (key >> (64 - table->home_bits));
    while (slot[0] != 0 && slot[0] != key) slot += 2;
    return slot;
}

static inline int8_t judge(table_t *table, uint64_t key, uint64_t content) {
    uint64_t *slot = key == 0 ? NULL : slot_of(table, key);
    if (key == 0 ? table->zero_known : slot[0] != 0)
        return (key == 0 ? table->zero_content : slot[1]) == content ? DUPLICATE : CONFLICT;
    table->used++;
    if (key == 0) {
        table->zero_known = 1;
        table->zero_content = content;
    } else {
        slot[0] = key;
        slot[1] = content;
    }
    return NEW;
}

/* Judge events in order and remember the new ones, up to the first for which there may be no room; return how many
 * were judged. `known` (NULL for none) marks those that are known elsewhere, with what they said first. */
EXPORT int64_t capi_standing(
    table_t *table, int64_t count, const uint64_t *keys, const uint64_t *contents, const uint8_t *known,
    const uint64_t *said, int8_t *verdicts
) {
    int64_t row = 0;
    for (; row < count; row++) {
        if (known != NULL && known[row]) {
            verdicts[row] = said[row] == contents[row] ? DUPLICATE : CONFLICT;
            continue;
        }
        if (table->used >= table->most) break; /* so that a search always ends at a free slot */
        verdicts[row] = judge(table, keys[row], contents[row]);
    }
    return row;
}

/* Write the keys (room for `used`) in ascending order, and their contents, and forget them; return how many. */
EXPORT int64_t capi_take_standing(table_t *table, uint64_t *keys, uint64_t *contents) {
    int64_t slots = (INT64_C(1) << table->home_bits) + table->most, count = 0;
    if (table->zero_known) {
        keys[0] = 0;
        contents[0] = table->zero_content;
        count = 1;
    }
    for (uint64_t *slot = table->slots; slot < table->slots + 2 * slots && count < table->used; slot += 2) {
        int64_t place = count;
        if (slot[0] == 0) continue;
        for (; place > 0 && keys[place - 1] > slot[0]; place--) { /* few steps: its neighbours alone */
            keys[place] = keys[place - 1];
            contents[place] = contents[place - 1];
        }
        keys[place] = slot[0];
        contents[place] = slot[1];
        slot[0] = 0;
        count++;
    }
    table->used = table->zero_known = 0;
    return count;
}
