package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.DatagramException;
import dev.warren.base.SocketAddrs;
import dev.warren.base.Ticket;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.testlab.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code connect} against {@code listen}: every test protocol, sizes, counts, options. */
@Timeout(240)
class TestProtocolsTest {
  private static WarrenProcess listener;
  private static String ticket;

  @TempDir Path temp;

  @BeforeAll
  static void listen() throws IOException {
    listener =
        WarrenProcess.start(
            "listen", "--json", "--bind", "127.0.0.1:0", "--alpn", "chat/1", "--alpn", "x");
    ticket = listener.ticket();
  }

  @AfterAll
  static void stop() {
    listener.close();
  }

  private static String[] connect(String... options) {
    List<String> args = new ArrayList<>(List.of("connect", ticket, "--json"));
    args.addAll(Arrays.asList(options));
    return args.toArray(String[]::new);
  }

  private static Map<String, Object> resultOf(String... options) {
    InProcess dialler = InProcess.run(connect(options));
    assertThat(dialler.exitCode()).as(dialler.toString()).isZero();
    assertThat(dialler.stderr()).isEmpty();
    assertThat(dialler.event("result")).containsEntry("mismatches", 0);
    return dialler.event("result");
  }

  /** SHA-256 of nothing (FIPS 180-4). */
  private static final String NOTHING =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @ParameterizedTest
  @CsvSource({
    "warren-echo/0, 0, 0",
    "warren-sink/0, 0, 0",
    "warren-source/0, 0, 0",
    "warren-echo/0, 1, 1",
    "warren-sink/0, 1, 1",
    "warren-source/0, 1, 1",
    "chat/1, 65537, 65537",
    "warren-echo/0, 3MiB, 3145728",
    "warren-sink/0, 24MiB, 25165824",
    "warren-source/0, 20000003, 20000003"
  })
  void oneStreamOfAnySizeArrivesWhole(String alpn, String size, int bytes) {
    Map<String, Object> result = resultOf("--alpn", alpn, "--bytes", size, "--require", "direct");
    assertThat(result).containsEntry("bytes", bytes).containsEntry("streams", 1);
    String hash = (String) result.get("sha256");
    if (bytes == 0) {
      assertThat(hash).isEqualTo(NOTHING);
    } else {
      assertThat(hash).matches("[0-9a-f]{64}").isNotEqualTo(NOTHING);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "warren-echo/0, 500, 500, 1001",
    "warren-sink/0, 500, 100, 7",
    "warren-source/0, 200, 1, 65537"
  })
  void manyStreamsArriveWhole(String alpn, int count, int parallel, int bytes) {
    Map<String, Object> result =
        resultOf(
            "--alpn",
            alpn,
            "--count",
            "" + count,
            "--parallel",
            "" + parallel,
            "--bytes",
            "" + bytes);
    assertThat(result).containsEntry("streams", count).containsEntry("bytes", count * bytes);
  }

  @Test
  void pingMeasuresRoundTripsOnOneStream() {
    Map<String, Object> result = resultOf("--ping", "--count", "200", "--bytes", "64");
    double p50 = ((Number) result.get("p50us")).doubleValue();
    double p99 = ((Number) result.get("p99us")).doubleValue();
    assertThat(p50).isPositive().isLessThanOrEqualTo(p99);
    assertThat(result).containsEntry("streams", 1).containsEntry("bytes", 200 * 64);
  }

  @Test
  void whereTheRequiredPathDoesNotComeNothingIsSent() {
    InProcess dialler =
        InProcess.run(connect("--require", "relay", "--timeout", "1", "--bytes", "64"));
    assertThat(dialler.exitCode()).isEqualTo(1);
    assertThat(dialler.event("error")).containsEntry("kind", "timeout");
    assertThat((String) dialler.event("error").get("message")).contains("no relay path within 1 s");
    assertThat(dialler.events()).noneMatch(e -> e.containsValue("result"));
  }

  @Test
  void theKeyLogAndTheQlogAreWrittenWhereTheyShould() throws IOException {
    Path secrets = temp.resolve("secrets");
    Path qlog = temp.resolve("made/for/qlog");
    try (WarrenProcess dialler =
        WarrenProcess.start(
            Map.of("SSLKEYLOGFILE", secrets.toString()),
            List.of(),
            connect("--keylog", "--qlog", qlog.toString(), "--identity", "x509"))) {
      dialler.assertExit(0);
    }
    assertThat(Files.readAllLines(secrets))
        .anyMatch(l -> l.startsWith("CLIENT_TRAFFIC_SECRET_0 "))
        .allMatch(l -> l.matches("[A-Z_0-9]+ [0-9a-f]+ [0-9a-f]+"));
    try (Stream<Path> files = Files.list(qlog)) {
      assertThat(files).hasSize(1).allSatisfy(f -> assertThat(f).isNotEmptyFile());
    }
  }

  @Test
  void theListenerSendsDatagramsBackAndEchoesAnyProtocolItWasGiven() throws Exception {
    try (Endpoint endpoint = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Connection echo = endpoint.connect(Ticket.parse(ticket).addr(), TestProtocols.ECHO)) {
      byte[] datagram = {1, 2, 3};
      CompletableFuture<byte[]> back = echo.receiveDatagramAsync();
      // One may be lost, also on loopback.
      Await.until(
          "a datagram back",
          WarrenProcess.LIMIT,
          () -> {
            send(echo, datagram);
            return back.isDone();
          });
      assertThat(back.get()).isEqualTo(datagram);
      try (BiStream stream = echo.openBi()) {
        stream.send().finish();
        assertThat(stream.recv().readAll(10)).isEmpty();
      }
    }
  }

  private static void send(Connection connection, byte[] datagram) {
    try {
      connection.sendDatagram(ByteBuffer.wrap(datagram));
    } catch (DatagramException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aStreamThatASourceCannotServeEndsAloneAndTheConnectionLives() throws Exception {
    try (Endpoint endpoint = Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
        Connection source = endpoint.connect(Ticket.parse(ticket).addr(), TestProtocols.SOURCE)) {
      try (BiStream cut = source.openBi()) {
        cut.send().write(new byte[] {0, 0, 0});
        cut.send().finish();
      }
      try (BiStream negative = source.openBi()) {
        negative.send().write(new byte[] {-1, 0, 0, 0, 0, 0, 0, 0});
        negative.send().finish();
        assertThat(negative.recv().readAll(10)).isEmpty();
      }
      try (BiStream good = source.openBi()) {
        good.send().write(new byte[] {0, 0, 0, 0, 0, 0, 0, 9});
        good.send().finish();
        assertThat(good.recv().readAll(10)).hasSize(9);
      }
    }
  }
}
