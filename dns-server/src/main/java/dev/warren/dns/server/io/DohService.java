package dev.warren.dns.server.io;

import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.DohJson;
import dev.warren.dns.server.wire.DohRequest;
import dev.warren.dns.server.wire.HttpAnswer;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.Rcode;
import dev.warren.dns.server.wire.ResponseWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** DNS over HTTPS (RFC 8484; dns-server sections 4.3 and 4.4). Any thread. */
public final class DohService {
  private final Answers answers;
  private final DnsCounters counters;

  public DohService(Answers answers, DnsCounters counters) {
    this.answers = answers;
    this.counters = counters;
  }

  CompletionStage<HttpAnswer> get(HttpExchange request) {
    try {
      DohRequest asked = DohRequest.read(request.target(), request.all("accept"));
      return response(asked.message()).thenApply(r -> r == null ? bad() : got(r, asked.json()));
    } catch (DohRequest.Refused e) {
      return CompletableFuture.completedFuture(HttpAnswer.error(e.status(), e.getMessage()));
    }
  }

  private static HttpAnswer got(byte[] response, boolean json) {
    HttpAnswer answer =
        json
            ? HttpAnswer.json(200, DohRequest.JSON, DohJson.of(response))
            : HttpAnswer.of(200, DohRequest.WIRE, response);
    long ttl = DohJson.smallestTtl(response);
    return ttl < 0 ? answer : answer.with("cache-control", "s-maxage=" + ttl);
  }

  CompletionStage<HttpAnswer> post(HttpExchange request) {
    return response(request.body())
        .thenApply(r -> r == null ? bad() : HttpAnswer.of(200, DohRequest.WIRE, r));
  }

  private static HttpAnswer bad() {
    return HttpAnswer.error(400, "this is no DNS query");
  }

  /** Null if {@code message} is no query. */
  private CompletionStage<byte @Nullable []> response(byte[] message) {
    Query query = Query.read(Unpooled.wrappedBuffer(message));
    if (query == null || message.length > HttpExchange.LONGEST_KEPT || isUnreadable(query)) {
      return CompletableFuture.completedFuture(null);
    }
    counters.requestsHttps.increment();
    CompletableFuture<byte @Nullable []> response = new CompletableFuture<>();
    Answer answer = answers.to(query, later -> response.complete(encoded(query, later)));
    if (answer != null) {
      response.complete(encoded(query, answer));
    }
    return response;
  }

  private static boolean isUnreadable(Query query) {
    return query.fault() == Rcode.FORMERR && query.question().length == 0;
  }

  private static byte[] encoded(Query query, Answer answer) {
    ByteBuf buffer =
        ResponseWriter.write(
            query, answer, ResponseWriter.STREAM_LIMIT, UnpooledByteBufAllocator.DEFAULT);
    try {
      return ByteBufUtil.getBytes(buffer);
    } finally {
      buffer.release();
    }
  }
}
