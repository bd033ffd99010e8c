package dev.fermata.analysis.report;

import dev.fermata.contracts.impact.DataCheck;
import dev.fermata.contracts.impact.DataCheck.Result;
import dev.fermata.postgres.preflight.Answer;
import java.util.List;

/** Answers of the preflight as reports have them. */
final class DataChecks {
    private DataChecks() {}

    static List<DataCheck> of(List<Answer> answers) {
        return answers.stream().map(DataChecks::of).toList();
    }

    private static DataCheck of(Answer answer) {
        return switch (answer) {
            case Answer.Counted counted ->
                check(answer, counted.exact() ? Result.COUNTED : Result.MORE_THAN, counted.rows());
            case Answer.TimedOut late ->
                check(answer, Result.TIMED_OUT, late.about().orElse(-1));
            case Answer.NotPermitted none -> check(answer, Result.NOT_PERMITTED, -1);
            case Answer.Failed failed -> check(answer, Result.FAILED, -1);
            case Answer.NotAsked none -> check(answer, Result.NOT_ASKED, -1);
        };
    }

    private static DataCheck check(Answer answer, Result result, long rows) {
        var question = answer.question();
        return new DataCheck(
                question.statement(),
                question.kind().id(),
                question.relation().toString(),
                result,
                rows,
                answer.text());
    }
}
