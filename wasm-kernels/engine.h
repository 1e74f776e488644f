/* What every kernel sees: its operands (already resolved), its thread, and how work is split. */
#pragma once
#include "simd.h"

/* One of `count` threads that walk the program together. */
typedef struct {
    int index, count;
    int32_t *next; /* the instruction's next task, when several threads share it */
    int taken;
} Thread;

typedef struct {
    int begin, end;
} Range;

INLINE int min_int(int a, int b) { return a < b ? a : b; }
INLINE int max_int(int a, int b) { return a > b ? a : b; }
INLINE int ceil_div(int a, int b) { return (a + b - 1) / b; }

/* A thread's contiguous part of 0..total, in whole grains. */
INLINE Range share(int total, int grain, Thread t) {
    int grains = ceil_div(total, grain);
    Range r = {(int)((int64_t)grains * t.index / t.count) * grain,
               min_int((int)((int64_t)grains * (t.index + 1) / t.count) * grain, total)};
    return r;
}

/* The next of an instruction's tasks: whoever is free takes it, so that slow or busy cores take fewer. */
INLINE int next_task(Thread *t) { return t->count > 1 ? __atomic_fetch_add(t->next, 1, __ATOMIC_RELAXED) : t->taken++; }

/* A matrix product in tasks: blocks of rows that stay in the first-level cache, times blocks of columns where those
 * alone are too few to go round. Columns come in whole panels of 8. */
typedef struct {
    int rows, columns, row_blocks, column_blocks;
} Tasks;
typedef struct {
    Range rows, columns;
} Task;
INLINE Tasks split_product(int rows, int columns, int row_bytes, int tile_rows, Thread t) {
    Tasks s = {min_int(max_int(32768 / row_bytes / tile_rows, 1) * tile_rows, rows), columns, 1, 1};
    s.row_blocks = ceil_div(rows, s.rows);
    if (t.count > 1) {
        int wanted = min_int(ceil_div(8 * t.count, s.row_blocks), ceil_div(columns, 32));
        s.columns = ceil_div(ceil_div(columns, 8), wanted) * 8;
        s.column_blocks = ceil_div(columns, s.columns);
    }
    return s;
}
INLINE Task find_task(Tasks s, int task, int rows, int columns) {
    int row = task / s.column_blocks * s.rows, column = task % s.column_blocks * s.columns;
    return (Task){{row, min_int(row + s.rows, rows)}, {column, min_int(column + s.columns, columns)}};
}

/* How a byte of a quantized activation is read by the engine's dot instruction (see probe.c). */
enum { ACTIVATION_U7, ACTIVATION_U8, ACTIVATION_S8 };
extern int activation_mode;

/* What program_run returns: the id that the last top_k found best. */
extern int32_t program_result;

/* How a quantized activation is stored: as the dot instruction reads it, or widened to 16 bits where there is none. */
#ifdef TINYVLM_RELAXED
typedef uint8_t Activation;
#else
typedef int16_t Activation;
#endif

/* A quantized row: x = scale * (q - zero). */
typedef struct {
    float scale;
    int32_t zero;
} RowQuantization;

/* The opcode is the index in `kernels` (engine.c). tinyvlm/backends/opcodes.py holds the same list; a test
 * compares the two. Operand structs mirror the words of an instruction: pointers and sizes are 32 bits,
 * floats are never negative (a negative word names a register). */
