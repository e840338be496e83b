package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.Ticket;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.ProtocolHandler;
import dev.warren.core.Router;
import dev.warren.core.SendStream;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A chat of lines: one node hosts the room, any number join it, every line goes to everybody.
 *
 * <p>Shows a {@link ProtocolHandler} that serves many peers at once, one long-lived stream for
 * each, asynchronous writes so that a peer that does not read cannot stop the others, and limits on
 * what a stranger may send. {@code Chat} hosts, {@code Chat ticket name} joins; type lines, end
 * with end-of-file.
 */
public final class Chat {
  private static final Alpn ALPN = Alpn.of("warren-example-chat/1");

  /** Longest line taken from a peer, bytes: without a limit one line could fill our memory. */
  private static final int MAX_LINE = 4096;

  /** Lines on their way to a member; who falls further behind is asked to leave. */
  private static final int MAX_BEHIND = 1000;

  private Chat() {}

  public static void main(String[] args) throws Exception {
    BufferedReader keyboard = new BufferedReader(new InputStreamReader(System.in));
    try (Endpoint endpoint = Endpoint.builder().bind()) {
      if (args.length > 1) {
        join(endpoint, Ticket.parse(args[0]).addr(), args[1], keyboard, System.out::println);
      } else {
        Room room = host(endpoint, System.out::println);
        System.out.println("join with: " + NodeTicket.of(endpoint.addr()) + " <name>");
        for (String line = keyboard.readLine(); line != null; line = keyboard.readLine()) {
          room.say("host: " + line);
        }
      }
    }
  }

  /** Opens a room that lasts as long as the endpoint; {@code screen} gets every line too. */
  static Room host(Endpoint endpoint, Consumer<String> screen) {
    Room room = new Room(screen);
    Router.builder(endpoint).accept(ALPN, room).spawn();
    return room;
  }

  /** Joins a room until {@code keyboard} ends; {@code screen} gets what the others say. */
  static void join(
      Endpoint endpoint,
      NodeAddr host,
      String name,
      BufferedReader keyboard,
      Consumer<String> screen)
      throws IOException, InterruptedException {
    try (Connection connection = endpoint.connect(host, ALPN);
        BiStream stream = connection.openBi()) {
      // The host learns of a stream with its first byte, so the name is also the knock on the door.
      stream.send().write(bytes(name));
      Thread reader = new Thread(() -> show(stream, screen), "chat-reader");
      reader.setDaemon(true);
      reader.start();
      for (String line = keyboard.readLine(); line != null; line = keyboard.readLine()) {
        stream.send().write(bytes(line));
      }
      stream.send().finish();
      reader.join(); // the host finishes its side in turn: nothing of the last lines is lost
    }
  }

  private static void show(BiStream stream, Consumer<String> screen) {
    try {
      InputStream in = new BufferedInputStream(stream.recv().asInputStream());
      for (String line = readLine(in); line != null; line = readLine(in)) {
        screen.accept(line);
      }
    } catch (IOException e) {
      screen.accept("* " + printable(String.valueOf(e.getMessage())));
    }
  }

  /** Who is here. The router calls {@link #accept} on a thread of its own for each peer. */
  static final class Room implements ProtocolHandler {
    private final Set<Member> members = ConcurrentHashMap.newKeySet();
    private final Consumer<String> screen;

    private Room(Consumer<String> screen) {
      this.screen = screen;
    }

    @Override
    public void accept(Connection connection) throws IOException {
      try (BiStream stream = connection.acceptBi()) {
        InputStream in = new BufferedInputStream(stream.recv().asInputStream());
        // A name is what the peer claims; the id is proved. Show both.
        String name = readLine(in) + "@" + connection.remoteId().toShortString();
        Member member = new Member(connection, stream.send());
        members.add(member);
        try {
          say("* " + name + " joined");
          for (String line = readLine(in); line != null; line = readLine(in)) {
            say(name + ": " + line);
          }
        } finally {
          members.remove(member);
          say("* " + name + " left");
        }
        member.finish();
      }
    }

    /** Sends a line to everybody; never waits for anybody. */
    void say(String line) {
      screen.accept(line);
      members.forEach(m -> m.send(line));
    }

    int size() {
      return members.size();
    }
  }

  private static final class Member {
    private final Connection connection;
    private final SendStream out;
    private final AtomicInteger behind = new AtomicInteger();

    Member(Connection connection, SendStream out) {
      this.connection = connection;
      this.out = out;
    }

    /** A stream has one writer at a time, and many threads say something: hence synchronized. */
    synchronized void send(String line) {
      if (behind.incrementAndGet() > MAX_BEHIND) {
        connection.close(1, "you do not read what is said");
        return;
      }
      out.writeAsync(ByteBuffer.wrap(bytes(line)))
          .whenComplete((done, failed) -> behind.decrementAndGet());
    }

    synchronized void finish() throws IOException {
      out.finish();
    }
  }

  private static byte[] bytes(String line) {
    return (line + "\n").getBytes(UTF_8);
  }

  /** One line, null at the end. {@link BufferedReader} would read a line of any length. */
  private static @Nullable String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return line.size() == 0 ? null : printable(line.toString(UTF_8));
      }
      if (line.size() == MAX_LINE) {
        throw new IOException("a line of more than " + MAX_LINE + " bytes");
      }
      line.write(b);
    }
    return printable(line.toString(UTF_8));
  }

  /** What a peer wrote must not act on a terminal: no escapes, nothing that turns text around. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }
}
