package dev.warren.relay.client.wire;

/**
 * Frames of the relay protocol, generation 1.0 (relay-protocol part A). One frame is one binary
 * WebSocket message.
 *
 * <pre>
 * frame         type[1] payload
 * 0 challenge   bytes[16]
 * 1 client auth public key[32] 0x40 signature[64]
 * 2 confirmed   -
 * 3 denied      LEB128 length, UTF-8 reason
 * 4 / 6         id[32] ecn[1] datagram              to / from the relay
 * 5 / 7         id[32] ecn[1] segment size[2] data  a batch, cut every segment size bytes
 * 8 gone        id[32]
 * 9 / 10        bytes[8]                            ping / pong
 * 11 health     UTF-8 text                          v1 only
 * 12 restarting uint32 ms, uint32 ms
 * 13 status     code[1]                             v2 only
 * </pre>
 */
public final class RelayFrames {
  public static final int CHALLENGE = 0;
  public static final int CLIENT_AUTH = 1;
  public static final int CONFIRMED = 2;
  public static final int DENIED = 3;
  public static final int TO_RELAY = 4;
  public static final int TO_RELAY_BATCH = 5;
  public static final int FROM_RELAY = 6;
  public static final int FROM_RELAY_BATCH = 7;
  public static final int GONE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;
  public static final int HEALTH = 11;
  public static final int RESTARTING = 12;
  public static final int STATUS = 13;

  /** Status: another connection has this id now. */
  public static final int STATUS_REPLACED = 1;

  /** Status: what this client sends is being held back (since 1.4). */
  public static final int STATUS_RATE_LIMITED = 2;

  /** Status: active again. */
  public static final int STATUS_HEALTHY = 0;

  /** Bytes of an id. */
  public static final int ID = 32;

  /** Type, id, ecn. */
  public static final int SINGLE_HEADER = 1 + ID + 1;

  /** Type, id, ecn, segment size. */
  public static final int BATCH_HEADER = SINGLE_HEADER + 2;

  /** Largest whole frame, type included (section A7). */
  public static final int MAX_FRAME = 65_536;

  /** Bytes of a ClientAuth frame. */
  public static final int CLIENT_AUTH_LENGTH = 98;

  /** Protocol versions in the spelling that every server understands (section A2.1): v1 last. */
  public static final String SUBPROTOCOLS = "iroh-relay-v2, iroh-relay-v1";

  public static final String V2 = "iroh-relay-v2";
  public static final String V1 = "iroh-relay-v1";

  private RelayFrames() {}
}
