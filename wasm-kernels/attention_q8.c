/* Attention over keys and values held in 8 bits, for a KV cache and for keys of one pass alike. Scores and sums of
 * values run on the tile of the 8-bit linear op, softmax in float32 between them; no rows x keys matrix (see
 * attention.c).
 *
 * Every key and every value has its own scale (symmetric, largest magnitude 127), so that rows can be appended. A
 * value's scale is multiplied into its softmax weight before that is quantized: in every block of KEYS, to steps of the
 * largest weight times the largest scale of a visible value. The first key's weight stays in float32: language models
 * park attention there ("attention sinks", Xiao et al. 2023), and beside it the others would round to nothing. */
#include "cache_q8.h"
#include "tile_q8.h"

enum { BLOCK_ROWS = 24 };

/* Bytes of a cache of `capacity` positions, which is rounded up to whole blocks. */
EXPORT(cache_q8_bytes) int cache_q8_bytes(int capacity, int kv_heads, int head_dim) {
    return ceil_div(capacity, KEYS) * KEYS * kv_heads * (2 * head_dim + 12);
}

/* Rows of one head, first..first+count of the new ones. */
static KERNEL void append_rows(const AppendKeysValues *op, int head, int first, int count) {
    Head h = find_head(op->cache, op->capacity, op->head_dim, head);
    int dim = op->head_dim;
    for (int row = first; row < first + count; row++) {
        int8_t q[HEAD_DIM] __attribute__((aligned(16)));
        float rotated[HEAD_DIM] __attribute__((aligned(16)));
        int j = op->position + row;
        hadamard(op->k + (int64_t)row * op->k_stride + head * dim, rotated, dim, head_rotation(dim));
        h.key_sum[j] = quantize_symmetric(rotated, dim, 127, q, &h.key_scale[j]);
        int8_t *key = h.keys + (int64_t)(j & ~7) * dim + (j & 7) * 4;
        for (int d = 0; d < dim; d += 4) __builtin_memcpy(key + 8 * d, q + d, 4);

        quantize_symmetric(op->v + (int64_t)row * op->v_stride + head * dim, dim, 127, q, &h.value_scale[j]);
        int8_t *value = h.values + (int64_t)(j / KEYS) * KEYS * dim + (j % KEYS & ~3) * 8 + (j & 3);
        for (int d = 0; d < dim; d++) value[(d & ~7) * KEYS + (d & 7) * 4] = q[d];
    }
}

void append_keys_values(const AppendKeysValues *op, Thread t) {
    int chunks = ceil_div(op->rows, 16);
    Range tasks = share(chunks * op->kv_heads, 1, t);
    for (int task = tasks.begin; task < tasks.end; task++) {
        int first = task / op->kv_heads * 16;
        append_rows(op, task % op->kv_heads, first, min_int(16, op->rows - first));
    }
}

/* What one task keeps: query rows of one key/value head, against one block of keys after the other. */
typedef struct {
    Activation q[BLOCK_ROWS * HEAD_DIM] __attribute__((aligned(16)));
    Activation weights[BLOCK_ROWS * KEYS] __attribute__((aligned(16)));
    float scores[BLOCK_ROWS * KEYS] __attribute__((aligned(16)));
    float sums[BLOCK_ROWS * HEAD_DIM] __attribute__((aligned(16)));
    float query_scale[BLOCK_ROWS]; /* makes scores powers of two */
    float highest[BLOCK_ROWS], total[BLOCK_ROWS], rescale[BLOCK_ROWS], weight_scale[BLOCK_ROWS];
    float value_scale[2][KEYS] __attribute__((aligned(16))); /* the block's, to 0..steps; of all keys, of the visible */
    int bias;
} Block;

/* q . k of rows r.. and keys j.., without the row's scale */
INLINE void scores_tile(Block *b, Head h, int begin, int dim, int r, int j, const int MR, const int NP) {
    const Activation *x[MAX_TILE_ROWS];
    const int8_t *w[MAX_HALF_PANELS];
    v128 sums[MAX_TILE_ROWS][MAX_HALF_PANELS];
    for (int i = 0; i < MR; i++) x[i] = b->q + (r + i) * dim;
    for (int p = 0; p < NP; p++) w[p] = half_panel(h.keys, begin + j + 4 * p, dim * 8);
    v128 bias = wasm_i32x4_splat(-b->bias), start[MAX_HALF_PANELS];
    for (int p = 0; p < NP; p++) start[p] = wasm_i32x4_mul(bias, load4(h.key_sum + begin + j + 4 * p));
    dot_tile_from(start, x, w, dim / 4, MR, NP, sums);
    for (int p = 0; p < NP; p++) {
        v128 scale = load4(h.key_scale + begin + j + 4 * p);
        for (int i = 0; i < MR; i++)
            store4(b->scores + (r + i) * KEYS + j + 4 * p, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums[i][p]), scale));
    }
}

