package dev.fermata.conductor.http;

import io.vertx.core.http.HttpMethod;

/** Everything that REST offers; {@code openapi.json} describes each. */
enum Operation {
    POST_WORK_ORDER(HttpMethod.POST, "/v1/work-orders"),
    LIST_WORK_ORDERS(HttpMethod.GET, "/v1/work-orders"),
    GET_WORK_ORDER(HttpMethod.GET, "/v1/work-orders/{id}"),
    GET_RUNS(HttpMethod.GET, "/v1/work-orders/{id}/runs"),
    GET_IMPACT(HttpMethod.GET, "/v1/work-orders/{id}/impact"),
    GET_PLAN(HttpMethod.GET, "/v1/work-orders/{id}/plan"),
    GET_AUDIT(HttpMethod.GET, "/v1/work-orders/{id}/audit"),
    FOLLOW_WORK_ORDER(HttpMethod.GET, "/v1/work-orders/{id}/events"),
    FOLLOW_ALL(HttpMethod.GET, "/v1/events"),
    DECIDE(HttpMethod.POST, "/v1/work-orders/{id}/decisions"),
    AMEND(HttpMethod.POST, "/v1/work-orders/{id}/amendments"),
    CANCEL(HttpMethod.POST, "/v1/work-orders/{id}/cancel"),
    ROLL_BACK(HttpMethod.POST, "/v1/work-orders/{id}/rollback"),
    PAUSE(HttpMethod.POST, "/v1/work-orders/{id}/pause"),
    RESUME(HttpMethod.POST, "/v1/work-orders/{id}/resume"),
    CONTRACT(HttpMethod.POST, "/v1/work-orders/{id}/contract"),
    LIST_TARGETS(HttpMethod.GET, "/v1/targets"),
    SEARCH_MEMORY(HttpMethod.GET, "/v1/memory"),
    GET_WORKFLOW(HttpMethod.GET, "/v1/workflows/schema-migration"),
    GET_OPENAPI(HttpMethod.GET, "/openapi.json");

    private final HttpMethod method;
    private final String path;

    Operation(HttpMethod method, String path) {
        this.method = method;
        this.path = path;
    }

    HttpMethod method() {
        return method;
    }

    /** With {@code {id}} where an id stands, as OpenAPI writes it. */
    String path() {
        return path;
    }

    /** With {@code :id} where an id stands, as the router writes it. */
    String routerPath() {
        return path.replaceAll("\\{(\\w+)}", ":$1");
    }
}
