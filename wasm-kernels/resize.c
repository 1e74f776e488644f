/* Image resampling, byte for byte as Pillow up to version 12 does it (libImaging/Resample.c;
 * 13 swaps the passes of some shapes): per axis a table of fixed-point
 * filter coefficients, horizontal pass first, 8 bits between the passes. */
#include "engine.h"
#include "trigonometry.h"

enum { BOX = 4, BILINEAR = 2, BICUBIC = 3, LANCZOS = 1 }; /* Pillow's numbers, as in preprocessor_config.json */
enum { PRECISION = 22 };

static double sinc(double x) { return x == 0 ? 1 : sin_pi(x) / (x * 3.14159265358979323846); }

static double filter_weight(int filter, double x) {
    if (filter == BOX) return x > -0.5 && x <= 0.5 ? 1 : 0;
    if (filter == LANCZOS) return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    x = x < 0 ? -x : x;
    if (filter == BILINEAR) return x < 1 ? 1 - x : 0;
    const double a = -0.5;
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}
static double filter_support(int filter) {
    return filter == BOX ? 0.5 : filter == BILINEAR ? 1 : filter == BICUBIC ? 2 : 3;
}

/* One axis: for each output place the first input place, how many, and their weights. */
typedef struct {
    int32_t *first, *count, *weights;
    int taps; /* room a place */
} Axis;

static Axis axis_at(uint8_t *memory, int in, int out, int filter) {
    double scale = (double)in / out;
    int taps = (int)__builtin_ceil(filter_support(filter) * (scale < 1 ? 1 : scale)) * 2 + 1;
    int32_t *p = (int32_t *)memory;
    return (Axis){p, p + out, p + 2 * out, taps};
}
static uint8_t *axis_end(Axis axis, int out) {
    return (uint8_t *)(((uintptr_t)(axis.weights + (int64_t)axis.taps * out) + 63) & ~63u);
}

/* scratch: the two axes, then height x out_width x 3 bytes between the passes. */
typedef struct {
    Axis x, y;
    uint8_t *rows;
} Scratch;
static Scratch scratch_of(const Resize *op) {
    Scratch s;
    s.x = axis_at(op->scratch, op->width, op->out_width, op->filter);
    s.y = axis_at(axis_end(s.x, op->out_width), op->height, op->out_height, op->filter);
    s.rows = axis_end(s.y, op->out_height);
    return s;
}

/* Bytes of scratch that a resize needs. */
EXPORT(resize_scratch_bytes)
uint32_t resize_scratch_bytes(int height, int width, int out_height, int out_width, int filter) {
    Resize op = {0, height, width, 0, 0, out_height, out_width, filter};
    return (uint32_t)scratch_of(&op).rows + (uint32_t)height * (uint32_t)out_width * 3 + 16;
}

static KERNEL void coefficients(Axis axis, int in, int out, int filter) {
    double scale = (double)in / out, filter_scale = scale < 1 ? 1 : scale;
    double support = filter_support(filter) * filter_scale, inverse = 1.0 / filter_scale;
    for (int i = 0; i < out; i++) {
        double center = (i + 0.5) * scale;
        int first = max_int((int)(center - support + 0.5), 0);
        int count = min_int((int)(center + support + 0.5), in) - first;
        double total = 0;
        for (int j = 0; j < count; j++) total += filter_weight(filter, (j + first - center + 0.5) * inverse);
        for (int j = 0; j < count; j++) {
            double w = filter_weight(filter, (j + first - center + 0.5) * inverse);
            if (total != 0) w *= 1.0 / total;
            axis.weights[(int64_t)i * axis.taps + j] = (int32_t)(w * (1 << PRECISION) + (w < 0 ? -0.5 : 0.5));
        }
        axis.first[i] = first;
        axis.count[i] = count;
    }
}

void resize_coefficients(const Resize *op, Thread t) {
    Scratch s = scratch_of(op);
    if (t.index == 0) coefficients(s.x, op->width, op->out_width, op->filter);
    if (t.index == t.count - 1) coefficients(s.y, op->height, op->out_height, op->filter);
}

INLINE uint8_t to_byte(int32_t x) {
    x >>= PRECISION;
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

void resize_horizontal(const Resize *op, Thread t) {
    Scratch s = scratch_of(op);
    Range rows = share(op->height, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        const uint8_t *x = op->image + (int64_t)row * op->width * 3;
        uint8_t *y = s.rows + (int64_t)row * op->out_width * 3;
        for (int i = 0; i < op->out_width; i++, y += 3) {
            const uint8_t *p = x + s.x.first[i] * 3;
            const int32_t *w = s.x.weights + (int64_t)i * s.x.taps;
            v128 sum = wasm_i32x4_const_splat(1 << (PRECISION - 1));
            /* RGB and the next pixel's R in one load: images carry 4 spare bytes at their end */
            for (int j = 0; j < s.x.count[i]; j++, p += 3) {
                v128 rgb = wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p)));
                sum = wasm_i32x4_add(sum, wasm_i32x4_mul(rgb, wasm_i32x4_splat(w[j])));
            }
            y[0] = to_byte(wasm_i32x4_extract_lane(sum, 0));
            y[1] = to_byte(wasm_i32x4_extract_lane(sum, 1));
            y[2] = to_byte(wasm_i32x4_extract_lane(sum, 2));
        }
    }
}

void resize_vertical(const Resize *op, Thread t) {
    Scratch s = scratch_of(op);
    int row_bytes = op->out_width * 3;
    Range rows = share(op->out_height, 1, t);
    for (int i = rows.begin; i < rows.end; i++) {
        const int32_t *w = s.y.weights + (int64_t)i * s.y.taps;
        for (int b = 0; b < row_bytes; b += 4) {
            const uint8_t *p = s.rows + (int64_t)s.y.first[i] * row_bytes + b;
            v128 sum = wasm_i32x4_const_splat(1 << (PRECISION - 1));
            for (int j = 0; j < s.y.count[i]; j++, p += row_bytes) {
                v128 v = wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p)));
                sum = wasm_i32x4_add(sum, wasm_i32x4_mul(v, wasm_i32x4_splat(w[j])));
            }
            uint8_t *y = op->y + (int64_t)i * row_bytes + b;
            y[0] = to_byte(wasm_i32x4_extract_lane(sum, 0));
            if (b + 1 < row_bytes) y[1] = to_byte(wasm_i32x4_extract_lane(sum, 1));
            if (b + 2 < row_bytes) y[2] = to_byte(wasm_i32x4_extract_lane(sum, 2));
            if (b + 3 < row_bytes) y[3] = to_byte(wasm_i32x4_extract_lane(sum, 3));
        }
    }
}

/* A rectangle of a larger image, x at its first pixel. */
void crop(const Crop *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++)
        __builtin_memcpy(op->y + (int64_t)row * op->row_bytes, op->x + (int64_t)row * op->x_stride,
                         (uint32_t)op->row_bytes);
}