/* sums = sums * rescale + weights . values, for rows r.. and dims d.. */
INLINE void values_tile(Block *b, const int8_t *values, int groups, int dim, int r, int d, const int MR, const int NP) {
    const Activation *x[MAX_TILE_ROWS];
    const int8_t *w[MAX_HALF_PANELS];
    v128 sums[MAX_TILE_ROWS][MAX_HALF_PANELS];
    for (int i = 0; i < MR; i++) x[i] = b->weights + (r + i) * KEYS;
    for (int p = 0; p < NP; p++) w[p] = half_panel(values, d + 4 * p, KEYS * 8);
    dot_tile(x, w, groups, MR, NP, sums);
    for (int i = 0; i < MR; i++)
        for (int p = 0; p < NP; p++) {
            float *at = b->sums + (r + i) * dim + d + 4 * p;
            v128 old = wasm_f32x4_mul(load4(at), splat4(b->rescale[r + i]));
            store4(at, MADD(wasm_f32x4_convert_i32x4(sums[i][p]), splat4(b->weight_scale[r + i]), old));
        }
}

#ifdef TINYVLM_RELAXED
enum { TILE_PANELS = 2 };
#else
enum { TILE_PANELS = 1 };
#endif
#define TILE(KIND, NAME, MR, NP, PARAMETERS, ...)                                                                      \
    static KERNEL void KIND##_##NAME PARAMETERS { KIND##_tile(__VA_ARGS__, MR, NP); }
#define SCORES(NAME, MR, NP)                                                                                           \
    TILE(scores, NAME, MR, NP, (Block * b, Head h, int begin, int dim, int r, int j), b, h, begin, dim, r, j)
#define VALUES(NAME, MR, NP)                                                                                           \
    TILE(values, NAME, MR, NP, (Block * b, const int8_t *v, int groups, int dim, int r, int d), b, v, groups, dim, r, d)
SCORES(tall, TILE_ROWS, TILE_PANELS)
SCORES(one, 1, 8)
VALUES(tall, TILE_ROWS, TILE_PANELS)
VALUES(one, 1, 8)
VALUES(narrow, 1, 2)

/* Row i of a key/value head: its query heads of token 0, then those of token 1, ... */
INLINE int64_t row_offset(const AttentionQ8 *op, int i, int head, int stride) {
    int group = op->heads / op->kv_heads;
    return (int64_t)(i / group) * stride + (head * group + i % group) * op->head_dim;
}
INLINE int visible_keys(const AttentionQ8 *op, int i) {
    return op->causal ? op->position + i / (op->heads / op->kv_heads) + 1 : op->keys;
}

/* scale[0..count) to 0..steps of the largest, which is returned; zeros behind. */
static KERNEL float normalize_scales(const float *scale, int count, float steps, float *out) {
    v128 largest = zero4(), lanes = wasm_i32x4_const(0, 1, 2, 3);
    for (int j = 0; j < KEYS; j += 4) {
        v128 known = wasm_i32x4_lt(lanes, wasm_i32x4_splat(count - j)); /* behind the last key lies anything */
        v128 x = wasm_v128_and(load4(scale + j), known);
        largest = wasm_f32x4_pmax(largest, x);
        store4(out + j, x);
    }
    float top = max4(largest);
    for (int j = 0; j < KEYS; j += 4) store4(out + j, wasm_f32x4_mul(load4(out + j), splat4(steps / top)));
    return top;
}

/* The row's scores -> 8-bit softmax weights times value scales. Keys from `count` on weigh nothing. */
static KERNEL void weigh(Block *b, int r, const float *value_scale, float largest, float steps, int count) {
    float *scores = b->scores + r * KEYS;
    CoarseExp2 coarse = coarse_exp2_constants();
    v128 magic = KEEP4(ROUND_MAGIC);
    for (int j = count; j < KEYS; j++) scores[j] = -1e30f;
    v128 top = load4(scores);
    for (int j = 4; j < KEYS; j += 4) top = wasm_f32x4_pmax(top, load4(scores + j));
    float scale = b->query_scale[r], block_highest = max4(top) * scale;
    v128 scale4 = splat4(scale), highest4 = splat4(-block_highest), total = zero4();
    Activation *weights = b->weights + r * KEYS;
    for (int j = 0; j < KEYS; j += 16) {
        v128 q[4];
        for (int n = 0; n < 4; n++) {
            v128 weight = coarse_exp2_4(MADD(load4(scores + j + 4 * n), scale4, highest4), &coarse);
            total = wasm_f32x4_add(total, weight);
            q[n] = MADD(weight, load4(value_scale + j + 4 * n), magic);
            q[n] = wasm_i32x4_sub(q[n], magic);
        }
        store_activations(weights + j, q, zero4());
    }
    Exp2 exp2 = exp2_constants();
    float highest = block_highest > b->highest[r] ? block_highest : b->highest[r];
    float rescale = wasm_f32x4_extract_lane(exp2_4(splat4(b->highest[r] - highest), &exp2), 0);
    float share = wasm_f32x4_extract_lane(exp2_4(splat4(block_highest - highest), &exp2), 0);
    b->rescale[r] = rescale;
    b->weight_scale[r] = share * largest / steps;
    b->total[r] = b->total[r] * rescale + sum4(total) * share;
    b->highest[r] = highest;
}

