package dev.warren.magicsock.logic;

import static dev.warren.magicsock.logic.UdpPath.NEVER;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The address that one UDP socket has for the world, as STUN servers see it, and whether all see
 * the same one. A full round asks up to {@value #SERVERS} servers; the rounds after it the nearest
 * one only, which also keeps the NAT's mapping alive. Time is an argument, nanoseconds. Socket loop
 * only.
 */
public final class ReflexiveAddress {
  private static final long MS = 1_000_000L;

  /** Two are needed to compare, a third where one is silent (net-report section 1.2). */
  static final int SERVERS = 3;

  /** When a server that has not answered is asked again, after a round began (section 2.2). */
  private static final long[] ATTEMPTS = {0, 100 * MS, 200 * MS, 500 * MS, 1000 * MS};

  /** Who has not answered by then does not (section 1.2). */
  static final long ROUND = 3_000 * MS;

  /** Between rounds, so that mappings that live for 30 s stay (section 1.1); spread evenly. */
  static final long PAUSE = 20_000 * MS;

  static final long PAUSE_SPREAD = 6_000 * MS;

  /** A full round at least so often (section 1.2). */
  static final long FULL_EVERY = Duration.ofMinutes(5).toNanos();

  /** Of many paths that are lost together the first one asks. */
  static final long DOUBT_EVERY = 2_000 * MS;

  /** A round that nobody answers may be an accident; the address goes after so many. */
  static final int SILENT_ROUNDS = 3;

  /** Carries out what is decided. */
  public interface Orders {
    /** Sends a binding request. */
    void ask(InetSocketAddress server, byte[] transaction);

    /** The report is another one. */
    void changed();
  }

  /** Whether the NAT gives a socket one address for all the world. */
  public enum MappingKind {
    /** Fewer than two servers have answered. */
    UNKNOWN,
    /** All servers see the same address. */
    ENDPOINT_INDEPENDENT,
    /** They see different ones: a peer will see yet another. */
    ENDPOINT_DEPENDENT
  }

  /**
   * What is known.
   *
   * @param address as the first to answer saw it; empty if nobody answers
   * @param latencies round trip to each server that answered in the last full round, nanoseconds
   */
  public record Report(
      Optional<InetSocketAddress> address,
      MappingKind mapping,
      Map<InetSocketAddress, Long> latencies) {
    public static final Report NOTHING =
        new Report(Optional.empty(), MappingKind.UNKNOWN, Map.of());
  }

  private static final class Question {
    final InetSocketAddress server;
    final Map<Key, Long> sent = new HashMap<>();
    int attempts;
    boolean answered;

    Question(InetSocketAddress server) {
      this.server = server;
    }
  }

  /** A transaction id. */
  private record Key(byte[] bytes) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Key other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private final Orders orders;
  private final Supplier<byte[]> transactions;
  private final RandomGenerator random;

  private List<InetSocketAddress> servers = List.of();
  private List<Question> questions = List.of();
  private final Map<InetSocketAddress, InetSocketAddress> seen = new LinkedHashMap<>();
  private final Map<InetSocketAddress, Long> latencies = new LinkedHashMap<>();
  private Report report = Report.NOTHING;
  private boolean fullRound;
  private long began;
  private long lastFull = NEVER;
  private long next = NEVER;
  private int silent;

  /**
   * @param transactions gives transaction ids that nobody can guess
   */
  public ReflexiveAddress(Orders orders, Supplier<byte[]> transactions, RandomGenerator random) {
    this.orders = orders;
    this.transactions = transactions;
    this.random = random;
  }

  public Report report() {
    return report;
  }

  /** When {@link #onTimer} is due; {@link UdpPath#NEVER} while there is nobody to ask. */
  public long deadline() {
    return next;
  }

  /** Whether somebody is being asked. */
  public boolean asking() {
    return !questions.isEmpty();
  }

  // ---- events ----

  /**
   * The servers of this socket's family are these; if they are others than before they are asked.
   */
  public void onServers(Collection<InetSocketAddress> addresses, long now) {
    List<InetSocketAddress> changed = addresses.stream().distinct().limit(SERVERS).toList();
    if (changed.equals(servers)) {
      return;
    }
    servers = changed;
    latencies.keySet().retainAll(servers);
    begin(true, now);
  }

  /** What was seen on the old network says nothing; ask everybody. */
  public void onNetworkChange(long now) {
    seen.clear();
    latencies.clear();
    silent = 0;
    begin(true, now);
  }

  /** A path was lost: perhaps the NAT's mapping was. Asks now, unless that was just done. */
  public void onDoubt(long now) {
    if (!asking() && !servers.isEmpty() && now - began >= DOUBT_EVERY) {
      begin(false, now);
    }
  }

  /** An answer has come; false if it answers nothing that was asked, or came from elsewhere. */
  public boolean onAnswer(
      byte[] transaction, InetSocketAddress from, InetSocketAddress mapped, long now) {
    for (Question question : questions) {
      Long at = question.sent.get(new Key(transaction));
      if (at != null && question.server.equals(from)) {
        if (!question.answered) {
          question.answered = true;
          seen.put(from, mapped);
          latencies.put(from, now - at);
          settle(now);
        }
        return true;
      }
    }
    return false;
  }

  /** Asks what is to be asked. */
  public void onTimer(long now) {
    if (next == NEVER || now - next < 0) {
      return;
    }
    if (questions.isEmpty()) {
      begin(lastFull == NEVER || now - lastFull >= FULL_EVERY || seen.isEmpty(), now);
    } else if (now - began >= ROUND) {
      end(now);
    } else {
      ask(now);
    }
  }

  // ---- rounds ----

  private void begin(boolean full, long now) {
    if (servers.isEmpty()) {
      questions = List.of();
      next = NEVER;
      seen.clear();
      publish();
      return;
    }
    fullRound = full;
    began = now;
    if (full) {
      lastFull = now;
    }
    List<Question> all = new ArrayList<>();
    for (InetSocketAddress server : full ? servers : List.of(nearest())) {
      all.add(new Question(server));
    }
    questions = all;
    ask(now);
  }

  private InetSocketAddress nearest() {
    InetSocketAddress best = servers.get(0);
    for (InetSocketAddress server : servers) {
      if (latencies.getOrDefault(server, Long.MAX_VALUE)
          < latencies.getOrDefault(best, Long.MAX_VALUE)) {
        best = server;
      }
    }
    return best;
  }

  private void ask(long now) {
    long soonest = began + ROUND;
    for (Question question : questions) {
      while (!question.answered
          && question.attempts < ATTEMPTS.length
          && now - began >= ATTEMPTS[question.attempts]) {
        question.attempts++;
        byte[] transaction = transactions.get();
        question.sent.put(new Key(transaction), now);
        orders.ask(question.server, transaction);
      }
      if (!question.answered && question.attempts < ATTEMPTS.length) {
        soonest = Math.min(soonest, began + ATTEMPTS[question.attempts]);
      }
    }
    next = soonest;
  }

  private void settle(long now) {
    if (fullRound) {
      publish();
    } else {
      onSingle(now);
    }
    if (questions.stream().allMatch(q -> q.answered)) {
      end(now);
    }
  }

  /** Between full rounds one server is asked: if it sees another address now, all are asked. */
  private void onSingle(long now) {
    InetSocketAddress server = questions.get(0).server;
    boolean moved =
        report.mapping() != MappingKind.ENDPOINT_DEPENDENT
            && !Optional.ofNullable(seen.get(server)).equals(report.address());
    if (moved) {
      seen.keySet().retainAll(List.of(server));
      publish();
      if (servers.size() > 1) {
        lastFull = NEVER;
      }
    }
  }

  private void end(long now) {
    boolean none = questions.stream().noneMatch(q -> q.answered);
    if (fullRound) {
      // Who is silent now does not count with what he said before.
      questions.stream()
          .filter(q -> !q.answered)
          .forEach(
              q -> {
                seen.remove(q.server);
                latencies.remove(q.server);
              });
    }
    questions = List.of();
    silent = none ? silent + 1 : 0;
    if (none && !fullRound) {
      // The nearest is silent: it may be the server.
      latencies.remove(nearest());
      lastFull = NEVER;
    }
    if (silent == 0 || silent >= SILENT_ROUNDS) {
      publish();
    }
    boolean soon = lastFull == NEVER && silent == 0;
    next = now + (soon ? 0 : PAUSE + random.nextLong(PAUSE_SPREAD));
  }

  private void publish() {
    Report now =
        seen.isEmpty() ? Report.NOTHING : new Report(first(), kind(), Map.copyOf(latencies));
    boolean changed = !now.address().equals(report.address()) || now.mapping() != report.mapping();
    report = now;
    if (changed) {
      orders.changed();
    }
  }

  private Optional<InetSocketAddress> first() {
    // With one mapping for all it does not matter; else the nearest server's is as good as any.
    @Nullable InetSocketAddress known = report.address().orElse(null);
    return known != null && seen.containsValue(known)
        ? report.address()
        : seen.values().stream().findFirst();
  }

  private MappingKind kind() {
    if (seen.values().stream().distinct().count() > 1) {
      return MappingKind.ENDPOINT_DEPENDENT;
    }
    if (seen.size() > 1) {
      return MappingKind.ENDPOINT_INDEPENDENT;
    }
    // One answer says nothing, and does not take back what two have said: unless it stays alone.
    boolean undecided = asking() || !fullRound;
    return undecided && report.mapping() == MappingKind.ENDPOINT_INDEPENDENT
        ? report.mapping()
        : MappingKind.UNKNOWN;
  }
}
