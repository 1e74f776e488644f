/* softmax(q k^T * scale) v, head by head, without a rows x keys matrix: keys come in blocks and sums are
 * rescaled as the maximum rises (Milakov & Gimelshein 2018; Dao et al. 2022). Row r attends to keys
 * 0..position+r when causal, to all keys otherwise. Query head h reads key/value head h * kv_heads / heads.
 */
#include "engine.h"

enum { KEYS = 64, MAX_HEAD_DIM = 256, BLOCK_ROWS = 24, TILE_HEAD_DIM = 128 };

/* Lanes at and past `count` become 0: exp2_4 clamps, so that a hidden key would weigh a little. */
INLINE v128 mask_from(v128 x, int first, int count) {
    v128 lane = wasm_i32x4_add(wasm_i32x4_splat(first), wasm_i32x4_const(0, 1, 2, 3));
    return wasm_v128_and(x, wasm_i32x4_lt(lane, wasm_i32x4_splat(count)));
}

/* scores[0..KEYS) -> weights 2^(score * scale - maximum), zero from `count` on. Returns their sum, and through
 * `rescale` what earlier sums must be multiplied by. */
INLINE float soften(float *scores, int count, float scale, float *highest, float *rescale) {
    Exp2 exp2 = exp2_constants();
    v128 top = splat4(*highest);
    for (int j = 0; j < KEYS; j += 4) {
        v128 s = wasm_f32x4_mul(load4(scores + j), splat4(scale));
        store4(scores + j, s);
        int rest = count - j;
        if (rest >= 4)
            top = wasm_f32x4_pmax(top, s);
        else
            for (int i = 0; i < rest; i++) top = wasm_f32x4_pmax(top, splat4(scores[j + i]));
    }
    float maximum = max4(top);
    v128 sum = zero4();
    for (int j = 0; j < KEYS; j += 4) {
        v128 w = mask_from(exp2_4(wasm_f32x4_sub(load4(scores + j), splat4(maximum)), &exp2), j, count);
        store4(scores + j, w);
        sum = wasm_f32x4_add(sum, w);
    }
    *rescale = wasm_f32x4_extract_lane(exp2_4(splat4(*highest - maximum), &exp2), 0);
    *highest = maximum;
    return sum4(sum);
}

/* Four keys at once, `stride` apart: one horizontal sum for all. The head's size is a multiple of 4. */
INLINE v128 dot_4_keys(const float *q, const float *k, int stride, int n) {
    v128 sum[4] = {zero4(), zero4(), zero4(), zero4()};
    for (int i = 0; i < n; i += 4) {
        v128 x = load4(q + i);
        for (int j = 0; j < 4; j++) sum[j] = MADD(x, load4(k + (int64_t)j * stride + i), sum[j]);
    }
    v128 a =
        wasm_f32x4_add(wasm_i32x4_shuffle(sum[0], sum[1], 0, 4, 1, 5), wasm_i32x4_shuffle(sum[0], sum[1], 2, 6, 3, 7));
    v128 b =
        wasm_f32x4_add(wasm_i32x4_shuffle(sum[2], sum[3], 0, 4, 1, 5), wasm_i32x4_shuffle(sum[2], sum[3], 2, 6, 3, 7));
    return wasm_f32x4_add(wasm_i32x4_shuffle(a, b, 0, 1, 4, 5), wasm_i32x4_shuffle(a, b, 2, 3, 6, 7));
}

INLINE int visible_keys(const Attention *op, int row) { return op->causal ? op->position + row + 1 : op->keys; }

