package dev.fermata.conductor.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;

/**
 * Reads the body of a request, whatever content type it claims: work orders say by themselves what they are, and curl calls
 * everything a form.
 */
final class RequestBody {
    static final int LARGEST_BYTES = 1 << 20;

    private RequestBody() {}

    /** Calls on the event loop, once the body is complete; what it throws fails the request. */
    static void read(RoutingContext context, Handler<byte[]> then) {
        HttpServerRequest request = context.request();
        if (declaredBytes(request) > LARGEST_BYTES) {
            tooLarge(context);
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            context.response().writeContinue();
        }
        Buffer body = Buffer.buffer();
        request.exceptionHandler(e -> fail(context, new HttpException(400, "the body broke off")));
        request.handler(chunk -> {
            if (context.failed()) {
                return;
            }
            if (body.length() + chunk.length() > LARGEST_BYTES) {
                tooLarge(context);
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(nothing -> {
            if (!context.failed()) {
                guarded(context, () -> then.handle(body.getBytes()));
            }
        });
    }

    private static long declaredBytes(HttpServerRequest request) {
        try {
            String length = request.getHeader("content-length");
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // counted as it comes
        }
    }

    private static void tooLarge(RoutingContext context) {
        if (context.request().version() != HttpVersion.HTTP_2) {
            context.response().putHeader("connection", "close"); // the rest of the body is not waited for
        }
        fail(context, new HttpException(413));
    }

    private static void guarded(RoutingContext context, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            fail(context, e);
        }
    }

    private static void fail(RoutingContext context, Throwable failure) {
        if (!context.failed() && !context.response().ended()) {
            context.fail(failure);
        }
    }
}
