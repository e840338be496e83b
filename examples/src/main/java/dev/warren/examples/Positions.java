package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.PeerException;
import dev.warren.base.Ticket;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.ProtocolHandler;
import dev.warren.core.RecvStream;
import dev.warren.core.Router;
import dev.warren.core.SendStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Positions of players in a game: the newest counts, an old one is worth nothing.
 *
 * <pre>
 * control stream   player to world   name, end
 *                  world to player   the player's number u32, then the number of each who leaves
 * datagram         both ways         number u32, sequence u32, x f32, y f32
 * </pre>
 *
 * <p>Shows a protocol of one's own with both kinds of traffic on one connection: a stream for what
 * must arrive and be in order, datagrams for what must be fresh. Datagrams may be lost, and may
 * overtake each other and the stream; sequence numbers sort that out. {@code Positions} hosts a
 * world, {@code Positions ticket name} walks in it.
 */
public final class Positions {
  private static final Alpn ALPN = Alpn.of("warren-example-positions/1");
  private static final int DATAGRAM = 16;
  private static final int MAX_NAME = 64;
  private static final Duration TICK = Duration.ofMillis(50);

  private Positions() {}

  /** Where a player is, and how new that is. */
  record Position(int player, int sequence, float x, float y) {
    /** Sequence numbers wrap around, so their difference is compared, not they. */
    boolean isNewerThan(Position other) {
      return sequence - other.sequence > 0;
    }

    ByteBuffer encode() {
      return ByteBuffer.allocate(DATAGRAM)
          .putInt(player)
          .putInt(sequence)
          .putFloat(x)
          .putFloat(y)
          .flip();
    }

    static Position decode(byte[] datagram) {
      ByteBuffer in = ByteBuffer.wrap(datagram);
      return new Position(in.getInt(), in.getInt(), in.getFloat(), in.getFloat());
    }
  }

  public static void main(String[] args) throws Exception {
    try (Endpoint endpoint = Endpoint.builder().bind()) {
      if (args.length > 1) {
        walk(endpoint, Ticket.parse(args[0]).addr(), args[1]);
      } else {
        host(endpoint);
        System.out.println("join with: " + NodeTicket.of(endpoint.addr()) + " <name>");
        System.in.read(); // until Enter
      }
    }
  }

