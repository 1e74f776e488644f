/* Ops that gather, repeat or rearrange the pixels of maps in (height, width, channels) order. */
#include "engine.h"

/* The mean or the largest of windows, cut off at the edge. */
void pool(const Pool *op, Thread t) {
    Range rows = share(op->out_height, 1, t);
    int channels = op->channels;
    for (int out_y = rows.begin; out_y < rows.end; out_y++)
        for (int out_x = 0; out_x < op->out_width; out_x++) {
            int top = out_y * op->stride_y, bottom = min_int(top + op->window_height, op->height);
            int left = out_x * op->stride_x, right = min_int(left + op->window_width, op->width);
            float *y = op->y + ((int64_t)out_y * op->out_width + out_x) * channels;
            v128 count = splat4((float)((bottom - top) * (right - left)));
            for (int c = 0; c < channels; c += 4) {
                const float *first = op->x + ((int64_t)top * op->width + left) * channels + c;
                v128 result = op->largest ? load4(first) : zero4();
                for (int in_y = 0; in_y < bottom - top; in_y++)
                    for (int in_x = 0; in_x < right - left; in_x++) {
                        v128 x = load4(first + ((int64_t)in_y * op->width + in_x) * channels);
                        result = op->largest ? wasm_f32x4_pmax(result, x) : wasm_f32x4_add(result, x);
                    }
                if (!op->largest) result = wasm_f32x4_div(result, count);
                if (c + 4 <= channels)
                    store4(y + c, result);
                else
                    store_part(y + c, result, channels - c);
            }
        }
}

/* Every pixel `factor` x `factor` times, plus the residual, which may be null. */
void upsample(const Upsample *op, Thread t) {
    int factor = op->factor, width = op->width * factor, channels = op->channels;
    Range rows = share(op->height * factor, 1, t);
    for (int row = rows.begin; row < rows.end; row++)
        for (int column = 0; column < width; column++) {
            const float *x = op->x + ((int64_t)(row / factor) * op->width + column / factor) * channels;
            int64_t at = ((int64_t)row * width + column) * channels;
            const float *residual = op->residual ? op->residual + at : 0;
            int c = 0;
            for (; c + 4 <= channels; c += 4) {
                v128 v = load4(x + c);
                store4(op->y + at + c, residual ? wasm_f32x4_add(v, load4(residual + c)) : v);
            }
            for (; c < channels; c++) op->y[at + c] = x[c] + (residual ? residual[c] : 0);
        }
}

/* Channels (row, column, channel) become factor x factor pixels. */
void depth_to_space(const DepthToSpace *op, Thread t) {
    int factor = op->factor, run = factor * op->channels;
    Range rows = share(op->height * factor, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + ((int64_t)(row / factor) * op->width * factor + row % factor) * run;
        float *y = op->y + (int64_t)row * op->width * run;
        for (int column = 0; column < op->width; column++, x += factor * run, y += run)
            for (int i = 0; i < run; i++) y[i] = x[i];
    }
}

/* Where a place along an axis of `size` lies: the pixel before it, the one behind, and how far it is from the first. */
typedef struct {
    int first, second;
    float part;
} Between;
INLINE Between between(float place, int size) {
    float last = (float)(size - 1);
    place = place > 0 ? place : 0; /* not a number is 0, too */
    place = place < last ? place : last;
    int first = (int)place;
    return (Between){first, min_int(first + 1, size - 1), place - (float)first};
}

INLINE v128 read_pixel(const uint8_t *image, int index) {
    v128 bytes = wasm_v128_load32_zero(image + (int64_t)index * 3); /* one byte more than the pixel's */
    return wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(bytes)));
}

INLINE v128 mix(v128 a, v128 b, float part) {
    return wasm_f32x4_add(wasm_f32x4_mul(a, splat4(1 - part)), wasm_f32x4_mul(b, splat4(part)));
}

enum { PADDING_BYTE = 127 };

/* What a perspective map shows of an image, bilinear; PADDING_BYTE from op->columns on. */
void rectify(const Rectify *op, Thread t) {
    const float *m = op->matrix;
    Range rows = share(op->out_height, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        uint8_t *y = op->y + (int64_t)row * op->out_width * 3;
        float v = (float)row;
        int column = 0;
        for (; column < min_int(op->columns, op->out_width); column++, y += 3) {
            float u = (float)column, divisor = m[6] * u + m[7] * v + 1;
            Between across = between((m[0] * u + m[1] * v + m[2]) / divisor, op->width);
            Between down = between((m[3] * u + m[4] * v + m[5]) / divisor, op->height);
            int upper = down.first * op->width, lower = down.second * op->width;
            v128 above = mix(read_pixel(op->image, upper + across.first), read_pixel(op->image, upper + across.second),
                             across.part);
            v128 below = mix(read_pixel(op->image, lower + across.first), read_pixel(op->image, lower + across.second),
                             across.part);
            v128 rounded = wasm_f32x4_add(mix(above, below, down.part), splat4(0.5f));
            v128 pixel = wasm_i32x4_trunc_sat_f32x4(rounded);
            y[0] = (uint8_t)wasm_i32x4_extract_lane(pixel, 0);
            y[1] = (uint8_t)wasm_i32x4_extract_lane(pixel, 1);
            y[2] = (uint8_t)wasm_i32x4_extract_lane(pixel, 2);
        }
        for (; column < op->out_width; column++, y += 3) y[0] = y[1] = y[2] = PADDING_BYTE;
    }
}
