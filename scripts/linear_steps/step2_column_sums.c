/* Step 2: the zero point leaves the inner loop. It is the same for all of a row, so that
 * sum((x - zero) * w) = sum(x * w) - zero * sum(w), and sum(w) is known when the weights are loaded. */
#include "step.h"

void linear(const LinearQ8 *op) {
    for (int row = 0; row < op->rows; row++) {
        RowQuantization q = op->rows_q[row];
        for (int column = 0; column < op->n; column++) {
            const uint8_t *x = op->x + row * op->k;
            const int8_t *w = op->weight + column * op->k;
            int32_t sum = 0;
            for (int i = 0; i < op->k; i++) sum += x[i] * w[i];
            sum -= q.zero * op->weight_sum[column];
            op->y[row * op->n + column] = (float)sum * (q.scale * op->weight_scale[column]) + op->bias[column];
        }
    }
}
