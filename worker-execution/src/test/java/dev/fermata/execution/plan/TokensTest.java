package dev.fermata.execution.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CREATE INDEX i ON public.t USING btree (date)|CREATE INDEX i ON public.t USING btree (d2)",
                "CREATE INDEX date ON public.date USING btree (date DESC)|CREATE INDEX date ON public.date USING btree"
                        + " (d2 DESC)",
                "CREATE INDEX i ON public.t USING btree (date(date))|CREATE INDEX i ON public.t USING btree (date(d2))",
                "CHECK ((date > '2000-01-01'::date))|CHECK ((d2 > '2000-01-01'::date))",
                "CHECK (((date)::date > '2000-01-01'::pg_catalog.date))|CHECK (((d2)::date >"
                        + " '2000-01-01'::pg_catalog.date))",
                "CHECK ((EXTRACT(date FROM date) > (1)::numeric))|CHECK ((EXTRACT(date FROM d2) > (1)::numeric))",
                "FOREIGN KEY (date) REFERENCES days(date)|FOREIGN KEY (d2) REFERENCES days(date)",
                "CHECK ((upper(\"date\") = 'date'::text))|CHECK ((upper(d2) = 'date'::text))",
                "CHECK (((t).date = date))|CHECK (((t).date = d2))",
            })
    void theNameOfAColumnIsChangedAndNothingElseThatIsCalledLikeIt(String definition, String changed) {
        assertThat(Tokens.replaced(definition, "date", "d2")).isEqualTo(changed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX zone ON public.zone USING btree (a)",
                "CREATE INDEX i ON public.t USING btree (((a)::timestamp(3) without time zone))",
                "CREATE INDEX i ON public.t USING btree (zone(a))",
                "CREATE INDEX i ON public.t USING btree (a COLLATE zone)",
                "CREATE INDEX i ON public.t USING btree (a COLLATE public.zone)",
                "CHECK ((a <> 'zone'::text))",
                "PRIMARY KEY",
            })
    void whatIsCalledLikeTheColumnDoesNotMentionIt(String definition) {
        assertThat(Tokens.mention(definition, "zone")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX i ON public.t USING btree (a, zone)",
                "CHECK (((a)::timestamp without time zone < zone))",
                "CHECK ((zone IS NOT NULL))",
                "UNIQUE (a) INCLUDE (zone)",
            })
    void theColumnIsMentionedWhereverItStandsAsOne(String definition) {
        assertThat(Tokens.mention(definition, "zone")).isTrue();
    }
}
