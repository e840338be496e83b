package dev.warren.magicsock.wire;

import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.magicsock.wire.DiscoException.Fault;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The three disco messages in plain form (disco section 3).
 *
 * <pre>
 * type[1] version[1]=0 payload
 * 01 Ping         tx[12] node key[32] padding     (more bytes are ignored)
 * 02 Pong         tx[12] 00 endpoint[18] | 01 relay URL
 * 03 CallMeMaybe  endpoint[18] *
 * endpoint        IPv6 or IPv4-mapped address[16], port little-endian[2]
 * </pre>
 */
public sealed interface DiscoMessage {
  /** Bytes of a transaction id. */
  int TX = 12;

  /** Bytes of an endpoint. */
  int ENDPOINT = 18;

  /**
   * Endpoints of one CallMeMaybe that are looked at: as many as are remembered for a peer. More
   * would only push each other out, each after a Ping.
   */
  int MAX_ENDPOINTS = 32;

  /** Asks for a Pong. {@code padding} zero bytes follow, which the receiver ignores. */
  record Ping(byte[] tx, byte[] nodeKey, int padding) implements DiscoMessage {}

  /** Answers a Ping; one of the two observations is present. */
  record Pong(byte[] tx, Optional<InetSocketAddress> udp, Optional<RelayUrl> relay)
      implements DiscoMessage {}

  /** Lists the sender's addresses and asks for pings to them. By relay only. */
  record CallMeMaybe(List<InetSocketAddress> endpoints) implements DiscoMessage {}

  /** The plain bytes. */
  default byte[] encode() {
    if (this instanceof Ping ping) {
      return ByteBuffer.allocate(2 + TX + 32 + ping.padding)
          .put((byte) 1)
          .put((byte) 0)
          .put(ping.tx)
          .put(ping.nodeKey)
          .array();
    }
    if (this instanceof Pong pong) {
      byte[] observed =
          pong.udp
              .map(DiscoMessage::endpoint)
              .orElseGet(
                  () -> pong.relay.orElseThrow().toDotted().getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.allocate(2 + TX + 1 + observed.length)
          .put((byte) 2)
          .put((byte) 0)
          .put(pong.tx)
          .put((byte) (pong.udp.isPresent() ? 0 : 1))
          .put(observed)
          .array();
    }
    CallMeMaybe call = (CallMeMaybe) this;
    ByteBuffer out =
        ByteBuffer.allocate(2 + ENDPOINT * call.endpoints.size()).put((byte) 3).put((byte) 0);
    call.endpoints.forEach(e -> out.put(endpoint(e)));
    return out.array();
  }

  private static byte[] endpoint(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    ByteBuffer out = ByteBuffer.allocate(ENDPOINT).order(ByteOrder.LITTLE_ENDIAN);
    if (ip.length == 4) {
      out.position(10);
      out.put((byte) 0xff).put((byte) 0xff);
    }
    return out.put(ip).putShort((short) address.getPort()).array();
  }

  /**
   * Parses the plain bytes; strict on what is missing, lenient on what is too much where disco is.
   */
  static DiscoMessage decode(byte[] plain) throws DiscoException {
    if (plain.length < 2 || plain[1] != 0) {
      throw parse("too short or another version");
    }
    byte[] payload = Arrays.copyOfRange(plain, 2, plain.length);
    return switch (plain[0]) {
      case 1 -> ping(payload);
      case 2 -> pong(payload);
      case 3 -> callMeMaybe(payload);
      default -> throw parse("unknown type " + plain[0]);
    };
  }

  private static Ping ping(byte[] payload) throws DiscoException {
    int fixed = TX + 32;
    if (payload.length < fixed) {
      throw parse("short ping");
    }
    return new Ping(
        Arrays.copyOf(payload, TX), Arrays.copyOfRange(payload, TX, fixed), payload.length - fixed);
  }

  private static Pong pong(byte[] payload) throws DiscoException {
    if (payload.length < TX + 3) {
      throw parse("short pong");
    }
    byte[] tx = Arrays.copyOf(payload, TX);
    byte[] observed = Arrays.copyOfRange(payload, TX + 1, payload.length);
    if (payload[TX] == 0) {
      if (observed.length != ENDPOINT) {
        throw parse("pong with an endpoint of " + observed.length + " bytes");
      }
      return new Pong(tx, Optional.of(endpoint(ByteBuffer.wrap(observed))), Optional.empty());
    }
    if (payload[TX] != 1) {
      throw parse("pong of unknown form");
    }
    try {
      RelayUrl url = RelayUrl.parse(new String(observed, StandardCharsets.UTF_8));
      return new Pong(tx, Optional.empty(), Optional.of(url));
    } catch (RelayUrlParseException e) {
      throw parse("pong without a URL");
    }
  }

  private static CallMeMaybe callMeMaybe(byte[] payload) throws DiscoException {
    if (payload.length % ENDPOINT != 0) {
      throw parse("call-me-maybe with a broken endpoint");
    }
    ByteBuffer in = ByteBuffer.wrap(payload);
    List<InetSocketAddress> endpoints = new ArrayList<>();
    while (in.hasRemaining() && endpoints.size() < MAX_ENDPOINTS) {
      endpoints.add(endpoint(in));
    }
    return new CallMeMaybe(endpoints);
  }

  private static InetSocketAddress endpoint(ByteBuffer in) {
    byte[] ip = new byte[16];
    in.get(ip);
    int port = in.order(ByteOrder.LITTLE_ENDIAN).getShort() & 0xffff;
    try {
      // The JDK turns an IPv4-mapped address into IPv4, which is what disco wants.
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static DiscoException parse(String what) {
    return new DiscoException(Fault.BAD_PARSE, what);
  }
}
