/* Read lines of JSON: where the values of the wanted members stand.
 *
 * A line is read here where it is one object whose wanted members are texts, plain numbers, true, false or null, or
 * objects that hold such; what else it holds only has to be JSON. Every other line is odd, and left to the decoder in
 * Python (readers/json_decoder.py). A line ends with LF, which stands in no token: what compares byte by byte stops
 * there by itself.
 */

#include "lines.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    LF = 10,
    CR = 13,
    QUOTE = 34,
    LONGEST_NUMBER = 40, /* longer ones may be written with an exponent (readers/json_values.py) */
    DEEPEST = 32         /* of what is passed over */
};

/* A member that may stand in an object. */
typedef struct {
    int64_t name; /* where its name stands among `names`, the quotes included */
    int32_t length;
    int32_t slot;  /* where its value goes; -1 where it is not wanted */
    int32_t below; /* the group of its own members, where it may be an object that matters; -1 */
    int32_t line;  /* on which it was seen last */
} member_t;

/* The members of one object, in their usual order. */
typedef struct {
    int32_t first, count;
} group_t;

/* What to look for. */
typedef struct {
    const uint8_t *names;
    member_t *members; /* `count` of them */
    const group_t *groups; /* the first one is the line's */
    int32_t count, slots;
    int32_t known; /* whether a line with members that are none of these is odd */
    int64_t most_lines;
    int64_t first_line; /* the number of the line on which the text begins */
} form_t;

/* What was found: whole lines from the beginning of the text. */
typedef struct {
    int64_t rows, odd; /* the rest are blank */
    int64_t consumed;  /* where the line after the last one begins */
    int64_t lines;
    int64_t sound;     /* whether all of it is UTF-8 */
    int64_t most_bytes; /* of the values together */
} found_t;

/* The line that is being read. */
typedef struct {
    const uint8_t *text;
    int64_t size, end; /* `end`: of the line, where its LF stands */
    const form_t *form;
    span_t *row;
    int32_t number;
} line_t;

static inline int64_t past_space(const line_t *line, int64_t at) {
    while (line->text[at] == ' ' || line->text[at] == '\t' || line->text[at] == CR) at++;
    return at;
}

/* Return where the first byte stands that is a quote, a backslash or a control character, as LF is. */
static inline int64_t plain_end(const line_t *line, int64_t at) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8(QUOTE), backslash = _mm_set1_epi8(BACKSLASH), control = _mm_set1_epi8(31);
    for (; line->size - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(line->text + at));
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        int bits = _mm_movemask_epi8(found);
        if (bits) return at + lowest_bit((uint64_t)(unsigned)bits);
    }
#endif
    while (line->text[at] != QUOTE && line->text[at] != BACKSLASH && line->text[at] > 31) at++;
    return at;
}

/* Return where the text ends that begins at `at`, behind its quote, and whether it has escapes. */
static inline int64_t text_end(const line_t *line, int64_t at, int *escaped) {
    int32_t character;
    *escaped = 0;
    for (;;) {
        at = plain_end(line, at);
        if (line->text[at] == QUOTE) return at;
        if (line->text[at] != BACKSLASH) return ODD;
        int64_t length = read_escape(line->text + at, &character);
        if (length == 0) return ODD;
        *escaped = 1;
        at += length;
    }
}

static inline int is_digit(const line_t *line, int64_t at) {
    return line->text[at] >= '0' && line->text[at] <= '9';
}

/* Return where the number ends that begins at `at`; ODD where its text could be another one than stands there. */
static int64_t number_end(const line_t *line, int64_t at) {
    int64_t begin = at, digits = at += line->text[at] == '-';
    while (is_digit(line, at)) at++;
    if (at == digits || (line->text[digits] == '0' && at > digits + 1)) return ODD;
    if (line->text[at] == '.') {
        if (!is_digit(line, ++at)) return ODD;
        while (is_digit(line, at)) at++;
    } else if (digits > begin && line->text[digits] == '0') {
        return ODD; /* -0 is 0 */
    }
    return at - begin > LONGEST_NUMBER ? ODD : at; /* an exponent is where a comma or a brace has to stand */
}

/* Return where the word ends that begins at `at`: true, false or null. */
static inline int64_t word_end(const line_t *line, int64_t at) {
    static const char words[3][8] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++) {
        int64_t length = i == 1 ? 5 : 4;
        if (line->end - at >= length && memcmp(line->text + at, words[i], (size_t)length) == 0) return at + length;
    }
    return ODD;
}

/* Return where the text, number or word at `at` ends, and where what it says stands. */
static inline int64_t scalar_end(const line_t *line, int64_t at, span_t *span) {
    uint8_t byte = line->text[at];
    int64_t begin = at, end;
    int escaped = 0;
    if (byte == QUOTE) {
        end = text_end(line, ++begin, &escaped);
        at = end + 1;
    } else {
        end = at = byte == '-' || is_digit(line, at) ? number_end(line, at) : word_end(line, at);
    }
    if (end == ODD) return ODD;
    int32_t length = byte == 'n' ? 0 : (int32_t)(end - begin);
    *span = (span_t){(int32_t)begin, escaped ? -length : length};
    return at;
}

