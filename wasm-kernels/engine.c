/* Programs and threads. The lead thread calls program_run; helpers live in helper_main. All walk the same
 * instructions, each kernel doing its thread's share, with a barrier after every instruction. */
#include "engine.h"

enum { REGISTERS = 8, MAX_OPERANDS = 24, SERIAL = 256 };
/* About 0.2 ms of looking before a thread sleeps: longer than Python needs between two decode steps. */
enum { SPINS = 40000 };

typedef void (*Kernel)(const void *operands, Thread t);
static void run_programs(const RunPrograms *op, Thread t);
#define K(f) ((Kernel)(void *)f)
static const Kernel kernels[] = {
    0, /* end of program */
    K(linear_q8),
    K(linear_q4),
    K(linear_q2),
    K(linear_sparse),
    K(linear_f32),
    K(quantize_rows),
    K(patches),
    K(depthwise_conv2d),
    K(attention),
    K(append_keys_values),
    K(attention_q8),
    K(layer_norm),
    K(rms_norm),
    K(activate),
    K(add),
    K(multiply),
    K(add_positions),
    K(rope),
    K(softmax),
    K(mean_rows),
    K(embedding_q8),
    K(embedding_q4),
    K(embedding_q2),
    K(embedding_sparse),
    K(embedding_f32),
    K(copy_rows),
    K(place_rows),
    K(top_k),
    K(resize_coefficients),
    K(resize_horizontal),
    K(resize_vertical),
    K(crop),
    K(normalize),
    K(quantize_patches),
    K(pool),
    K(upsample),
    K(depth_to_space),
    K(scale_columns),
    K(best_columns),
    K(rectify),
    K(to_bytes),
    K(attention_weights),
    K(attention_weights_q8),
    K(run_programs),
};

static struct {
    int32_t generation;     /* counts program starts; helpers sleep on it */
    int32_t arrived, phase; /* barrier: threads in, and how many barriers have opened */
    int32_t run_sleepers, barrier_sleepers;
    int32_t next_task;       /* of the instruction that all are in */
    int32_t threads, active; /* walking at every barrier; doing work */
    int32_t quit;
    int32_t halted_at; /* instruction after which all threads leave, or -1 */
    const int32_t *program;
    int32_t registers[REGISTERS];
} engine = {.threads = 1, .active = 1, .halted_at = -1};

int32_t program_result;
static int32_t stop_flag; /* set by anyone who wants the running program to end early */

/* Returns when *word != old: looks for a while, then sleeps. */
static void await_change(int32_t *word, int32_t old, int32_t *sleepers) {
    for (int i = 0; i < SPINS; i++)
        if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != old) return;
    __atomic_fetch_add(sleepers, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == old) __builtin_wasm_memory_atomic_wait32(word, old, -1);
    __atomic_fetch_sub(sleepers, 1, __ATOMIC_SEQ_CST);
}

static void announce(int32_t *word, int32_t *sleepers) {
    __atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(sleepers, __ATOMIC_SEQ_CST) > 0) __builtin_wasm_memory_atomic_notify(word, 1u << 30);
}

static void barrier(void) {
    if (engine.threads == 1) return;
    int32_t phase = __atomic_load_n(&engine.phase, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&engine.arrived, 1, __ATOMIC_ACQ_REL) == engine.threads) {
        engine.arrived = engine.next_task = 0;
        announce(&engine.phase, &engine.barrier_sleepers);
    } else
        await_change(&engine.phase, phase, &engine.barrier_sleepers);
}

INLINE void resolve(int32_t *operands, const int32_t *words, int count) {
    for (int i = 0; i < count; i++) operands[i] = words[i] < 0 ? engine.registers[~words[i]] : words[i];
}

/* A program is one word, whether helpers are needed at all, then instructions: opcode, operand count,
 * operands. The lead alone does instructions marked SERIAL, too small to share; nobody waits after one that
 * another follows. */