/* One query row: decode. Keys and values are read where they lie. */
static KERNEL void one_row(const Attention *op, int row, int head) {
    int dim = op->head_dim, kv_head = head * op->kv_heads / op->heads, keys = visible_keys(op, row);
    const float *q = op->q + (int64_t)row * op->q_stride + head * dim;
    float *y = op->y + (int64_t)row * op->y_stride + head * dim;
    float acc[MAX_HEAD_DIM] __attribute__((aligned(16))), weights[KEYS] __attribute__((aligned(16)));
    for (int i = 0; i < dim; i++) acc[i] = 0;
    float highest = -1e30f, total = 0, rescale;
    for (int begin = 0; begin < keys; begin += KEYS) {
        int count = min_int(KEYS, keys - begin);
        const float *k = op->k + (int64_t)begin * op->k_stride + kv_head * dim;
        const float *v = op->v + (int64_t)begin * op->v_stride + kv_head * dim;
        int j0 = 0;
        if (dim % 4 == 0)
            for (; j0 + 4 <= count; j0 += 4)
                store4(weights + j0, dot_4_keys(q, k + (int64_t)j0 * op->k_stride, op->k_stride, dim));
        for (int j = j0; j < count; j++) weights[j] = dot(q, k + (int64_t)j * op->k_stride, dim);
        for (int j = count; j < KEYS; j++) weights[j] = 0;
        float sum = soften(weights, count, op->scale * LOG2_E, &highest, &rescale);
        total = total * rescale + sum;
        int i = 0;
        for (; i + 16 <= dim; i += 16) {
            v128 a[4];
            for (int n = 0; n < 4; n++) a[n] = wasm_f32x4_mul(load4(acc + i + 4 * n), splat4(rescale));
            for (int j = 0; j < count; j++) {
                v128 w = splat4(weights[j]);
                const float *vj = v + (int64_t)j * op->v_stride + i;
                for (int n = 0; n < 4; n++) a[n] = MADD(w, load4(vj + 4 * n), a[n]);
            }
            for (int n = 0; n < 4; n++) store4(acc + i + 4 * n, a[n]);
        }
        for (; i < dim; i++) {
            acc[i] *= rescale;
            for (int j = 0; j < count; j++) acc[i] += weights[j] * v[(int64_t)j * op->v_stride + i];
        }
    }
    for (int i = 0; i < dim; i++) y[i] = acc[i] / total;
}

/* c[r][0..8) (+)= sum over d of a[r][d] * b[d][0..8) for TILE_ROWS rows: the tile of linear_f32.c on borrowed
 * buffers. */
INLINE void multiply_tile(const float *a, int a_stride, const float *b, int b_stride, float *c, int c_stride, int depth,
                          const int accumulate) {
    v128 acc[TILE_ROWS][2];
    for (int r = 0; r < TILE_ROWS; r++)
        for (int p = 0; p < 2; p++) acc[r][p] = accumulate ? load4(c + r * c_stride + 4 * p) : zero4();
    for (int d = 0; d < depth; d++) {
        v128 b0 = load4(b + (int64_t)d * b_stride), b1 = load4(b + (int64_t)d * b_stride + 4);
        for (int r = 0; r < TILE_ROWS; r++) {
            v128 x = wasm_v128_load32_splat(a + (int64_t)r * a_stride + d);
            acc[r][0] = MADD(x, b0, acc[r][0]);
            acc[r][1] = MADD(x, b1, acc[r][1]);
        }
    }
    for (int r = 0; r < TILE_ROWS; r++)
        for (int p = 0; p < 2; p++) store4(c + r * c_stride + 4 * p, acc[r][p]);
}
static KERNEL void scores_tile(const float *q, int q_stride, const float *k, float *scores, int dim) {
    multiply_tile(q, q_stride, k, KEYS, scores, KEYS, dim, 0);
}
static KERNEL void values_tile(const float *weights, const float *v, int v_stride, float *acc, int dim, int count) {
    multiply_tile(weights, KEYS, v, v_stride, acc, dim, count, 1);
}

/* k[key][d] of one head -> out[d][key], zeros past `count` */
static KERNEL void transpose_keys(const float *k, int stride, int count, int dim, float *out) {
    for (int j = 0; j < KEYS; j += 4)
        for (int d = 0; d < dim; d += 4) {
            v128 row[4];
            for (int n = 0; n < 4; n++) row[n] = j + n < count ? load4(k + (int64_t)(j + n) * stride + d) : zero4();
            v128 a = wasm_i32x4_shuffle(row[0], row[1], 0, 4, 1, 5), b = wasm_i32x4_shuffle(row[2], row[3], 0, 4, 1, 5);
            v128 c = wasm_i32x4_shuffle(row[0], row[1], 2, 6, 3, 7), e = wasm_i32x4_shuffle(row[2], row[3], 2, 6, 3, 7);
            store4(out + (d + 0) * KEYS + j, wasm_i64x2_shuffle(a, b, 0, 2));
            store4(out + (d + 1) * KEYS + j, wasm_i64x2_shuffle(a, b, 1, 3));
            store4(out + (d + 2) * KEYS + j, wasm_i64x2_shuffle(c, e, 0, 2));
            store4(out + (d + 3) * KEYS + j, wasm_i64x2_shuffle(c, e, 1, 3));
        }
}

