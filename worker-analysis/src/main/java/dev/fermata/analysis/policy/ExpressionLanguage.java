package dev.fermata.analysis.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelOptions;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.extensions.CelStringExtensions.Function;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CEL, the Common Expression Language, with the variables of a policy. It has no loops but those over lists, no recursion
 * and no effects; what is left that could take long is limited here. Source: cel-spec, "Language Definition".
 */
final class ExpressionLanguage {
    /** Of all comprehensions of one evaluation, nested ones multiplied: a table has at most 1600 columns. */
    private static final int MAX_ITERATIONS = 100_000;

    private static final int MAX_CHARACTERS = 5_000;
    private static final int MAX_DEPTH = 100;
    private static final int MAX_REGEX_PROGRAM = 5_000;

    /** Record by record, field by field. Values are maps with these keys; {@link Facts} makes them. */
    static final ImmutableMap<String, ImmutableMap<String, CelType>> RECORDS = ImmutableMap.of(
            "Statement",
            ImmutableMap.ofEntries(
                    Map.entry("kind", SimpleType.STRING),
                    Map.entry("sql", SimpleType.STRING),
                    Map.entry("index", SimpleType.INT),
                    Map.entry("line", SimpleType.INT),
                    Map.entry("tables", ListType.create(SimpleType.STRING)),
                    Map.entry("columns", list("Column")),
                    Map.entry("inTransaction", SimpleType.BOOL),
                    Map.entry("locks", list("Lock")),
                    Map.entry("rewrites", SimpleType.STRING),
                    Map.entry("scans", SimpleType.STRING),
                    Map.entry("coverage", SimpleType.STRING)),
            "Lock",
            ImmutableMap.of(
                    "relation", SimpleType.STRING,
                    "mode", SimpleType.STRING,
                    "blocksReads", SimpleType.BOOL,
                    "blocksWrites", SimpleType.BOOL,
                    "rewrites", SimpleType.STRING,
                    "scans", SimpleType.STRING),
            "Column",
            ImmutableMap.of(
                    "name", SimpleType.STRING,
                    "table", SimpleType.STRING,
                    "type", SimpleType.STRING,
                    "change", SimpleType.STRING,
                    "notNull", SimpleType.BOOL,
                    "hasDefault", SimpleType.BOOL),
            "Table",
            ImmutableMap.of(
                    "schema", SimpleType.STRING,
                    "name", SimpleType.STRING,
                    "rows", SimpleType.INT,
                    "bytes", SimpleType.INT,
                    "writesPerSecond", SimpleType.DOUBLE,
                    "created", SimpleType.BOOL));

    static final Map<String, CelType> VARIABLES = Map.of(
            "statement", StructTypeReference.create("Statement"),
            "tables", list("Table"),
            "table", StructTypeReference.create("Table"),
            "environment", SimpleType.STRING,
            "serverVersion", SimpleType.INT,
            "fileName", SimpleType.STRING,
            "hasTarget", SimpleType.BOOL);

    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(MAX_CHARACTERS)
            .maxParseRecursionDepth(MAX_DEPTH)
            .maxRegexProgramSize(MAX_REGEX_PROGRAM)
            .build();

    /** None that makes texts longer: those could grow with every call. */
    private static final CelStringExtensions STRINGS = CelExtensions.strings(
            Function.LOWER_ASCII, Function.UPPER_ASCII, Function.TRIM, Function.SUBSTRING, Function.INDEX_OF);

    static final CelCompiler CONDITIONS =
            compiler().setResultType(SimpleType.BOOL).build();
    static final CelCompiler VALUES = compiler().build();
    static final CelRuntime RUNTIME = CelRuntimeFactory.legacyCelRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(STRINGS)
            .build();

    private ExpressionLanguage() {}

    /** What can stand where a name is expected: for messages. */
    static List<String> names() {
        List<String> names = new ArrayList<>(VARIABLES.keySet());
        RECORDS.values().forEach(fields -> names.addAll(fields.keySet()));
        return names;
    }

    private static CelType list(String type) {
        return ListType.create(StructTypeReference.create(type));
    }

    private static CelCompilerBuilder compiler() {
        CelCompilerBuilder compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(new Records())
                .addLibraries(STRINGS);
        VARIABLES.forEach(compiler::addVar);
        return compiler;
    }

    private static final class Records implements CelTypeProvider {
        @Override
        public ImmutableList<CelType> types() {
            return RECORDS.entrySet().stream()
                    .map(record -> (CelType) struct(record.getKey(), record.getValue()))
                    .collect(ImmutableList.toImmutableList());
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(RECORDS.get(name)).map(fields -> struct(name, fields));
        }

        private static StructType struct(String name, ImmutableMap<String, CelType> fields) {
            return StructType.create(
                    name, ImmutableSet.copyOf(fields.keySet()), field -> Optional.ofNullable(fields.get(field)));
        }
    }
}
