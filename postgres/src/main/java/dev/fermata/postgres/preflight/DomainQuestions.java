package dev.fermata.postgres.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.ColumnName;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.UserType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What ALTER DOMAIN demands of every column of the domain, or of a domain made of it. */
final class DomainQuestions {
    private static final String NOT_VALID = " NOT VALID";

    private final Asking asking;
    private final UserType domain;

    private DomainQuestions(Asking asking, UserType domain) {
        this.asking = asking;
        this.domain = domain;
    }

    static void of(Asking asking) {
        Statement statement = asking.statement();
        asking.change()
                .type(name(statement))
                .filter(type -> type.kind() == UserType.Kind.DOMAIN)
                .ifPresent(domain -> new DomainQuestions(asking, domain).ask(statement));
    }

    static WrittenName name(Statement statement) {
        List<String> parts = new ArrayList<>();
        statement
                .node()
                .path("typeName")
                .forEach(part -> parts.add(part.path("String").path("sval").asText()));
        return parts.isEmpty()
                ? new WrittenName("", "")
                : new WrittenName(parts.size() > 1 ? parts.get(parts.size() - 2) : "", parts.getLast());
    }

    private void ask(Statement statement) {
        JsonNode node = statement.node();
        switch (node.path("subtype").asText()) {
            case "O" -> notNull();
            case "C" -> {
                JsonNode constraint = node.path("def").path("Constraint");
                if (constraint.path("contype").asText().equals("CONSTR_NOTNULL")) {
                    notNull();
                } else if (!constraint.path("skip_validation").asBoolean()) {
                    written(statement);
                }
            }
            case "V" -> validate(node.path("name").asText());
            default -> {}
        }
    }

    private void notNull() {
        if (domain.constraints().contains("NOT NULL")) {
            return;
        }
        for (ColumnName use : uses("where a value of " + domain.name() + " is null")) {
            String column = QualifiedName.quote(use.column());
            count(use, "where " + column + " is null", column + " IS NULL", Calls.NONE);
        }
    }

    private void written(Statement statement) {
        Tokens.of(statement.text())
                .from(statement
                        .node()
                        .path("def")
                        .path("Constraint")
                        .path("location")
                        .asInt(0))
                .after("check")
                .flatMap(Tokens::group)
                .ifPresent(this::check);
    }

    /** The schema has no names for the constraints of a domain, but knows which of them are not valid. */
    private void validate(String name) {
        Optional<Statement> pending = asking.change().pendingOfDomain(domain.name(), name);
        if (pending.isPresent()) {
            written(pending.get());
            return;
        }
        List<String> open = domain.constraints().stream()
                .filter(constraint -> constraint.endsWith(NOT_VALID))
                .toList();
        if (open.size() == 1) {
            Tokens.of(open.getFirst()).after("check").flatMap(Tokens::group).ifPresent(this::check);
        } else if (open.size() > 1) {
            for (ColumnName use : uses("against " + domain.name())) {
                asking.cannot(
                        Kind.DOMAIN,
                        use.table(),
                        "rows of " + use.table() + " against constraint " + QualifiedName.quote(name) + " of "
                                + domain.name(),
                        "the domain has several constraints that are NOT VALID, and the schema does not say which of"
                                + " them has this name");
            }
        }
    }

    private void check(Tokens words) {
        Calls calls = Calls.in(words.text());
        for (ColumnName use : uses("where CHECK (" + words.text() + ") of " + domain.name() + " is false")) {
            String condition = ofColumn(words, QualifiedName.quote(use.column()));
            count(
                    use,
                    "where " + QualifiedName.quote(use.column()) + " is against CHECK (" + words.text() + ") of "
                            + domain.name(),
                    "(" + condition + ") IS FALSE",
                    calls);
        }
    }

    private void count(ColumnName use, String what, String where, Calls calls) {
        Relation table = asking.change().schema().relation(use.table()).orElseThrow();
        asking.count(
                Kind.DOMAIN,
                Table.withHeirs(table),
                "rows of " + table.name() + " " + what,
                where,
                List.of(use.column()),
                calls);
    }

    /** A constraint of a domain, said of a column. */
    static String ofColumn(Tokens constraint, String column) {
        StringBuilder sql = new StringBuilder();
        int from = constraint.list().getFirst().start();
        int at = from;
        String text = constraint.text();
        for (var token : constraint.list()) {
            if (token.isWord("value")) {
                sql.append(text, at - from, token.start() - from)
                        .append('(')
                        .append(column)
                        .append(')');
                at = token.end();
            }
        }
        return sql.append(text, at - from, text.length()).toString();
    }

    /** Columns that hold its values themselves, each once: a partition is counted with its parent. */
    private List<ColumnName> uses(String what) {
        Set<QualifiedName> tables = new HashSet<>();
        domain.usedBy().forEach(use -> tables.add(use.table()));
        List<ColumnName> uses = new ArrayList<>();
        for (ColumnName use : domain.usedBy()) {
            Optional<Relation> table = asking.change().schema().relation(use.table());
            if (table.filter(Relation::holdsRows).isEmpty()
                    || asking.change().isDropped(table.get(), use.column())
                    || table.get().parents().stream().anyMatch(tables::contains)) {
                continue;
            }
            if (holds(table.get().column(use.column()).map(Column::type).orElse(""))) {
                uses.add(use);
            } else {
                asking.cannot(
                        Kind.DOMAIN,
                        use.table(),
                        "rows of " + use.table() + " " + what,
                        "column " + QualifiedName.quote(use.column())
                                + " holds arrays or composites of the domain, with which the server refuses to alter"
                                + " it");
            }
        }
        return uses;
    }

    private boolean holds(String type) {
        if (type.equals(domain.name().sql())) {
            return true;
        }
        return asking.change().schema().types().stream()
                .filter(one -> one.kind() == UserType.Kind.DOMAIN
                        && type.equals(one.name().sql()))
                .map(UserType::baseType)
                .anyMatch(base -> base != null && holds(base));
    }
}
