package dev.warren.dns.server.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.dns.server.Ask;
import dev.warren.dns.server.DnsServer;
import dev.warren.dns.server.Http;
import dev.warren.dns.server.Vectors;
import dev.warren.dns.server.limits.PutLimit;
import dev.warren.testlab.Await;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** Two DNS servers behind one name: what one was told, the other says. */
@Tag("trouble")
@Timeout(180)
class ReplicatedServersTest {
  private static DnsServer server(TestPostgres database) throws Exception {
    return DnsServer.builder()
        .http(new InetSocketAddress("127.0.0.1", 0))
        .putLimit(PutLimit.DISABLED)
        .store(PostgresPacketStore.open(database.options()))
        .bind();
  }

  @Test
  void whatOneReplicaIsToldTheOtherSaysThoughItRememberedSomethingElse() throws Exception {
    SecretKey key = SecretKey.generate();
    String name = "a." + key.nodeId().toZ32() + ".";
    try (TestPostgres database = TestPostgres.start();
        DnsServer one = server(database);
        DnsServer two = server(database)) {
      assertThat(new Ask(two).udp(name, Type.TXT).getRcode()).isEqualTo(Rcode.NXDOMAIN);
      for (int i = 1; i <= 5; i++) {
        String text = "version " + i;
        DnsServer told = i % 2 == 0 ? two : one;
        assertThat(new Http(told).put(Vectors.packet(key, i, List.of(Vectors.txt(name, text)))))
            .isEqualTo(204);
        for (DnsServer each : List.of(one, two)) {
          Await.until(
              text,
              Duration.ofSeconds(20),
              () -> {
                try {
                  return Ask.data(new Ask(each).udp(name, Type.TXT)).equals(List.of(text));
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
        }
      }
    }
  }
}
