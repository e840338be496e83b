package dev.warren.dns.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.dns.server.Ask;
import dev.warren.dns.server.Vectors;
import dev.warren.dns.server.wire.Answer;
import dev.warren.dns.server.wire.KeyLabel;
import dev.warren.dns.server.wire.Query;
import dev.warren.dns.server.wire.ResponseWriter;
import dev.warren.dns.server.zone.Origins;
import dev.warren.dns.server.zone.Soa;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class RouterTest {
  private static final String SOA = "ns.Example hostmaster.example 7 1 2 3 60";

  private final SecretKey key = SecretKey.generate();
  private final String z32 = key.nodeId().toZ32();
  private final KeyZone zone = KeyZone.of(Vectors.packet(key, 1, Vectors.s1(key)));

  private static Router router(String... origins) {
    Origins plain = Origins.of(origins).soa(Soa.parse(SOA));
    try {
      return new Router(
          new Origins(
              plain.names(),
              plain.soa(),
              Optional.of((Inet4Address) InetAddress.getByName("192.0.2.1")),
              Optional.of((Inet6Address) InetAddress.getByName("2001:db8::1")),
              Optional.of(Vectors.name("ns1.example."))));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Query query(String name, int type, int dnsClass) {
    Message message = Message.newQuery(Record.newRecord(Vectors.name(name), type, dnsClass));
    return Query.read(Unpooled.wrappedBuffer(message.toWire()));
  }

  /** What is said, with the zone of our key and of no other. */
  private Message ask(Router router, String name, int type) {
    return ask(router, query(name, type, DClass.IN));
  }

  private Message ask(Router router, Query query) {
    Answer answer;
    if (router.route(query) instanceof Route.Key asked) {
      boolean ours = asked.key().equals(KeyLabel.of(key.nodeId().toBytes()));
      answer = asked.answer(query, ours ? zone : KeyZone.ABSENT);
    } else {
      answer = ((Route.Known) router.route(query)).answer();
    }
    ByteBuf out = ResponseWriter.write(query, answer, 65_535, UnpooledByteBufAllocator.DEFAULT);
    try {
      byte[] bytes = new byte[out.readableBytes()];
      out.readBytes(bytes);
      return new Message(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      out.release();
    }
  }

  @Test
  void aKeyIsFoundUnderEveryOriginWithTheNameThatWasAskedFor() {
    Router router = router("irohdns.example", ".");
    for (String origin : List.of(".irohdns.example.", ".IROHDNS.Example.", ".")) {
      Message answer = ask(router, "_Hello." + z32.toUpperCase() + origin, Type.TXT);
      assertThat(Ask.data(answer)).as(origin).containsExactly("hi1");
      assertThat(answer.getSection(Section.ANSWER).get(0).getName())
          .hasToString("_Hello." + z32.toUpperCase() + origin);
      assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
    }
  }

  @Test
  void theFirstOriginThatFitsDecides() {
    assertThat(ask(router(".", "irohdns.example"), z32 + ".irohdns.example.", Type.A).getRcode())
        .as("under the root, 'example' is no key")
        .isEqualTo(Rcode.NXDOMAIN);
  }

  @ParameterizedTest
  @CsvSource({
    "irohdns.example., A, 192.0.2.1, 3600",
    "irohdns.example., AAAA, 2001:db8:0:0:0:0:0:1, 3600",
    "IROHDNS.example., NS, ns1.example., 43200",
    "irohdns.example., SOA, ns.example. hostmaster.example. 7 1 2 3 60, 1209600",
    "irohdns.example., ANY, ns.example. hostmaster.example. 7 1 2 3 60, 1209600",
    "., A, 192.0.2.1, 3600",
  })
  void theOriginsHaveRecordsOfTheirOwn(String name, String type, String data, long ttl) {
    Message answer = ask(router("irohdns.example", "."), name, Type.value(type));
    assertThat(Ask.data(answer)).containsExactly(data);
    assertThat(answer.getSection(Section.ANSWER).get(0).getTTL()).isEqualTo(ttl);
    assertThat(answer.getSection(Section.ANSWER).get(0).getName().equals(Vectors.name(name)))
        .isTrue();
  }

  @Test
  void whoAsksForTheParametersOfTheZoneGetsItsServersToo() {
    Message answer = ask(router("irohdns.example"), "any.thing.irohdns.example.", Type.SOA);
    assertThat(answer.getSection(Section.ANSWER).get(0).getName()).hasToString("irohdns.example.");
    assertThat(answer.getSection(Section.AUTHORITY)).hasSize(1);
    assertThat(answer.getSection(Section.AUTHORITY).get(0).getType()).isEqualTo(Type.NS);
  }

  @ParameterizedTest
  @CsvSource({
    "irohdns.example., MX, NOERROR, irohdns.example.",
    "example., A, NOERROR, .",
    "foo.irohdns.example., A, NXDOMAIN, irohdns.example.",
    "www.example.org., A, NXDOMAIN, .",
  })
  void whatIsNotThereIsDeniedByTheOriginThatFits(
      String name, String type, String rcode, String origin) {
    Message answer = ask(router("irohdns.example", "."), name, Type.value(type));
    assertThat(Rcode.string(answer.getRcode())).isEqualTo(rcode);
    Record soa = answer.getSection(Section.AUTHORITY).get(0);
    assertThat(soa.getName()).hasToString(origin);
    assertThat(soa.getTTL()).as("the smaller of 14 days and the minimum").isEqualTo(60);
  }

  @Test
  void anUnknownKeyDoesNotExistAndAKnownNameHasOtherTypes() {
    Router router = router("irohdns.example");
    String stranger = SecretKey.generate().nodeId().toZ32();
    assertThat(ask(router, stranger + ".irohdns.example.", Type.A).getRcode())
        .isEqualTo(Rcode.NXDOMAIN);
    for (String name : List.of("", "_hello.", "world.", "bar.baz.")) {
      assertThat(ask(router, name + z32 + ".irohdns.example.", Type.MX).getRcode())
          .as(name)
          .isEqualTo(Rcode.NOERROR);
    }
    assertThat(ask(router, "nobody." + z32 + ".irohdns.example.", Type.MX).getRcode())
        .isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void whatIsNobodysBusinessHereIsRefused() {
    Router router = router("irohdns.example");
    for (Query query :
        List.of(
            query("www.example.org.", Type.A, DClass.IN),
            query("xirohdns.example.", Type.A, DClass.IN),
            query("irohdns.example.", Type.AXFR, DClass.IN),
            query("irohdns.example.", Type.IXFR, DClass.IN),
            query("irohdns.example.", Type.A, DClass.CH))) {
      Message answer = ask(router, query);
      assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
      assertThat(answer.getHeader().getFlag(Flags.AA)).isFalse();
      assertThat(answer.getSection(Section.AUTHORITY)).isEmpty();
    }
  }
}
