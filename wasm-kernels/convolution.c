/* Convolutions over images in (height, width, channels) order. A full convolution is patches, then a linear
 * op. */
#include "engine.h"

/* A row of the window is one run of the image, but for what lies outside on either side. */
void cut_window(const float *x, float *y, int height, int width, int channels, int kernel, int top, int left) {
    int begin = max_int(0, -left), end = max_int(begin, min_int(kernel, width - left)), run = kernel * channels;
    for (int ky = 0; ky < kernel; ky++, y += run) {
        int inside = top + ky >= 0 && top + ky < height;
        int first = inside ? begin * channels : run, last = inside ? end * channels : run;
        const float *row = x + ((int64_t)(top + ky) * width + left) * channels;
        int i = 0;
        for (; i < first; i++) y[i] = 0;
        for (; i + 4 <= last; i += 4) store4(y + i, load4(row + i));
        for (; i < last; i++) y[i] = row[i];
        for (; i < run; i++) y[i] = 0;
    }
}

/* The kernel x kernel x channels window of every output pixel as one row. */
void patches(const Patches *op, Thread t) {
    int columns = op->kernel * op->kernel * op->channels;
    Range rows = share(op->out_height, 1, t);
    float *y = op->y + (int64_t)rows.begin * op->out_width * columns;
    for (int out_y = rows.begin; out_y < rows.end; out_y++)
        for (int out_x = 0; out_x < op->out_width; out_x++, y += columns)
            cut_window(op->x, y, op->height, op->width, op->channels, op->kernel, out_y * op->stride - op->pad_top,
                       out_x * op->stride - op->pad_left);
}

/* One output pixel, `vectors` x 4 channels; taps ky0..ky1, kx0..kx1 lie inside the image. */
INLINE void pixel(const DepthwiseConv2d *op, int out_y, int out_x, int c, const int vectors, int ky0, int ky1, int kx0,
                  int kx1) {
    int channels = op->channels;
    v128 acc[4];
    for (int v = 0; v < vectors; v++) acc[v] = load4(op->bias + c + 4 * v);
    const float *x =
        op->x +
        ((int64_t)(out_y * op->stride_y - op->pad_top) * op->width + out_x * op->stride_x - op->pad_left) * channels +
        c;
    const float *w = op->weight + c;
    for (int ky = ky0; ky < ky1; ky++)
        for (int kx = kx0; kx < kx1; kx++) {
            const float *xp = x + ((int64_t)ky * op->width + kx) * channels;
            const float *wp = w + (ky * op->kernel_width + kx) * channels;
            for (int v = 0; v < vectors; v++) acc[v] = MADD(load4(xp + 4 * v), load4(wp + 4 * v), acc[v]);
        }
    float *y = op->y + ((int64_t)out_y * op->out_width + out_x) * channels + c;
    for (int v = 0; v < vectors; v++) store4(y + 4 * v, acc[v]);
}

/* Four neighbours in a row, 4 channels, all taps inside but for the rows: a weight is read once for the four, and an
 * input once for all taps that it meets. `kernel` and `stride` are those across. */
INLINE void four_pixels(const DepthwiseConv2d *op, int out_y, int out_x, int c, int ky0, int ky1, const int kernel,
                        const int stride) {
    int channels = op->channels;
    v128 acc[4];
    for (int o = 0; o < 4; o++) acc[o] = load4(op->bias + c);
    const float *x =
        op->x + ((int64_t)(out_y * op->stride_y - op->pad_top) * op->width + out_x * stride - op->pad_left) * channels +
        c;
    for (int ky = ky0; ky < ky1; ky++) {
        const float *xp = x + (int64_t)ky * op->width * channels, *wp = op->weight + ky * kernel * channels + c;
        for (int kx = 0; kx < kernel; kx++) {
            v128 w = load4(wp + kx * channels);
            for (int o = 0; o < 4; o++) acc[o] = MADD(load4(xp + (stride * o + kx) * channels), w, acc[o]);
        }
    }
    float *y = op->y + ((int64_t)out_y * op->out_width + out_x) * channels + c;
    for (int o = 0; o < 4; o++) store4(y + o * channels, acc[o]);
}

