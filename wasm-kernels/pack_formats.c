/* Packing of the formats that store less than a byte a weight: 4 and 2 bits in groups, and q8 without its zero blocks.
 * And rows of the packed matrices, so that a tied output layer needs no second copy; ids outside the vocabulary give
 * zeros. */
#include "linear.h"

enum { GROUP = 32 };

/* A bfloat16 is the upper half of a float32. */
INLINE float widen_bf16(uint16_t half) {
    union {
        uint32_t bits;
        float value;
    } u = {(uint32_t)half << 16};
    return u.value;
}

/* Where a group's code for column c (0..7), element k (0..31) lies: a byte, and a shift in it. */
INLINE int code_byte(int c, int k, int bits) { return (k >> 2) * bits / 4 * 16 + (c & 3) * 4 + byte_of(k & 3); }
INLINE int code_shift(int c, int k, int bits) { return (((k >> 2) % (4 / bits)) * 2 + (c >> 2)) * bits; }
INLINE int sign_extend(int code, int bits) { return (code ^ (1 << (bits - 1))) - (1 << (bits - 1)); }

/* Codes (n, groups * 32), low bits of a byte first, and bfloat16 scales (n, groups) -> panels of 8 columns as in
 * linear_groups.c; sums[n] = sum over k of the weights, for the activations' zero point. */
INLINE void pack_groups(const uint8_t *weight, const uint16_t *scales, uint8_t *packed, float *sums, int n, int groups,
                        const int bits) {
    const int group_bytes = GROUP * bits + 16, per_byte = 8 / bits;
    __builtin_memset(packed, 0, (uint32_t)ceil_div(n, 8) * groups * group_bytes);
    for (int j = n; j < ceil_div(n, 8) * 8; j++) sums[j] = 0;
    for (int j = 0; j < n; j++) {
        uint8_t *out = packed + (int64_t)(j >> 3) * groups * group_bytes;
        sums[j] = 0;
        for (int g = 0; g < groups; g++, out += group_bytes) {
            int sum = 0;
            UNROLLED for (int k = 0; k < GROUP; k++) {
                int code = weight[k / per_byte] >> k % per_byte * bits & ((1 << bits) - 1);
                out[code_byte(j & 7, k, bits)] |= (uint8_t)(code << code_shift(j & 7, k, bits));
                sum += sign_extend(code, bits);
            }
            weight += GROUP / per_byte;
            sums[j] += ((float)sum + (bits == 2 ? GROUP / 2 : 0)) * widen_bf16(*scales);
            /* as 32-bit words: columns 0-3 in the lower halves, columns 4-7 in the upper */
            ((uint16_t *)(out + GROUP * bits))[(j & 3) * 2 + (j >> 2 & 1)] = *scales++;
        }
    }
}
EXPORT(pack_q4)
void pack_q4(const uint8_t *weight, const uint16_t *scales, uint8_t *packed, float *sums, int n, int groups) {
    pack_groups(weight, scales, packed, sums, n, groups, 4);
}
EXPORT(pack_q2)
void pack_q2(const uint8_t *weight, const uint16_t *scales, uint8_t *packed, float *sums, int n, int groups) {
    pack_groups(weight, scales, packed, sums, n, groups, 2);
}

INLINE void embedding_groups(const Embedding *op, Thread t, const int bits) {
    Range rows = share(op->rows, 1, t);
    int group_bytes = GROUP * bits + 16, groups = ceil_div(op->columns, GROUP);
    for (int row = rows.begin; row < rows.end; row++) {
        int id = op->ids[row], known = id >= 0 && id < op->vocabulary, c = id & 7;
        const uint8_t *w = (const uint8_t *)op->weight + (int64_t)(id >> 3) * groups * group_bytes;
        float *y = op->y + (int64_t)row * op->columns;
        for (int i = 0; i < op->columns; i++) {
            const uint8_t *group = w + (i / GROUP) * group_bytes;
            int k = i % GROUP;
            if (!known) {
                y[i] = 0;
                continue;
            }
            int code = group[code_byte(c, k, bits)] >> code_shift(c, k, bits) & ((1 << bits) - 1);
            uint16_t scale = ((const uint16_t *)(group + GROUP * bits))[(c & 3) * 2 + (c >> 2)];
            y[i] = ((float)sign_extend(code, bits) + (bits == 2 ? 0.5f : 0)) * widen_bf16(scale);
        }
        rotate_back(y, op->columns, op->rotation);
    }
}
void embedding_q4(const Embedding *op, Thread t) { embedding_groups(op, t, 4); }
void embedding_q2(const Embedding *op, Thread t) { embedding_groups(op, t, 2); }

/* Whether int8 (n, k) has anything but zeros in the block of panel j0, from k0. */
static int block_is_used(const int8_t *weight, int n, int k, int j0, int k0) {
    for (int j = j0; j < min_int(j0 + 8, n); j++)
        for (int i = k0; i < min_int(k0 + BLOCK_K, k); i++)
            if (weight[(int64_t)j * k + i]) return 1;
    return 0;
}

/* How many blocks pack_sparse will store. */
EXPORT(count_blocks) int count_blocks(const int8_t *weight, int n, int k) {
    int count = 0;
    for (int j0 = 0; j0 < n; j0 += 8)
        for (int k0 = 0; k0 < k; k0 += BLOCK_K) count += block_is_used(weight, n, k, j0, k0);
    return count;
}

/* int8 (n, k) -> blocks [8 k-groups][8 columns][4 k], their first k, each panel's first block (and the end), and
 * sums[n]. */
EXPORT(pack_sparse)
void pack_sparse(const int8_t *weight, int8_t *packed, int32_t *blocks, int32_t *starts, int32_t *sums, int n, int k) {
    int count = 0;
    for (int j0 = 0; j0 < n; j0 += 8) {
        *starts++ = count;
        for (int j = j0; j < j0 + 8; j++) sums[j] = 0;
        for (int k0 = 0; k0 < k; k0 += BLOCK_K) {
            if (!block_is_used(weight, n, k, j0, k0)) continue;
            int8_t *out = packed + (int64_t)count * BLOCK_BYTES;
            blocks[count++] = k0;
            for (int j = j0; j < j0 + 8; j++)
                for (int i = 0; i < BLOCK_K; i++) {
                    int8_t w = j < n && k0 + i < k ? weight[(int64_t)j * k + k0 + i] : 0;
                    out[(i >> 2) * 32 + (j - j0) * 4 + byte_of(i & 3)] = w;
                    sums[j] += w;
                }
        }
    }
    *starts = count;
}

void embedding_sparse(const EmbeddingSparse *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        int id = op->ids[row], known = id >= 0 && id < op->vocabulary;
        float *y = op->y + (int64_t)row * op->columns;
        for (int i = 0; i < op->columns; i++) y[i] = 0;
        for (int block = known ? op->starts[id >> 3] : 0; known && block < op->starts[(id >> 3) + 1]; block++) {
            const int8_t *w = op->weight + (int64_t)block * BLOCK_BYTES + (id & 7) * 4;
            int k0 = op->blocks[block];
            for (int i = 0; i < BLOCK_K && k0 + i < op->columns; i++)
                y[k0 + i] = (float)w[(i >> 2) * 32 + byte_of(i & 3)] * op->weight_scale[id];
        }
        rotate_back(y, op->columns, op->rotation);
    }
}
