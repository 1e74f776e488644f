/* The one heap of kernel memory: weights, programs, caches, images. Few and large blocks, so a first-fit list
 * with coalescing is enough. Only the lead thread allocates. Blocks are aligned to 64 bytes. */
#include "simd.h"

enum { ALIGN = 64, PAGE = 65536 };

typedef struct Block {
    uint32_t size; /* of the payload */
    uint32_t used;
    struct Block *next; /* in address order */
    uint8_t pad[ALIGN - 12];
} Block;

extern uint8_t __heap_base;
static Block *first, *last;
static uint32_t used_bytes, peak_bytes;

static uint32_t memory_end(void) { return (uint32_t)__builtin_wasm_memory_size(0) * PAGE; }

/* Makes room up to `end`; 0 where the engine refuses. */
static int grow_to(uint64_t end) {
    uint32_t have = memory_end();
    if (end <= have) return 1;
    if (end > (1ull << 31)) return 0;
    return __builtin_wasm_memory_grow(0, (uint32_t)((end - have + PAGE - 1) / PAGE)) != (uint32_t)-1;
}

/* Address of `nbytes` fresh bytes (contents undefined), or 0 when memory is at its limit. */
EXPORT(heap_alloc)
void *heap_alloc(uint32_t nbytes) {
    if (nbytes > (1u << 31) - PAGE) return 0;
    uint32_t size = (nbytes + ALIGN - 1) & ~(ALIGN - 1u);
    if (!size) size = ALIGN;
    Block *block = first;
    while (block && (block->used || block->size < size)) block = block->next;
    if (block && block->size >= size + 2 * ALIGN) { /* split */
        Block *rest = (Block *)((uint8_t *)(block + 1) + size);
        rest->size = block->size - size - sizeof(Block);
        rest->used = 0;
        rest->next = block->next;
        block->next = rest;
        block->size = size;
        if (last == block) last = rest;
    }
    if (!block) { /* extend the heap, through a free last block where there is one */
        uint32_t at = last ? (uint32_t)(last + 1) + last->size : ((uint32_t)&__heap_base + ALIGN - 1) & ~(ALIGN - 1u);
        if (last && !last->used) {
            if (!grow_to((uint64_t)(uint32_t)(last + 1) + size)) return 0;
            block = last;
        } else {
            if (!grow_to((uint64_t)at + sizeof(Block) + size)) return 0;
            block = (Block *)at;
            block->next = 0;
            if (last)
                last->next = block;
            else
                first = block;
            last = block;
        }
        block->size = size;
    }
    block->used = 1;
    used_bytes += block->size;
    if (used_bytes > peak_bytes) peak_bytes = used_bytes;
    return block + 1;
}

/* Gives a block back; 0 is ignored. */
EXPORT(heap_free)
void heap_free(void *address) {
    if (!address) return;
    Block *block = (Block *)address - 1;
    block->used = 0;
    used_bytes -= block->size;
    for (Block *b = first; b; b = b->next)
        while (!b->used && b->next && !b->next->used) {
            if (last == b->next) last = b;
            b->size += b->next->size + sizeof(Block);
            b->next = b->next->next;
        }
}

EXPORT(heap_used) uint32_t heap_used(void) { return used_bytes; }
EXPORT(heap_peak) uint32_t heap_peak(void) { return peak_bytes; }
