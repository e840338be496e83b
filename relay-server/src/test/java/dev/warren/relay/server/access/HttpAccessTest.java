package dev.warren.relay.server.access;

import static dev.warren.relay.server.access.Requests.NODE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.testlab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The callback against a service that answers what no proper one would. */
class HttpAccessTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** What the service writes to a connection after it has read the request. */
  private interface Answer {
    void to(OutputStream out) throws IOException;

    /** Whether it leaves the connection open then. */
    default boolean isSilent() {
      return false;
    }
  }

  /** One thread a connection; stops when its socket is closed. */
  private static final class Service implements AutoCloseable {
    final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<Socket> sockets = new CopyOnWriteArrayList<>();
    final AtomicInteger open = new AtomicInteger();
    private final Answer answer;

    Service(Answer answer) throws IOException {
      this.answer = answer;
      daemon(this::accept);
    }

    private static void daemon(Runnable task) {
      Thread thread = new Thread(task, "access-service");
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      try {
        while (true) {
          Socket socket = listener.accept();
          sockets.add(socket);
          daemon(() -> serve(socket));
        }
      } catch (IOException closed) {
        // by the test's end
      }
    }

    private void serve(Socket socket) {
      open.incrementAndGet();
      try (socket) {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        StringBuilder head = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          head.append(line).append('\n');
        }
        requests.add(head.toString());
        answer.to(socket.getOutputStream());
        if (answer.isSilent()) {
          in.read();
        }
      } catch (IOException gone) {
        // the relay has hung up
      } finally {
        open.decrementAndGet();
      }
    }

    URI url() {
      return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/access?x=1");
    }

    @Override
    public void close() throws IOException {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private Service service;

  @AfterEach
  void stop() throws IOException {
    if (service != null) {
      service.close();
    }
  }

  private URI serving(Answer answer) throws IOException {
    service = new Service(answer);
    return service.url();
  }

  private static Answer text(String text) {
    return out -> out.write(text.getBytes(US_ASCII));
  }

  private static String response(String status, String body) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Length: "
        + body.length()
        + "\r\nConnection: close\r\n\r\n"
        + body;
  }

  private static boolean allows(AccessControl control) {
    return Requests.allows(control, Requests.of(NODE));
  }

  @Test
  void asksByPostWithAnEmptyBodyUnderBothNames() throws IOException {
    URI url = serving(text(response("200 OK", "true")));
    assertThat(allows(AccessControl.http(url, "s3cret"))).isTrue();
    assertThat(service.requests.get(0))
        .startsWith("POST /access?x=1 HTTP/1.1\n")
        .containsIgnoringCase("\nx-iroh-endpoint-id: " + NODE + "\n")
        .containsIgnoringCase("\nx-iroh-nodeid: " + NODE + "\n")
        .containsIgnoringCase("\nauthorization: Bearer s3cret\n")
        .containsIgnoringCase("\ncontent-length: 0\n");
  }

  @Test
  void showsNoTokenIfItHasNone() throws IOException {
    URI url = serving(text(response("200 OK", "true")));
    assertThat(allows(AccessControl.http(url, null))).isTrue();
    assertThat(service.requests.get(0)).doesNotContainIgnoringCase("authorization");
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "true\n", " true", "TRUE", "tru", "", "truetrue", "\"true\""})
  void anyOtherBodyDenies(String body) throws IOException {
    URI url = serving(text(response("200 OK", body)));
    assertThat(Requests.decide(AccessControl.http(url, null), Requests.of(NODE)))
        .isEqualTo(new AccessDecision.Deny("not authorized"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "201 Created",
        "202 Accepted",
        "204 No Content",
        "302 Found",
        "401 Unauthorized",
        "500 Internal Server Error",
      })
  void anyOtherStatusDenies(String status) throws IOException {
    URI url = serving(text(response(status, status.startsWith("204") ? "" : "true")));
    assertThat(allows(AccessControl.http(url, null))).isFalse();
  }

  @Test
  void aRedirectIsNotFollowed() throws IOException {
    Answer answer =
        out ->
            out.write(
                ("HTTP/1.1 307 Temporary Redirect\r\nLocation: "
                        + service.url()
                        + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .getBytes(US_ASCII));
    assertThat(allows(AccessControl.http(serving(answer), null))).isFalse();
    assertThat(service.requests).hasSize(1);
  }

  @Test
  void aBodyInPiecesIsOneBody() throws IOException {
    Answer answer =
        out -> {
          out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(US_ASCII));
          for (String chunk : List.of("1\r\nt\r\n", "2\r\nru\r\n", "1\r\ne\r\n", "0\r\n\r\n")) {
            out.write(chunk.getBytes(US_ASCII));
            out.flush();
          }
        };
    assertThat(allows(AccessControl.http(serving(answer), null))).isTrue();
  }

  @Test
  void aBodyWithoutEndIsNotReadToItsEnd() throws IOException {
    Answer answer =
        out -> {
          out.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
          while (true) {
            out.write("true".getBytes(US_ASCII));
          }
        };
    URI url = serving(answer);
    assertThat(allows(HttpAccess.builder(url).timeout(Duration.ofMinutes(1)).build())).isFalse();
    Await.until("the connection closed", SOON, () -> service.open.get() == 0);
  }

  @Test
  void aSilentServiceDeniesInTimeAndIsHungUpOn() throws IOException {
    URI url = serving(silentAfter(""));
    long start = System.nanoTime();
    assertThat(allows(HttpAccess.builder(url).timeout(Duration.ofMillis(300)).build())).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(290));
    Await.until("the connection closed", SOON, () -> service.open.get() == 0);
  }

  @Test
  void aBodyThatDripsDeniesInTimeAndIsHungUpOn() throws IOException {
    URI url = serving(silentAfter("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntru"));
    assertThat(allows(HttpAccess.builder(url).timeout(Duration.ofMillis(300)).build())).isFalse();
    Await.until("the connection closed", SOON, () -> service.open.get() == 0);
  }

  /** What {@code start} is, and then silence until the relay hangs up. */
  private static Answer silentAfter(String start) {
    return new Answer() {
      @Override
      public void to(OutputStream out) throws IOException {
        out.write(start.getBytes(US_ASCII));
      }

      @Override
      public boolean isSilent() {
        return true;
      }
    };
  }

  @Test
  void aServiceThatIsGoneDenies() throws IOException {
    URI url = serving(text(""));
    service.close();
    assertThat(allows(AccessControl.http(url, null))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "SSH-2.0-nonsense\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n"})
  void aServiceThatSpeaksNoHttpDenies(String answer) throws IOException {
    assertThat(allows(AccessControl.http(serving(text(answer)), null))).isFalse();
  }

  @Test
  void oneQuestionMoreThanMayBeUnderWayDeniesAtOnce() throws IOException {
    CompletableFuture<Void> go = new CompletableFuture<>();
    Answer answer =
        out -> {
          go.join();
          out.write(response("200 OK", "true").getBytes(US_ASCII));
        };
    AccessControl control = HttpAccess.builder(serving(answer)).inFlight(3).timeout(SOON).build();
    List<CompletableFuture<AccessDecision>> asked = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      asked.add(control.onConnect(Requests.of(NODE)).toCompletableFuture());
    }
    assertThat(control.onConnect(Requests.of(NODE)).toCompletableFuture())
        .isCompletedWithValue(AccessDecision.deny());
    go.complete(null);
    for (CompletableFuture<AccessDecision> answered : asked) {
      assertThat(answered.join()).isEqualTo(AccessDecision.allow());
    }
    assertThat(allows(control)).isTrue();
  }

  @Test
  void whatHasTimedOutMakesRoomForTheNext() throws IOException {
    URI url = serving(silentAfter(""));
    AccessControl control =
        HttpAccess.builder(url).inFlight(1).timeout(Duration.ofMillis(100)).build();
    for (int i = 1; i <= 5; i++) {
      assertThat(allows(control)).isFalse();
      int asked = i;
      Await.until("question " + i, SOON, () -> service.requests.size() == asked);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/access", "ftp://example.org/", "http:///x", "mailto:a@example.org"})
  void anUrlThatIsNotHttpIsRefusedAtTheStart(String url) {
    assertThatThrownBy(() -> AccessControl.http(URI.create(url), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not an absolute http or https URL");
  }

  @Test
  void aTokenThatNoHeaderCarriesIsRefusedAtTheStart() {
    assertThatThrownBy(() -> AccessControl.http(URI.create("http://a/"), "a\r\nb"))
        .hasMessageContaining("not printable ASCII");
  }
}
