package dev.warren.dns.server.io;

import dev.warren.dns.server.wire.HttpAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** {@link HttpAnswer}s as Netty writes them. Stateless. */
final class HttpResponses {
  private HttpResponses() {}

  /**
   * @param head of the request, if it could be read
   */
  static FullHttpResponse of(HttpAnswer answer, @Nullable HttpRequest head, boolean keepAlive) {
    boolean bodiless = head != null && head.method().equals(HttpMethod.HEAD);
    ByteBuf body = bodiless ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body());
    HttpVersion version = head == null ? HttpVersion.HTTP_1_1 : head.protocolVersion();
    FullHttpResponse response =
        new DefaultFullHttpResponse(version, HttpResponseStatus.valueOf(answer.status()), body);
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    response.headers().set(HttpHeaderNames.DATE, date());
    if (answer.status() != 204) { // RFC 9110 section 8.6: never with 204
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    }
    HttpUtil.setKeepAlive(response, keepAlive);
    return response;
  }

  private static String date() {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
  }
}
