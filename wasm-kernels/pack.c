/* Weights from row-major (n, k), as files hold them, to panels of 8 output columns, as the tiles read them.
 * Short panels and odd k are filled with zeros, which add nothing to a dot product. */
#include "engine.h"

/* int8 (n, k) -> [ceil(n/8)][ceil(k/4)][8 columns][4 k]; sums[n] = sum over k, for the activations' zero
 * point. */
EXPORT(pack_q8) void pack_q8(const int8_t *weight, int8_t *packed, int32_t *sums, int n, int k) {
    int groups = ceil_div(k, 4);
    for (int j0 = 0; j0 < n; j0 += 8)
        for (int j = j0; j < j0 + 8; j++) {
            int8_t *out = packed + (int64_t)j0 * groups * 4 + (j - j0) * 4;
            const int8_t *row = weight + (int64_t)j * k;
            int32_t sum = 0;
            for (int g = 0; g < groups; g++, out += 32)
                for (int i = 0; i < 4; i++) {
                    int8_t w = j < n && g * 4 + i < k ? row[g * 4 + i] : 0;
                    out[i] = w;
                    sum += w;
                }
            sums[j] = sum;
        }
}

/* float32 (n, k) -> [ceil(n/8)][k][8 columns] */
EXPORT(pack_f32) void pack_f32(const float *weight, float *packed, int n, int k) {
    for (int j0 = 0; j0 < n; j0 += 8)
        for (int i = 0; i < k; i++)
            for (int j = j0; j < j0 + 8; j++) *packed++ = j < n ? weight[(int64_t)j * k + i] : 0;
}
