/* Attention over keys and values held in 8 bits, for a KV cache and for keys of one pass alike. Scores and sums of
 * values run on the tile of the 8-bit linear op, softmax in float32 between them; no rows x keys matrix (see
 * attention.c).
 *
 * A cache holds, one key/value head after the other:
 *   int8  keys[capacity / 8][head_dim / 4][8 keys][4 dims]                       packed like weights with n = keys
 *   int8  values[capacity / KEYS][head_dim / 8][KEYS / 4][8 dims][4 keys]        packed like weights with k = keys
 *   float key_scale[capacity], int32 key_sum[capacity], float value_scale[capacity]
 * Every key and every value has its own scale (symmetric, largest magnitude 127), so that rows can be appended. A
 * value's scale is multiplied into its softmax weight before that is quantized. */
#include "tile_q8.h"

enum { KEYS = 128, BLOCK_ROWS = 24, HEAD_DIM = 128 };

typedef struct {
    int8_t *keys, *values;
    float *key_scale;
    int32_t *key_sum;
    float *value_scale;
} Head;

/* Bytes of a cache of `capacity` positions, which is rounded up to whole blocks. */
EXPORT(cache_q8_bytes) int cache_q8_bytes(int capacity, int kv_heads, int head_dim) {
    return ceil_div(capacity, KEYS) * KEYS * kv_heads * (2 * head_dim + 12);
}

INLINE Head find_head(const uint8_t *cache, int capacity, int head_dim, int head) {
    capacity = ceil_div(capacity, KEYS) * KEYS;
    int8_t *keys = (int8_t *)(uintptr_t)cache + (int64_t)head * capacity * (2 * head_dim + 12);
    int8_t *values = keys + (int64_t)capacity * head_dim;
    float *key_scale = (float *)(values + (int64_t)capacity * head_dim);
    Head h = {keys, values, key_scale, (int32_t *)(key_scale + capacity), key_scale + 2 * capacity};
    return h;
}

/* n floats, a multiple of 4, to int8 with one scale; returns the sum of the integers. */
INLINE int32_t quantize_symmetric(const float *x, int n, int8_t *y, float *scale) {
    v128 top = zero4();
    for (int i = 0; i < n; i += 4) top = wasm_f32x4_pmax(top, wasm_f32x4_abs(load4(x + i)));
    float largest = max4(top);
    *scale = largest > 0 ? largest / 127.0f : 1.0f;
    v128 inverse = splat4(1.0f / *scale), sum = zero4();
    for (int i = 0; i < n; i += 4) {
        v128 q = wasm_f32x4_nearest(wasm_f32x4_mul(load4(x + i), inverse));
        q = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_pmin(wasm_f32x4_pmax(q, splat4(-127)), splat4(127)));
        sum = wasm_i32x4_add(sum, q);
        wasm_v128_store32_lane(y + i, wasm_i8x16_shuffle(q, q, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12), 0);
    }
    return wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1) + wasm_i32x4_extract_lane(sum, 2) +
           wasm_i32x4_extract_lane(sum, 3);
}

