/* float32 rows of weights -> rotated -> q8, q4 or q2, as files hold them: the integers and scales of
 * tinyvlm/weights/quantize.py, with the same roundings in the same order. All return 1, with the rest undone, as soon
 * as a row holds a value that is not finite after its rotation, else 0. Rows are rotated in place. */
#include "engine.h"

enum { GROUP = 32, VECTORS = GROUP / 4, CANDIDATES = 8, NOT_FINITE = 0x7F800000 };

/* The bits of a row's largest magnitude: those of positive floats order like integers, and NaN above infinity. */
static KERNEL int32_t largest_bits(const float *x, int k) {
    const v128 magnitude = wasm_i32x4_const_splat(0x7FFFFFFF);
    v128 most = zero4();
    int i = 0;
    for (; i + 4 <= k; i += 4) most = wasm_i32x4_max(most, wasm_v128_and(load4(x + i), magnitude));
    most = wasm_i32x4_max(most, wasm_v128_and(load_part(x + i, k - i), magnitude));
    most = wasm_i32x4_max(most, wasm_i32x4_shuffle(most, most, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(wasm_i32x4_max(most, wasm_i32x4_shuffle(most, most, 1, 0, 3, 2)), 0);
}

/* Whether any of so many values is not a finite number: 1 or 0. */
EXPORT(find_not_finite) int find_not_finite(const float *x, int count) { return largest_bits(x, count) >= NOT_FINITE; }

INLINE float float_of(uint32_t bits) {
    union {
        uint32_t bits;
        float value;
    } u = {bits};
    return u.value;
}
INLINE uint32_t bits_of(float value) {
    union {
        float value;
        uint32_t bits;
    } u = {value};
    return u.bits;
}

/* (n, k) -> int8 (n, k) in -127..127, and a scale a row. */
EXPORT(quantize_rows_q8)
int quantize_rows_q8(float *rows, int8_t *values, float *scales, int n, int k, int rotation) {
    for (int row = 0; row < n; row++, rows += k, values += k) {
        rotate_back(rows, k, rotation); /* its own inverse */
        int32_t most = largest_bits(rows, k);
        if (most >= NOT_FINITE) return 1;
        float scale = float_of((uint32_t)most) / 127;
        if (!(scale > 0)) scale = 1;
        scales[row] = scale;
        v128 scale4 = splat4(scale), lowest = splat4(-127), highest = splat4(127);
#define QUANTIZE(x) wasm_f32x4_max(lowest, wasm_f32x4_min(highest, wasm_f32x4_nearest(wasm_f32x4_div(x, scale4))))
        int i = 0;
        for (; i + 16 <= k; i += 16) {
            v128 q[4];
            for (int j = 0; j < 4; j++) q[j] = wasm_i32x4_trunc_sat_f32x4(QUANTIZE(load4(rows + i + 4 * j)));
            v128 low = wasm_i16x8_narrow_i32x4(q[0], q[1]), high = wasm_i16x8_narrow_i32x4(q[2], q[3]);
            store4(values + i, wasm_i8x16_narrow_i16x8(low, high));
        }
        for (; i < k; i++) values[i] = (int8_t)wasm_f32x4_extract_lane(QUANTIZE(splat4(rows[i])), 0);
    }
    return 0;
}

/* Four values as multiples of the scale, whole (4 bits) or less a half (2 bits). */
INLINE v128 codes_of(v128 x, v128 scale, const int bits) {
    x = wasm_f32x4_div(x, scale);
    x = bits == 4 ? wasm_f32x4_nearest(x) : wasm_f32x4_floor(x);
    float limit = (float)(1 << (bits - 1));
    return wasm_f32x4_max(splat4(-limit), wasm_f32x4_min(splat4(limit - 1), x));
}

INLINE float usable(float scale) { return scale == 0 ? 1 : scale; }

/* The squared error of a group at this scale, over those lanes that `real` marks; added up as numpy adds 32 numbers,
 * so that equal errors stay equal. */
INLINE double group_error(const v128 *x, const v128 *real, float scale, const int bits) {
    v128 divisor = splat4(usable(scale)), scale4 = splat4(scale), sums[4];
    for (int i = 0; i < 4; i++) sums[i] = zero4();
    for (int i = 0; i < VECTORS; i++) {
        v128 levels = codes_of(x[i], divisor, bits);
        if (bits == 2) levels = wasm_f32x4_add(levels, splat4(0.5f));
        v128 error = wasm_v128_and(wasm_f32x4_sub(wasm_f32x4_mul(levels, scale4), x[i]), real[i]);
        v128 first = wasm_f64x2_promote_low_f32x4(error);
        v128 last = wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(error, error, 2, 3, 2, 3));
        v128 *sum = sums + i % 2 * 2;
        sum[0] = wasm_f64x2_add(sum[0], wasm_f64x2_mul(first, first));
        sum[1] = wasm_f64x2_add(sum[1], wasm_f64x2_mul(last, last));
    }
    double pairs[4];
    for (int i = 0; i < 4; i++) pairs[i] = wasm_f64x2_extract_lane(sums[i], 0) + wasm_f64x2_extract_lane(sums[i], 1);
    return (pairs[0] + pairs[1]) + (pairs[2] + pairs[3]);
}

/* The first of a group's values of the largest magnitude. */
INLINE float extreme_of(const float *x) {
    uint32_t most = (uint32_t)largest_bits(x, GROUP);
    while ((bits_of(*x) & 0x7FFFFFFF) != most) x++;
    return *x;
}

/* One group of 32 floats, `count` of them real and zeros behind: of eight scales, the stored one that errs least. */
INLINE void quantize_group(const float *group, int count, uint8_t *codes, uint16_t *stored, const float *candidates,
                           const int bits) {
    v128 x[VECTORS], real[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
        x[i] = load4(group + 4 * i);
        real[i] = wasm_i32x4_lt(wasm_i32x4_make(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3), wasm_i32x4_splat(count));
    }
    float extreme = extreme_of(group), best = 0;
    double least = __builtin_inf();
    for (int i = 0; i < CANDIDATES; i++) {
        uint32_t wide = bits_of(extreme * candidates[i]);
        float scale = float_of((wide + 0x7FFF + (wide >> 16 & 1)) & 0xFFFF0000); /* a bfloat16, half to even */
        double error = group_error(x, real, scale, bits);
        if (error < least) least = error, best = scale;
    }
    *stored = (uint16_t)(bits_of(best) >> 16);
    v128 divisor = splat4(usable(best)), q[VECTORS];
    for (int i = 0; i < VECTORS; i++) q[i] = wasm_i32x4_trunc_sat_f32x4(codes_of(x[i], divisor, bits));
    uint8_t bytes[GROUP];
    for (int i = 0; i < VECTORS; i += 4) {
        v128 low = wasm_i16x8_narrow_i32x4(q[i], q[i + 1]), high = wasm_i16x8_narrow_i32x4(q[i + 2], q[i + 3]);
        v128 fields = wasm_v128_and(wasm_i8x16_narrow_i16x8(low, high), wasm_i8x16_splat((1 << bits) - 1));
        store4(bytes + 4 * i, fields);
    }
    for (int i = 0; i < GROUP; i += 8 / bits) {
        int byte = 0;
        for (int j = 0; j < 8 / bits; j++) byte |= bytes[i + j] << j * bits;
        *codes++ = (uint8_t)byte;
    }
}

INLINE int quantize_in_groups(float *rows, uint8_t *codes, uint16_t *scales, int n, int k, int rotation,
                              const float *candidates, const int bits) {
    for (int row = 0; row < n; row++, rows += k) {
        rotate_back(rows, k, rotation);
        if (largest_bits(rows, k) >= NOT_FINITE) return 1;
        for (int i = 0; i < k; i += GROUP, codes += GROUP * bits / 8, scales++) {
            int count = min_int(GROUP, k - i);
            float last[GROUP] = {0};
            if (count < GROUP) __builtin_memcpy(last, rows + i, (uint32_t)count * sizeof(float));
            quantize_group(count < GROUP ? last : rows + i, count, codes, scales, candidates, bits);
        }
    }
    return 0;
}

/* (n, k) -> codes (n, 16 G) and bfloat16 scales (n, G), G = ceil(k / 32) groups. */
EXPORT(quantize_rows_q4)
int quantize_rows_q4(float *rows, uint8_t *codes, uint16_t *scales, int n, int k, int rotation) {
    float candidates[CANDIDATES];
    for (int i = 0; i < CANDIDATES; i++) candidates[i] = (float)(-1 / (7.2 + i * (9 - 7.2) / (CANDIDATES - 1)));
    return quantize_in_groups(rows, codes, scales, n, k, rotation, candidates, 4);
}

/* (n, k) -> codes (n, 8 G) and bfloat16 scales (n, G). */
EXPORT(quantize_rows_q2)
int quantize_rows_q2(float *rows, uint8_t *codes, uint16_t *scales, int n, int k, int rotation) {
    float candidates[CANDIDATES];
    for (int i = 0; i < CANDIDATES; i++) candidates[i] = (float)(0.35 + i * (0.6 - 0.35) / (CANDIDATES - 1));
    return quantize_in_groups(rows, codes, scales, n, k, rotation, candidates, 2);
}
