package dev.fermata.postgres.parser;

import dev.fermata.postgres.parser.wasm.LibPgQueryModule;
import java.nio.charset.StandardCharsets;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.types.MemoryLimits;

/**
 * One instance of libpg_query: UTF-8 in, the parse tree as JSON out. About 40 MiB of heap, more while a large script is
 * in it.
 *
 * <p>Not thread-safe. The C code recurses on the caller's Java stack. After any {@link Throwable} from here the
 * instance may be inconsistent and must be dropped; errors that PostgreSQL itself reports are values ({@link Failure}),
 * not exceptions.
 *
 * <p>The calls are the wrapper functions of the npm package (its {@code wasm_wrapper.c}):
 *
 * <pre>
 * wasm_parse_query_raw(char *) -&gt; struct {char *tree; char *stderr; PgQueryError *error}
 * PgQueryError = {char *message, *funcname, *filename; int lineno, cursorpos; char *context}
 * </pre>
 */
final class LibPgQuery {
    /** Below the C heap lie 1 MiB of data and 32 MiB of stack; the module's own 128 MiB would only be reserve. */
    private static final int INITIAL_PAGES = 576;
    /** 256 MiB: a script that needs more ends in an {@link OutOfMemoryError} or PostgreSQL's own "out of memory". */
    private static final int MAX_PAGES = 4096;
    /** 64 MiB: WebAssembly memory never shrinks, so a grown instance is not worth keeping. */
    private static final int KEEP_PAGES = 1024;

    private static final int ERROR_FIELD = 8;
    private static final int CURSOR_FIELD = 16;
    private static final String PLPGSQL = "{\"plpgsql_funcs\":";

    /** What PostgreSQL said to a text. */
    sealed interface Outcome {}

    /** {@code {"version":180004,"stmts":[{"stmt":{"SelectStmt":{...}},"stmt_location":n,"stmt_len":n}]}} */
    static final class Tree implements Outcome {
        private final byte[] json;

        private Tree(byte[] json) {
            this.json = json;
        }

        /** UTF-8; handed over, not copied. */
        byte[] json() {
            return json;
        }
    }

    /** @param codePoint place of the error in characters, from 1; 0 for none */
    record Failure(String message, int codePoint) implements Outcome {}

    private final Memory memory;
    private final ExportFunction malloc;
    private final ExportFunction free;
    private final ExportFunction freeString;
    private final ExportFunction parse;
    private final ExportFunction freeParseResult;
    private final ExportFunction scan;
    private final ExportFunction parsePlpgsql;

    LibPgQuery() {
        EmscriptenImports imports = new EmscriptenImports(MAX_PAGES);
        Instance instance = Instance.builder(LibPgQueryModule.load())
                .withImportValues(imports.of(LibPgQueryModule.load()))
                .withMachineFactory(LibPgQueryModule::create)
                .withMemoryLimits(new MemoryLimits(INITIAL_PAGES, MAX_PAGES))
                .withStart(false)
                .build();
        memory = instance.memory();
        malloc = instance.export("malloc");
        free = instance.export("free");
        freeString = instance.export("wasm_free_string");
        parse = instance.export("wasm_parse_query_raw");
        freeParseResult = instance.export("wasm_free_parse_result");
        scan = instance.export("wasm_scan");
        parsePlpgsql = instance.export("wasm_parse_plpgsql");
        instance.export("__wasm_call_ctors").apply();
    }

    /** Whether the instance is still small enough to be used again. */
    boolean worthKeeping() {
        return memory.pages() <= KEEP_PAGES;
    }

    /** @param utf8 without NUL: the text would end there for C */
    Outcome parse(byte[] utf8) {
        int input = cString(utf8);
        int result = 0;
        try {
            result = (int) parse.apply(input)[0];
            int error = memory.readInt(result + ERROR_FIELD);
            return error == 0
                    ? new Tree(bytes(memory.readInt(result)))
                    : new Failure(text(memory.readInt(error)), memory.readInt(error + CURSOR_FIELD));
        } finally {
            free.apply(input);
            if (result != 0) {
                freeParseResult.apply(result);
            }
        }
    }

    /**
     * The bodies of the text's DO, CREATE FUNCTION and CREATE PROCEDURE statements, all of them in PL/pgSQL: {@code
     * {"plpgsql_funcs":[{"PLpgSQL_function":{...}}]}}. A failure has no place: the wrapper gives the message alone.
     */
    Outcome parsePlpgsql(byte[] utf8) {
        byte[] answer = call(parsePlpgsql, utf8);
        String start = new String(answer, 0, Math.min(answer.length, PLPGSQL.length()), StandardCharsets.UTF_8);
        return start.equals(PLPGSQL) ? new Tree(answer) : new Failure(new String(answer, StandardCharsets.UTF_8), 0);
    }

    /** The tokens as the server's scanner sees them, as JSON; on error the message in place of it. */
    String scan(byte[] utf8) {
        return new String(call(scan, utf8), StandardCharsets.UTF_8);
    }

    private byte[] call(ExportFunction function, byte[] utf8) {
        int input = cString(utf8);
        int result = 0;
        try {
            result = (int) function.apply(input)[0];
            return bytes(result);
        } finally {
            free.apply(input);
            if (result != 0) {
                freeString.apply(result);
            }
        }
    }

    private int cString(byte[] utf8) {
        int pointer = (int) malloc.apply(utf8.length + 1)[0];
        if (pointer == 0) {
            throw new OutOfMemoryError("libpg_query has no room for a text of " + utf8.length + " bytes");
        }
        memory.write(pointer, utf8);
        memory.writeByte(pointer + utf8.length, (byte) 0);
        return pointer;
    }

    private byte[] bytes(int pointer) {
        int end = pointer;
        while (memory.read(end) != 0) {
            end++;
        }
        return memory.readBytes(pointer, end - pointer);
    }

    private String text(int pointer) {
        return new String(bytes(pointer), StandardCharsets.UTF_8);
    }
}
