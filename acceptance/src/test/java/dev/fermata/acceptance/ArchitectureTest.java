package dev.fermata.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The arrows of the house: modules import downwards only, pure packages see nothing of the outside. */
class ArchitectureTest {
    private static final String ROOT = "dev.fermata.";

    /** Module to the modules that it may import. */
    private static final Map<String, List<String>> ARROWS = Map.of(
            "contracts", List.of(),
            "runtime", List.of("contracts"),
            "postgres", List.of("contracts"),
            "embedded", List.of(),
            "conductor", List.of("contracts", "runtime"),
            "analysis", List.of("contracts", "runtime", "postgres"),
            "execution", List.of("contracts", "runtime", "postgres"),
            "supervisor", List.of("contracts", "runtime", "postgres"),
            "cli",
                    List.of(
                            "contracts",
                            "runtime",
                            "postgres",
                            "embedded",
                            "conductor",
                            "analysis",
                            "execution",
                            "supervisor"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.fermata");

    @Test
    void modulesImportOnlyWhatTheyMay() {
        ARROWS.forEach((module, allowed) -> {
            List<String> forbidden = new ArrayList<>();
            for (String other : ARROWS.keySet()) {
                if (!other.equals(module) && !allowed.contains(other)) {
                    forbidden.add(ROOT + other + "..");
                }
            }
            if (!forbidden.isEmpty()) {
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + module + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(forbidden.toArray(String[]::new))
                        .check(CLASSES);
            }
        });
    }

    @Test
    void whatIsDecidedSeesNoDatabaseNoBrokerNoHttpNoClockAndNoLogger() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + "supervisor.run..",
                        ROOT + "supervisor.policy..",
                        ROOT + "analysis.rule..",
                        ROOT + "analysis.report..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "io.vertx..", "org.apache.kafka..", "org.slf4j..", "com.zaxxer..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "supervisor.run..", ROOT + "supervisor.policy..", ROOT + "analysis.rule..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(CLASSES);
    }

    @Test
    void contractsDoNoInputOrOutputAndKnowNoFramework() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "contracts..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..",
                        "java.net.http..",
                        "java.nio.channels..",
                        "io.vertx..",
                        "org.apache.kafka..",
                        "org.slf4j..")
                .check(CLASSES);
    }

    @Test
    void nothingEvaluatesScripts() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("javax.script..", "groovy..", "org.mvel2..", "javax.naming..", "org.graalvm..")
                .check(CLASSES);
    }

    @Test
    void packagesOfAModuleFormNoCycles() {
        for (String module : List.of("contracts", "conductor", "supervisor", "analysis", "execution", "postgres")) {
            slices().matching(ROOT + module + ".(**)").should().beFreeOfCycles().check(CLASSES);
        }
    }
}
