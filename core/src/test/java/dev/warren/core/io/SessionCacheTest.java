package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.Alpn;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

/** What is kept for resumption has a bound, whomever one dials and for whatever. */
class SessionCacheTest {
  private static final int SESSIONS = 256;

  private final NodeId node = SecretKey.generate().nodeId();

  private static TlsContexts contexts(boolean resumption) throws Exception {
    return new TlsContexts(
        Identities.create(SecretKey.generate(), true, false, true, null), resumption);
  }

  private SSLEngine engine(TlsContexts tls, String alpn) {
    SSLEngine engine =
        tls.clientEngine(UnpooledByteBufAllocator.DEFAULT, node, Alpn.of(alpn), false);
    ReferenceCountUtil.release(engine);
    return engine;
  }

  private static Map<?, ?> clients(TlsContexts tls) throws Exception {
    return (Map<?, ?>) Sessions.get(tls, "clients");
  }

  @Test
  void aContextKeepsTheNewestSessionsOnly() throws Exception {
    TlsContexts tls = contexts(true);
    engine(tls, "a/1");
    Object cache = Sessions.get(clients(tls).values().iterator().next(), "sessionCache");
    Method save =
        cache
            .getClass()
            .getDeclaredMethod(
                "saveSession",
                String.class,
                int.class,
                long.class,
                long.class,
                byte[].class,
                boolean.class);
    save.setAccessible(true);
    for (int i = 0; i < 3 * SESSIONS; i++) {
      save.invoke(cache, "host" + i, 1, System.currentTimeMillis(), 600_000L, new byte[10], true);
    }
    assertThat((Map<?, ?>) Sessions.get(cache, "sessions")).hasSize(SESSIONS);
  }

  @Test
  void contextsAreForgottenWhenThereAreTooMany() throws Exception {
    TlsContexts tls = contexts(true);
    for (int i = 0; i < 300; i++) {
      engine(tls, "alpn/" + i);
    }
    assertThat(clients(tls).size()).isLessThanOrEqualTo(TlsContexts.CLIENT_LIMIT);
  }

  /** Sessions are found by name and port: a port that none was kept under finds none. */
  @Test
  void withoutResumptionEachDialLooksUnderAnotherPort() throws Exception {
    TlsContexts with = contexts(true);
    TlsContexts without = contexts(false);
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      assertThat(engine(with, "a/1").getSession().getPeerPort()).isEqualTo(1);
      ports.add(engine(without, "a/1").getSession().getPeerPort());
    }
    assertThat(ports).hasSize(1000).doesNotContain(1);
  }
}
