/* Vector helpers shared by all kernels. The two builds differ only in what is below `TINYVLM_RELAXED`. */
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t v128;

#define KERNEL                                                                                                         \
    __attribute__((noinline)) /* V8 tiers up whole functions: keep kernels out of the walk loop                        \
                               */
#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(#name), noinline))

/* Rows of a register tile. Six rows x two sums, two weights and an activation fill x86's 16 vector registers; without a
 * fused instruction the product needs one more, and engines spill. */
#ifdef TINYVLM_RELAXED
#define MADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#define TILE_ROWS 6
#else
#define MADD(a, b, c) wasm_f32x4_add(wasm_f32x4_mul(a, b), c)
#define TILE_ROWS 4
#endif

INLINE v128 zero4(void) { return wasm_f32x4_const_splat(0.0f); }
INLINE v128 splat4(float x) { return wasm_f32x4_splat(x); }
INLINE v128 load4(const void *p) { return wasm_v128_load(p); }
INLINE void store4(void *p, v128 x) { wasm_v128_store(p, x); }

INLINE float sum4(v128 x) {
    x = wasm_f32x4_add(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
    return wasm_f32x4_extract_lane(wasm_f32x4_add(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2)), 0);
}
INLINE float max4(v128 x) {
    x = wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
    return wasm_f32x4_extract_lane(wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2)), 0);
}
INLINE float min4(v128 x) {
    x = wasm_f32x4_pmin(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
    return wasm_f32x4_extract_lane(wasm_f32x4_pmin(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2)), 0);
}

/* Adding it leaves round(x), half to even, in the low bits of the sum: |x| < 2^22. */
#define ROUND_MAGIC 12582912.0f
enum { ROUND_BITS = 0x4B400000 };

/* 2^x to 2e-7: x = n + r with |r| <= 1/2; a minimax polynomial of degree 5 in r, and n added to its exponent. */
INLINE v128 exp2_4(v128 x) {
    x = wasm_f32x4_pmin(splat4(127.0f), wasm_f32x4_pmax(splat4(-126.0f), x));
    v128 n = wasm_f32x4_add(x, splat4(ROUND_MAGIC)), r = wasm_f32x4_sub(x, wasm_f32x4_sub(n, splat4(ROUND_MAGIC)));
    v128 p = splat4(1.3280204138e-3f);
    p = MADD(p, r, splat4(9.6757123168e-3f));
    p = MADD(p, r, splat4(5.5506983097e-2f));
    p = MADD(p, r, splat4(2.4022115429e-1f));
    p = MADD(p, r, splat4(6.9314698185e-1f));
    p = MADD(p, r, splat4(1.0000000728f));
    return wasm_i32x4_add(p, wasm_i32x4_shl(n, 23));
}
#define LOG2_E 1.44269504f
INLINE v128 exp4(v128 x) { return exp2_4(wasm_f32x4_mul(x, splat4(LOG2_E))); }

enum { ACT_NONE, ACT_RELU6, ACT_GELU_TANH, ACT_SILU };

/* x * sigmoid(z), given -z in units of log2(e): SiLU with z = x; GELU's tanh form with z = 2 sqrt(2/pi) (x + 0.044715
 * x^3). */
INLINE v128 swish4(v128 x, v128 minus_z) { return wasm_f32x4_div(x, wasm_f32x4_add(splat4(1.0f), exp2_4(minus_z))); }
INLINE v128 activate4(v128 x, int activation) {
    switch (activation) {
    case ACT_RELU6:
        return wasm_f32x4_pmin(wasm_f32x4_pmax(zero4(), x), splat4(6.0f));
    case ACT_GELU_TANH: {
        v128 factor =
            MADD(wasm_f32x4_mul(x, x), splat4(-1.5957691216f * LOG2_E * 0.044715f), splat4(-1.5957691216f * LOG2_E));
        return swish4(x, wasm_f32x4_mul(x, factor));
    }
    case ACT_SILU:
        return swish4(x, wasm_f32x4_mul(x, splat4(-LOG2_E)));
    default:
        return x;
    }
}

/* Loads and stores of the last `count` < 4 floats of a row. */
INLINE v128 load_part(const float *p, int count) {
    v128 x = zero4();
    if (count > 0) x = wasm_f32x4_replace_lane(x, 0, p[0]);
    if (count > 1) x = wasm_f32x4_replace_lane(x, 1, p[1]);
    if (count > 2) x = wasm_f32x4_replace_lane(x, 2, p[2]);
    return x;
}
INLINE void store_part(float *p, v128 x, int count) {
    if (count > 0) p[0] = wasm_f32x4_extract_lane(x, 0);
    if (count > 1) p[1] = wasm_f32x4_extract_lane(x, 1);
    if (count > 2) p[2] = wasm_f32x4_extract_lane(x, 2);
}
