# One image for all services; the command says which: run conductor, run supervisor, run worker-analysis, run worker-execution.
FROM eclipse-temurin:25-jdk AS build
RUN apt-get update && apt-get install -y --no-install-recommends maven && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN ./mvnw -B -q -Dquick -pl cli -am package

FROM eclipse-temurin:25-jre
WORKDIR /app
COPY --from=build /src/fermata /app/fermata
COPY --from=build /src/bin /app/bin
COPY --from=build /src/cli/target/quick/lib /app/lib
COPY deploy/healthy /app/healthy
RUN mkdir -p /data && chown 65532:65532 /data
ENV FERMATA_LOG_FORMAT=json FERMATA_CDS_DIR=/tmp
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 CMD ["/app/healthy", "8080"]
ENTRYPOINT ["/app/fermata"]
