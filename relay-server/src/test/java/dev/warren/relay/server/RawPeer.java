package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.Handshake;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One end of a relay connection byte by byte, able to say what no proper client would. Its framing
 * is written anew on purpose: code under test does not check itself. Blocking, one thread.
 */
public final class RawPeer implements AutoCloseable {
  static final HexFormat HEX = HexFormat.of();
  private static final Pattern KEY_HEADER = Pattern.compile("Sec-WebSocket-Key: (\\S+)\r\n");
  private static final int MASK = 0x5ac3_71f0;

  final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final boolean client;

  private RawPeer(Socket socket, boolean client) throws IOException {
    this.socket = socket;
    this.client = client;
    socket.setSoTimeout(15_000);
    socket.setTcpNoDelay(true);
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /** A TCP connection and no more. */
  static RawPeer connect(InetSocketAddress relay) throws IOException {
    return connect(relay, 0);
  }

  /** With a small receive buffer, so that not reading shows soon. */
  static RawPeer connect(InetSocketAddress relay, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(relay, 5000);
    return new RawPeer(socket, true);
  }

  /** From an address of one's own choice: all of 127.0.0.0/8 is loopback. */
  static RawPeer connectFrom(String local, InetSocketAddress relay) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(local, 0));
    socket.connect(relay, 5000);
    return new RawPeer(socket, true);
  }

  /** A connection that was made elsewhere, with TLS perhaps. */
  static RawPeer over(Socket socket) throws IOException {
    return new RawPeer(socket, true);
  }

  /** The relay's end of a connection. */
  static RawPeer accepted(Socket socket) throws IOException {
    return new RawPeer(socket, false);
  }

  // ---- HTTP ----

  static String request(String protocols) {
    return "GET /relay HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Protocol: "
        + protocols
        + "\r\n\r\n";
  }

  /** Asks for an upgrade and returns the answer's head. */
  String upgrade(String protocols) throws IOException {
    write(request(protocols).getBytes(US_ASCII));
    return head();
  }

  /** A relay's 101 to this request, with a version or, as relays up to 0.90 have it, none. */
  static byte[] switching(String request, @Nullable String version) {
    Matcher key = KEY_HEADER.matcher(request);
    if (!key.find()) {
      throw new IllegalArgumentException("no key in " + request);
    }
    return ("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: "
            + Handshake.websocketAccept(key.group(1))
            + (version == null ? "" : "\r\nsec-websocket-protocol: " + version)
            + "\r\n\r\n")
        .getBytes(US_ASCII);
  }

  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  // ---- frames ----

  /** Upgrade and handshake, as {@code key}. */
  RawPeer authenticate(SecretKey key) throws IOException {
    return authenticate(key, "iroh-relay-v2, iroh-relay-v1");
  }

  RawPeer authenticate(SecretKey key, String protocols) throws IOException {
    upgrade(protocols);
    String answer = prove(key);
    if (!answer.equals("02")) {
      throw new IOException("not confirmed: " + answer);
    }
    return this;
  }

  /** Answers the challenge, and returns what comes then. */
  String prove(SecretKey key) throws IOException {
    proveSilently(key);
    return receiveHex();
  }

  /** Answers the challenge and waits for nothing. */
  void proveSilently(SecretKey key) throws IOException {
    byte[] challenge = receive();
    send(Handshake.clientAuth(key, Arrays.copyOfRange(challenge, 1, challenge.length)));
  }

  RawPeer send(String hex) throws IOException {
    return send(HEX.parseHex(hex));
  }

  /** One relay frame in one binary message. */
  RawPeer send(byte[] frame) throws IOException {
    return write(message(0x82, frame, client));
  }

  RawPeer write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** A WebSocket message with any first byte. */
  public static byte[] message(int first, byte[] payload, boolean masked) {
    int n = payload.length;
    ByteBuffer message = ByteBuffer.allocate(14 + n);
    int mask = masked ? 0x80 : 0;
    message.put((byte) first);
    if (n < 126) {
      message.put((byte) (mask | n));
    } else if (n < 65_536) {
      message.put((byte) (mask | 126)).putShort((short) n);
    } else {
      message.put((byte) (mask | 127)).putLong(n);
    }
    if (masked) {
      message.putInt(MASK);
    }
    for (int i = 0; i < n; i++) {
      message.put((byte) (payload[i] ^ (masked ? MASK >> (24 - 8 * (i % 4)) : 0)));
    }
    return Arrays.copyOf(message.array(), message.position());
  }

  /** The next relay frame. */
  byte[] receive() throws IOException {
    return receive(0x82);
  }

  /** The next WebSocket message, whose first byte must be this one. */
  byte[] receive(int wanted) throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    int length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = (int) in.readLong();
    }
    int mask = (second & 0x80) != 0 ? in.readInt() : 0;
    byte[] payload = new byte[length];
    in.readFully(payload);
    for (int i = 0; mask != 0 && i < length; i++) {
      payload[i] ^= (byte) (mask >> (24 - 8 * (i % 4)));
    }
    if (first != wanted || ((second & 0x80) != 0) == client) {
      throw new IOException("not a whole binary message of the other side: " + first);
    }
    return payload;
  }

  String receiveHex() throws IOException {
    return HEX.formatHex(receive());
  }

  /** Bytes as they come, for one who does not care. */
  int readSome(byte[] into) throws IOException {
    return in.read(into);
  }

  /** Whether the other side ends the connection before it is silent for the socket's timeout. */
  boolean ends() throws IOException {
    try {
      byte[] rest = new byte[4096];
      while (in.read(rest) >= 0) {
        // what was under way
      }
      return true;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (SocketException | EOFException reset) {
      return true;
    }
  }

  /** Whether the connection still answers a ping; skips what comes before. */
  boolean lives() throws IOException {
    return lives("09", "0a");
  }

  /** As {@link #lives()}, with the codes of another dialect. */
  boolean lives(String ping, String pong) throws IOException {
    String body = "0102030405060708";
    send(ping + body);
    for (String frame = receiveHex(); !frame.equals(pong + body); ) {
      frame = receiveHex();
    }
    return true;
  }

  /** As {@link #lives}, where WebSocket pongs may come too. */
  boolean livesAfterWhateverComes() throws IOException {
    byte[] body = HEX.parseHex("0a0102030405060708");
    send("090102030405060708");
    byte[] last = new byte[body.length];
    while (!Arrays.equals(last, body)) {
      System.arraycopy(last, 1, last, 0, last.length - 1);
      last[last.length - 1] = in.readByte();
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
