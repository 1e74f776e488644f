/* One output from one place of the inputs. Buffers are padded to 64 bytes, so the last vector may run over.
 */
#include "engine.h"

typedef struct {
    v128 zero, six, one, linear, cubic;
    Exp2 exp2;
} Constants;

/* x / (1 + 2^minus_z): x times the sigmoid of z, which is in units of log2(e). */
INLINE v128 swish4(v128 x, v128 minus_z, const Constants *c) {
    return wasm_f32x4_div(x, wasm_f32x4_add(c->one, exp2_4(minus_z, &c->exp2)));
}

/* SiLU has z = x; GELU in its tanh form has z = 2 sqrt(2/pi) (x + 0.044715 x^3). */
INLINE v128 activate4(v128 x, const int activation, const Constants *c) {
    switch (activation) {
    case ACT_RELU6:
        return wasm_f32x4_pmin(wasm_f32x4_pmax(c->zero, x), c->six);
    case ACT_GELU_TANH:
        return swish4(x, wasm_f32x4_mul(x, MADD(wasm_f32x4_mul(x, x), c->cubic, c->linear)), c);
    case ACT_SILU:
        return swish4(x, wasm_f32x4_mul(x, c->linear), c);
    default:
        return x;
    }
}

INLINE void apply(const float *x, const float *residual, float *y, int rows, int columns, int stride,
                  const int activation) {
    Constants c = {zero4(), KEEP4(6), KEEP4(1), KEEP4(-LOG2_E), zero4(), exp2_constants()};
    if (activation == ACT_GELU_TANH)
        c.linear = KEEP4(-1.5957691216f * LOG2_E), c.cubic = KEEP4(-0.044715f * 1.5957691216f * LOG2_E);
    for (int row = 0; row < rows; row++) {
        int64_t at = (int64_t)row * stride;
        int i = 0;
        for (; i + 4 <= columns; i += 4) {
            v128 v = activate4(load4(x + at + i), activation, &c);
            if (residual) v = wasm_f32x4_add(v, load4(residual + at + i));
            store4(y + at + i, v);
        }
        if (i == columns) continue;
        v128 v = activate4(load_part(x + at + i, columns - i), activation, &c);
        if (residual) v = wasm_f32x4_add(v, load_part(residual + at + i, columns - i));
        store_part(y + at + i, v, columns - i);
    }
}

void activate_block(const float *x, const float *residual, float *y, int rows, int columns, int stride,
                    int activation) {
    switch (activation) {
    case ACT_RELU6:
        apply(x, residual, y, rows, columns, stride, ACT_RELU6);
        break;
    case ACT_GELU_TANH:
        apply(x, residual, y, rows, columns, stride, ACT_GELU_TANH);
        break;
    case ACT_SILU:
        apply(x, residual, y, rows, columns, stride, ACT_SILU);
        break;
    default:
        apply(x, residual, y, rows, columns, stride, ACT_NONE);
    }
}

void activate(const Activate *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    if (part.begin < part.end)
        activate_block(op->x + part.begin, 0, op->y + part.begin, 1, part.end - part.begin, 0, op->activation);
}

void add(const Add *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i += 4)
        store4(op->y + i, wasm_f32x4_add(load4(op->a + i), load4(op->b + i)));
}

void multiply(const Add *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i += 4)
        store4(op->y + i, wasm_f32x4_mul(load4(op->a + i), load4(op->b + i)));
}

/* y[row] = x[row] + table[position + row] */
void add_positions(const AddPositions *op, Thread t) {
    const float *table = op->table + (int64_t)op->position * op->columns;
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i++) op->y[i] = op->x[i] + table[i];
}

/* Pixels (uint8 RGB) through one table of 256 floats a channel: (x - mean) / std for every byte there is. */
void normalize(const Normalize *op, Thread t) {
    Range part = share(op->pixels, 1, t);
    for (int i = part.begin * 3; i < part.end * 3; i += 3)
        for (int c = 0; c < 3; c++) op->y[i + c] = op->table[256 * c + op->x[i + c]];
}
