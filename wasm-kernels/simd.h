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

/* e^x to about 2 ulp: x = n ln2 + r with |r| <= ln2/2, a degree-6 polynomial in r (Cephes), times 2^n. */
INLINE v128 exp4(v128 x) {
    x = wasm_f32x4_pmin(wasm_f32x4_pmax(x, splat4(-87.33654f)), splat4(88.37626f));
    v128 n = wasm_f32x4_nearest(wasm_f32x4_mul(x, splat4(1.44269504f)));
    v128 r = wasm_f32x4_sub(x, wasm_f32x4_mul(n, splat4(0.693359375f)));
    r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, splat4(-2.12194440e-4f)));
    v128 p = splat4(1.9875691500e-4f);
    p = MADD(p, r, splat4(1.3981999507e-3f));
    p = MADD(p, r, splat4(8.3334519073e-3f));
    p = MADD(p, r, splat4(4.1665795894e-2f));
    p = MADD(p, r, splat4(1.6666665459e-1f));
    p = MADD(p, r, splat4(5.0000001201e-1f));
    p = wasm_f32x4_add(MADD(p, wasm_f32x4_mul(r, r), r), splat4(1.0f));
    v128 two_n = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127)), 23);
    return wasm_f32x4_mul(p, two_n);
}

enum { ACT_NONE, ACT_RELU6, ACT_GELU_TANH, ACT_SILU };

/* x * sigmoid(z): SiLU with z = x; GELU's tanh form with z = 2 sqrt(2/pi) (x + 0.044715 x^3). */
INLINE v128 swish4(v128 x, v128 z) { return wasm_f32x4_div(x, wasm_f32x4_add(splat4(1.0f), exp4(wasm_f32x4_neg(z)))); }
INLINE v128 activate4(v128 x, int activation) {
    switch (activation) {
    case ACT_RELU6:
        return wasm_f32x4_pmin(wasm_f32x4_pmax(zero4(), x), splat4(6.0f));
    case ACT_GELU_TANH: {
        v128 cube = wasm_f32x4_mul(wasm_f32x4_mul(x, x), x);
        v128 z = wasm_f32x4_mul(MADD(cube, splat4(0.044715f), x), splat4(1.5957691216f));
        return swish4(x, z);
    }
    case ACT_SILU:
        return swish4(x, x);
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
