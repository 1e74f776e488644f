/* softmax(q k^T * scale) v, head by head, without a rows x keys matrix: keys come in blocks and the softmax
 * is rescaled as its maximum rises (Milakov & Gimelshein 2018; Dao et al. 2022). Rows attend to keys
 * 0..position+row when causal, to all keys otherwise. Query head h reads key/value head h * kv_heads / heads.
 */
#include "engine.h"

enum { KEY_BLOCK = 64, MAX_HEAD_DIM = 256 };

INLINE float dot(const float *a, const float *b, int n) {
    v128 sum0 = zero4(), sum1 = zero4();
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        sum0 = MADD(load4(a + i), load4(b + i), sum0);
        sum1 = MADD(load4(a + i + 4), load4(b + i + 4), sum1);
    }
    float sum = sum4(wasm_f32x4_add(sum0, sum1));
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static KERNEL void one_row(const Attention *op, int row, int head) {
    int dim = op->head_dim, kv_head = head * op->kv_heads / op->heads;
    int keys = op->causal ? op->position + row + 1 : op->keys;
    const float *q = op->q + (int64_t)row * op->q_stride + head * dim;
    float *y = op->y + (int64_t)row * op->y_stride + head * dim;
    float acc[MAX_HEAD_DIM], weights[KEY_BLOCK] __attribute__((aligned(16)));
    for (int i = 0; i < dim; i++) acc[i] = 0;
    float highest = -__builtin_inff(), total = 0;
    for (int begin = 0; begin < keys; begin += KEY_BLOCK) {
        int count = min_int(KEY_BLOCK, keys - begin);
        const float *k = op->k + (int64_t)begin * op->k_stride + kv_head * dim;
        const float *v = op->v + (int64_t)begin * op->v_stride + kv_head * dim;
        float block_highest = highest;
        for (int j = 0; j < count; j++) {
            weights[j] = dot(q, k + (int64_t)j * op->k_stride, dim) * op->scale;
            if (weights[j] > block_highest) block_highest = weights[j];
        }
        for (int j = count; j < KEY_BLOCK; j++) weights[j] = -1e30f;
        v128 sum = zero4();
        for (int j = 0; j < count; j += 4) {
            v128 w = exp4(wasm_f32x4_sub(load4(weights + j), splat4(block_highest)));
            if (j + 4 > count) { /* exp4 clamps: lanes past the end must be 0, not tiny */
                store4(weights + j, w);
                for (int i = count; i < j + 4; i++) weights[i] = 0;
                w = load4(weights + j);
            }
            store4(weights + j, w);
            sum = wasm_f32x4_add(sum, w);
        }
        if (begin) {
            float rescale = wasm_f32x4_extract_lane(exp4(splat4(highest - block_highest)), 0);
            total *= rescale;
            for (int i = 0; i < dim; i++) acc[i] *= rescale;
        }
        highest = block_highest;
        total += sum4(sum);
        int i = 0;
        for (; i + 16 <= dim; i += 16) {
            v128 a0 = load4(acc + i), a1 = load4(acc + i + 4), a2 = load4(acc + i + 8),
                 a3 = load4(acc + i + 12);
            for (int j = 0; j < count; j++) {
                v128 w = splat4(weights[j]);
                const float *vj = v + (int64_t)j * op->v_stride + i;
                a0 = MADD(w, load4(vj), a0);
                a1 = MADD(w, load4(vj + 4), a1);
                a2 = MADD(w, load4(vj + 8), a2);
                a3 = MADD(w, load4(vj + 12), a3);
            }
            store4(acc + i, a0), store4(acc + i + 4, a1), store4(acc + i + 8, a2), store4(acc + i + 12, a3);
        }
        for (; i < dim; i++)
            for (int j = 0; j < count; j++) acc[i] += weights[j] * v[(int64_t)j * op->v_stride + i];
    }
    for (int i = 0; i < dim; i++) y[i] = acc[i] / total;
}

void attention(const Attention *op, Thread t) {
    Range tasks = share(op->rows * op->heads, 1, t);
    for (int task = tasks.begin; task < tasks.end; task++) one_row(op, task / op->heads, task % op->heads);
}
