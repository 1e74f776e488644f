/* Keys and values in 8 bits, as attention_q8.c describes them, and queries that meet them.
 *
 * A cache holds, one key/value head after the other:
 *   int8  keys[capacity / 8][head_dim / 4][8 keys][4 dims]                       packed like weights with n = keys
 *   int8  values[capacity / KEYS][head_dim / 8][KEYS / 4][8 dims][4 keys]        packed like weights with k = keys
 *   float key_scale[capacity], int32 key_sum[capacity], float value_scale[capacity] */
#pragma once
#include "engine.h"

enum { KEYS = 128, HEAD_DIM = 128 };

typedef struct {
    int8_t *keys, *values;
    float *key_scale;
    int32_t *key_sum;
    float *value_scale;
} Head;

INLINE Head find_head(const uint8_t *cache, int capacity, int head_dim, int head) {
    capacity = ceil_div(capacity, KEYS) * KEYS;
    int8_t *keys = (int8_t *)(uintptr_t)cache + (int64_t)head * capacity * (2 * head_dim + 12);
    int8_t *values = keys + (int64_t)capacity * head_dim;
    float *key_scale = (float *)(values + (int64_t)capacity * head_dim);
    Head h = {keys, values, key_scale, (int32_t *)(key_scale + capacity), key_scale + 2 * capacity};
    return h;
}

/* n floats, a multiple of 4, to int8 in -limit..limit with one scale; returns the sum of the integers. */
INLINE int32_t quantize_symmetric(const float *x, int n, int limit, int8_t *y, float *scale) {
    v128 top = zero4(), sum = zero4();
    for (int i = 0; i < n; i += 4) top = wasm_f32x4_pmax(top, wasm_f32x4_abs(load4(x + i)));
    float largest = max4(top);
    *scale = largest > 1e-30f ? largest / (float)limit : 1.0f;
    v128 inverse = splat4(1.0f / *scale);
    for (int i = 0; i < n; i += 4) {
        v128 q = wasm_f32x4_add(wasm_f32x4_mul(load4(x + i), inverse), splat4(ROUND_MAGIC));
        q = wasm_i32x4_sub(q, wasm_i32x4_splat(ROUND_BITS));
        sum = wasm_i32x4_add(sum, q);
        wasm_v128_store32_lane(y + i, wasm_i8x16_shuffle(q, q, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12), 0);
    }
    return wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1) + wasm_i32x4_extract_lane(sum, 2) +
           wasm_i32x4_extract_lane(sum, 3);
}

/* Queries and keys are rotated alike, which leaves their products as they are (see hadamard.c). */
INLINE int head_rotation(int dim) { return min_int(dim & -dim, 64); }

/* How queries are stored: symmetric, with a constant added where the dot instruction wants unsigned bytes. */
typedef struct {
    int limit, bias;
} QueryRange;
INLINE QueryRange query_range(void) {
#ifdef TINYVLM_RELAXED
    if (activation_mode == ACTIVATION_U7) return (QueryRange){63, 64};
    if (activation_mode == ACTIVATION_U8) return (QueryRange){127, 128};
#endif
    return (QueryRange){127, 0};
}
