package dev.warren.core.io;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Streams that the application is through with and QUIC is not yet.
 *
 * <p>quiche 0.29 forgets a stream, and gives the peer the credit for another one, only on two
 * occasions: when the end that the peer sent is <em>read</em>, or when the end that we sent is
 * acknowledged after that (measured, docs/quic-codec.md). STOP_SENDING takes away the first: what
 * arrives after it cannot be read any more, so where our own direction has ended before, or there
 * is none, the stream stays for ever and its credit with it. And a STOP_SENDING of the peer that
 * arrives late holds a stream back until somebody asks for its capacity. Therefore
 *
 * <ul>
 *   <li>a stopped stream is first read on and its bytes thrown away; mostly the end is under way
 *       already. STOP_SENDING is sent if the peer goes on for {@value #GRACE_MS} ms or {@value
 *       #DISCARD_LIMIT} bytes;
 *   <li>STOP_SENDING is sent for so many streams only that the peer keeps half of its credit;
 *       beyond that, bytes go on being thrown away: a connection that can open no more streams is
 *       worse;
 *   <li>ids whose channels are closed are asked for until quiche has forgotten them.
 * </ul>
 *
 * Event loop of the connection only.
 */
final class LingeringStreams {
  /** A few round trips on most paths: an end that is on its way arrives within them. */
  static final long GRACE_MS = 250;

  /** What a peer may have sent before it heard that we closed: one batch of datagrams. */
  static final int DISCARD_LIMIT = 64 * 1024;

  /**
   * Stopped streams of one kind that a connection may leave with quiche: about 1 KiB of native
   * memory each.
   */
  static final int MAX_STOPPED = 1024;

  /** Ids asked for after each read loop; one call into native code each. */
  private static final int POLLS = 32;

  /** Whose credit a stream uses. */
  enum Kind {
    PEERS_BIDI,
    PEERS_UNI,
    OURS
  }

  private final EventLoop loop;
  private final boolean canAsk;
  private final LongPredicate known;
  private final ArrayDeque<Discarding> discarding = new ArrayDeque<>();
  private final ArrayDeque<Remembered> remembered = new ArrayDeque<>();
  private final Map<Kind, Integer> mayStop = new EnumMap<>(Kind.class);
  private boolean scheduled;

  private record Discarding(StreamChannel stream, long deadline) {}

  /**
   * @param stopped whose credit it holds, if STOP_SENDING was sent
   * @param forget run once quiche has forgotten it
   */
  private record Remembered(long id, Optional<Kind> stopped, Runnable forget) {}

  /**
   * @param maxBidi bidirectional streams that the peer may have open
   * @param maxUni unidirectional streams that the peer may have open
   * @param canAsk whether {@code known} can tell; if not, every stopped stream is taken to be left
   *     with quiche until the connection ends
   * @param known whether quiche still holds the stream with an id; asking lets it forget one
   */
  LingeringStreams(EventLoop loop, long maxBidi, long maxUni, boolean canAsk, LongPredicate known) {
    this.loop = loop;
    this.canAsk = canAsk;
    this.known = known;
    mayStop.put(Kind.PEERS_BIDI, (int) Math.min(MAX_STOPPED, maxBidi / 2));
    mayStop.put(Kind.PEERS_UNI, (int) Math.min(MAX_STOPPED, maxUni / 2));
    mayStop.put(Kind.OURS, MAX_STOPPED);
  }

  /** A stream that is read on for nobody. */
  void discarding(StreamChannel stream) {
    discarding.add(new Discarding(stream, System.nanoTime() + GRACE_MS * 1_000_000L));
    schedule();
  }

  private void schedule() {
    Discarding first = first();
    if (!scheduled && first != null) {
      scheduled = true;
      long wait = Math.max(1, first.deadline() - System.nanoTime());
      loop.schedule(this::onDeadline, wait, TimeUnit.NANOSECONDS);
    }
  }

  private @Nullable Discarding first() {
    while (!discarding.isEmpty() && discarding.peek().stream().ended()) {
      discarding.poll();
    }
    return discarding.peek();
  }

  private void onDeadline() {
    scheduled = false;
    long now = System.nanoTime();
    for (Discarding d = first(); d != null && d.deadline() - now <= 0; d = first()) {
      discarding.poll();
      if (!d.stream().sayStop()) {
        discarding(d.stream());
      }
    }
    schedule();
  }

  /** Takes the right to send STOP_SENDING for one more stream; false if there is none left. */
  boolean takeStop(Kind kind) {
    int left = mayStop.get(kind);
    if (left > 0) {
      mayStop.put(kind, left - 1);
    }
    return left > 0;
  }

  /** A stream whose channel is closed; with its kind if STOP_SENDING was sent for it. */
  void closed(long id, Optional<Kind> stopped) {
    remember(new Remembered(id, stopped, () -> {}));
  }

  /**
   * A stream whose channel a handler of the application's has closed. The codec keeps it in its map
   * unless it ended by FIN; it can be taken out when quiche has forgotten it, and not before.
   */
  void closedRaw(long id, Runnable forget) {
    remember(new Remembered(id, Optional.empty(), forget));
  }

  private void remember(Remembered stream) {
    if (!canAsk) {
      return;
    }
    if (known.test(stream.id())) {
      remembered.add(stream);
    } else {
      stream.forget().run();
      stream.stopped().ifPresent(kind -> mayStop.merge(kind, 1, Integer::sum));
    }
  }

  /** After each read loop: acknowledgements may have come. */
  void poll() {
    poll(POLLS);
  }

  /** Now and then: whatever came since. */
  void pollAll() {
    poll(Integer.MAX_VALUE);
  }

  private void poll(int most) {
    for (int i = Math.min(most, remembered.size()); i > 0; i--) {
      remember(remembered.poll());
    }
  }

  void clear() {
    discarding.clear();
    remembered.clear();
  }

  /** Ids that quiche still holds. For tests and statistics. */
  int remembered() {
    return remembered.size();
  }
}