typedef struct {
    const Activation *x;
    const RowQuantization *rows_q;
    const int8_t *weight;
    const float *weight_scale;
    const int32_t *weight_sum;
    const float *bias, *residual;
    float *y;
    int32_t rows, k_groups, n, y_stride, activation;
} LinearQ8;
/* 4 or 2 bits a weight, in groups of 32 along k (linear_groups.c). */
typedef struct {
    const Activation *x;
    const RowQuantization *rows_q;
    const uint8_t *weight;
    const float *weight_sum, *bias, *residual;
    float *y;
    int32_t rows, k_groups, n, y_stride, activation;
} LinearGroups;
/* Blocks of 8 columns x BLOCK_K that are not all zero (linear_sparse.c). */
enum { BLOCK_K = 32, BLOCK_BYTES = 8 * BLOCK_K };
typedef struct {
    const Activation *x;
    const RowQuantization *rows_q;
    const int8_t *weight;
    const int32_t *blocks, *starts; /* each block's first k; each panel's first block, and the end */
    const float *weight_scale;
    const int32_t *weight_sum;
    const float *bias, *residual;
    float *y;
    int32_t rows, k_blocks, n, y_stride, activation;
} LinearSparse;
typedef struct {
    const float *x, *weight, *bias, *residual;
    float *y;
    int32_t rows, k, n, x_stride, y_stride, activation;
} LinearF32;
typedef struct {
    const float *x;
    Activation *y;
    RowQuantization *rows_q;
    int32_t rows, k, x_stride, y_stride, rotation; /* rotation: see hadamard.c; 1 for none */
} QuantizeRows;
typedef struct {
    const float *x;
    float *y;
    int32_t height, width, channels, kernel, stride, pad_top, pad_left, out_height, out_width;
} Patches;
typedef struct {
    const float *x;
    Activation *y;
    RowQuantization *rows_q;
    int32_t height, width, channels, kernel, stride, pad_top, pad_left, out_height, out_width, y_stride, rotation;
} QuantizePatches;
typedef struct {
    const float *x, *weight, *bias;
    float *y;
    int32_t height, width, channels, kernel_height, kernel_width, stride_y, stride_x, pad_top, pad_left;
    int32_t out_height, out_width, activation;
} DepthwiseConv2d;
typedef struct {
    const float *x;
    float *y;
    int32_t height, width, channels, window_height, window_width, stride_y, stride_x, out_height, out_width, largest;
} Pool;
typedef struct {
    const float *x, *residual;
    float *y;
    int32_t height, width, channels, factor;
} Upsample;
typedef struct {
    const float *x;
    float *y;
    int32_t height, width, channels, factor; /* channels of y */
} DepthToSpace;
typedef struct {
    const float *q, *k, *v;
    float *y;
    int32_t rows, keys, position, causal, heads, kv_heads, head_dim, q_stride, k_stride, v_stride, y_stride;
    float scale;
} Attention;
typedef struct {
    const float *k, *v;
    uint8_t *cache;
    int32_t rows, position, capacity, kv_heads, head_dim, k_stride, v_stride;
} AppendKeysValues;
typedef struct {
    const float *q;
    const uint8_t *cache;
    float *y;
    int32_t rows, keys, position, causal, capacity, heads, kv_heads, head_dim, q_stride, y_stride;
    float scale;
} AttentionQ8;
/* Heads first..first+count, and room for each row's scores of one head: a whole number of vectors. */
typedef struct {
    const float *q, *k;
    float *scores, *y;
    int32_t rows, keys, position, causal, heads, kv_heads, head_dim, first, count, q_stride, k_stride;
    float scale;
} AttentionWeights;
typedef struct {
    const float *q;
    const uint8_t *cache;
    float *scores, *y;
    int32_t rows, keys, position, causal, capacity, heads, kv_heads, head_dim, first, count, q_stride;
    float scale;
} AttentionWeightsQ8;
typedef struct {
    const float *x, *weight, *bias; /* bias is null for RMS norm */
    float *y;
    int32_t rows, columns;
    float epsilon;
} Norm;
typedef struct {
    const float *x;
    float *y;
    int32_t rows, columns, activation;
} Activate;
typedef struct {
    const float *a, *b;
    float *y;
    int32_t rows, columns;
} Add;
typedef struct {
    const float *x, *factors;
    float *y;
    int32_t rows, columns, residual;
} ScaleColumns;
typedef struct {
    const float *x, *table;
    float *y;
    int32_t rows, columns, position;
} AddPositions;
typedef struct {
    const float *x, *table;
    float *y;
    int32_t rows, heads, head_dim, position, x_stride;
} Rope;
typedef struct {
    const float *x;
    float *y;
    int32_t rows, columns;
} RowsToRows;
typedef struct {
    const int32_t *ids;
    const void *weight;
    const float *weight_scale;
    float *y;
    int32_t rows, columns, vocabulary, rotation;
} Embedding;
typedef struct {
    const int32_t *ids;
    const int8_t *weight;
    const int32_t *blocks, *starts;
    const float *weight_scale;
    float *y;
    int32_t rows, columns, vocabulary, rotation;
} EmbeddingSparse;
typedef struct {
    const float *x;
    float *y;
    int32_t rows, columns, x_stride, y_stride, x_row, y_row;
} CopyRows;
typedef struct {
    const float *x;
    const int32_t *ids;
    const float *features;
    float *y;
    int32_t rows, columns, first_id, feature_rows;
} PlaceRows;
typedef struct {
    const float *logits;
    int32_t *ids;
    float *values;
    int32_t columns, k;
} TopK;
typedef struct {
    const uint8_t *image;
    int32_t height, width;
    uint8_t *scratch, *y;
    int32_t out_height, out_width, filter;
} Resize;
typedef struct {
    const uint8_t *x;
    uint8_t *y;
    int32_t rows, row_bytes, x_stride; /* in bytes */
} Crop;
typedef struct {
    const uint8_t *x;
    const float *table;
    float *y;
    int32_t pixels;
} Normalize;
typedef struct {
    const uint8_t *image;
    const float *matrix;
    uint8_t *y;
    int32_t height, width, out_height, out_width, columns;
} Rectify;
typedef struct {
    const float *x;
    uint8_t *y;
    int32_t rows, columns;
} ToBytes;
typedef struct {
    const int32_t *const *programs;
    int32_t count;
} RunPrograms;