  private static void walk(Endpoint endpoint, NodeAddr world, String name) throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (Player player = Player.join(endpoint, world, name)) {
      double[] angle = new double[1];
      clock.scheduleAtFixedRate(
          () -> {
            angle[0] += 0.05;
            player.moveTo((float) Math.cos(angle[0]), (float) Math.sin(angle[0]));
            System.out.println(player.others().values());
          },
          0,
          TICK.toMillis(),
          TimeUnit.MILLISECONDS);
      System.in.read(); // until Enter
    } finally {
      clock.shutdownNow();
    }
  }

  // ---- the world ----

  /** Hosts a world as long as the endpoint is open. */
  static World host(Endpoint endpoint) {
    World world = new World();
    Router.builder(endpoint).accept(ALPN, world).spawn();
    return world;
  }

  /** Knows every player and passes on where each one is. */
  static final class World implements ProtocolHandler {
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, Guest> guests = new ConcurrentHashMap<>();
    private final Map<Integer, Position> positions = new ConcurrentHashMap<>();

    private record Guest(String name, Connection connection, SendStream control) {
      /**
       * A stream has one writer at a time, and any other guest's thread may call: hence the lock.
       */
      synchronized void tell(int number) {
        control.writeAsync(u32(number));
      }
    }

    @Override
    public void accept(Connection connection) throws IOException {
      BiStream control = connection.acceptBi();
      String name = new String(control.recv().readAll(MAX_NAME), UTF_8);
      int number = numbers.incrementAndGet();
      control.send().write(u32(number));
      guests.put(number, new Guest(name, connection, control.send()));
      try {
        for (; ; ) {
          onDatagram(number, connection.receiveDatagram()); // until the connection ends
        }
      } finally {
        guests.remove(number);
        positions.remove(number);
        guests.values().forEach(g -> g.tell(number));
      }
    }

    private void onDatagram(int number, byte[] datagram) {
      if (datagram.length != DATAGRAM) {
        return; // whatever that is
      }
      Position sent = Position.decode(datagram);
      // The number in the datagram is a claim; the connection tells who it is.
      Position position = new Position(number, sent.sequence(), sent.x(), sent.y());
      if (keepNewest(positions, position)) {
        guests.forEach(
            (other, guest) -> {
              if (other != number) {
                sendLossy(guest.connection(), position);
              }
            });
      }
    }

    Map<Integer, Position> positions() {
      return Map.copyOf(positions);
    }

    List<String> names() {
      return guests.values().stream().map(Guest::name).toList();
    }
  }

  private static ByteBuffer u32(int number) {
    return ByteBuffer.allocate(4).putInt(number).flip();
  }

  private static boolean keepNewest(Map<Integer, Position> positions, Position position) {
    return positions.merge(
            position.player(), position, (old, fresh) -> fresh.isNewerThan(old) ? fresh : old)
        == position;
  }

  /** A datagram that cannot be sent is lost like any other; the next one is under way already. */
  private static void sendLossy(Connection to, Position position) {
    try {
      to.sendDatagram(position.encode());
    } catch (PeerException tooLargeOrClosed) {
      // Whoever reads from this connection learns that it is over.
    }
  }

  // ---- a player ----

  /** One player's connection to a world; closing it leaves. */
  static final class Player implements AutoCloseable {
    private final Connection connection;
    private final RecvStream control;
    private final int number;
    private final AtomicInteger sequence = new AtomicInteger();
    private final Map<Integer, Position> others = new ConcurrentHashMap<>();
    private final Set<Integer> left = ConcurrentHashMap.newKeySet();

    private interface Loop {
      void run() throws IOException;
    }

    private Player(Connection connection, RecvStream control, int number) {
      this.connection = connection;
      this.control = control;
      this.number = number;
    }

    static Player join(Endpoint endpoint, NodeAddr world, String name) throws IOException {
      Connection connection = endpoint.connect(world, ALPN);
      try {
        BiStream control = connection.openBi();
        control.send().write(name.getBytes(UTF_8));
        control.send().finish();
        Player player = new Player(connection, control.recv(), number(control.recv()));
        start("positions-datagrams", player::readDatagrams);
        start("positions-control", player::readControl);
        return player;
      } catch (IOException e) {
        connection.close();
        throw e;
      }
    }

    private static void start(String name, Loop loop) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  loop.run();
                } catch (IOException connectionEnded) {
                  // That is how these loops end.
                }
              },
              name);
      thread.setDaemon(true);
      thread.start();
    }

    private void readDatagrams() throws IOException {
      for (; ; ) {
        byte[] datagram = connection.receiveDatagram();
        if (datagram.length == DATAGRAM) {
          Position position = Position.decode(datagram);
          keepNewest(others, position);
          forgetThoseWhoLeft(); // its last datagram may come after the news that it left
        }
      }
    }

    private void readControl() throws IOException {
      for (; ; ) {
        left.add(number(control));
        forgetThoseWhoLeft();
      }
    }

    private void forgetThoseWhoLeft() {
      others.keySet().removeAll(left);
    }

    private static int number(RecvStream control) throws IOException {
      ByteBuffer number = ByteBuffer.allocate(4);
      control.readFully(number);
      return number.flip().getInt();
    }

    int number() {
      return number;
    }

    void moveTo(float x, float y) {
      sendLossy(connection, new Position(number, sequence.incrementAndGet(), x, y));
    }

    Map<Integer, Position> others() {
      return Map.copyOf(others);
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
