/* y = activation(x W^T + bias) + residual, with int8 weights (one scale an output column) and 8-bit
 * activations (one scale and zero point a row). Integer sums are exact; float32 begins at the store.
 *
 * A tile is MR rows x NP half-panels of 4 columns, kept in registers over all of k. Both builds read the same packed
 * weights. */
#include "linear.h"
#include "tile_q8.h"

/* A row's int32 sums to floats, 4 columns at j. */
INLINE void finish(const LinearQ8 *op, v128 sums, int row, int j, v128 weight_scale, v128 weight_sum, v128 bias) {
    RowQuantization q = op->rows_q[row];
    v128 y = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sums, wasm_i32x4_mul(wasm_i32x4_splat(q.zero), weight_sum)));
    y = MADD(y, wasm_f32x4_mul(splat4(q.scale), weight_scale), bias);
    store_columns(op->y + (int64_t)row * op->y_stride + j, op->n - j, y);
}

INLINE void finish_tile(const LinearQ8 *op, v128 (*sums)[MAX_HALF_PANELS], int row, int j, const int MR, const int NP) {
    for (int p = 0; p < NP; p++) {
        int column = j + 4 * p;
        v128 scale = load4(op->weight_scale + column), sum = load4(op->weight_sum + column);
        v128 bias = op->bias ? load4(op->bias + column) : zero4();
        for (int r = 0; r < MR; r++) finish(op, sums[r][p], row + r, column, scale, sum, bias);
    }
}

/* Rows row..row+MR, half-panels at columns j, j+4, ... */
INLINE void tile(const LinearQ8 *op, int row, int j, const int MR, const int NP) {
    const Activation *x[MAX_TILE_ROWS];
    const int8_t *w[MAX_HALF_PANELS];
    v128 sums[MAX_TILE_ROWS][MAX_HALF_PANELS];
    for (int r = 0; r < MR; r++) x[r] = op->x + (int64_t)(row + r) * op->k_groups * 4;
    for (int p = 0; p < NP; p++) w[p] = half_panel(op->weight, j + 4 * p, op->k_groups * 32);
    dot_tile(x, w, op->k_groups, MR, NP, sums);
    finish_tile(op, sums, row, j, MR, NP);
}

/* The first row, all panels from column j to `end`. */
static KERNEL void one_row(const LinearQ8 *op, int begin, int end) {
    v128 sums[MAX_TILE_ROWS][MAX_HALF_PANELS];
    for (int j = begin; j < end; j += 8) {
        dot_row(op->x, half_panel(op->weight, j, op->k_groups * 32), op->k_groups, sums[0]);
        finish_tile(op, sums, 0, j, 1, 2);
    }
    int columns = min_int(end, op->n) - begin;
    if (columns > 0) finish_block(op->y, op->residual, begin, 1, columns, op->y_stride, op->activation);
}

#define TILE(MR, NP)                                                                                                   \
    static KERNEL void tile_##MR##x##NP(const LinearQ8 *op, int row, int j) { tile(op, row, j, MR, NP); }
/* TILE_ROWS rows of one panel: at once with the dot instruction, in halves where sums of pairs take twice the room. */
static KERNEL void full_tile(const LinearQ8 *op, int row, int j) {
#ifdef TINYVLM_RELAXED
    tile(op, row, j, TILE_ROWS, 2);
#else
    tile(op, row, j, TILE_ROWS, 1);
    tile(op, row, j + 4, TILE_ROWS, 1);
#endif
}
TILE(1, 2)
TILE(2, 2)
TILE(4, 2)

/* Rows that fill no whole tile. */
static void few_rows(const LinearQ8 *op, int row, int rows, int j) {
    for (; rows >= 4; row += 4, rows -= 4) tile_4x2(op, row, j);
    for (; rows >= 2; row += 2, rows -= 2) tile_2x2(op, row, j);
    if (rows) tile_1x2(op, row, j);
}

/* Rows begin..end of one panel, and what comes after the product. */
static void panel(const LinearQ8 *op, int begin, int end, int j) {
    int row = begin;
    for (; row + TILE_ROWS <= end; row += TILE_ROWS) full_tile(op, row, j);
    few_rows(op, row, end - row, j);
    int64_t at = (int64_t)begin * op->y_stride + j;
    finish_block(op->y, op->residual, at, end - begin, min_int(8, op->n - j), op->y_stride, op->activation);
}

void linear_q8(const LinearQ8 *op, Thread t) {
    int columns = ceil_div(op->n, 8) * 8; /* packed arrays are padded to whole panels */
    Tasks tasks = split_product(op->rows, columns, op->k_groups * 4 * sizeof(Activation), TILE_ROWS, t);
    for (int i; (i = next_task(&t)) < tasks.row_blocks * tasks.column_blocks;) {
        Task task = find_task(tasks, i, op->rows, columns);
        if (op->rows == 1) {
            one_row(op, task.columns.begin, task.columns.end);
            continue;
        }
        for (int j = task.columns.begin; j < task.columns.end; j += 8)
            for (int row = task.rows.begin; row < task.rows.end; row += FINISHED_ROWS)
                panel(op, row, min_int(row + FINISHED_ROWS, task.rows.end), j);
    }
}
