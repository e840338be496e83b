package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.RelayUrl;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The request for a relay connection, and what an answer means. */
class UpgradeTest {
  /** The key and the answer to it of relay-protocol section F4. */
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private static final String ACCEPT = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
  private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n";

  private static String head(String url, String token, String proof) throws Exception {
    return UpgradeRequest.head(RelayUrl.parse(url), KEY, token, proof);
  }

  @Test
  void theRequestIsSpelledSoThatEveryServerUnderstandsIt() throws Exception {
    assertThat(head("https://relay.test./", null, null))
        .isEqualTo(
            "GET /relay HTTP/1.1\r\n"
                + "Host: relay.test.\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\n"
                + "Sec-WebSocket-Key: "
                + KEY
                + "\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "https://relay.test/, /relay, relay.test",
    "https://relay.test.:443/, /relay, relay.test.",
    "http://relay.test:443/a/b?, /relay?, relay.test:443",
    "https://relay.test:8443/x?token=a%20b&c, /relay?token=a%20b&c, relay.test:8443",
    "https://[2001:db8::1]:444, /relay, [2001:db8::1]:444"
  })
  void pathQueryAndHostAreThoseOfTheUrl(String url, String target, String host) throws Exception {
    assertThat(head(url, null, null))
        .startsWith("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n");
  }

  @Test
  void tokenAndProofAreHeadersOfTheirOwn() throws Exception {
    assertThat(head("https://relay.test/", "t0ken", "pr00f"))
        .contains("\r\nAuthorization: Bearer t0ken\r\n")
        .contains("\r\nX-Iroh-Relay-Client-Auth-V1: pr00f\r\n");
  }

  private static UpgradeAnswer answer(String text) {
    HttpHead head =
        HttpHead.read(Unpooled.copiedBuffer(text + "\r\n", StandardCharsets.ISO_8859_1));
    return UpgradeAnswer.of(head, KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "iroh-relay-v2, V2",
    "iroh-relay-v1, V1",
    "iroh-relay-v3, NO_RELAY",
    "IROH-RELAY-V2, NO_RELAY",
    "'iroh-relay-v2, iroh-relay-v1', NO_RELAY",
    "'', NO_RELAY"
  })
  void theVersionIsTheOneThatTheServerNames(String protocol, UpgradeAnswer.Kind kind) {
    String line = "Sec-WebSocket-Protocol: " + protocol + "\r\n";
    assertThat(answer(SWITCHING + ACCEPT + line).kind()).isEqualTo(kind);
  }

  @Test
  void aServerThatNamesNoneIsOneUpTo090() {
    assertThat(answer(SWITCHING + ACCEPT).kind()).isEqualTo(UpgradeAnswer.Kind.LEGACY);
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 401 Unauthorized, DENIED",
    "HTTP/1.1 403 Forbidden, DENIED",
    "HTTP/1.1 400 Bad Request, NO_RELAY",
    "HTTP/1.1 404 Not Found, NO_RELAY",
    "HTTP/1.1 301 Moved, NO_RELAY",
    "HTTP/1.1 200 OK, NO_RELAY",
    "SSH-2.0-x 101 y, NO_RELAY",
    "HTTP/1.1, NO_RELAY",
    "'', NO_RELAY"
  })
  void anyOtherStatusIsNoRelayOrARefusal(String start, UpgradeAnswer.Kind kind) {
    UpgradeAnswer answer = answer(start + "\r\n" + ACCEPT);
    assertThat(answer.kind()).isEqualTo(kind);
    assertThat(answer.why()).contains(start);
  }

  @Test
  void aWebSocketAnswerToAnotherKeyIsRefused() {
    assertThat(answer(SWITCHING).kind()).isEqualTo(UpgradeAnswer.Kind.NO_RELAY);
    assertThat(answer(SWITCHING + ACCEPT.replace("s3p", "s3q")).kind())
        .isEqualTo(UpgradeAnswer.Kind.NO_RELAY);
  }

  // ---- tokens and refusals ----

  @Test
  void aTokenThatCouldBecomeAnotherHeaderIsNotSentNorRepeated() {
    for (String bad : new String[] {"", "a b", "a\r\nX: y", "ä", "a\u0000", "x".repeat(8193)}) {
      assertThatThrownBy(() -> BearerToken.check(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .doesNotContain("X: y");
    }
    assertThat(BearerToken.check("aZ09-._~+/=!")).isEqualTo("aZ09-._~+/=!");
    assertThat(BearerToken.check("x".repeat(8192))).hasSize(8192);
  }

  @ParameterizedTest
  @CsvSource({
    "030e6e6f7420617574686f72697a6564, not authorized",
    "03117369676e617475726520696e76616c6964, signature invalid",
    "030e6e6f7420617574686f72697a6564ffff, not authorized",
    "0300, no reason given",
    "03, a reason that cannot be read",
    "03ff, a reason that cannot be read",
    "030561, a reason that cannot be read",
    "0301ff, a reason that cannot be read"
  })
  void aDenialIsOneWhateverItsReason(String frame, String reason) {
    assertThat(Denial.reason(HexFormat.of().parseHex(frame))).isEqualTo(reason);
  }
}
