/* The register tile of all 8-bit products: rows of quantized activations times half-panels of packed int8 weights, each
 * half-panel 4 columns of a panel of 8 (pack.c): 16 bytes hold 4 columns x 4 k. Sums are exact in int32. */
#pragma once
#include "engine.h"

enum { MAX_TILE_ROWS = 6, MAX_HALF_PANELS = 8 };

/* Stores 16 activations, given as four vectors of int32 up to 255; those below 0 become 0. `flip` is xored into bytes.
 */
INLINE void store_activations(Activation *y, const v128 *q, v128 flip) {
    v128 lo = wasm_i16x8_narrow_i32x4(q[0], q[1]), hi = wasm_i16x8_narrow_i32x4(q[2], q[3]);
#ifdef TINYVLM_RELAXED
    wasm_v128_store(y, wasm_v128_xor(wasm_u8x16_narrow_i16x8(lo, hi), flip));
#else
    (void)flip;
    wasm_v128_store(y, wasm_i16x8_max(lo, wasm_i16x8_const_splat(0)));
    wasm_v128_store(y + 8, wasm_i16x8_max(hi, wasm_i16x8_const_splat(0)));
#endif
}

/* Address of the half-panel that begins at column j, when a panel takes `panel_bytes`. */
INLINE const int8_t *half_panel(const int8_t *weight, int j, int panel_bytes) {
    return weight + (int64_t)(j >> 3) * panel_bytes + (j & 4) * 4;
}

/* sums[r][p] = start[p] + x[r] . w[p] over `groups` of 4 k; `start` is zero where activations are of 16 bits. */
INLINE void dot_tile_from(const v128 *start, const Activation *const *x, const int8_t *const *w, int groups,
                          const int MR, const int NP, v128 (*sums)[MAX_HALF_PANELS]) {
#ifdef TINYVLM_RELAXED
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++) sums[r][p] = start[p];
    for (int g = 0; g < groups; g++) {
        v128 b[MAX_HALF_PANELS];
        for (int p = 0; p < NP; p++) b[p] = load4(w[p] + 32 * g);
        for (int r = 0; r < MR; r++) {
            v128 a = wasm_v128_load32_splat(x[r] + 4 * g);
            for (int p = 0; p < NP; p++) sums[r][p] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b[p], a, sums[r][p]);
        }
    }
#else
    /* Weights are widened as they are loaded. Each 32-bit lane holds the sum of one pair of k; pairs meet at the end.
     */
    v128 lo[MAX_TILE_ROWS][MAX_HALF_PANELS], hi[MAX_TILE_ROWS][MAX_HALF_PANELS];
    (void)start;
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++) lo[r][p] = hi[r][p] = zero4();
    for (int g = 0; g < groups; g++) {
        v128 b_lo[MAX_HALF_PANELS], b_hi[MAX_HALF_PANELS];
        for (int p = 0; p < NP; p++) {
            b_lo[p] = wasm_i16x8_load8x8(w[p] + 32 * g);
            b_hi[p] = wasm_i16x8_load8x8(w[p] + 32 * g + 8);
        }
        for (int r = 0; r < MR; r++) {
            v128 a = wasm_v128_load64_splat(x[r] + 4 * g);
            for (int p = 0; p < NP; p++) {
                lo[r][p] = wasm_i32x4_add(lo[r][p], wasm_i32x4_dot_i16x8(b_lo[p], a));
                hi[r][p] = wasm_i32x4_add(hi[r][p], wasm_i32x4_dot_i16x8(b_hi[p], a));
            }
        }
    }
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++)
            sums[r][p] = wasm_i32x4_add(wasm_i32x4_shuffle(lo[r][p], hi[r][p], 0, 2, 4, 6),
                                        wasm_i32x4_shuffle(lo[r][p], hi[r][p], 1, 3, 5, 7));
#endif
}

INLINE void dot_tile(const Activation *const *x, const int8_t *const *w, int groups, const int MR, const int NP,
                     v128 (*sums)[MAX_HALF_PANELS]) {
    v128 start[MAX_HALF_PANELS];
    for (int p = 0; p < NP; p++) start[p] = zero4();
    dot_tile_from(start, x, w, groups, MR, NP, sums);
}

/* One row times one panel: both half-panels, several k side by side to hide latency. Weights are read in one stream, as
 * memory likes it best. */
INLINE void dot_row(const Activation *x, const int8_t *w, int groups, v128 *sums) {
    v128 s[8];
    for (int i = 0; i < 8; i++) s[i] = zero4();
    int g = 0;
#ifdef TINYVLM_RELAXED
#define DOT_GROUP(i)                                                                                                   \
    v128 a = wasm_v128_load32_splat(x + 4 * (g + i));                                                                  \
    for (int p = 0; p < 2; p++)                                                                                        \
        s[2 * i + p] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(load4(w + 32 * (g + i) + 16 * p), a, s[2 * i + p]);
    for (; g + 4 <= groups; g += 4)
        for (int i = 0; i < 4; i++) {
            DOT_GROUP(i)
        }
    for (; g < groups; g++) {
        DOT_GROUP(0)
    }
    for (int i = 2; i < 8; i++) s[i & 1] = wasm_i32x4_add(s[i & 1], s[i]);
    sums[0] = s[0], sums[1] = s[1];
#else
#define DOT_GROUP(i)                                                                                                   \
    v128 a = wasm_v128_load64_splat(x + 4 * (g + i));                                                                  \
    for (int q = 0; q < 4; q++) {                                                                                      \
        v128 b = wasm_i16x8_load8x8(w + 32 * (g + i) + 8 * q);                                                         \
        s[4 * i + q] = wasm_i32x4_add(s[4 * i + q], wasm_i32x4_dot_i16x8(b, a));                                       \
    }
    for (; g + 2 <= groups; g += 2)
        for (int i = 0; i < 2; i++) {
            DOT_GROUP(i)
        }
    for (; g < groups; g++) {
        DOT_GROUP(0)
    }
    for (int q = 0; q < 4; q++) s[q] = wasm_i32x4_add(s[q], s[4 + q]);
    for (int p = 0; p < 2; p++)
        sums[p] = wasm_i32x4_add(wasm_i32x4_shuffle(s[2 * p], s[2 * p + 1], 0, 2, 4, 6),
                                 wasm_i32x4_shuffle(s[2 * p], s[2 * p + 1], 1, 3, 5, 7));
#endif
}
