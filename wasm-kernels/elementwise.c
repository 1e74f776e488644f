/* One output from one place of the inputs. Buffers are padded to 64 bytes, so the last vector may run over.
 */
#include "engine.h"

enum { GELU_TERMS = 12 };

typedef struct {
    v128 zero, six, one, half, linear, cubic;
    v128 gelu[GELU_TERMS]; /* see gelu4 */
    Exp2 exp2;
} Constants;

/* x / (1 + 2^minus_z): x times the sigmoid of z, which is in units of log2(e). */
INLINE v128 swish4(v128 x, v128 minus_z, const Constants *c) {
    return wasm_f32x4_div(x, wasm_f32x4_add(c->one, exp2_4(minus_z, &c->exp2)));
}

/* x (1/2 + c p(t)) for c = x, cut off at +-5, and t = 2 c^2 / 25 - 1: a polynomial of degree 11 for (Phi(c) - 1/2) / c
 * that is exact at 5; minimax, to 2.2e-6. No division and no exponential: networks have millions of these. */
#define GELU_END 5.0f
INLINE v128 gelu4(v128 x, const Constants *c) {
    v128 cut = wasm_f32x4_pmin(wasm_f32x4_pmax(wasm_f32x4_neg(c->cubic), x), c->cubic);
    v128 t = wasm_f32x4_sub(wasm_f32x4_mul(wasm_f32x4_mul(cut, cut), c->linear), c->one), p = c->gelu[GELU_TERMS - 1];
    for (int i = GELU_TERMS - 2; i >= 0; i--) p = MADD(p, t, c->gelu[i]);
    return wasm_f32x4_mul(x, MADD(cut, p, c->half));
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
    case ACT_RELU:
        return wasm_f32x4_pmax(c->zero, x);
    case ACT_GELU:
        return gelu4(x, c);
    case ACT_HARD_SIGMOID:
        return wasm_f32x4_pmin(wasm_f32x4_pmax(c->zero, MADD(x, c->linear, c->cubic)), c->one);
    case ACT_SIGMOID:
        return swish4(c->one, wasm_f32x4_mul(x, c->linear), c);
    default:
        return x;
    }
}

INLINE void apply(const float *x, const float *residual, float *y, int rows, int columns, int stride,
                  const int activation) {
    Constants c = {zero4(), KEEP4(6), KEEP4(1), KEEP4(0.5f), KEEP4(-LOG2_E), zero4(), {zero4()}, exp2_constants()};
    if (activation == ACT_GELU_TANH)
        c.linear = KEEP4(-1.5957691216f * LOG2_E), c.cubic = KEEP4(-0.044715f * 1.5957691216f * LOG2_E);
    if (activation == ACT_HARD_SIGMOID) c.linear = KEEP4(1.0f / 6), c.cubic = KEEP4(0.5f);
    if (activation == ACT_GELU) {
        static const volatile float polynomial[GELU_TERMS] = {
            1.413637549e-01f, -7.029844075e-02f, 5.152461305e-02f, -4.038663954e-02f,
            3.136505932e-02f, -2.366190404e-02f, 1.688021794e-02f, -1.006340422e-02f,
            5.155873951e-03f, -4.008051939e-03f, 3.173694946e-03f, -1.044777106e-03f,
        };
        c.linear = KEEP4(2 / (GELU_END * GELU_END)), c.cubic = KEEP4(GELU_END);
        for (int i = 0; i < GELU_TERMS; i++) c.gelu[i] = splat4(polynomial[i]);
    }
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
    case ACT_RELU:
        apply(x, residual, y, rows, columns, stride, ACT_RELU);
        break;
    case ACT_GELU:
        apply(x, residual, y, rows, columns, stride, ACT_GELU);
        break;
    case ACT_HARD_SIGMOID:
        apply(x, residual, y, rows, columns, stride, ACT_HARD_SIGMOID);
        break;
    case ACT_SIGMOID:
        apply(x, residual, y, rows, columns, stride, ACT_SIGMOID);
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

/* y = x * factors, a factor for each column, plus x where `residual`. */
void scale_columns(const ScaleColumns *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    float plus = op->residual ? 1 : 0;
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)row * op->columns;
        float *y = op->y + (int64_t)row * op->columns;
        int i = 0;
        for (; i + 4 <= op->columns; i += 4)
            store4(y + i, wasm_f32x4_mul(load4(x + i), wasm_f32x4_add(load4(op->factors + i), splat4(plus))));
        for (; i < op->columns; i++) y[i] = x[i] * (op->factors[i] + plus);
    }
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

/* 255 x, rounded to a byte. */
void to_bytes(const ToBytes *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    v128 magic = splat4(ROUND_MAGIC), bits = wasm_i32x4_splat(ROUND_BITS), values[4];
    int i = part.begin;
    for (; i + 16 <= part.end; i += 16) {
        for (int n = 0; n < 4; n++) {
            v128 x = wasm_f32x4_mul(load4(op->x + i + 4 * n), splat4(255));
            x = wasm_f32x4_pmin(splat4(255), wasm_f32x4_pmax(zero4(), x));
            values[n] = wasm_i32x4_sub(wasm_f32x4_add(x, magic), bits);
        }
        v128 low = wasm_i16x8_narrow_i32x4(values[0], values[1]), high = wasm_i16x8_narrow_i32x4(values[2], values[3]);
        store4(op->y + i, wasm_u8x16_narrow_i16x8(low, high));
    }
    for (; i < part.end; i++) {
        float x = op->x[i] * 255;
        op->y[i] = (uint8_t)__builtin_nearbyintf(x < 0 ? 0 : x > 255 ? 255 : x);
    }
}
