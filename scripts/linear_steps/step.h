/* What the steps share: the operands of one 8-bit linear op, in the order of an instruction's words.
 *
 * y[t][j] = scale[t] * weight_scale[j] * sum over k of (x[t][k] - zero[t]) * weight[j][k] + bias[j] */
#pragma once
#include <stdint.h>

/* A quantized row: a float32 is scale * (q - zero). */
typedef struct {
    float scale;
    int32_t zero;
} RowQuantization;

typedef struct {
    const uint8_t *x;              /* (rows, k), 0..127 */
    const RowQuantization *rows_q; /* (rows,) */
    const int8_t *weight;          /* (n, k); from step 3 on in panels, [n / 8][k / 4][8 columns][4 k] */
    const float *weight_scale;     /* (n,) */
    const int32_t *weight_sum;     /* (n,), over k */
    const float *bias;             /* (n,) */
    float *y;                      /* (rows, n) */
    int32_t rows, k, n;            /* multiples of 6, 4 and 8: what ships also takes others */
} LinearQ8;

__attribute__((export_name("linear"))) void linear(const LinearQ8 *op);
