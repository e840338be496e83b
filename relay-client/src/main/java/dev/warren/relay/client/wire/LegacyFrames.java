package dev.warren.relay.client.wire;

/**
 * Frames of the relay protocol up to 0.90 (relay-protocol section B4). They travel in two ways: one
 * frame in one binary WebSocket message, or "native" on the bare stream with a length of its own.
 *
 * <pre>
 * WebSocket       type[1] payload
 * native          type[1] length[4] payload               the length is that of the payload
 *
 * 2 client info   see {@link ClientInfo}                   to the relay, first and once
 * 4 / 5           id[32] packet                            to / from the relay
 * 6 keep alive    -                                        from the relay, never sent
 * 7 preferred     1: you are my home relay, 0: you are not
 * 8 gone          id[32]
 * 12 / 13         bytes[8]                                 ping / pong
 * 14 health       UTF-8 text
 * 15 restarting   uint32 ms, uint32 ms                     never sent by that generation
 * </pre>
 */
public final class LegacyFrames {
  public static final int CLIENT_INFO = 2;
  public static final int SEND_PACKET = 4;
  public static final int RECV_PACKET = 5;
  public static final int KEEP_ALIVE = 6;
  public static final int NOTE_PREFERRED = 7;
  public static final int GONE = 8;
  public static final int PING = 12;
  public static final int PONG = 13;
  public static final int HEALTH = 14;
  public static final int RESTARTING = 15;

  /** Type and id: what lies before the packet in frames 4 and 5. */
  public static final int PACKET_HEADER = 1 + RelayFrames.ID;

  /** Longest packet in frames 4 and 5 (section B4). */
  public static final int MAX_PACKET = 65_536;

  /** Longest frame, type included: no other frame has more to say than those with a packet. */
  public static final int MAX_FRAME = PACKET_HEADER + MAX_PACKET;

  /** Type and length before the payload of a native frame. */
  public static final int NATIVE_HEADER = 5;

  /** The value of the Upgrade header that asks for native frames; no legal token (section B2). */
  public static final String NATIVE_UPGRADE = "iroh derp http";

  /** What a client that was refused is told before it is cut off (section B5). */
  public static final String NOT_AUTHENTICATED = "not authenticated";

  private LegacyFrames() {}
}
