/* Ops that move, gather or reduce whole rows. */
#include "engine.h"

void softmax(const RowsToRows *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    Exp2 exp2 = exp2_constants();
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)row * op->columns;
        float *y = op->y + (int64_t)row * op->columns;
        float highest = x[0], total = 0;
        for (int i = 1; i < op->columns; i++) highest = x[i] > highest ? x[i] : highest;
        for (int i = 0; i < op->columns; i += 4) {
            int rest = op->columns - i;
            v128 v = wasm_f32x4_sub(rest < 4 ? load_part(x + i, rest) : load4(x + i), splat4(highest));
            v = exp2_4(wasm_f32x4_mul(v, splat4(LOG2_E)), &exp2);
            if (rest < 4)
                store_part(y + i, v, rest);
            else
                store4(y + i, v);
        }
        for (int i = 0; i < op->columns; i++) total += y[i];
        for (int i = 0; i < op->columns; i++) y[i] /= total;
    }
}

/* (rows, columns) -> (1, columns) */
void mean_rows(const RowsToRows *op, Thread t) {
    Range columns = share(op->columns, 16, t);
    float rows = (float)op->rows;
    int j = columns.begin;
    for (; j + 16 <= columns.end; j += 16) {
        v128 sums[4] = {zero4(), zero4(), zero4(), zero4()};
        const float *x = op->x + j;
        for (int row = 0; row < op->rows; row++, x += op->columns)
            for (int n = 0; n < 4; n++) sums[n] = wasm_f32x4_add(sums[n], load4(x + 4 * n));
        for (int n = 0; n < 4; n++) store4(op->y + j + 4 * n, wasm_f32x4_div(sums[n], splat4(rows)));
    }
    for (; j < columns.end; j++) {
        float sum = 0;
        for (int row = 0; row < op->rows; row++) sum += op->x[(int64_t)row * op->columns + j];
        op->y[j] = sum / rows;
    }
}

/* Each row's largest element: its index, the first of equal ones, and itself. */
void best_columns(const RowsToRows *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)row * op->columns;
        int best = 0;
        for (int i = 1; i < op->columns; i++) best = x[i] > x[best] ? i : best;
        op->y[2 * row] = (float)best;
        op->y[2 * row + 1] = x[best];
    }
}

/* Rows of the packed weight matrix (pack.c), so that a tied output layer needs no second copy. Ids outside
 * the vocabulary give zeros; the caller has checked them. */
void embedding_q8(const Embedding *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    int groups = ceil_div(op->columns, 4);
    for (int row = rows.begin; row < rows.end; row++) {
        int id = op->ids[row], known = id >= 0 && id < op->vocabulary;
        const int8_t *w = (const int8_t *)op->weight + (int64_t)(id & ~7) * groups * 4 + (id & 7) * 4;
        float *y = op->y + (int64_t)row * op->columns, scale = known ? op->weight_scale[id] : 0;
        for (int i = 0; i < op->columns; i++) y[i] = known ? (float)w[(i >> 2) * 32 + (i & 3)] * scale : 0;
        rotate_back(y, op->columns, op->rotation);
    }
}

void embedding_f32(const Embedding *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        int id = op->ids[row], known = id >= 0 && id < op->vocabulary;
        const float *w = (const float *)op->weight + (int64_t)(id & ~7) * op->columns + (id & 7);
        float *y = op->y + (int64_t)row * op->columns;
        for (int i = 0; i < op->columns; i++) y[i] = known ? w[i * 8] : 0;
    }
}

/* y[y_row + row] = x[x_row + row]: concatenation, and writing to a KV cache. */
void copy_rows(const CopyRows *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    int few = op->columns <= 64 && op->columns % 4 == 0; /* a call for each row would take longer than to copy it */
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)(op->x_row + row) * op->x_stride;
        float *y = op->y + (int64_t)(op->y_row + row) * op->y_stride;
        if (few)
            for (int i = 0; i < op->columns; i += 4) store4(y + i, load4(x + i));
        else
            __builtin_memcpy(y, x, (uint32_t)op->columns * 4);
    }
}

/* y = x, but where ids[t] >= first_id: that row of the features, or zeros behind their last. */
void place_rows(const PlaceRows *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    uint32_t bytes = (uint32_t)op->columns * 4;
    for (int row = rows.begin; row < rows.end; row++) {
        int64_t at = (int64_t)op->ids[row] - op->first_id;
        float *y = op->y + (int64_t)row * op->columns;
        if (at < 0)
            __builtin_memcpy(y, op->x + (int64_t)row * op->columns, bytes);
        else if (at < op->feature_rows)
            __builtin_memcpy(y, op->features + at * op->columns, bytes);
        else
            __builtin_memset(y, 0, bytes);
    }
}

/* The k best logits, best first, equal ones by id. The lead alone: a row is read in
 * microseconds. */
void top_k(const TopK *op, Thread t) {
    (void)t;
    const float *logits = op->logits;
    int held = 0;
    for (int i = 0; i < op->columns; i++) {
        float value = logits[i];
        if (held == op->k && !(value > op->values[held - 1])) continue;
        int at = held < op->k ? held++ : held - 1;
        for (; at > 0 && value > op->values[at - 1]; at--) {
            op->values[at] = op->values[at - 1];
            op->ids[at] = op->ids[at - 1];
        }
        op->values[at] = value;
        op->ids[at] = i;
    }
    program_result = op->ids[0];
}
