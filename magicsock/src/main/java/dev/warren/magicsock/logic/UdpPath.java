package dev.warren.magicsock.logic;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one UDP address of a peer. Socket loop only; all times are nanoseconds of one
 * clock, {@link #NEVER} where something has not happened.
 */
public final class UdpPath {
  /** "Has not happened". */
  public static final long NEVER = Long.MIN_VALUE;

  /** Transaction ids of pings received that are remembered, to answer a replay with silence. */
  private static final int REMEMBERED_TX = 8;

  public final InetSocketAddress address;

  /** Who told us: "application", "call-me-maybe", "probe", "datagram", …; for diagnosis. */
  public final String provenance;

  /**
   * Whether we were told of it by someone we trust for that (application, discovery, the peer
   * itself through a relay), so that it may be probed unasked. An address that merely wrote to us
   * may not get more bytes than it sent before it has answered a probe.
   */
  boolean told;

  /** Whether only a directory names it, which anybody may have written: not the application. */
  boolean foundOnly;

  /**
   * Whether a full-size Ping may go along with the first small one. Not to what only the peer
   * named: it may be a victim's, and its own call is small.
   */
  boolean fullAtOnce;

  long lastPing = NEVER;
  long lastTry = NEVER;
  long lastPong = NEVER;
  long lastPayload = NEVER;
  long trustedUntil = NEVER;
  long confirmedSince = NEVER;
  long triedSince = NEVER;
  long unansweredSince = NEVER;
  long rttNanos;
  long bytesSent;
  long bytesReceived;

  /** What had been sent and received when it was last given up: proof and credit begin anew. */
  private long sentBefore;

  private long receivedBefore;

  /** How large datagrams it carries. */
  final PathMtu mtu;

  /** Datagrams that it got as copies in this dial. */
  int copies;

  private final ArrayDeque<byte[]> answered = new ArrayDeque<>();
  private final Sources sources = new Sources();

  UdpPath(InetSocketAddress address, String provenance, boolean told, int maxDatagram) {
    this.address = address;
    this.mtu = new PathMtu(maxDatagram);
    this.provenance = provenance;
    this.told = told;
    this.fullAtOnce = told;
  }

  /** Someone names it. */
  void named(String by, long now) {
    sources.add(by, now);
  }

  boolean namedBy(String provenance) {
    return sources.has(provenance);
  }

  /** Who named it, the first to do so first. */
  public List<Sources.Told> sources() {
    return sources.list();
  }

  /** When something of the peer last came from it, or {@link #NEVER}. */
  public long lastHeard() {
    return newer(lastPong, lastPayload) ? lastPong : lastPayload;
  }

  /** A probe of ours came back from here: nobody else can have sent it. */
  public boolean proven() {
    return lastPong != NEVER;
  }

  boolean trusted(long now) {
    return trustedUntil != NEVER && now - trustedUntil < 0;
  }

  /**
   * Whether {@code n} more bytes may go to an address that has proved nothing (reflection factor
   * 1). What went to and fro while it was proven is no debt and no credit later.
   */
  boolean mayReflect(int n) {
    return proven() || bytesSent - sentBefore + n <= bytesReceived - receivedBefore;
  }

  /** Whether a disco answer of {@code n} bytes may go there. */
  public boolean mayAnswer(int n) {
    return told || mayReflect(n);
  }

  public void countSent(int n) {
    bytesSent += n;
  }

  /** Whether someone we trust for that named this address. */
  public boolean told() {
    return told;
  }

  /** The largest datagram that is known to get through, in bytes. */
  public int mtu() {
    return mtu.limit();
  }

  public long rtt() {
    return rttNanos;
  }

  /** Until when it is trusted if nothing more comes, or {@link #NEVER}. */
  public long trustedUntil() {
    return trustedUntil;
  }

  /** When it was confirmed; else when we began to try it in this dial, or {@link #NEVER}. */
  public long since() {
    return confirmedSince == NEVER ? triedSince : confirmedSince;
  }

  /** A new dial: what is told of the attempts begins anew. */
  void onDial() {
    triedSince = NEVER;
    copies = 0;
    mtu.onDial();
  }

  /** Whatever was pinged before, it is due again. */
  void forgetPings() {
    lastPing = NEVER;
    lastTry = NEVER;
  }

  /** It does not answer any more: it has to prove itself again. The statistics stay. */
  void giveUp(long now) {
    trustedUntil = NEVER;
    confirmedSince = NEVER;
    lastPong = NEVER;
    unansweredSince = NEVER;
    sentBefore = bytesSent;
    receivedBefore = bytesReceived;
    forgetPings();
    mtu.reset(now);
  }

  void tried(long now) {
    if (triedSince == NEVER) {
      triedSince = now;
    }
  }

  public long sent() {
    return bytesSent;
  }

  public long received() {
    return bytesReceived;
  }

  /** Remembers a ping's transaction; false if it was answered before. */
  boolean firstPing(byte[] tx) {
    for (byte[] seen : answered) {
      if (Arrays.equals(seen, tx)) {
        return false;
      }
    }
    if (answered.size() >= REMEMBERED_TX) {
      answered.poll();
    }
    answered.add(tx);
    return true;
  }

  /** The earlier of two deadlines, each of which may be {@link #NEVER}. */
  public static long earlier(long a, long b) {
    return a == NEVER || b != NEVER && b - a < 0 ? b : a;
  }

  static boolean newer(long a, long b) {
    return b == NEVER || a != NEVER && a - b > 0;
  }

  static @Nullable UdpPath better(@Nullable UdpPath a, UdpPath b) {
    return a == null || PathSelector.better(b, a) ? b : a;
  }
}
