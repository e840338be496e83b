package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.Alpn;
import dev.warren.base.NodeTicket;
import dev.warren.base.SocketAddrs;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.EndpointBuilder;
import dev.warren.core.Presets;
import dev.warren.core.Router;
import dev.warren.testlab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example does what its Javadoc says, and takes nonsense from a peer with dignity. */
class ExamplesTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private Endpoint server;
  private Endpoint client;

  @TempDir Path dir;

  @BeforeEach
  void bind() throws Exception {
    server = loopback();
    client = loopback();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private static Endpoint loopback() throws Exception {
    return Endpoint.builder().bindAddr(SocketAddrs.parse("127.0.0.1:0")).bind();
  }

  // ---- echo ----

  @Test
  void echo() throws Exception {
    Echo.serve(server);
    assertThat(Echo.ask(client, server.addr(), "hällo")).isEqualTo("hällo");
    assertThat(Echo.ask(client, server.addr(), "")).isEmpty();
  }

  @Test
  void echoFromTheCommandLine() throws Exception {
    Echo.serve(server);
    String out = Output.of(() -> Echo.main(new String[] {ticket()}));
    assertThat(out).isEqualToIgnoringNewLines("hello");
  }

  private String ticket() {
    return NodeTicket.of(server.addr()).toString();
  }

  // ---- by id ----

  @Test
  void byIdOnTheLocalNetwork() throws Exception {
    EndpointBuilder here =
        Endpoint.builder()
            .bindAddr(SocketAddrs.parse("127.0.0.1:0"))
            .preset(Presets.localNetwork());
    try (Endpoint served = here.bind();
        Router router = ById.serve(served)) {
      String out = Output.of(() -> ById.run(here, served.id().toString()));
      assertThat(out).startsWith("good day, ").contains("told by mdns");
    }
  }

  // ---- chat ----

  private final class Guest {
    final List<String> screen = new CopyOnWriteArrayList<>();
    private final PipedWriter keys = new PipedWriter();
    private final CompletableFuture<Void> done;

    Guest(String name) throws IOException {
      BufferedReader keyboard = new BufferedReader(new PipedReader(keys, 1 << 16));
      done =
          CompletableFuture.runAsync(
              () -> {
                try {
                  Chat.join(client, server.addr(), name, keyboard, screen::add);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> new Thread(task).start());
    }

    void type(String line) throws IOException {
      keys.write(line + "\n");
      keys.flush();
    }

    void leave() throws Exception {
      keys.close();
      done.get(10, TimeUnit.SECONDS);
    }

    void sees(String part) {
      Await.until("\"" + part + "\"", SOON, () -> screen.stream().anyMatch(l -> l.contains(part)));
    }
  }

  @Test
  void aChatLineReachesEverybody() throws Exception {
    List<String> screen = new CopyOnWriteArrayList<>();
    Chat.Room room = Chat.host(server, screen::add);
    Guest ann = new Guest("ann");
    Guest bob = new Guest("bob");
    Guest eve = new Guest("eve");
    Await.until("three members", SOON, () -> room.size() == 3);
    ann.type("hello all");
    for (Guest guest : List.of(ann, bob, eve)) {
      guest.sees("ann@" + client.id().toShortString() + ": hello all");
    }
    room.say("host: welcome");
    eve.sees("host: welcome");
    bob.type("\u001b]0;title\u0007 my last words");
    bob.leave();
    assertThat(bob.screen).anyMatch(l -> l.endsWith(": ?]0;title? my last words"));
    ann.sees("bob@" + client.id().toShortString() + " left");
    ann.leave();
    eve.leave();
    Await.until("an empty room", SOON, () -> room.size() == 0);
    assertThat(screen).anyMatch(l -> l.endsWith("my last words"));
    assertThat(screen).noneMatch(l -> l.contains("\u001b"));
  }

  @Test
  void aChatLineWithoutEndCostsOnlyItsSenderTheConnection() throws Exception {
    Chat.Room room = Chat.host(server, line -> {});
    Guest ann = new Guest("ann");
    Await.until("ann", SOON, () -> room.size() == 1);
    try (Connection stranger = client.connect(server.addr(), Alpn.of("warren-example-chat/1"));
        BiStream stream = stranger.openBi()) {
      stream.send().write(new byte[100_000]);
      Await.until("the end", SOON, () -> stranger.closeReason().isPresent());
    }
    ann.type("still here");
    ann.sees("still here");
    ann.leave();
  }

  @Test
  void aChatMemberWhoDoesNotReadIsAskedToLeaveAndStopsNobody() throws Exception {
    Chat.Room room = Chat.host(server, line -> {});
    Guest ann = new Guest("ann");
    try (Connection deaf = client.connect(server.addr(), Alpn.of("warren-example-chat/1"));
        BiStream stream = deaf.openBi()) {
      stream.send().write("deaf\n".getBytes(UTF_8));
      Await.until("both", SOON, () -> room.size() == 2);
      String line = "x".repeat(4000);
      Await.until(
          "the deaf one is out",
          Duration.ofSeconds(20),
          () -> {
            room.say(line);
            return deaf.closeReason().isPresent();
          });
    }
    room.say("at last");
    ann.sees("at last");
    ann.leave();
  }

  // ---- files ----

  private Path file(String name, int bytes, long seed) throws IOException {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return Files.write(Files.createDirectories(dir.resolve("out")).resolve(name), content);
  }

  private Path inbox() throws IOException {
    return Files.createDirectories(dir.resolve("in"));
  }

  private List<String> received() throws IOException {
    try (Stream<Path> files = Files.list(inbox())) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void filesArriveWhole() throws Exception {
    FileTransfer.receiveInto(server, inbox(), Long.MAX_VALUE);
    for (int bytes : new int[] {0, 1, 65_536, 3_000_001}) {
      Path file = file("file-" + bytes, bytes, bytes);
      FileTransfer.send(client, server.addr(), file);
      assertThat(inbox().resolve("file-" + bytes)).hasSameBinaryContentAs(file);
    }
    assertThat(received()).hasSize(4);
  }

  @Test
  void aFileThatExistsIsNotReplaced() throws Exception {
    FileTransfer.receiveInto(server, inbox(), Long.MAX_VALUE);
    Files.writeString(inbox().resolve("mine"), "mine");
    Path other = file("mine", 100, 1);
    assertThatThrownBy(() -> FileTransfer.send(client, server.addr(), other))
        .isInstanceOf(IOException.class);
    assertThat(inbox().resolve("mine")).hasContent("mine");
    assertThat(received()).containsExactly("mine");
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws Exception {
    FileTransfer.receiveInto(server, inbox(), 1000);
    Path large = file("large", 1001, 1);
    assertThatThrownBy(() -> FileTransfer.send(client, server.addr(), large))
        .isInstanceOf(IOException.class);
    assertThat(received()).isEmpty();
  }

  private void offer(String name, long length, byte[] content, byte[] hash) throws Exception {
    try (Connection connection = client.connect(server.addr(), Alpn.of("warren-example-file/1"));
        BiStream stream = connection.openBi()) {
      byte[] utf8 = name.getBytes(UTF_8);
      ByteBuffer all = ByteBuffer.allocate(10 + utf8.length + content.length + hash.length);
      all.putShort((short) utf8.length).put(utf8).putLong(length).put(content).put(hash).flip();
      stream.send().write(all);
      stream.send().finish();
      assertThatThrownBy(() -> stream.recv().readAll(1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aFileWithAWrongHashALieOrABadNameIsNotKept() throws Exception {
    FileTransfer.receiveInto(server, inbox(), Long.MAX_VALUE);
    offer("wrong", 3, new byte[3], new byte[32]);
    offer("short", 1000, new byte[3], new byte[32]);
    offer("negative", -1, new byte[3], new byte[32]);
    for (String name : List.of("../up", "/etc/x", "", ".", "..", ".hidden", "a\\b", "a\0b")) {
      offer(name, 3, new byte[3], new byte[32]);
    }
    Await.until(
        "no left-overs",
        SOON,
        () -> {
          try {
            return received().isEmpty();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(dir.resolve("up")).doesNotExist();
  }

  @Test
  void aFileFromTheCommandLine() throws Exception {
    FileTransfer.receiveInto(server, inbox(), Long.MAX_VALUE);
    Path file = file("letter", 10_000, 5);
    String out = Output.of(() -> FileTransfer.main(new String[] {file.toString(), ticket()}));
    assertThat(out).isEqualToIgnoringNewLines("sent");
    assertThat(inbox().resolve("letter")).hasSameBinaryContentAs(file);
  }

  // ---- positions ----

  @Test
  void playersSeeEachOtherMoveAndLeave() throws Exception {
    Positions.World world = Positions.host(server);
    try (Positions.Player ann = Positions.Player.join(client, server.addr(), "ann")) {
      Positions.Player bob = Positions.Player.join(client, server.addr(), "bob");
      assertThat(ann.number()).isNotEqualTo(bob.number());
      Await.until("two guests", SOON, () -> world.names().size() == 2);
      assertThat(world.names()).containsExactlyInAnyOrder("ann", "bob");
      // Any datagram may be lost, so both keep telling, as in a game.
      float[] at = {0};
      Await.until(
          "they see each other",
          SOON,
          () -> {
            at[0] += 1;
            ann.moveTo(at[0], 7);
            bob.moveTo(at[0], 9);
            return ann.others().containsKey(bob.number()) && bob.others().containsKey(ann.number());
          });
      assertThat(bob.others().get(ann.number()).y()).isEqualTo(7);
      assertThat(ann.others().get(bob.number()).y()).isEqualTo(9);
      bob.close();
      Await.until("bob left", SOON, () -> !ann.others().containsKey(bob.number()));
      Await.until("one guest", SOON, () -> world.names().equals(List.of("ann")));
      assertThat(world.positions()).containsOnlyKeys(ann.number());
    }
  }

  @Test
  void anOlderPositionIsNoNews() {
    Positions.Position last = new Positions.Position(1, Integer.MAX_VALUE, 0, 0);
    Positions.Position wrapped = new Positions.Position(1, Integer.MIN_VALUE, 1, 1);
    assertThat(wrapped.isNewerThan(last)).isTrue();
    assertThat(last.isNewerThan(wrapped)).isFalse();
    assertThat(last.isNewerThan(last)).isFalse();
    assertThat(Positions.Position.decode(last.encode().array())).isEqualTo(last);
  }
}