/* Up to BLOCK_ROWS query rows of one head: both products run on register tiles. head_dim is a multiple of 8.
 */
static KERNEL void row_tile(const Attention *op, int row0, int rows, int head) {
    int dim = op->head_dim, kv_head = head * op->kv_heads / op->heads;
    float acc[BLOCK_ROWS * TILE_HEAD_DIM] __attribute__((aligned(16)));
    float scores[BLOCK_ROWS * KEYS] __attribute__((aligned(16)));
    float highest[BLOCK_ROWS], total[BLOCK_ROWS], rescale;
    float keys_T[TILE_HEAD_DIM * KEYS] __attribute__((aligned(16)));
    int padded = ceil_div(rows, TILE_ROWS) * TILE_ROWS;
    const float *q = op->q + (int64_t)row0 * op->q_stride + head * dim;
    for (int i = 0; i < padded * dim; i++) acc[i] = 0;
    for (int r = 0; r < rows; r++) highest[r] = -1e30f, total[r] = 0;
    int keys = visible_keys(op, row0 + rows - 1);
    for (int begin = 0; begin < keys; begin += KEYS) {
        int count = min_int(KEYS, keys - begin);
        transpose_keys(op->k + (int64_t)begin * op->k_stride + kv_head * dim, op->k_stride, count, dim, keys_T);
        for (int r = 0; r < padded; r += TILE_ROWS) {
            int at = min_int(r, rows - TILE_ROWS); /* the last tile overlaps: none reads past q */
            for (int j = 0; j < KEYS; j += 8)
                scores_tile(q + (int64_t)at * op->q_stride, op->q_stride, keys_T + j, scores + at * KEYS + j, dim);
        }
        for (int r = 0; r < rows; r++) {
            int visible = max_int(min_int(visible_keys(op, row0 + r) - begin, count), 0);
            float *row = scores + r * KEYS;
            if (!visible) {
                for (int j = 0; j < KEYS; j++) row[j] = 0;
                continue;
            }
            float sum = soften(row, visible, op->scale * LOG2_E, &highest[r], &rescale);
            total[r] = total[r] * rescale + sum;
            for (int i = 0; i < dim; i += 4)
                store4(acc + r * dim + i, wasm_f32x4_mul(load4(acc + r * dim + i), splat4(rescale)));
        }
        const float *v = op->v + (int64_t)begin * op->v_stride + kv_head * dim;
        for (int r = 0; r + TILE_ROWS <= rows; r += TILE_ROWS)
            for (int i = 0; i < dim; i += 8)
                values_tile(scores + r * KEYS, v + i, op->v_stride, acc + r * dim + i, dim, count);
        for (int r = rows / TILE_ROWS * TILE_ROWS; r < rows; r++) /* the few rows of a short last tile */
            for (int j = 0; j < count; j++) {
                v128 w = splat4(scores[r * KEYS + j]);
                for (int i = 0; i < dim; i += 4)
                    store4(acc + r * dim + i,
                           MADD(w, load4(v + (int64_t)j * op->v_stride + i), load4(acc + r * dim + i)));
            }
    }
    for (int r = 0; r < rows; r++) {
        float *y = op->y + (int64_t)(row0 + r) * op->y_stride + head * dim;
        v128 inverse = splat4(1.0f / total[r]);
        for (int i = 0; i < dim; i += 4) store4(y + i, wasm_f32x4_mul(load4(acc + r * dim + i), inverse));
    }
}

void attention(const Attention *op, Thread t) {
    if (op->rows < TILE_ROWS || op->head_dim % 8 || op->head_dim > TILE_HEAD_DIM) {
        for (int task; (task = next_task(&t)) < op->rows * op->heads;) one_row(op, task / op->heads, task % op->heads);
        return;
    }
    /* Even row blocks of at least a tile's rows. */
    int blocks = ceil_div(op->rows, BLOCK_ROWS);
    for (int task; (task = next_task(&t)) < blocks * op->heads;) {
        int block = task / op->heads, row0 = (int)((int64_t)op->rows * block / blocks);
        row_tile(op, row0, (int)((int64_t)op->rows * (block + 1) / blocks) - row0, task % op->heads);
    }
}