static KERNEL void walk(const int32_t *program, Thread t) {
    int32_t operands[MAX_OPERANDS], shared = *program++, next = *program;
    for (int index = 0; next; index++) {
        int opcode = next & ~SERIAL, serial = !shared || next & SERIAL;
        const int32_t *words = program + 2;
        int count = program[1];
        program = words + count;
        /* Read before the barrier: behind the last one, the lead may already have freed the program. */
        next = *program;
        if (t.index == 0 || (!serial && t.index < t.count)) {
            resolve(operands, words, count);
            kernels[opcode](operands, serial ? (Thread){0, 1, 0, 0} : t);
        }
        /* Only the lead looks at the flag, so that all threads leave after the same instruction. */
        if (t.index == 0 && __atomic_load_n(&stop_flag, __ATOMIC_RELAXED) && engine.halted_at < 0)
            engine.halted_at = index;
        if (shared) {
            if (serial && next & SERIAL) continue;
            barrier();
        }
        if (engine.halted_at >= 0 && engine.halted_at <= index) {
            if (shared && next) barrier(); /* all have read halted_at before a next program resets it */
            return;
        }
    }
}

/* A program as one thread's work: nobody waits on the way. */
static KERNEL void walk_alone(const int32_t *program) {
    int32_t operands[MAX_OPERANDS];
    for (program++; *program && !__atomic_load_n(&stop_flag, __ATOMIC_RELAXED);) {
        int opcode = program[0] & ~SERIAL, count = program[1];
        resolve(operands, program + 2, count);
        kernels[opcode](operands, (Thread){0, 1, 0, 0});
        program += 2 + count;
    }
}

/* Whole programs as the tasks of one instruction. They must not write to each other's memory. */
static void run_programs(const RunPrograms *op, Thread t) {
    for (int task; (task = next_task(&t)) < op->count;) walk_alone(op->programs[task]);
}

/* Runs a program on all threads with r0..r4 in the registers. Returns what its last top_k found best (0
 * without one), or -1 if it was stopped on the way. */
EXPORT(program_run)
int program_run(const int32_t *program, int r0, int r1, int r2, int r3, int r4) {
    int32_t *r = engine.registers;
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3, r[4] = r4;
    engine.halted_at = -1;
    engine.program = program;
    program_result = 0;
    if (*program && engine.threads > 1) announce(&engine.generation, &engine.run_sleepers);
    walk(program, (Thread){0, engine.active, &engine.next_task, 0});
    return engine.halted_at < 0 ? program_result : -1;
}

/* A helper's life. The caller has given this instance a stack of its own. `index` counts from 1. Returns
 * after engine_quit. */
EXPORT(helper_main)
void helper_main(int index) {
    for (int32_t seen = 0;; seen++) {
        await_change(&engine.generation, seen, &engine.run_sleepers);
        if (engine.quit) return;
        walk(engine.program, (Thread){index, engine.active, &engine.next_task, 0});
    }
}

/* Called once, when all helpers run. From then on every program waits for all of them. */
EXPORT(engine_set_threads) void engine_set_threads(int threads) { engine.threads = engine.active = threads; }
/* How many of the threads get work, between 1 and all; never during a program. */
EXPORT(engine_set_active) void engine_set_active(int active) { engine.active = active; }
/* Where the registers lie: a program may take a token id from there. */
EXPORT(engine_registers) int32_t *engine_registers(void) { return engine.registers; }
EXPORT(engine_quit) void engine_quit(void) {
    engine.quit = 1;
    announce(&engine.generation, &engine.run_sleepers);
}
EXPORT(engine_stop_flag) int32_t *engine_stop_flag(void) { return &stop_flag; }
EXPORT(engine_set_stop) void engine_set_stop(int stop) { __atomic_store_n(&stop_flag, stop, __ATOMIC_SEQ_CST); }
EXPORT(memory_copy) void memory_copy(void *to, const void *from, uint32_t nbytes) {
    __builtin_memcpy(to, from, nbytes);
}