/* Rows of one head, first..first+count of the new ones. */
static KERNEL void append_rows(const AppendKeysValues *op, int head, int first, int count) {
    Head h = find_head(op->cache, op->capacity, op->head_dim, head);
    int dim = op->head_dim;
    for (int row = first; row < first + count; row++) {
        int8_t q[HEAD_DIM] __attribute__((aligned(16)));
        int j = op->position + row;
        h.key_sum[j] = quantize_symmetric(op->k + (int64_t)row * op->k_stride + head * dim, dim, q, &h.key_scale[j]);
        int8_t *key = h.keys + (int64_t)(j & ~7) * dim + (j & 7) * 4;
        for (int d = 0; d < dim; d += 4) __builtin_memcpy(key + 8 * d, q + d, 4);

        quantize_symmetric(op->v + (int64_t)row * op->v_stride + head * dim, dim, q, &h.value_scale[j]);
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

/* 2^x for x <= 0 to about 2e-6: 2^n from the low bits that adding 1.5 * 2^23 leaves, times a degree-5 polynomial. */
INLINE v128 exp2_4(v128 x) {
    const v128 magic = splat4(12582912.0f);
    x = wasm_f32x4_pmax(splat4(-126.0f), x);
    v128 n = wasm_f32x4_add(x, magic), r = wasm_f32x4_sub(x, wasm_f32x4_sub(n, magic));
    v128 p = splat4(1.3333558e-3f);
    p = MADD(p, r, splat4(9.6181291e-3f));
    p = MADD(p, r, splat4(5.5504109e-2f));
    p = MADD(p, r, splat4(2.4022651e-1f));
    p = MADD(p, r, splat4(6.9314718e-1f));
    p = MADD(p, r, splat4(1.0f));
    return wasm_i32x4_add(p, wasm_i32x4_shl(n, 23));
}

/* What one task keeps: query rows of one key/value head, against one block of keys after the other. */
typedef struct {
    Activation q[BLOCK_ROWS * HEAD_DIM] __attribute__((aligned(16)));
    Activation weights[BLOCK_ROWS * KEYS] __attribute__((aligned(16)));
    float scores[BLOCK_ROWS * KEYS] __attribute__((aligned(16)));
    float sums[BLOCK_ROWS * HEAD_DIM] __attribute__((aligned(16)));
    RowQuantization rows_q[BLOCK_ROWS];
    float highest[BLOCK_ROWS], total[BLOCK_ROWS], rescale[BLOCK_ROWS], weight_scale[BLOCK_ROWS];
} Block;

/* Scores of rows r.. and keys j.. of a head, in units of log2(e). */
INLINE void scores_tile(Block *b, Head h, int begin, int dim, int r, int j, const int MR, const int NP) {
    const Activation *x[MAX_TILE_ROWS];
    const int8_t *w[MAX_HALF_PANELS];
    v128 sums[MAX_TILE_ROWS][MAX_HALF_PANELS];
    for (int i = 0; i < MR; i++) x[i] = b->q + (r + i) * dim;
    for (int p = 0; p < NP; p++) w[p] = half_panel(h.keys, begin + j + 4 * p, dim * 8);
    dot_tile(x, w, dim / 4, MR, NP, sums);
    for (int i = 0; i < MR; i++) {
        RowQuantization q = b->rows_q[r + i];
        for (int p = 0; p < NP; p++) {
            int key = begin + j + 4 * p;
            v128 offset = wasm_i32x4_mul(wasm_i32x4_splat(q.zero), load4(h.key_sum + key));
            v128 score = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sums[i][p], offset));
            score = wasm_f32x4_mul(score, wasm_f32x4_mul(splat4(q.scale), load4(h.key_scale + key)));
            store4(b->scores + (r + i) * KEYS + j + 4 * p, score);
        }
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

/* scores[0..count) -> 8-bit softmax weights times value scales, zeros up to a multiple of 4. */
static KERNEL void weigh(Block *b, int r, const float *value_scale, int count) {
    float *scores = b->scores + r * KEYS;
    int padded = ceil_div(count, 4) * 4;
    for (int j = count; j < padded; j++) scores[j] = -1e30f;
    v128 top = splat4(b->highest[r]);
    for (int j = 0; j < padded; j += 4) top = wasm_f32x4_pmax(top, load4(scores + j));
    float highest = max4(top);
    v128 total = zero4(), largest = zero4(), lanes = wasm_i32x4_const(0, 1, 2, 3);
    for (int j = 0; j < padded; j += 4) {
        v128 weight = exp2_4(wasm_f32x4_sub(load4(scores + j), splat4(highest)));
        v128 scaled = wasm_f32x4_mul(weight, load4(value_scale + j));
        if (j + 4 > count) { /* behind the last key lies anything */
            v128 known = wasm_i32x4_lt(lanes, wasm_i32x4_splat(count - j));
            weight = wasm_v128_and(weight, known), scaled = wasm_v128_and(scaled, known);
        }
        total = wasm_f32x4_add(total, weight);
        largest = wasm_f32x4_pmax(largest, scaled);
        store4(scores + j, scaled);
    }
    float steps = activation_mode == ACTIVATION_U8 ? 255.0f : 127.0f;
    float scale = max4(largest) / steps;
    v128 inverse = splat4(scale > 0 ? 1.0f / scale : 0.0f), magic = splat4(8388608.0f);
    Activation *weights = b->weights + r * KEYS;
    for (int j = 0; j < padded; j += 4) {
        v128 q = wasm_f32x4_add(wasm_f32x4_mul(load4(scores + j), inverse), magic);
        store_activations(weights + j, wasm_v128_and(q, wasm_i32x4_const_splat(255)));
    }
    float rescale = wasm_f32x4_extract_lane(exp2_4(splat4(b->highest[r] - highest)), 0);
    b->rescale[r] = rescale;
    b->weight_scale[r] = scale;
    b->total[r] = b->total[r] * rescale + sum4(total);
    b->highest[r] = highest;
}

/* Row i of a key/value head: its query heads of token 0, then those of token 1, ... */
INLINE int64_t row_offset(const AttentionQ8 *op, int i, int head, int stride) {
    int group = op->heads / op->kv_heads;
    return (int64_t)(i / group) * stride + (head * group + i % group) * op->head_dim;
}
INLINE int visible_keys(const AttentionQ8 *op, int i) {
    return op->causal ? op->position + i / (op->heads / op->kv_heads) + 1 : op->keys;
}

static KERNEL void row_block(const AttentionQ8 *op, int head, int first, int rows) {
    Block b;
    Head h = find_head(op->cache, op->capacity, op->head_dim, head);
    int dim = op->head_dim, keys = visible_keys(op, first + rows - 1);
    for (int r = 0; r < rows; r++) {
        quantize_row(op->q + row_offset(op, first + r, head, op->q_stride), b.q + r * dim, &b.rows_q[r], dim, dim);
        b.rows_q[r].scale *= op->scale * 1.44269504f;
        b.highest[r] = -1e30f, b.total[r] = 0;
    }
    for (int i = 0; i < rows * dim; i += 4) store4(b.sums + i, zero4());
    for (int begin = 0; begin < keys; begin += KEYS) {
        int count = min_int(KEYS, keys - begin), r = 0;
        for (; r + TILE_ROWS <= rows; r += TILE_ROWS)
            for (int j = 0; j < count; j += 4 * TILE_PANELS) scores_tall(&b, h, begin, dim, r, j);
        for (; r < rows; r++)
            for (int j = 0; j < count; j += 32) scores_one(&b, h, begin, dim, r, j);
        for (r = 0; r < rows; r++) {
            int visible = max_int(min_int(visible_keys(op, first + r) - begin, count), 0);
            weigh(&b, r, h.value_scale + begin, visible);
            for (int j = ceil_div(visible, 4) * 4; j < ceil_div(count, 4) * 4; j++) b.weights[r * KEYS + j] = 0;
        }
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
    Range tasks = share(blocks * op->kv_heads, 1, t);
    for (int task = tasks.begin; task < tasks.end; task++) {
        int first = task / op->kv_heads * block;
        row_block(op, task % op->kv_heads, first, min_int(block, rows - first));
    }
}
