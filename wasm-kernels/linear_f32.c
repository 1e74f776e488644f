/* y = activation(x W^T + bias) + residual in float32. Weights in panels of 8 columns (pack.c). */
#include "linear.h"

INLINE void finish(const LinearF32 *op, v128 y, int row, int j) {
    if (op->bias) y = wasm_f32x4_add(y, load4(op->bias + j));
    store_columns(op->y + (int64_t)row * op->y_stride + j, op->n - j, y);
}

/* Rows row..row+MR of NP panels from column j. */
INLINE void tile(const LinearF32 *op, int row, int j, const int MR, const int NP) {
    const float *x[6], *w[4];
    v128 acc[6][8];
    for (int r = 0; r < MR; r++) x[r] = op->x + (int64_t)(row + r) * op->x_stride;
    for (int p = 0; p < NP; p++) w[p] = op->weight + (int64_t)(j + 8 * p) * op->k;
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < 2 * NP; p++) acc[r][p] = zero4();
    for (int k = 0; k < op->k; k++) {
        v128 b[8];
        for (int p = 0; p < NP; p++) b[2 * p] = load4(w[p] + 8 * k), b[2 * p + 1] = load4(w[p] + 8 * k + 4);
        for (int r = 0; r < MR; r++) {
            v128 a = wasm_v128_load32_splat(x[r] + k);
            for (int p = 0; p < 2 * NP; p++) acc[r][p] = MADD(a, b[p], acc[r][p]);
        }
    }
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < 2 * NP; p++) finish(op, acc[r][p], row + r, j + 4 * p);
}

#define TILE(MR, NP)                                                                                                   \
    static KERNEL void tile_##MR##x##NP(const LinearF32 *op, int row, int j) { tile(op, row, j, MR, NP); }
static KERNEL void full_tile(const LinearF32 *op, int row, int j) { tile(op, row, j, TILE_ROWS, 1); }
TILE(4, 1)
TILE(2, 1)
TILE(1, 1)
TILE(1, 4)

static void few_rows(const LinearF32 *op, int row, int rows, int j) {
    for (; rows >= 4; row += 4, rows -= 4) tile_4x1(op, row, j);
    for (; rows >= 2; row += 2, rows -= 2) tile_2x1(op, row, j);
    if (rows) tile_1x1(op, row, j);
}

static void finish_rows(const LinearF32 *op, int row, int rows, int j, int columns) {
    int64_t at = (int64_t)row * op->y_stride + j;
    finish_block(op->y, op->residual, at, rows, min_int(columns, op->n - j), op->y_stride, op->activation);
}

/* Rows begin..end of one panel, and what comes after the product. */
static void panel(const LinearF32 *op, int begin, int end, int j) {
    int row = begin;
    for (; row + TILE_ROWS <= end; row += TILE_ROWS) full_tile(op, row, j);
    few_rows(op, row, end - row, j);
    finish_rows(op, begin, end - begin, j, 8);
}

void linear_f32(const LinearF32 *op, Thread t) {
    int columns = ceil_div(op->n, 8) * 8;
    Tasks tasks = split_product(op->rows, columns, op->k * 4, TILE_ROWS, t);
    for (int i; (i = next_task(&t)) < tasks.row_blocks * tasks.column_blocks;) {
        Task task = find_task(tasks, i, op->rows, columns);
        int j = task.columns.begin;
        if (op->rows == 1)
            for (; j + 32 <= task.columns.end; j += 32) {
                tile_1x4(op, 0, j);
                finish_rows(op, 0, 1, j, 32);
            }
        for (; j < task.columns.end; j += 8)
            for (int row = task.rows.begin; row < task.rows.end; row += FINISHED_ROWS)
                panel(op, row, min_int(row + FINISHED_ROWS, task.rows.end), j);
    }
}
