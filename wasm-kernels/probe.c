/* What this engine's instructions do, found by running them, and how fast they are. */
#include "engine.h"

int activation_mode = ACTIVATION_U7;

/* The relaxed dot product may read its second operand's top bit as it likes, and may saturate pair sums. One
 * product with 255 x 127 tells the lowerings apart; U7 keeps the operand in 0..127, where all agree. */
EXPORT(probe_activation_mode)
int probe_activation_mode(void) {
#ifdef TINYVLM_RELAXED
    volatile int8_t weights[16];
    volatile uint8_t activations[16];
    for (int i = 0; i < 16; i++) weights[i] = 127, activations[i] = 255;
    v128 sum = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(load4((const void *)weights), load4((const void *)activations),
                                                      wasm_i32x4_const_splat(0));
    int32_t lane = wasm_i32x4_extract_lane(sum, 0);
    if (lane == 4 * 127 * 255) return ACTIVATION_U8;
    if (lane == 4 * 127 * -1) return ACTIVATION_S8;
    return ACTIVATION_U7;
#else
    return ACTIVATION_U8; /* plain SIMD widens to 16 bits first: exact for all bytes */
#endif
}
EXPORT(set_activation_mode) void set_activation_mode(int mode) { activation_mode = mode; }

/* Twelve independent chains, as in the GEMM tiles: the ceiling for them. Each feeds its own product, which
 * leaves a compiler nothing to share or to hoist. */
#define CHAINS(OP, TYPE)                                                                                               \
    v128 c[12], x = load4(data), y = load4(data + 16);                                                                 \
    for (int i = 0; i < 12; i++) c[i] = load4(data + 32 + 16 * i);                                                     \
    for (int i = 0; i < rounds; i++) {                                                                                 \
        _Pragma("unroll") for (int j = 0; j < 12; j++) c[j] = OP(c[j], y, x);                                          \
    }                                                                                                                  \
    for (int i = 0; i < 12; i++) store4(data + 32 + 16 * i, c[i]);

EXPORT(peak_madd)
void peak_madd(uint8_t *data, int rounds){CHAINS(MADD, f32)}
#ifdef TINYVLM_RELAXED
EXPORT(peak_dot) void peak_dot(uint8_t *data, int rounds){CHAINS(wasm_i32x4_relaxed_dot_i8x16_i7x16_add, i8)}
#else
INLINE v128 dot_add(v128 x, v128 y, v128 c) {
    return wasm_i32x4_add(c, wasm_i32x4_dot_i16x8(x, y));
}
EXPORT(peak_dot) void peak_dot(uint8_t *data, int rounds) { CHAINS(dot_add, i16) }
#endif
