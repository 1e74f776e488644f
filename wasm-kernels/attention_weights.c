/* Where attention looks: the softmax weights themselves, as their mean over some heads. Only an explanation of an
 * answer asks for them, so this is plain: a row of scores for every head, over keys as they lie. The 8-bit ones are the
 * weights before attention_q8.c rounds them. */
#include "cache_q8.h"

/* Scores of `visible` keys, as powers of two and padded to whole vectors -> their softmax times `share`, added to y. */
static KERNEL void add_softmax(float *scores, float *y, int visible, float share) {
    Exp2 exp2 = exp2_constants();
    float highest = scores[0];
    for (int j = 1; j < visible; j++) highest = scores[j] > highest ? scores[j] : highest;
    for (int j = visible; j % 4; j++) scores[j] = -1e30f; /* 2^-126, which is nothing beside the highest's 1 */
    v128 sum = zero4();
    for (int j = 0; j < visible; j += 4) {
        v128 w = exp2_4(wasm_f32x4_sub(load4(scores + j), splat4(highest)), &exp2);
        store4(scores + j, w);
        sum = wasm_f32x4_add(sum, w);
    }
    float factor = share / sum4(sum);
    for (int j = 0; j < visible; j++) y[j] += scores[j] * factor;
}

void attention_weights(const AttentionWeights *op, Thread t) {
    int dim = op->head_dim, padded = ceil_div(op->keys, 4) * 4;
    for (int row; (row = next_task(&t)) < op->rows;) {
        int visible = op->causal ? op->position + row + 1 : op->keys;
        float *scores = op->scores + (int64_t)row * padded, *y = op->y + (int64_t)row * op->keys;
        for (int j = 0; j < op->keys; j++) y[j] = 0;
        for (int head = op->first; head < op->first + op->count; head++) {
            const float *q = op->q + (int64_t)row * op->q_stride + head * dim;
            const float *k = op->k + head * op->kv_heads / op->heads * dim;
            for (int j = 0; j < visible; j++)
                scores[j] = dot(q, k + (int64_t)j * op->k_stride, dim) * (op->scale * LOG2_E);
            add_softmax(scores, y, visible, 1.0f / (float)op->count);
        }
    }
}

static KERNEL void scores_q8(const int8_t *q, Head h, int dim, float scale, float *scores, int visible) {
    for (int j = 0; j < visible; j++) {
        const int8_t *key = h.keys + (int64_t)(j & ~7) * dim + (j & 7) * 4;
        int32_t sum = 0;
        for (int d = 0; d < dim; d++) sum += q[d] * key[(d & ~3) * 8 + (d & 3)];
        scores[j] = (float)sum * h.key_scale[j] * scale;
    }
}

void attention_weights_q8(const AttentionWeightsQ8 *op, Thread t) {
    int dim = op->head_dim, padded = ceil_div(op->keys, 4) * 4, rotation = head_rotation(dim);
    for (int row; (row = next_task(&t)) < op->rows;) {
        int visible = op->causal ? op->position + row + 1 : op->keys;
        float *scores = op->scores + (int64_t)row * padded, *y = op->y + (int64_t)row * op->keys;
        for (int j = 0; j < op->keys; j++) y[j] = 0;
        for (int head = op->first; head < op->first + op->count; head++) {
            int8_t q[HEAD_DIM] __attribute__((aligned(16)));
            float rotated[HEAD_DIM] __attribute__((aligned(16))), scale;
            hadamard(op->q + (int64_t)row * op->q_stride + head * dim, rotated, dim, rotation);
            quantize_symmetric(rotated, dim, query_range().limit, q, &scale);
            Head h = find_head(op->cache, op->capacity, dim, head * op->kv_heads / op->heads);
            scores_q8(q, h, dim, scale * op->scale * LOG2_E / (float)rotation, scores, visible);
            add_softmax(scores, y, visible, 1.0f / (float)op->count);
        }
    }
}
