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

/* Adding it leaves round(x), half to even, in the low bits of the sum: |x| < 2^22. */
#define ROUND_MAGIC 12582912.0f
enum { ROUND_BITS = 0x4B400000 };

/* A constant that stays in a register or on the stack over a loop: compiler and engine rebuild those that they see from
 * immediates, every time around. Reading it from memory hides its value. */
#define KEEP4(x)                                                                                                       \
    ({                                                                                                                 \
        static const volatile float hidden = x;                                                                        \
        wasm_f32x4_splat(hidden);                                                                                      \
    })

/* 2^x to 2e-7: x = n + r with |r| <= 1/2; a minimax polynomial of degree 5 in r, and n added to its exponent. */
typedef struct {
    v128 lowest, highest, magic, p[6];
} Exp2;
INLINE Exp2 exp2_constants(void) {
    Exp2 c = {KEEP4(-126.0f),
              KEEP4(127.0f),
              KEEP4(ROUND_MAGIC),
              {KEEP4(1.0000000728f), KEEP4(6.9314698185e-1f), KEEP4(2.4022115429e-1f), KEEP4(5.5506983097e-2f),
               KEEP4(9.6757123168e-3f), KEEP4(1.3280204138e-3f)}};
    return c;
}
INLINE v128 exp2_4(v128 x, const Exp2 *c) {
    x = wasm_f32x4_pmin(c->highest, wasm_f32x4_pmax(c->lowest, x));
    v128 n = wasm_f32x4_add(x, c->magic), r = wasm_f32x4_sub(x, wasm_f32x4_sub(n, c->magic)), p = c->p[5];
    for (int i = 4; i >= 0; i--) p = MADD(p, r, c->p[i]);
    return wasm_i32x4_add(p, wasm_i32x4_shl(n, 23));
}
/* 2^x for x <= 0 to 8e-5, which is plenty where it is rounded to 8 bits: degree 3. */
typedef struct {
    v128 lowest, magic, p[4];
} CoarseExp2;
INLINE CoarseExp2 coarse_exp2_constants(void) {
    CoarseExp2 c = {KEEP4(-120.0f), /* well above what engines compute slowly */
                    KEEP4(ROUND_MAGIC),
                    {KEEP4(9.9992807e-1f), KEEP4(6.9326099e-1f), KEEP4(2.4261117e-1f), KEEP4(5.517165e-2f)}};
    return c;
}
INLINE v128 coarse_exp2_4(v128 x, const CoarseExp2 *c) {
    x = wasm_f32x4_pmax(c->lowest, x);
    v128 n = wasm_f32x4_add(x, c->magic), r = wasm_f32x4_sub(x, wasm_f32x4_sub(n, c->magic)), p = c->p[3];
    for (int i = 2; i >= 0; i--) p = MADD(p, r, c->p[i]);
    return wasm_i32x4_add(p, wasm_i32x4_shl(n, 23));
}
#define LOG2_E 1.44269504f

enum { ACT_NONE, ACT_RELU6, ACT_GELU_TANH, ACT_SILU, ACT_RELU, ACT_GELU, ACT_HARD_SIGMOID, ACT_SIGMOID };

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
