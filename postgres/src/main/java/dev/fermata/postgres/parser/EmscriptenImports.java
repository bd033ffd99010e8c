package dev.fermata.postgres.parser;

import java.util.Arrays;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmFunctionHandle;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;

/**
 * What the C code expects of its surroundings, which emscripten would provide in JavaScript.
 *
 * <p>setjmp/longjmp (PostgreSQL's {@code PG_TRY} and {@code ereport}) is the only part with substance: every call
 * inside a setjmp block goes through an import {@code invoke_<signature>(function, arguments...)}; longjmp throws;
 * invoke catches, puts the C stack back and tells the C code by {@code setThrew(1, 0)}.
 *
 * <p>Serves one instance, like it on one thread at a time.
 */
final class EmscriptenImports {
    private static final long[] NOTHING = {};
    private static final long EBADF = 8;

    private final int maxPages;
    private boolean growthRefused;

    EmscriptenImports(int maxPages) {
        this.maxPages = maxPages;
    }

    ImportValues of(WasmModule module) {
        ImportValues.Builder imports = ImportValues.builder();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            FunctionImport function = (FunctionImport) module.importSection().getImport(i);
            FunctionType type = module.typeSection().getType(function.typeIndex());
            imports.addFunction(
                    new HostFunction(function.module(), function.name(), type, handle(function.name(), type)));
        }
        return imports.build();
    }

    private WasmFunctionHandle handle(String name, FunctionType type) {
        if (name.startsWith("invoke_")) {
            return invoke(new long[type.returns().size()]);
        }
        return switch (name) {
            case "_emscripten_throw_longjmp" ->
                (instance, arguments) -> {
                    throw new LongJump();
                };
            case "emscripten_resize_heap" ->
                (instance, arguments) -> new long[] {grow(instance.memory(), arguments[0] & 0xffff_ffffL)};
            case "fd_write" -> EmscriptenImports::swallowOutput;
            case "fd_read", "fd_seek", "fd_close" -> (instance, arguments) -> new long[] {EBADF};
            case "_setitimer_js" -> (instance, arguments) -> new long[] {0};
            case "_emscripten_runtime_keepalive_clear" -> (instance, arguments) -> NOTHING;
            default ->
                (instance, arguments) -> {
                    throw lost(name, arguments);
                };
        };
    }

    /** abort, exit, assert: parts of the C code do that when malloc fails. */
    private RuntimeException lost(String name, long... arguments) {
        if (growthRefused) {
            throw new OutOfMemoryError("libpg_query needs more than " + maxPages * (Memory.PAGE_SIZE >> 10) + " KiB");
        }
        return new IllegalStateException("libpg_query called " + name + Arrays.toString(arguments));
    }

    private static WasmFunctionHandle invoke(long[] nothing) {
        return (instance, arguments) -> {
            long stack = instance.export("emscripten_stack_get_current").apply()[0];
            try {
                int function = instance.table(0).requiredRef((int) arguments[0]);
                return instance.getMachine().call(function, Arrays.copyOfRange(arguments, 1, arguments.length));
            } catch (LongJump jump) {
                instance.export("_emscripten_stack_restore").apply(stack);
                instance.export("setThrew").apply(1, 0);
                return nothing.clone();
            }
        };
    }

    /** What the C code writes to stderr: counted as written, and dropped. */
    private static long[] swallowOutput(Instance instance, long... arguments) {
        Memory memory = instance.memory();
        int vectors = (int) arguments[1];
        int written = 0;
        for (int i = 0; i < (int) arguments[2]; i++) {
            written += memory.readInt(vectors + 8 * i + 4);
        }
        memory.writeI32((int) arguments[3], written);
        return new long[] {0};
    }

    /** Half as much again if there is room, else as much as is asked for; 0 makes malloc fail. */
    private long grow(Memory memory, long bytes) {
        long needed = (bytes + Memory.PAGE_SIZE - 1) / Memory.PAGE_SIZE;
        if (needed > maxPages) {
            growthRefused = true;
            return 0;
        }
        long wanted = Math.max(needed, Math.min(maxPages, memory.pages() * 3L / 2));
        boolean grown =
                memory.grow((int) wanted - memory.pages()) != -1 || memory.grow((int) needed - memory.pages()) != -1;
        return grown ? 1 : 0;
    }

    /** longjmp on its way through the compiled frames; carries nothing, not even a stack trace. */
    private static final class LongJump extends RuntimeException {
        LongJump() {
            super("longjmp", null, false, false);
        }
    }
}