/* Weights of all rows for the keys begin..begin+KEYS. */
INLINE void weigh_rows(Block *b, const AttentionQ8 *op, Head h, int first, int rows, int begin) {
    float steps = activation_mode == ACTIVATION_U8 ? 255.0f : 127.0f, all = 0;
    for (int r = 0; r < rows; r++) {
        int visible = min_int(visible_keys(op, first + r) - begin, KEYS);
        if (visible == KEYS) {
            if (!all) all = normalize_scales(h.value_scale + begin, KEYS, steps, b->value_scale[0]);
            weigh(b, r, b->value_scale[0], all, steps, KEYS);
        } else if (visible > (begin ? 0 : 1)) {
            float some = normalize_scales(h.value_scale + begin, visible, steps, b->value_scale[1]);
            weigh(b, r, b->value_scale[1], some, steps, visible);
        } else { /* the row ends before this block, or with the first key */
            for (int j = 0; j < KEYS; j++) b->weights[r * KEYS + j] = 0;
            b->rescale[r] = 1, b->weight_scale[r] = 0;
        }
    }
}

/* The first key alone: weight 1, in float32. In its block it no longer counts. */
static KERNEL void start_row(Block *b, int r, Head h, int dim) {
    b->highest[r] = b->scores[r * KEYS] * b->query_scale[r];
    b->total[r] = 1;
    b->scores[r * KEYS] = -1e30f;
    for (int d = 0; d < dim; d++)
        b->sums[r * dim + d] = (float)h.values[(d & ~7) * KEYS + (d & 7) * 4] * h.value_scale[0];
}

static KERNEL void row_block(const AttentionQ8 *op, int head, int first, int rows) {
    Block b;
    Head h = find_head(op->cache, op->capacity, op->head_dim, head);
    int dim = op->head_dim, keys = visible_keys(op, first + rows - 1);
    QueryRange range = query_range();
    b.bias = range.bias;
    for (int r = 0; r < rows; r++) {
        int8_t q[HEAD_DIM] __attribute__((aligned(16)));
        float rotated[HEAD_DIM] __attribute__((aligned(16))), scale;
        hadamard(op->q + row_offset(op, first + r, head, op->q_stride), rotated, dim, head_rotation(dim));
        quantize_symmetric(rotated, dim, range.limit, q, &scale);
        for (int d = 0; d < dim; d++) b.q[r * dim + d] = (Activation)(q[d] + range.bias);
        b.query_scale[r] = scale * op->scale * LOG2_E / (float)head_rotation(dim);
    }
    for (int begin = 0; begin < keys; begin += KEYS) {
        int count = min_int(KEYS, keys - begin), r = 0;
        for (; r + TILE_ROWS <= rows; r += TILE_ROWS)
            for (int j = 0; j < count; j += 4 * TILE_PANELS) scores_tall(&b, h, begin, dim, r, j);
        for (; r < rows; r++)
            for (int j = 0; j < count; j += 32) scores_one(&b, h, begin, dim, r, j);
        if (!begin)
            for (r = 0; r < rows; r++) start_row(&b, r, h, dim);
        weigh_rows(&b, op, h, first, rows, begin);
        const int8_t *values = h.values + (int64_t)begin * dim;
        int groups = ceil_div(count, 4);
        for (r = 0; r + TILE_ROWS <= rows; r += TILE_ROWS)
            for (int d = 0; d < dim; d += 4 * TILE_PANELS) values_tall(&b, values, groups, dim, r, d);
        for (; r < rows; r++) {
            int d = 0;
            for (; d + 32 <= dim; d += 32) values_one(&b, values, groups, dim, r, d);
            for (; d < dim; d += 8) values_narrow(&b, values, groups, dim, r, d);
        }
    }
    for (int r = 0; r < rows; r++) {
        float *y = op->y + row_offset(op, first + r, head, op->y_stride);
        v128 inverse = splat4(1.0f / b.total[r]);
        for (int d = 0; d < dim; d += 4) store4(y + d, wasm_f32x4_mul(load4(b.sums + r * dim + d), inverse));
    }
}

void attention_q8(const AttentionQ8 *op, Thread t) {
    int rows = op->rows * (op->heads / op->kv_heads);
    /* Small blocks where there are few rows, so that every thread gets some. */
    int block = max_int(1, min_int(BLOCK_ROWS, ceil_div(rows * op->kv_heads, 4 * t.count)));
    int blocks = ceil_div(rows, block);
    for (int task; (task = next_task(&t)) < blocks * op->kv_heads;) {
        int first = task / op->kv_heads * block;
        row_block(op, task % op->kv_heads, first, min_int(block, rows - first));
    }
}
