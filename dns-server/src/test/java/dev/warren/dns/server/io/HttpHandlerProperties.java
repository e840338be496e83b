package dev.warren.dns.server.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.dns.server.Vectors;
import dev.warren.dns.server.limits.DnsLimits;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.dns.server.logic.Router;
import dev.warren.dns.server.store.MemoryPacketStore;
import dev.warren.dns.server.zone.Origins;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** HTTP from anybody, whole or in two pieces. */
class HttpHandlerProperties {
  private static final byte[] GET =
      ("GET /dns-query?dns=" + Vectors.QUERY_BASE64URL + " HTTP/1.1\r\nHost: x\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private static final byte[] PUT = put();

  private static byte[] put() {
    String head = "PUT /pkarr/" + Vectors.Z32 + " HTTP/1.1\r\nContent-Length: " + Vectors.A.length;
    return (head + "\r\n\r\n" + new String(Vectors.A, StandardCharsets.ISO_8859_1))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Provide
  Arbitrary<byte[]> requests() {
    byte[] chunked =
        "POST /dns-query HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    byte[] ahead =
        "GET / HTTP/1.1\r\n\r\nHEAD /healthz HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    return HostileInput.bytes(GET, PUT, chunked, ahead);
  }

  @Property(tries = 500)
  void anyBytesAreAnsweredOrCut(@ForAll("requests") byte[] bytes) throws Exception {
    check(bytes);
  }

  /** Nothing is thrown through the event loop, and nothing leaks. */
  static void check(byte[] bytes) throws Exception {
    Bounded.run(96 << 20, () -> exchange(bytes));
  }

  private static void exchange(byte[] bytes) {
    DnsCounters counters = new DnsCounters();
    DnsLimits limits = DnsLimits.defaults();
    MemoryPacketStore store = new MemoryPacketStore();
    Answers answers =
        new Answers(
            new Router(Origins.of(".")),
            new Zones(store, null, limits, counters, Runnable::run),
            counters);
    PkarrService pkarr =
        new PkarrService(
            store, Runnable::run, new ClientSource(List.of()), counters, PutLimit.SIMPLE);
    HttpRoutes routes =
        new HttpRoutes(pkarr, new DohService(answers, counters), counters, "x", () -> false);
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new HttpServerCodec(),
            new HttpHandler(routes, new Connections(limits, counters), limits, counters));
    int half = bytes.length / 2;
    channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, half));
    if (channel.isOpen()) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, half, bytes.length - half));
    }
    channel.finish();
    for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      assertThat(out).isInstanceOf(ByteBuf.class);
      ((ByteBuf) out).release();
    }
    channel.checkException();
    store.close();
  }
}