/* A convolution's window at an output pixel, kernel x kernel x channels floats, zeros outside the image. */
void cut_window(const float *x, float *y, int height, int width, int channels, int kernel, int top, int left);

/* Every block of 4, 8, 16, 32 or 64 columns through its Walsh-Hadamard transform, not normalized; y may be x. */
enum { MAX_ROTATED_COLUMNS = 16384 };
KERNEL void hadamard(const float *x, float *y, int columns, int block);

/* A row of a rotated embedding, back as it was; nothing where rotation is 1. */
void rotate_back(float *y, int columns, int rotation);

/* y = activation(x) + residual for a block of rows, all `stride` floats apart; residual may be null, y may be x. */
KERNEL void activate_block(const float *x, const float *residual, float *y, int rows, int columns, int stride,
                           int activation);

KERNEL void linear_q8(const LinearQ8 *op, Thread t);
KERNEL void linear_q4(const LinearGroups *op, Thread t);
KERNEL void linear_q2(const LinearGroups *op, Thread t);
KERNEL void linear_sparse(const LinearSparse *op, Thread t);
KERNEL void linear_f32(const LinearF32 *op, Thread t);
KERNEL void quantize_rows(const QuantizeRows *op, Thread t);
KERNEL void patches(const Patches *op, Thread t);
KERNEL void depthwise_conv2d(const DepthwiseConv2d *op, Thread t);
KERNEL void attention(const Attention *op, Thread t);
KERNEL void append_keys_values(const AppendKeysValues *op, Thread t);
KERNEL void attention_q8(const AttentionQ8 *op, Thread t);
KERNEL void layer_norm(const Norm *op, Thread t);
KERNEL void rms_norm(const Norm *op, Thread t);
KERNEL void activate(const Activate *op, Thread t);
KERNEL void add(const Add *op, Thread t);
KERNEL void multiply(const Add *op, Thread t);
KERNEL void add_positions(const AddPositions *op, Thread t);
KERNEL void rope(const Rope *op, Thread t);
KERNEL void softmax(const RowsToRows *op, Thread t);
KERNEL void mean_rows(const RowsToRows *op, Thread t);
KERNEL void embedding_q8(const Embedding *op, Thread t);
KERNEL void embedding_q4(const Embedding *op, Thread t);
KERNEL void embedding_q2(const Embedding *op, Thread t);
KERNEL void embedding_sparse(const EmbeddingSparse *op, Thread t);
KERNEL void embedding_f32(const Embedding *op, Thread t);
KERNEL void copy_rows(const CopyRows *op, Thread t);
KERNEL void place_rows(const PlaceRows *op, Thread t);
KERNEL void top_k(const TopK *op, Thread t);
KERNEL void resize_coefficients(const Resize *op, Thread t);
KERNEL void resize_horizontal(const Resize *op, Thread t);
KERNEL void resize_vertical(const Resize *op, Thread t);
KERNEL void crop(const Crop *op, Thread t);
KERNEL void normalize(const Normalize *op, Thread t);
KERNEL void quantize_patches(const QuantizePatches *op, Thread t);
KERNEL void pool(const Pool *op, Thread t);
KERNEL void upsample(const Upsample *op, Thread t);
KERNEL void depth_to_space(const DepthToSpace *op, Thread t);
KERNEL void scale_columns(const ScaleColumns *op, Thread t);
KERNEL void best_columns(const RowsToRows *op, Thread t);
KERNEL void rectify(const Rectify *op, Thread t);
KERNEL void to_bytes(const ToBytes *op, Thread t);
KERNEL void attention_weights(const AttentionWeights *op, Thread t);
KERNEL void attention_weights_q8(const AttentionWeightsQ8 *op, Thread t);