/* `vectors` x 4 channels of one output row; `quads` where kernel and stride are those of four_pixels. */
INLINE void output_row(const DepthwiseConv2d *op, int out_y, int c, const int vectors, const int kernel,
                       const int stride, const int quads) {
    int top = out_y * op->stride_y - op->pad_top;
    int ky0 = max_int(0, -top), ky1 = min_int(op->kernel_height, op->height - top);
    for (int out_x = 0; out_x < op->out_width;) {
        int left = out_x * stride - op->pad_left;
        if (quads && left >= 0 && left + 3 * stride + kernel <= op->width && out_x + 4 <= op->out_width) {
            for (int v = 0; v < vectors; v++) four_pixels(op, out_y, out_x, c + 4 * v, ky0, ky1, kernel, stride);
            out_x += 4;
        } else {
            pixel(op, out_y, out_x, c, vectors, ky0, ky1, max_int(0, -left), min_int(kernel, op->width - left));
            out_x++;
        }
    }
    float *y = op->y + (int64_t)out_y * op->out_width * op->channels + c;
    if (op->activation) activate_block(y, 0, y, op->out_width, 4 * vectors, op->channels, op->activation);
}

#define ROW(KERNEL_SIZE, STRIDE)                                                                                       \
    static KERNEL void row_k##KERNEL_SIZE##_s##STRIDE(const DepthwiseConv2d *op, int y, int c) {                       \
        output_row(op, y, c, 4, KERNEL_SIZE, STRIDE, 1);                                                               \
    }
ROW(3, 1)
ROW(3, 2)
ROW(5, 1)
ROW(5, 2)
ROW(7, 1)

/* 16 channels at c, if there is a function made for this kernel and stride. */
static int row_16_channels(const DepthwiseConv2d *op, int y, int c) {
    switch (op->kernel_width * 10 + op->stride_x) {
    case 31:
        row_k3_s1(op, y, c);
        return 1;
    case 32:
        row_k3_s2(op, y, c);
        return 1;
    case 51:
        row_k5_s1(op, y, c);
        return 1;
    case 52:
        row_k5_s2(op, y, c);
        return 1;
    case 71:
        row_k7_s1(op, y, c);
        return 1;
    }
    return 0;
}

static KERNEL void row_4_channels(const DepthwiseConv2d *op, int y, int c) {
    output_row(op, y, c, 1, op->kernel_width, op->stride_x, 0);
}

/* Channels beyond the last whole vector, one by one. */
static void row_1_channel(const DepthwiseConv2d *op, int out_y, int c) {
    for (int out_x = 0; out_x < op->out_width; out_x++) {
        float acc = op->bias[c];
        for (int ky = 0; ky < op->kernel_height; ky++)
            for (int kx = 0; kx < op->kernel_width; kx++) {
                int y = out_y * op->stride_y + ky - op->pad_top, x = out_x * op->stride_x + kx - op->pad_left;
                if (y < 0 || y >= op->height || x < 0 || x >= op->width) continue;
                acc += op->x[((int64_t)y * op->width + x) * op->channels + c] *
                       op->weight[(ky * op->kernel_width + kx) * op->channels + c];
            }
        float *y = op->y + ((int64_t)out_y * op->out_width + out_x) * op->channels + c;
        *y = acc;
        if (op->activation) activate_block(y, 0, y, 1, 1, 0, op->activation);
    }
}

/* Work is (channel block, output row): blocks of 16 channels keep a window's rows in the first-level cache.
 */
void depthwise_conv2d(const DepthwiseConv2d *op, Thread t) {
    int blocks = ceil_div(op->channels, 16);
    for (int task; (task = next_task(&t)) < blocks * op->out_height;) {
        int out_y = task % op->out_height, c = task / op->out_height * 16;
        if (c + 16 <= op->channels && row_16_channels(op, out_y, c)) continue;
        int end = min_int(c + 16, op->channels);
        for (; c + 4 <= end; c += 4) row_4_channels(op, out_y, c);
        for (; c < end; c++) row_1_channel(op, out_y, c);
    }
}