/* Return where the value at `at` ends, whatever it is. */
static int64_t value_end(const line_t *line, int64_t at, int depth) {
    uint8_t open = line->text[at], close = open == '{' ? '}' : ']';
    span_t span;
    int escaped;
    if (open != '{' && open != '[') return scalar_end(line, at, &span);
    if (depth == DEEPEST) return ODD;
    at = past_space(line, at + 1);
    if (line->text[at] == close) return at + 1;
    for (;; at = past_space(line, at + 1)) {
        if (open == '{') {
            if (line->text[at] != QUOTE || (at = text_end(line, at + 1, &escaped)) == ODD) return ODD;
            at = past_space(line, at + 1);
            if (line->text[at] != ':') return ODD;
            at = past_space(line, at + 1);
        }
        if ((at = value_end(line, at, depth + 1)) == ODD) return ODD;
        at = past_space(line, at);
        if (line->text[at] == close) return at + 1;
        if (line->text[at] != ',') return ODD;
    }
}

static inline int is_same(const uint8_t *one, const uint8_t *other, int64_t length) {
    uint64_t a, b;
    if (length < 8) {
        for (int64_t i = 0; i < length; i++)
            if (one[i] != other[i]) return 0;
        return 1;
    }
    for (int64_t at = 0;; at += 8) {
        if (at + 8 > length) at = length - 8;
        memcpy(&a, one + at, 8);
        memcpy(&b, other + at, 8);
        if (a != b) return 0;
        if (at + 8 == length) return 1;
    }
}

/* Return which member the name at `at` is of, that of `next` as a rule; NULL where of none. */
static inline member_t *find_member(const line_t *line, const group_t *group, int32_t *next, int64_t at) {
    for (int32_t tried = 0; tried < group->count; tried++) {
        int32_t number = *next < group->count ? *next : 0;
        member_t *member = line->form->members + group->first + number;
        *next = number + 1;
        if (line->end - at >= member->length &&
            is_same(line->text + at, line->form->names + member->name, member->length))
            return member;
    }
    return NULL;
}

static int64_t read_members(const line_t *line, const group_t *group, int64_t at);

/* Read the value at `at` of a member; return where it ends. */
static inline int64_t read_value(const line_t *line, const member_t *member, int64_t at) {
    uint8_t byte = line->text[at];
    span_t passed;
    if (byte != '{' && byte != '[')
        return scalar_end(line, at, member != NULL && member->slot >= 0 ? line->row + member->slot : &passed);
    if (member != NULL && member->slot >= 0) return ODD;
    if (byte == '{' && member != NULL && member->below >= 0)
        return read_members(line, line->form->groups + member->below, at + 1);
    if (byte == '{' && line->form->known) return ODD;
    return value_end(line, at, 0);
}

/* Read the members of an object, from behind its brace; return where it ends. */
static int64_t read_members(const line_t *line, const group_t *group, int64_t at) {
    int32_t next = 0;
    int escaped;
    at = past_space(line, at);
    if (line->text[at] == '}') return at + 1;
    for (;; at = past_space(line, at + 1)) {
        if (line->text[at] != QUOTE) return ODD;
        member_t *member = find_member(line, group, &next, at);
        if (member != NULL) {
            if (member->line == line->number) return ODD; /* a second time */
            member->line = line->number;
            at += member->length;
        } else {
            at = text_end(line, at + 1, &escaped);
            if (at == ODD || escaped || line->form->known) return ODD;
            at++;
        }
        at = past_space(line, at);
        if (line->text[at] != ':') return ODD;
        at = read_value(line, member, past_space(line, at + 1));
        if (at == ODD) return ODD;
        at = past_space(line, at);
        if (line->text[at] == '}') return at + 1;
        if (line->text[at] != ',') return ODD;
    }
}

static inline int64_t length_of(const span_t *spans, int32_t count) {
    int64_t length = 0;
    for (int32_t i = 0; i < count; i++) length += spans[i].length < 0 ? -spans[i].length : spans[i].length;
    return length;
}

/* Find the whole lines at the beginning of a text, and where the wanted values of its rows stand.
 *
 * size: below 2 GiB. starts, ends, lines: int64[most_lines], of each row: its first byte, where it ends without its
 * line end, its number. spans: span_t[most_lines][slots]. odd: the same three of each odd line, int64[3 * most_lines].
 */
EXPORT void capi_find_lines(
    const uint8_t *text, int64_t size, const form_t *form, found_t *found, int64_t *starts, int64_t *ends,
    int64_t *lines, span_t *spans, int64_t *odd) {
    line_t line = {text, size, 0, form, spans, 0};
    memset(found, 0, sizeof *found);
    for (int32_t member = 0; member < form->count; member++) form->members[member].line = -1;
    for (; found->lines < form->most_lines && found->consumed < size; found->lines++) {
        int64_t begin = found->consumed;
        const uint8_t *lf = memchr(text + begin, LF, (size_t)(size - begin));
        if (lf == NULL) break;
        line.end = lf - text;
        line.number = (int32_t)found->lines;
        found->consumed = line.end + 1;
        int64_t filled = past_space(&line, begin), end = line.end - (line.end > begin && lf[-1] == CR);
        if (filled == line.end) continue;
        line.row = spans + found->rows * form->slots;
        memset(line.row, 0, (size_t)form->slots * sizeof(span_t));
        int64_t done = text[filled] == '{' ? read_members(&line, form->groups, filled + 1) : ODD;
        if (done != ODD && past_space(&line, done) == line.end) {
            found->most_bytes += length_of(line.row, form->slots);
            starts[found->rows] = begin;
            ends[found->rows] = end;
            lines[found->rows++] = form->first_line + found->lines;
        } else {
            int64_t *to = odd + 3 * found->odd++;
            to[0] = begin, to[1] = end, to[2] = form->first_line + found->lines;
        }
    }
    found->sound = utf8_end(text, found->consumed) == found->consumed;
}
