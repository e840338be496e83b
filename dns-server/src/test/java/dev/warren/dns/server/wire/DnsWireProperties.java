package dev.warren.dns.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.dns.server.Vectors;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.xbill.DNS.Message;

/** Queries and parameters of strangers. */
class DnsWireProperties {
  private static final byte[] EDNS =
      Vectors.HEX.parseHex("00070100000100000000000101610000100001" + "00002904d0000080000000");

  @Provide
  Arbitrary<byte[]> queries() {
    return HostileInput.bytes(Vectors.QUERY, EDNS, Vectors.RESPONSE);
  }

  @Provide
  Arbitrary<String> targets() {
    return HostileInput.text(
        "/dns-query?dns=" + Vectors.QUERY_BASE64URL,
        "/dns-query?name=_iroh." + Vectors.Z32 + ".&type=TXT&cd=true");
  }

  @Property
  void anyBytesAreAnsweredOrNot(@ForAll("queries") byte[] bytes) throws Exception {
    checkQuery(bytes);
  }

  @Property
  void anyTargetIsReadOrRefused(@ForAll("targets") String target) throws Exception {
    checkTarget(target, "*/*");
  }

  /** What is answered at all is answered with something that dnsjava can read. */
  static void checkQuery(byte[] bytes) throws Exception {
    Bounded.run(4 << 20, () -> check(bytes));
  }

  private static void check(byte[] bytes) throws Exception {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    Query query = Query.read(in);
    assertThat(in.readerIndex()).isZero();
    if (query == null) {
      return;
    }
    Answer answer =
        query.fault() == Rcode.NOERROR ? Answer.of(0, new byte[0]) : Answer.error(query.fault());
    ByteBuf out =
        ResponseWriter.write(
            query, answer, query.datagramLimit(), UnpooledByteBufAllocator.DEFAULT);
    try {
      byte[] response = new byte[out.readableBytes()];
      out.readBytes(response);
      assertThat(response.length).isLessThanOrEqualTo(512);
      Message message = new Message(response);
      assertThat(message.getHeader().getID()).isEqualTo(query.id());
      assertThat(message.getRcode()).isEqualTo(query.fault());
      if (query.question().length > 0) {
        assertThat(WireName.lower(message.getQuestion().getName().toWire()))
            .isEqualTo(query.name());
      }
    } finally {
      out.release();
    }
  }

  static void checkTarget(String target, String accept) throws Exception {
    Bounded.run(
        64 << 20,
        () -> {
          try {
            DohRequest request = DohRequest.read(target, List.of(accept));
            if (request.json()) {
              assertThat(Query.read(Unpooled.wrappedBuffer(request.message()))).isNotNull();
            }
          } catch (DohRequest.Refused refused) {
            assertThat(refused.status()).isIn(400, 406);
          }
        });
  }

  static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
