package dev.warren.serving.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloTest {
  /** Record header and handshake header. */
  private static final int HEADERS = 9;

  /** The body of a greeting that the JDK writes. */
  static byte[] greeting(String version, Optional<String> name, String... protocols)
      throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(protocols);
    name.ifPresent(n -> parameters.setServerNames(List.of(new SNIHostName(n))));
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(32_768);
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOfRange(out.array(), HEADERS, out.position());
  }

  private static ClientHello read(byte[] body) {
    return ClientHello.read(Unpooled.wrappedBuffer(body));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void nameAndProtocolsAreFound(String version) throws Exception {
    byte[] body = greeting(version, Optional.of("Relay.Example.Test"), "acme-tls/1", "h2");
    assertThat(read(body))
        .isEqualTo(new ClientHello(Optional.of("relay.example.test"), List.of("acme-tls/1", "h2")));
  }

  @Test
  void bothMayBeMissing() throws Exception {
    assertThat(read(greeting("TLSv1.3", Optional.empty())))
        .isEqualTo(new ClientHello(Optional.empty(), List.of()));
  }

  @Test
  void whatIsCutOffReadsAsMissing() throws Exception {
    byte[] body = greeting("TLSv1.3", Optional.of("relay.example.test"), "acme-tls/1");
    for (int n = 0; n < body.length; n++) {
      ClientHello read = read(Arrays.copyOf(body, n));
      assertThat(read.serverName()).isIn(Optional.empty(), Optional.of("relay.example.test"));
      assertThat(read.protocols()).isIn(List.of(), List.of("acme-tls/1"));
    }
  }

  static void check(byte[] body) throws Exception {
    Bounded.run(
        16 << 20,
        () -> {
          ClientHello read = ClientHello.read(Unpooled.wrappedBuffer(body));
          assertThat(read.protocols().size()).isLessThanOrEqualTo(65_535);
        });
  }
}
